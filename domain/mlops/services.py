"""The concrete services each pattern uses on each cloud, by role; and the services that must no longer be chosen."""

from collections.abc import Mapping

SPINE: Mapping[str, Mapping[str, str]] = {
    "aws": {
        "object_storage": "Amazon S3",
        "image_registry": "Amazon ECR",
        "orchestrate": "AWS Step Functions",
        "train": "AWS Batch on EC2",
        "registry": "MLflow on ECS",
        "monitoring": "Amazon CloudWatch",
        "security": "AWS KMS, Secrets Manager, CloudTrail",
        "network": "Amazon VPC",
    },
    "gcp": {
        "object_storage": "Google Cloud Storage",
        "image_registry": "Artifact Registry",
        "orchestrate": "Vertex AI Pipelines",
        "train": "Vertex AI custom training",
        "registry": "Vertex AI Model Registry",
        "monitoring": "Cloud Monitoring",
        "security": "Cloud KMS, Secret Manager, Audit Logs",
        "network": "VPC network",
    },
    "azure": {
        "object_storage": "Azure Blob Storage",
        "image_registry": "Azure Container Registry",
        "orchestrate": "Azure ML pipelines",
        "train": "Azure ML compute",
        "registry": "Azure ML registry",
        "monitoring": "Azure Monitor",
        "security": "Key Vault, Defender, Activity Log",
        "network": "Virtual Network",
    },
    "onprem": {
        "object_storage": "SeaweedFS",
        "image_registry": "Harbor mirror",
        "orchestrate": "Airflow",
        "train": "Kubernetes jobs on RKE2",
        "registry": "MLflow",
        "monitoring": "Prometheus, Grafana, Evidently",
        "security": "Vault, audit log",
        "network": "Cilium",
    },
}

_CONTAINERS = {
    "aws": {"serve": "Amazon ECS on Fargate", "load_balancer": "Application Load Balancer"},
    "gcp": {"serve": "Cloud Run", "load_balancer": "Cloud Load Balancing"},
    "azure": {"serve": "Azure Container Apps", "load_balancer": "Container Apps ingress"},
    "onprem": {"serve": "RKE2 deployment", "load_balancer": "ingress-nginx"},
}

_BATCH = {
    "aws": {"serve": "AWS Batch on Fargate", "scheduler": "EventBridge Scheduler"},
    "gcp": {"serve": "Cloud Run jobs", "scheduler": "Cloud Scheduler"},
    "azure": {"serve": "Azure Container Apps jobs", "scheduler": "Container Apps schedule"},
    "onprem": {"serve": "Kubernetes jobs", "scheduler": "Airflow"},
}

