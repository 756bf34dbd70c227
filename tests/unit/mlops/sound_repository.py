"""Small generated repositories that meet every artifact policy, to be spoiled one file at a time."""

from collections.abc import Mapping

AWS_TERRAFORM = """
resource "aws_kms_key" "data" {
  enable_key_rotation = true
}

resource "aws_s3_bucket" "data" {
  bucket = "data"
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    expiration {
      days = 90
    }
  }
}

resource "aws_kinesis_stream" "events" {
  encryption_type = "KMS"
}

resource "aws_elasticache_replication_group" "features" {
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "entry" {
  ingress {
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "entry" {
  internal = true
}

resource "aws_lb_listener" "https" {
  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
}

resource "aws_ecs_service" "serve" {
  network_configuration {
    assign_public_ip = false
  }
}

data "aws_iam_policy_document" "serve" {
  statement {
    actions   = ["s3:GetObject"]
    resources = [aws_s3_bucket.data.arn]
  }
}

resource "aws_cloudtrail" "audit" {
  enable_log_file_validation = true
}

resource "aws_flow_log" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_ecr_repository" "images" {
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_cloudwatch_log_group" "serve" {
  retention_in_days = 2192
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  threshold = 80
}

resource "aws_budgets_budget" "month" {
  notification {
    threshold = 50
  }
  notification {
    threshold = 80
  }
  notification {
    threshold = 100
  }
}

provider "aws" {
  default_tags {
    tags = { system = "fraud" }
  }
}
"""

DOCKERFILE = """FROM python:3.11-slim@sha256:0123456789abcdef AS build
RUN pip install --require-hashes -r requirements.lock
FROM build
USER 10001
"""

WORKFLOW = """on: push
permissions:
  contents: read
jobs:
  release:
    environment: production
    steps:
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567
      - run: pip-audit && cyclonedx-py
"""

SERVE = """from fraud.registry import registered_model, sha256_of
from fraud.schema import Transaction

API_KEY_HEADER = "x-api-key"
MAX_BODY_BYTES = 65536
RATE_LIMIT = 100
PREDICT = "/v1/predict"
model = load_model(registered_model())
"""

CARD = "# Model card\n\nLicence: MIT. Provenance: synthetic data. AI-generated answers are disclosed.\n"
RUNBOOK = "# Runbook\n\nOn-call owner: data team. Notify within 72 h. Roll back, restore test, reason codes.\n"

AWS_FILES: Mapping[str, str] = {
    "terraform/main.tf": AWS_TERRAFORM,
    "Dockerfile": DOCKERFILE,
    ".github/workflows/deploy.yml": WORKFLOW,
    ".github/CODEOWNERS": "* @team\n",
    "requirements.lock": "fastapi==0.1 --hash=sha256:abc\n",
    "src/fraud/serve.py": SERVE,
    "src/fraud/schema.py": "class Transaction: ...\n",
    "src/fraud/registry.py": "def registered_model(): ...\n",
    "docs/model_card.md": CARD,
    "docs/runbook.md": RUNBOOK,
}

GCP_TERRAFORM = """
resource "google_storage_bucket" "data" {
  public_access_prevention = "enforced"
  encryption {
    default_kms_key_name = google_kms_crypto_key.data.id
  }
  versioning {
    enabled = true
  }
}

resource "google_compute_ssl_policy" "entry" {
  min_tls_version = "TLS_1_2"
}

resource "google_cloud_run_v2_service" "serve" {
  ingress = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
}
"""

AZURE_TERRAFORM = """
resource "azurerm_storage_account" "data" {
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
  public_network_access_enabled   = false
  customer_managed_key {
    key_vault_key_id = azurerm_key_vault_key.data.id
  }
}
"""


def as_bytes(files: Mapping[str, str], **replaced: str) -> dict[str, bytes]:
    """Encode files, with ``terraform`` replaced where given."""
    if "terraform" in replaced:
        files = {**files, "terraform/main.tf": replaced["terraform"]}
    return {path: text.encode() for path, text in files.items()}
