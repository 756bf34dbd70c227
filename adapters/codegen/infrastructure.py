"""What Terraform templates see beyond the plan: the sizes and services of each cloud."""

from attrs import frozen

from adapters.codegen.view import PlanView


@frozen
class InfrastructureView(PlanView):
    """A plan's view with what the three clouds need besides."""

    @property
    def zones(self) -> int:
        """Return the availability zones used: three from 99.95 % on, else two."""
        return 3 if self.availability >= 99.95 else 2

    @property
    def nat(self) -> bool:
        """Say whether the network has a NAT gateway; cheaper tiers reach only the cloud's own services."""
        return self.plan.tier in {"standard", "enterprise"}

    @property
    def postgres(self) -> bool:
        """Say whether vectors live in PostgreSQL."""
        return "postgres" in self.service("vector_index").lower() or "pgvector" in self.service("vector_index").lower()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Return the AWS services reached through private endpoints."""
        names = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms"]
        names += ["kinesis-streams"] if self.has("stream") else []
        names += ["bedrock-runtime"] if self.has("llm") else []
        names += ["sqs"] if self.has("queue", "stream") else []
        return tuple(names)

    @property
    def cache_node(self) -> str:
        """Return the AWS cache node: small under 500 requests a second, else 13 GB."""
        return "cache.t4g.small" if self.number("peak_rps", 0) < 500 else "cache.r7g.large"

    @property
    def aws_gpu_machine(self) -> str:
        """Return the AWS machine for the planned GPUs of a replica."""
        cards = self.whole("gpus_per_replica", 1)
        return "p5.48xlarge" if cards >= 8 else "g6e.12xlarge" if cards >= 4 else "g6e.xlarge"

    @property
    def serve_principal(self) -> str:
        """Return the AWS service that runs the model."""
        principals = {
            "function": "lambda.amazonaws.com",
            "managed": "sagemaker.amazonaws.com",
            "k8s": "pods.eks.amazonaws.com",
            "edge": "iot.amazonaws.com",
        }
        return principals.get(self.serve_kind, "ecs-tasks.amazonaws.com")

    @property
    def replicas_floor(self) -> int:
        """Return the replicas that always run; a function has none unless an instance is kept warm."""
        if self.serve_kind == "function":
            return self.whole("warm_instances", 0, least=0)
        return self.whole("replicas_min", 1)

    @property
    def private_services(self) -> bool:
        """Say whether GCP's managed databases need a peering."""
        return self.has("online_store") or self.mentions("AlloyDB") or self.mentions("Vector Search")

    @property
    def gcp_apis(self) -> tuple[str, ...]:
        """Return the GCP interfaces to switch on, sorted."""
        names = ["artifactregistry", "cloudkms", "cloudscheduler", "compute", "iam", "logging", "monitoring", "run"]
        names += ["secretmanager", "storage"]
        names += ["pubsub"] if self.has("stream", "queue") else []
        names += ["aiplatform"] if self.serve_kind == "managed" or self.has("llm", "vector_index") else []
        names += ["dataflow"] if self.mentions("Dataflow") else []
        names += ["bigtable"] if self.mentions("Bigtable") else []
        names += ["alloydb", "servicenetworking"] if self.mentions("AlloyDB") else []
        names += ["container"] if self.serve_kind in {"k8s", "gpu_service", "gpu_batch", "edge"} else []
        return tuple(f"{name}.googleapis.com" for name in sorted(names))

    @property
    def gcp_agents(self) -> tuple[str, ...]:
        """Return the GCP service agents that use the key."""
        names = ["gcp-sa-artifactregistry", "serverless-robot-prod"]
        names += ["gcp-sa-pubsub"] if self.has("stream", "queue") else []
        names += ["gcp-sa-bigtable"] if self.mentions("Bigtable") else []
        names += ["gcp-sa-alloydb"] if self.mentions("AlloyDB") else []
        names += ["gcp-sa-aiplatform"] if self.serve_kind == "managed" else []
        names += ["container-engine-robot"] if self.serve_kind in {"k8s", "gpu_service", "gpu_batch", "edge"} else []
        return tuple(names)

    @property
    def azure_cores(self) -> int:
        """Return the cores of the Azure machine that trains: the next size of 4, 8, 16, 32 or 64."""
        need = self.whole("training_vcpu", 16)
        return next((cores for cores in (4, 8, 16, 32) if cores >= need), 64)
