"""The example briefs yield exactly the facts they state and imply, and nothing invented."""

from typing import Any

import pytest

from domain.mlops.conflicts import find_conflicts
from domain.mlops.coverage import coverage
from domain.mlops.extraction import extract
from domain.mlops.facts import Provenance
from domain.mlops.questions import next_questions


def budget(
    amount: float, currency: str = "USD", *, cap: float | None = None, target: float | None = None
) -> dict[str, Any]:
    return {"target": target, "cap": cap, "amount": amount, "currency": currency, "period": "month"}


EXAMPLES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "E01": (
        "Real-time fraud detection for a bank, 2k requests/s, p99 under 80 ms, PCI-DSS, EU only, about $4k a month,"
        " retrain daily, team of 3 who know AWS and Terraform.",
        {
            "task": "fraud",
            "use_case": "fraud",
            "serving": ["online", "stream"],
            "peak_rps": 2000.0,
            "latency_ms": 80.0,
            "latency_stat": "p99",
            "compliance": ["PCI-DSS", "GDPR"],
            "residency": {"codes": ["EU"], "strict": True},
            "budget_usd_month": budget(4000.0, target=4000.0),
            "retrain": "daily",
            "team_size": 3,
            "skills": ["aws", "terraform"],
        },
        {
            "cloud": "aws",
            "data_kinds": ["financial", "card_token"],
            "data_class": "personal",
            "countries": ["EU"],
        },
    ),
    "E02": (
        "Score 3 million subscribers for churn nightly, GCP europe-west1, weekly retraining, 2 people,"
        " max 300 EUR/month, no PII.",
        {
            "task": "classification",
            "use_case": "churn",
            "serving": ["batch"],
            "rows_per_run": 3_000_000,
            "run_cadence": "daily",
            "cloud": "gcp",
            "regions": ["europe-west1"],
            "retrain": "weekly",
            "team_size": 2,
            "budget_usd_month": budget(300.0, "EUR", cap=345.0),
            "data_kinds": ["none"],
        },
        {"data_class": "internal"},
    ),
    "E03": (
        "Plant diseases from photos, 200 requests a day, $20/month, cold starts ok, just me.",
        {
            "task": "cv",
            "items_per_day": 200.0,
            "budget_usd_month": budget(20.0, cap=20.0),
            "cold_start_ok": True,
            "team_size": 1,
        },
        {"avg_rps": round(200 / 86_400, 6), "peak_rps": round(600 / 86_400, 6), "serving": ["online"]},
    ),
    "E04": (
        "Q&A over 40,000 PDFs, 600 staff, 10 questions each a day, Azure, data stays in Switzerland, 5 s,"
        " CHF 3'000 a month.",
        {
            "task": "rag",
            "users": 600,
            "cloud": "azure",
            "residency": {"codes": ["CH"], "strict": True},
            "latency_ms": 5000.0,
            "latency_stat": "p95",
            "budget_usd_month": budget(3000.0, "CHF", cap=3720.0),
        },
        {
            "chunks": 400_000,
            "items_per_day": 6000.0,
            "avg_rps": round(6000 / 28_800, 6),
            "peak_rps": round(2 * 6000 / 28_800, 6),
            "serving": ["online"],
            "countries": ["CH"],
        },
    ),
    "E05": (
        "Summarise clinical notes, self-hosted 8B, us-east-1, HIPAA, no third-party API, 20 notes/min, 30 s each,"
        " $3.5k/month.",
        {
            "task": "llm",
            "params_b": 8.0,
            "regions": ["us-east-1"],
            "compliance": ["HIPAA"],
            "external_llm_ok": False,
            "peak_rps": 0.3333,
            "latency_ms": 30_000.0,
            "latency_stat": "max",
            "budget_usd_month": budget(3500.0, cap=3500.0),
            "data_kinds": ["health"],
        },
        {"cloud": "aws", "serving": ["async"], "model_family": "llm", "data_class": "special"},
    ),
    "E06": (
        "Weekly demand forecast, 120k store-SKU pairs, Azure West Europe, 500 EUR a month.",
        {
            "task": "forecasting",
            "use_case": "demand",
            "serving": ["batch"],
            "run_cadence": "weekly",
            "series": 120_000,
            "cloud": "azure",
            "regions": ["westeurope"],
            "budget_usd_month": budget(500.0, "EUR", cap=575.0),
        },
        {},
    ),
    "E07": (
        "Recommendations, 1,500 req/s peak, p95 120 ms, us-central1, $12k/month, nightly GPU retrain, team of 8.",
        {
            "task": "recsys",
            "peak_rps": 1500.0,
            "latency_ms": 120.0,
            "latency_stat": "p95",
            "regions": ["us-central1"],
            "budget_usd_month": budget(12_000.0, cap=12_000.0),
            "retrain": "daily",
            "team_size": 8,
        },
        {"cloud": "gcp", "serving": ["online"]},
    ),
    "E08": (
        "Segment 200,000 public satellite tiles (1 MB) a night, us-west-2, $900 a month.",
        {
            "task": "cv",
            "serving": ["batch"],
            "items_per_day": 200_000.0,
            "run_cadence": "daily",
            "payload_kb": 1000.0,
            "data_kinds": ["none"],
            "regions": ["us-west-2"],
            "budget_usd_month": budget(900.0, cap=900.0),
        },
        {"cloud": "aws", "data_class": "public"},
    ),
    "E09": (
        "Defects on 3,000 factory cameras, on device, 50 ms, often offline, Azure, weekly updates, 6,000 EUR a month.",
        {
            "task": "cv",
            "serving": ["edge"],
            "devices": 3000,
            "latency_ms": 50.0,
            "latency_stat": "p95",
            "cloud": "azure",
            "retrain": "weekly",
            "budget_usd_month": budget(6000.0, "EUR", cap=6900.0),
        },
        {},
    ),
    "E10": (
        "Document classifier, air-gapped on-prem Kubernetes, 5 rps, 500 ms, team of 5.",
        {
            "task": "nlp",
            "air_gapped": True,
            "cloud": "onprem",
            "deploy_want": ["k8s"],
            "peak_rps": 5.0,
            "latency_ms": 500.0,
            "latency_stat": "p95",
            "team_size": 5,
        },
        {"serving": ["online"]},
    ),
    "E11": (
        "60 models of 8 teams on our EKS: 800 rps, p95 150 ms, 99.95 % uptime, us-east-1, $15,000 monthly, team of 20.",
        {
            "n_models": 60,
            "deploy_want": ["k8s"],
            "peak_rps": 800.0,
            "latency_ms": 150.0,
            "latency_stat": "p95",
            "availability_pct": 99.95,
            "regions": ["us-east-1"],
            "budget_usd_month": budget(15_000.0, cap=15_000.0),
            "team_size": 20,
        },
        {"cloud": "aws", "serving": ["online"]},
    ),
    "E12": (
        "Must be Lambda, 5,000 rps, p99 10 ms, below $500 a month.",
        {
            "deploy_want": ["serverless"],
            "peak_rps": 5000.0,
            "latency_ms": 10.0,
            "latency_stat": "p99",
            "budget_usd_month": budget(500.0, cap=500.0),
        },
        {"cloud": "aws", "serving": ["online"]},
    ),
}


