"""Policies read generated files: a sound repository passes, and each spoiled file fails at its place."""

import pytest

from domain.mlops.facts import Constraints
from domain.mlops.plan import Phase, PolicyResult, Verdict
from domain.mlops.planning import make_plan
from domain.mlops.policies import evaluate_files
from tests.unit.mlops.golden_briefs import known
from tests.unit.mlops.sound_repository import AWS_FILES, AZURE_TERRAFORM, GCP_TERRAFORM, as_bytes

STRICT = known(
    task="classification",
    use_case="credit limits",
    serving=["online"],
    peak_rps=10.0,
    cloud="aws",
    regions=["eu-west-1"],
    compliance=["PCI-DSS", "HIPAA", "GDPR"],
    data_kinds=["health"],
)
BLOCK, WARN = Verdict.BLOCK, Verdict.WARN


def judged(constraints: Constraints, files: dict[str, bytes]) -> dict[str, PolicyResult]:
    return {item.policy: item for item in evaluate_files(make_plan(constraints), constraints, files)}


def place(path: str, text: str) -> str:
    """Return ``file:line`` of the first line of a sound file that holds a text."""
    lines = AWS_FILES[path].splitlines()
    return f"{path}:{next(number for number, line in enumerate(lines, 1) if text in line)}"


MAIN, FLOW, SERVE = "terraform/main.tf", ".github/workflows/deploy.yml", "src/fraud/serve.py"
SPOILED = (
    ("SEC-01", BLOCK, MAIN, '"aws:kms"', '"AES256"', place(MAIN, "server_side_encryption_configuration")),
    ("SEC-01", BLOCK, MAIN, "enable_key_rotation = true", "", place(MAIN, "aws_kms_key")),
    ("SEC-01", BLOCK, MAIN, 'encryption_type = "KMS"', "", place(MAIN, "aws_kinesis_stream")),
    ("SEC-02", BLOCK, MAIN, "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08", place(MAIN, "lb_list")),
    ("SEC-02", BLOCK, MAIN, "transit_encryption_enabled = true", "", place(MAIN, "elasticache")),
    ("SEC-03", BLOCK, MAIN, "block_public_acls       = true", "", place(MAIN, "public_access_block")),
    (
        "SEC-04",
        BLOCK,
        MAIN,
        '"s3:GetObject"]\n    resources = [aws_s3_bucket.data.arn]',
        '"*"]\n resources = ["*"]',
        None,
    ),
    ("SEC-04", BLOCK, MAIN, 'resource "aws_vpc" "main"', 'resource "aws_iam_user" "main"', place(MAIN, "aws_vpc")),
    ("SEC-05", BLOCK, SERVE, "RATE_LIMIT = 100", 'password = "hunter22hunter"', place(SERVE, "RATE_LIMIT")),
    ("SEC-06", BLOCK, MAIN, "from_port   = 443", "from_port   = 22", place(MAIN, "aws_security_group")),
    ("SEC-06", BLOCK, MAIN, "assign_public_ip = false", "assign_public_ip = true", place(MAIN, "assign_public_ip")),
    ("SEC-07", BLOCK, MAIN, 'resource "aws_flow_log"', 'resource "aws_other"', None),
    ("SEC-07", BLOCK, MAIN, "enable_log_file_validation = true", "", place(MAIN, "aws_cloudtrail")),
    ("SEC-08", WARN, "Dockerfile", "@sha256:0123456789abcdef", "", "Dockerfile:1"),
    ("SEC-08", WARN, "Dockerfile", "USER 10001", "USER root", "Dockerfile:4"),
    ("SEC-08", WARN, MAIN, "IMMUTABLE", "MUTABLE", place(MAIN, "aws_ecr_repository")),
    ("SEC-09", WARN, "requirements.lock", "--hash=sha256:abc", "", "requirements.lock:1"),
    ("SEC-09", WARN, FLOW, "pip-audit", "true", None),
    ("SEC-10", BLOCK, SERVE, "load_model(", "pickle.load(", place(SERVE, "load_model")),
    ("SEC-10", BLOCK, SERVE, "sha256_of", "digest_of", place(SERVE, "load_model")),
    ("SEC-11", BLOCK, SERVE, "RATE_LIMIT = 100", "", place(SERVE, "/v1/predict")),
    ("SEC-12", WARN, FLOW, "@0123456789abcdef0123456789abcdef01234567", "@v4", place(FLOW, "uses:")),
    ("SEC-12", WARN, FLOW, "permissions:\n  contents: read", "", f"{FLOW}:1"),
    ("GDPR-02", BLOCK, MAIN, "expiration {", "other {", None),
    ("GDPR-05", WARN, SERVE, "RATE_LIMIT = 100", "logger.info(payload)", place(SERVE, "RATE_LIMIT")),
    ("GDPR-06", WARN, "docs/runbook.md", "72 h", "soon", None),
    ("HIP-02", BLOCK, MAIN, "retention_in_days = 2192", "retention_in_days = 365", place(MAIN, "log_group")),
    ("PCI-02", BLOCK, MAIN, 'resource "aws_vpc"', 'resource "aws_other"', None),
    ("PCI-03", BLOCK, MAIN, "retention_in_days = 2192", "retention_in_days = 30", place(MAIN, "log_group")),
    ("PCI-04", BLOCK, MAIN, "internal = true", "internal = false", place(MAIN, '"aws_lb" ')),
    ("SOC-01", WARN, FLOW, "environment: production", "", None),
    ("SOC-02", WARN, MAIN, "aws_s3_bucket_versioning", "aws_s3_bucket_other", None),
    ("SOC-03", WARN, MAIN, "aws_cloudwatch_metric_alarm", "aws_other", None),
    ("CRD-01", WARN, "docs/runbook.md", "reason codes", "nothing", None),
    ("FIN-02", WARN, MAIN, "threshold = 50", "threshold = 60", place(MAIN, "aws_budgets_budget")),
    ("MLG-01", BLOCK, FLOW, "environment: production", "", None),
    ("MLG-02", WARN, SERVE, "fraud.schema", "fraud.shape", f"{SERVE}:1"),
    ("MLG-03", WARN, "docs/runbook.md", "Roll back", "Hope", None),
    ("MLG-04", BLOCK, "docs/model_card.md", "Licence", "Terms", "docs/model_card.md:1"),
)


