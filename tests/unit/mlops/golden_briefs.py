"""The twelve reference systems as hand-built constraints, with the pattern and the cost each must come to."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from domain.mlops.facts import Constraints, Fact, Provenance


def known(**values: Any) -> Constraints:
    """Build constraints of stated facts."""
    return Constraints.of(Fact(name=name, value=value, how=Provenance.STATED) for name, value in values.items())


def budget(cap: float, currency: str = "USD", amount: float | None = None) -> Mapping[str, Any]:
    """Build the value of a monthly budget."""
    amount = cap if amount is None else amount
    return {"target": cap, "cap": cap, "amount": amount, "currency": currency, "period": "month"}


@frozen
class Golden:
    """A reference system: what is known of it, the expected pattern, base cost, its range and blocking policies."""

    name: str
    constraints: Constraints
    pattern: str
    base: float
    low: float
    high: float
    conflicts: tuple[str, ...] = ()
    blocks: frozenset[str] = frozenset()


GOLDEN = (
    Golden(
        "E01",
        known(
            task="fraud",
            serving=["online", "stream"],
            peak_rps=2000.0,
            latency_ms=80.0,
            latency_stat="p99",
            compliance=["PCI-DSS", "GDPR"],
            residency={"codes": ["EU"], "strict": True},
            budget_usd_month=budget(4000),
            retrain="daily",
            team_size=3,
            skills=["aws", "terraform"],
            cloud="aws",
            data_kinds=["financial", "card_token"],
        ),
        "stream_features_online",
        2600,
        1700,
        4200,
    ),
    Golden(
        "E02",
        known(
            task="classification",
            serving=["batch"],
            rows_per_run=3_000_000,
            run_cadence="daily",
            cloud="gcp",
            regions=["europe-west1"],
            retrain="weekly",
            team_size=2,
            budget_usd_month=budget(345, "EUR", 300),
            data_kinds=["none"],
        ),
        "batch_serverless",
        52,
        25,
        150,
    ),
    Golden(
        "E03",
        known(
            task="cv",
            serving=["online"],
            items_per_day=200.0,
            budget_usd_month=budget(20),
            cold_start_ok=True,
            team_size=1,
        ),
        "online_serverless",
        1,
        0,
        10,
    ),
    Golden(
        "E04",
        known(
            task="rag",
            serving=["online"],
            users=600,
            items_per_day=6000.0,
            cloud="azure",
            residency={"codes": ["CH"], "strict": True},
            latency_ms=5000.0,
            latency_stat="p95",
            budget_usd_month=budget(3720, "CHF", 3000),
        ),
        "llm_rag_api",
        1300,
        800,
        2000,
    ),
    Golden(
        "E05",
        known(
            task="llm",
            serving=["async"],
            peak_rps=0.333,
            cloud="aws",
            regions=["us-east-1"],
            compliance=["HIPAA"],
            data_kinds=["health"],
            external_llm_ok=False,
            params_b=8.0,
            latency_ms=30_000.0,
            latency_stat="deadline",
            budget_usd_month=budget(3500),
        ),
        "llm_gpu_selfhost",
        1700,
        1400,
        2100,
    ),
    Golden(
        "E06",
        known(
            task="forecasting",
            serving=["batch"],
            series=120_000,
            run_cadence="weekly",
            cloud="azure",
            regions=["westeurope"],
            budget_usd_month=budget(575, "EUR", 500),
        ),
        "forecast_batch",
        130,
        90,
        300,
    ),
    Golden(
        "E07",
        known(
            task="recsys",
            serving=["online"],
            peak_rps=1500.0,
            latency_ms=120.0,
            latency_stat="p95",
            cloud="gcp",
            regions=["us-central1"],
            budget_usd_month=budget(12_000),
            retrain="daily",
            team_size=8,
        ),
        "recsys_two_stage",
        5300,
        2900,
        9200,
    ),
    Golden(
        "E08",
        known(
            task="cv",
            serving=["batch"],
            rows_per_run=200_000,
            run_cadence="daily",
            payload_kb=1000.0,
            cloud="aws",
            regions=["us-west-2"],
            data_kinds=["none"],
            budget_usd_month=budget(900),
        ),
        "gpu_async_batch",
        550,
        300,
        930,
    ),
    Golden(
        "E09",
        known(
            task="cv",
            serving=["edge"],
            devices=3000,
            latency_ms=50.0,
            cloud="azure",
            retrain="weekly",
            budget_usd_month=budget(6900, "EUR", 6000),
        ),
        "edge_fleet",
        900,
        700,
        1500,
    ),
    Golden(
        "E10",
        known(
            task="nlp",
            serving=["online"],
            peak_rps=5.0,
            latency_ms=500.0,
            cloud="onprem",
            air_gapped=True,
            team_size=5,
            deploy_want=["k8s"],
        ),
        "onprem_airgap",
        1100,
        700,
        1500,
    ),
    Golden(
        "E11",
        known(
            serving=["online"],
            n_models=60,
            peak_rps=800.0,
            latency_ms=150.0,
            latency_stat="p95",
            availability_pct=99.95,
            cloud="aws",
            regions=["us-east-1"],
            budget_usd_month=budget(15_000),
            team_size=20,
            deploy_want=["k8s"],
        ),
        "k8s_multimodel",
        4800,
        3800,
        5600,
    ),
    Golden(
        "E12",
        known(
            serving=["online"],
            peak_rps=5000.0,
            latency_ms=10.0,
            latency_stat="p99",
            cloud="aws",
            deploy_want=["serverless"],
            budget_usd_month=budget(500),
        ),
        "online_containers",
        3300,
        1600,
        5900,
        conflicts=("C1", "C3"),
        blocks=frozenset({"CON-01", "FIN-01"}),
    ),
)