def facts_of(brief: str, how: Provenance) -> dict[str, Any]:
    return {name: fact.value for name, fact in extract(brief).facts.items() if fact.how is how}


@pytest.mark.parametrize(("brief", "stated", "derived"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_yields_exactly_what_it_states(brief: str, stated: dict[str, Any], derived: dict[str, Any]) -> None:
    assert facts_of(brief, Provenance.STATED) == stated


@pytest.mark.parametrize(("brief", "stated", "derived"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_yields_exactly_what_follows(brief: str, stated: dict[str, Any], derived: dict[str, Any]) -> None:
    assert facts_of(brief, Provenance.DERIVED) == derived


@pytest.mark.parametrize("name", EXAMPLES.keys())
def test_every_fact_of_an_example_quotes_the_brief(name: str) -> None:
    brief = EXAMPLES[name][0]
    for fact in extract(brief).facts.values():
        assert fact.span is not None
        assert brief[slice(*fact.span)] == fact.quote != ""


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "E12"])
def test_an_example_that_is_consistent_has_no_conflict(name: str) -> None:
    assert find_conflicts(extract(EXAMPLES[name][0])) == ()


def test_the_impossible_example_conflicts_with_itself_and_with_its_price() -> None:
    conflicts = find_conflicts(extract(EXAMPLES["E12"][0]), cheapest_usd=3300.0, fastest_floor_ms=8.0)
    assert [conflict.rule for conflict in conflicts] == ["C1", "C3"]


@pytest.mark.parametrize("name", ["E01", "E02", "E05"])
def test_an_example_that_says_enough_is_ready_at_once(name: str) -> None:
    assert coverage(extract(EXAMPLES[name][0])).ready


@pytest.mark.parametrize(("name", "field"), [("E03", "cloud"), ("E10", "budget"), ("E11", "task"), ("E12", "data")])
def test_what_an_example_leaves_out_is_asked(name: str, field: str) -> None:
    questions = next_questions(extract(EXAMPLES[name][0]), ())
    assert field in [question.field for question in questions]