SERVICES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "batch_serverless": _BATCH,
    "forecast_batch": {
        "aws": {"serve": "AWS Batch array jobs on Fargate", "scheduler": "EventBridge Scheduler"},
        "gcp": {"serve": "Cloud Run jobs, parallel tasks", "scheduler": "Cloud Scheduler"},
        "azure": {"serve": "Azure ML parallel jobs", "scheduler": "Azure ML schedules"},
        "onprem": {"serve": "statsforecast on Kubernetes jobs", "scheduler": "Airflow"},
    },
    "gpu_async_batch": {
        "aws": {"serve": "AWS Batch on GPU spot", "queue": "Amazon SQS", "scheduler": "EventBridge Scheduler"},
        "gcp": {"serve": "GKE spot pool with L4", "queue": "Pub/Sub", "scheduler": "Cloud Scheduler"},
        "azure": {"serve": "Azure ML low-priority GPU", "queue": "Storage Queue", "scheduler": "Azure ML schedules"},
        "onprem": {"serve": "KEDA-scaled GPU jobs", "queue": "NATS JetStream", "scheduler": "Airflow"},
    },
    "online_serverless": {
        "aws": {"serve": "AWS Lambda", "gateway": "API Gateway HTTP API"},
        "gcp": {"serve": "Cloud Run, min instances 0", "gateway": "Cloud Run URL"},
        "azure": {"serve": "Azure Container Apps, min replicas 0", "gateway": "Container Apps ingress"},
        "onprem": {"serve": "Knative", "gateway": "Kourier"},
    },
    "online_containers": _CONTAINERS,
    "managed_platform": {
        "aws": {"serve": "SageMaker real-time endpoint"},
        "gcp": {"serve": "Vertex AI endpoint"},
        "azure": {"serve": "Azure ML managed online endpoint"},
        "onprem": {"serve": "BentoML"},
    },
    "k8s_multimodel": {
        "aws": {"serve": "Amazon EKS with KServe", "load_balancer": "Application Load Balancer"},
        "gcp": {"serve": "GKE with KServe", "load_balancer": "Cloud Load Balancing"},
        "azure": {"serve": "AKS with KServe", "load_balancer": "Azure Load Balancer"},
        "onprem": {"serve": "RKE2 with KServe", "load_balancer": "ingress-nginx"},
    },
    "stream_features_online": {
        "aws": {
            **_CONTAINERS["aws"],
            "stream": "Kinesis Data Streams",
            "stream_processor": "Managed Service for Apache Flink",
            "feature_store": "ElastiCache for Valkey",
        },
        "gcp": {
            **_CONTAINERS["gcp"],
            "stream": "Pub/Sub",
            "stream_processor": "Dataflow",
            "feature_store": "Bigtable",
        },
        "azure": {
            **_CONTAINERS["azure"],
            "stream": "Event Hubs",
            "stream_processor": "Stream Analytics",
            "feature_store": "Azure Managed Redis",
        },
        "onprem": {
            **_CONTAINERS["onprem"],
            "stream": "Kafka",
            "stream_processor": "Apache Flink",
            "feature_store": "Feast on Valkey",
        },
    },
    "stream_scoring": {
        "aws": {"stream": "Kinesis Data Streams", "serve": "ECS stream consumers"},
        "gcp": {"stream": "Pub/Sub", "serve": "Dataflow"},
        "azure": {"stream": "Event Hubs", "serve": "Container Apps event consumers"},
        "onprem": {"stream": "Kafka", "serve": "Flink job"},
    },
    "recsys_two_stage": {
        "aws": {**_CONTAINERS["aws"], "vector_index": "OpenSearch k-NN", "cache": "ElastiCache for Valkey"},
        "gcp": {
            "serve": "GKE",
            "load_balancer": "Cloud Load Balancing",
            "vector_index": "Vertex AI Vector Search",
            "cache": "Bigtable",
        },
        "azure": {
            "serve": "AKS",
            "load_balancer": "Azure Load Balancer",
            "vector_index": "Azure AI Search",
            "cache": "Azure Managed Redis",
        },
        "onprem": {**_CONTAINERS["onprem"], "vector_index": "Qdrant", "cache": "Valkey"},
    },
    "llm_rag_api": {
        "aws": {**_CONTAINERS["aws"], "llm": "Amazon Bedrock", "vector_index": "Aurora PostgreSQL with pgvector"},
        "gcp": {**_CONTAINERS["gcp"], "llm": "Gemini on Vertex AI", "vector_index": "AlloyDB with pgvector"},
        "azure": {**_CONTAINERS["azure"], "llm": "Azure OpenAI", "vector_index": "Azure AI Search"},
    },
    "llm_gpu_selfhost": {
        "aws": {"serve": "vLLM on EC2 g6e and p5", "load_balancer": "Application Load Balancer", "queue": "Amazon SQS"},
        "gcp": {"serve": "vLLM on GKE", "load_balancer": "Cloud Load Balancing", "queue": "Pub/Sub"},
        "azure": {"serve": "vLLM on AKS", "load_balancer": "Azure Load Balancer", "queue": "Storage Queue"},
        "onprem": {"serve": "vLLM on RKE2", "load_balancer": "ingress-nginx", "queue": "NATS JetStream"},
    },
    "edge_fleet": {
        "aws": {"edge_fleet": "AWS IoT Core with Greengrass", "serve": "ONNX Runtime on the device"},
        "gcp": {"edge_fleet": "MQTT broker on GKE", "serve": "ONNX Runtime on the device"},
        "azure": {"edge_fleet": "Azure IoT Hub with IoT Edge", "serve": "ONNX Runtime on the device"},
        "onprem": {"edge_fleet": "k3s, Mender, NATS", "serve": "ONNX Runtime on the device"},
    },
    "onprem_airgap": {
        "onprem": {"serve": "RKE2 with KServe", "load_balancer": "ingress-nginx"},
    },
}

BACKUP: Mapping[str, str] = {
    "aws": "AWS Backup with cross-zone restore",
    "gcp": "Backup and DR Service",
    "azure": "Azure Backup",
    "onprem": "Velero to a second SeaweedFS",
}
ONLINE_STORE: Mapping[str, str] = {
    "aws": "ElastiCache for Valkey",
    "gcp": "Memorystore for Valkey",
    "azure": "Azure Managed Redis",
    "onprem": "Valkey",
}
QUEUE: Mapping[str, str] = {
    "aws": "Amazon SQS",
    "gcp": "Pub/Sub",
    "azure": "Storage Queue",
    "onprem": "NATS JetStream",
}

CLOSED_SERVICES: Mapping[str, str] = {
    "App Runner": "closed to new customers on 2026-04-30",
    "Amazon Forecast": "closed to new customers",
    "Fraud Detector": "closed to new customers",
    "Lookout for Vision": "discontinued",
    "SageMaker Edge Manager": "discontinued",
    "Google IoT Core": "discontinued",
    "Azure Cache for Redis": "retires in 2028-09",
    "TorchServe": "no longer maintained",
}

HIPAA_INELIGIBLE: frozenset[str] = frozenset({"Kourier", "Cloud Run URL"})
"""Services of the tables that no business associate agreement covers; an unlisted one is eligible under a BAA."""

SERVICE_LEVEL_PCT: Mapping[str, float] = {
    "load_balancer": 99.99,
    "gateway": 99.95,
    "serve": 99.99,
    "feature_store": 99.99,
    "cache": 99.99,
    "vector_index": 99.95,
    "llm": 99.9,
}
"""The availability promised for each role on the request path, across zones; other roles are not on the path."""

SERVICE_LEVEL_OF_PATTERN: Mapping[str, float] = {
    "online_serverless": 99.95,
    "managed_platform": 99.95,
    "llm_gpu_selfhost": 99.95,
    "edge_fleet": 99.95,
    "onprem_airgap": 99.95,
}
"""The serving role's availability where it differs from the table above."""