def test_a_sound_repository_passes_every_policy_that_applies() -> None:
    results = judged(STRICT, as_bytes(AWS_FILES))

    assert {name: item.message for name, item in results.items() if item.verdict is not Verdict.PASS} == {}
    assert {item.phase for item in results.values()} == {Phase.ARTIFACT}
    assert {spoiled[0] for spoiled in SPOILED} <= set(results)


@pytest.mark.parametrize(("policy", "verdict", "path", "old", "new", "where"), SPOILED)
def test_a_spoiled_file_fails_its_policy_at_its_place(
    policy: str, verdict: Verdict, path: str, old: str, new: str, where: str | None
) -> None:
    assert old in AWS_FILES[path]
    files = as_bytes({**AWS_FILES, path: AWS_FILES[path].replace(old, new, 1)})

    found = judged(STRICT, files)[policy]

    assert found.verdict is verdict
    if where is not None:
        assert found.where == where


@pytest.mark.parametrize(
    ("cloud", "terraform", "policy", "old"),
    [
        ("gcp", GCP_TERRAFORM, "SEC-01", "default_kms_key_name"),
        ("gcp", GCP_TERRAFORM, "SEC-02", "TLS_1_2"),
        ("gcp", GCP_TERRAFORM, "SEC-03", "enforced"),
        ("gcp", GCP_TERRAFORM, "SEC-06", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"),
        ("azure", AZURE_TERRAFORM, "SEC-01", "customer_managed_key"),
        ("azure", AZURE_TERRAFORM, "SEC-02", "TLS1_2"),
        ("azure", AZURE_TERRAFORM, "SEC-03", "allow_nested_items_to_be_public"),
        ("azure", AZURE_TERRAFORM, "SEC-06", "public_network_access_enabled"),
    ],
)
def test_the_other_clouds_have_their_own_attributes(cloud: str, terraform: str, policy: str, old: str) -> None:
    constraints = known(task="classification", serving=["online"], cloud=cloud, data_kinds=["pii"])

    sound = judged(constraints, as_bytes(AWS_FILES, terraform=terraform))[policy]
    spoiled = judged(constraints, as_bytes(AWS_FILES, terraform=terraform.replace(old, "other")))[policy]

    assert sound.verdict is Verdict.PASS
    assert spoiled.verdict is Verdict.BLOCK
    assert spoiled.where is not None
    assert spoiled.where.startswith("terraform/main.tf:")


def test_a_commented_attribute_does_not_count() -> None:
    text = AWS_FILES["terraform/main.tf"].replace("  enable_key_rotation", "  # enable_key_rotation")

    assert judged(STRICT, as_bytes(AWS_FILES, terraform=text))["SEC-01"].verdict is BLOCK


def test_one_encrypted_bucket_does_not_cover_another() -> None:
    text = AWS_FILES["terraform/main.tf"] + '\nresource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n'

    results = judged(STRICT, as_bytes(AWS_FILES, terraform=text))

    assert results["SEC-01"].verdict is BLOCK
    assert results["SEC-03"].verdict is BLOCK


def test_policies_of_other_regimes_do_not_apply() -> None:
    plain = known(task="classification", serving=["batch"], rows_per_run=10, cloud="aws", data_kinds=["none"])

    results = judged(plain, as_bytes(AWS_FILES))

    assert not {"SEC-01", "SEC-11", "GDPR-02", "HIP-02", "PCI-02", "AIA-03", "CRD-01"} & set(results)


def test_an_audit_trail_only_warns_where_nobody_audits() -> None:
    plain = known(task="classification", serving=["online"], cloud="aws", data_kinds=["none"])
    text = AWS_FILES["terraform/main.tf"].replace("aws_flow_log", "aws_other")

    assert judged(plain, as_bytes(AWS_FILES, terraform=text))["SEC-07"].verdict is WARN


def test_a_system_that_talks_must_disclose_that_it_is_a_machine() -> None:
    chat = known(task="rag", serving=["online"], cloud="aws", data_kinds=["none"])
    quiet = {**AWS_FILES, "docs/model_card.md": "Licence and provenance.\n"}

    assert judged(chat, as_bytes(AWS_FILES))["AIA-03"].verdict is Verdict.PASS
    assert judged(chat, as_bytes(quiet))["AIA-03"].verdict is WARN


def test_files_that_are_not_text_are_left_out() -> None:
    results = judged(STRICT, {**as_bytes(AWS_FILES), "artifacts/model.skops": b"\xff\xfe\x00"})

    assert results["SEC-05"].verdict is Verdict.PASS


@pytest.mark.parametrize(("full", "verdict"), [("1", Verdict.PASS), ("1.0", Verdict.PASS), ("0.9", WARN)])
def test_a_budget_may_count_in_shares_instead_of_percent(full: str, verdict: Verdict) -> None:
    rules = "".join(f"  threshold_rules {{\n    threshold_percent = {share}\n  }}\n" for share in ("0.5", "0.8", full))
    budget = f'\nresource "google_billing_budget" "month" {{\n{rules}}}\n\nlocals {{\n  labels = {{}}\n}}\n'
    constraints = known(task="classification", serving=["online"], cloud="gcp", data_kinds=["none"])

    assert judged(constraints, as_bytes(AWS_FILES, terraform=GCP_TERRAFORM + budget))["FIN-02"].verdict is verdict


def test_placeholders_are_not_secrets() -> None:
    files = {**AWS_FILES, "docs/notes.md": 'password = "changeme-example"\nurl = "postgresql://user:${PASS}@host"\n'}

    assert judged(STRICT, as_bytes(files))["SEC-05"].verdict is Verdict.PASS


@pytest.mark.parametrize(
    "secret", ["AKIA" + "ABCDEFGHIJKLMNOP", "-----BEGIN RSA " + "PRIVATE KEY-----", "postgresql://u:s3cretpw@db/x"]
)
def test_keys_and_addresses_with_passwords_are_secrets(secret: str) -> None:
    files = {**AWS_FILES, "conf/base.yaml": f"a: 1\nvalue: {secret}\n"}

    found = judged(STRICT, as_bytes(files))["SEC-05"]

    assert (found.verdict, found.where) == (BLOCK, "conf/base.yaml:2")
