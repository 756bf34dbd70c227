"""Plans made by hand, one for each pattern and cloud, for tests of the generator and the validators."""

from collections.abc import Iterator
from typing import Any

from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.plan import Candidate, Component, CostEstimate, CostLine, Plan
from domain.mlops.services import SERVICES, SPINE

TASKS = {
    "batch_serverless": "classification",
    "forecast_batch": "forecasting",
    "gpu_async_batch": "cv",
    "online_serverless": "regression",
    "online_containers": "classification",
    "managed_platform": "nlp",
    "k8s_multimodel": "ranking",
    "stream_features_online": "fraud",
    "stream_scoring": "anomaly",
    "recsys_two_stage": "recsys",
    "llm_rag_api": "rag",
    "llm_gpu_selfhost": "llm",
    "edge_fleet": "cv",
    "onprem_airgap": "speech",
}
REGIONS = {"aws": ("eu-central-1",), "gcp": ("europe-west3",), "azure": ("germanywestcentral",), "onprem": ("onprem",)}


def plan_of(pattern: str = "stream_features_online", cloud: str = "aws", **changes: Any) -> Plan:
    """Build a plan as the planner would for a mid-sized system."""
    services = {**SPINE[cloud], **SERVICES[pattern].get(cloud, {})}
    values: dict[str, Any] = {
        "name": "Card fraud detection",
        "task": TASKS[pattern],
        "modes": ("online",),
        "pattern": pattern,
        "cloud": cloud,
        "regions": REGIONS[cloud],
        "tier": "standard",
        "feasible": True,
        "model_family": "gbdt",
        "metric": "pr_auc",
        "components": tuple(Component(role, service, {"size": 1}) for role, service in services.items()),
        "cost": CostEstimate(
            low=1700.0,
            base=2640.5,
            high=4200.0,
            lines=(CostLine("serve", 750.0, "9 x 2 vCPU x 730 h"), CostLine("rest", 1890.5, "sum of the others")),
            drivers=("serve", "stream", "cache"),
            per_thousand_predictions=0.0012,
            at_ten_times_load=19000.0,
            as_of="2026-01",
        ),
        "candidates": (
            Candidate(pattern, 91.0, {"mode": 1.0, "task": 1.0}, 2640.5),
            Candidate("online_containers_other", 74.5, {"mode": 0.5, "task": 0.7}, 2100.0, (), ("no stream",)),
            Candidate("managed_other", 40.0, {"mode": 0.5, "task": 0.7}, 2900.0, ("floor above limit",), ()),
        ),
        "sizing": {
            "peak_rps": 200.0,
            "replicas": 6,
            "replicas_min": 2,
            "replica_vcpu": 2,
            "replica_gb": 4,
            "shards": 3,
        },
        "slo": {"availability_pct": 99.9, "latency_ms": 80},
        "controls": ("encrypt at rest with own keys",),
        "remedies": ("T02 second replica",),
        "assumptions": ("data volume 100 GB",),
        "budget_cap_usd": 4000.0,
        "retrain": "daily",
        "data_class": "personal",
        "data_kinds": ("pii", "card_token"),
        "compliance": ("GDPR", "PCI-DSS"),
    }
    return Plan(**{**values, **changes})


def constraints_of(**values: Any) -> Constraints:
    """Build constraints of stated facts."""
    return Constraints.of(Fact(name, value, Provenance.STATED) for name, value in values.items())


def every_pattern_and_cloud() -> Iterator[tuple[str, str]]:
    """Yield each pattern with each platform it runs on."""
    for pattern in TASKS:
        for cloud in ("aws", "gcp", "azure", "onprem"):
            if cloud in SERVICES[pattern]:
                yield pattern, cloud
