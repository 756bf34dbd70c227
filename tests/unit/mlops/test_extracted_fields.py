"""Each field of the constraints, from the ways people write it."""

from typing import Any

import pytest

from domain.mlops.extraction import extract
from domain.mlops.money import usd_a_month


def value(brief: str, name: str) -> Any:
    return extract(brief).value(name)


@pytest.mark.parametrize(
    ("brief", "cap", "target"),
    [
        ("budget $500 a month", 500.0, None),
        ("about 4k USD per month", None, 4000.0),
        ("between $2k and $3k per month", 3000.0, 2000.0),
        ("$20,000 per month cap, target $15k a month", 20_000.0, 15_000.0),
        ("$12,000 per year", 1000.0, None),
        ("annual budget of $12,000", 1000.0, None),
        ("€1.500/month", 1725.0, None),
        ("under 2.000 € a month", 2300.0, None),
        ("CHF 3'000 a month", 3720.0, None),
        ("£2k/month", 2660.0, None),
        ("budget 2 lakh rupees per month", 2300.0, None),
        ("costs of 300 SEK a week", usd_a_month(300, "SEK", "week"), None),
        ("max. 10k per quarter in USD, i.e. 10k USD per quarter", 3333.33, None),
    ],
)
def test_money_becomes_dollars_a_month(brief: str, cap: float | None, target: float | None) -> None:
    budget = value(brief, "budget_usd_month")
    assert (budget["cap"], budget["target"]) == (cap, target)


@pytest.mark.parametrize("brief", ["We have $5,000", "$5k in total for the project"])
def test_an_amount_without_a_period_keeps_only_its_amount(brief: str) -> None:
    budget = value(brief, "budget_usd_month")
    assert budget == {"target": None, "cap": None, "amount": 5000.0, "currency": "USD", "period": None}


def test_a_price_a_request_times_the_load_is_a_budget() -> None:
    fact = extract("$0.001 per prediction, 10 rps average").get("budget_usd_month")
    assert fact is not None
    assert (fact.value["cap"], fact.how) == (26_280.0, "derived")


@pytest.mark.parametrize(
    ("brief", "peak", "average"),
    [
        ("300 tps average with spikes to 2,000 tps", 2000.0, 300.0),
        ("20k events/s", 20_000.0, None),
        ("120 requests per minute", 2.0, None),
        ("86,400 requests a day", 3.0, 1.0),
        ("28,800 requests a day in office hours", 2.0, 1.0),
        ("1 million predictions daily", round(3e6 / 86_400, 6), round(1e6 / 86_400, 6)),
        ("2,880 users, 10 questions per user per day", 1.0, round(1 / 3, 6)),
        ("5,000 sensors sending every 10 seconds", 500.0, 500.0),
    ],
)
def test_load_becomes_requests_a_second(brief: str, peak: float, average: float | None) -> None:
    assert value(brief, "peak_rps") == pytest.approx(peak, abs=1e-5)
    assert value(brief, "avg_rps") == (None if average is None else pytest.approx(average, abs=1e-5))


@pytest.mark.parametrize(
    ("brief", "rows", "cadence"),
    [
        ("Score 3 million subscribers nightly", 3_000_000, "daily"),
        ("We score 40,000 loan applications each month", 40_000, "monthly"),
        ("Predict churn weekly for 50 lakh customers", 5_000_000, "weekly"),
    ],
)
def test_rows_of_a_run_are_no_rate(brief: str, rows: int, cadence: str) -> None:
    assert (value(brief, "rows_per_run"), value(brief, "run_cadence")) == (rows, cadence)
    assert value(brief, "serving") == ["batch"]
    assert value(brief, "peak_rps") is None


@pytest.mark.parametrize(
    ("brief", "series"),
    [
        ("Forecast 5,000 products x 20 stores daily", 100_000),
        ("Forecast sales of 300 SKUs in 50 stores", 15_000),
        ("Demand forecast for 120k store-SKU pairs", 120_000),
        ("Classify 5,000 products in 20 stores", None),
    ],
)
def test_only_what_is_forecast_counts_as_series(brief: str, series: int | None) -> None:
    assert value(brief, "series") == series


@pytest.mark.parametrize(
    ("brief", "milliseconds", "stat"),
    [
        ("p99 50ms", 50.0, "p99"),
        ("95th percentile under 100 ms", 100.0, "p95"),
        ("p50 20 ms and p99 80 ms", 80.0, "p99"),
        ("first token under 2 s", 2000.0, "ttft"),
        ("answers within half a second", 500.0, "p95"),
        ("100-200 ms", 200.0, "p95"),
        ("results in 2 minutes", 120_000.0, "p95"),
        ("batch must finish within 4 hours", 14_400_000.0, "deadline"),
        ("30 s each", 30_000.0, "max"),
    ],
)
def test_latency_has_a_limit_and_a_statistic(brief: str, milliseconds: float, stat: str) -> None:
    assert (value(brief, "latency_ms"), value(brief, "latency_stat")) == (milliseconds, stat)


def test_real_time_alone_is_online_without_a_number() -> None:
    constraints = extract("Real-time churn scoring")
    assert constraints.value("serving") == ["online"]
    assert "latency_ms" not in constraints


@pytest.mark.parametrize(
    ("brief", "modes"),
    [
        ("Anomalies in a Kafka topic", ["stream"]),
        ("REST API for churn", ["online"]),
        ("Upload a video, results later", ["async"]),
        ("Detection on device, 50 ms", ["edge"]),
        ("Only training, no serving", ["train_only"]),
        ("Nightly batch and an API", ["batch", "online"]),
        ("Dynamic pricing from Kinesis events, 500 events per second", ["online", "stream"]),
        ("An online shop wants nightly churn scores", ["batch"]),
        ("No streaming, a REST endpoint", ["online"]),
    ],
)
def test_modes_come_from_words_in_their_order(brief: str, modes: list[str]) -> None:
    assert value(brief, "serving") == modes


@pytest.mark.parametrize(
    ("brief", "name", "expected"),
    [
        ("Runs in us-west-2", "regions", ["us-west-2"]),
        ("Azure West Europe", "regions", ["westeurope"]),
        ("Hosted on AWS in Frankfurt", "regions", ["eu-central-1"]),
        ("Hosted on GCP in Frankfurt", "regions", ["europe-west3"]),
        ("Runs in us-west-2", "cloud", "aws"),
        ("Runs in us-central1", "cloud", "gcp"),
        ("BigQuery holds the data", "cloud", "gcp"),
        ("Any cloud is fine", "cloud", "any"),
        ("In our own data centre", "cloud", "onprem"),
        ("Data must stay in Switzerland", "residency", {"codes": ["CH"], "strict": True}),
        ("EU only", "residency", {"codes": ["EU"], "strict": True}),
        ("EU data residency required", "residency", {"codes": ["EU"], "strict": True}),
        ("We serve customers in Germany", "residency", None),
        ("We serve customers in Germany", "countries", ["DE"]),
        ("Let us use it, 50 GB a day", "countries", None),
    ],
)
def test_places_are_regions_residency_or_mere_mentions(brief: str, name: str, expected: Any) -> None:
    assert value(brief, name) == expected


@pytest.mark.parametrize(
    ("brief", "kinds", "data_class"),
    [
        ("patient records", ["health"], "special"),
        ("names and e-mail addresses", ["pii"], "personal"),
        ("selfies of users", ["biometric"], "special"),
        ("credit card numbers", ["pan"], "special"),
        ("GPS traces of drivers", ["location"], "personal"),
        ("CVs of applicants", ["employment"], "personal"),
        ("pupils' essays", ["children"], "personal"),
        ("public satellite images", ["none"], "public"),
        ("anonymised clicks", ["pseudonymous"], "personal"),
        ("vibration sensors", ["telemetry"], "internal"),
    ],
)
def test_words_give_the_data_away(brief: str, kinds: list[str], data_class: str) -> None:
    assert set(kinds) <= set(value(brief, "data_kinds"))
    assert value(brief, "data_class") == data_class


@pytest.mark.parametrize(
    ("brief", "regimes"),
    [
        ("Patient records in the US", ["HIPAA"]),
        ("Patient records in Germany", ["GDPR"]),
        ("Patient names in the UK", ["GDPR"]),
        ("Patient names in Switzerland", ["FADP"]),
        ("Personal data in Brazil", ["LGPD"]),
        ("Card payments fraud", ["PCI-DSS"]),
        ("SOC 2 and ISO 27001", ["SOC2", "ISO27001"]),
        ("HIPAA for patients in Germany", ["GDPR"]),
        ("Sensor data in Germany", None),
    ],
)
def test_regimes_are_named_or_follow_from_data_and_place(brief: str, regimes: list[str] | None) -> None:
    assert value(brief, "compliance") == regimes


@pytest.mark.parametrize(
    ("brief", "name", "expected"),
    [
        ("99.95 % uptime", "availability_pct", 99.95),
        ("four nines", "availability_pct", 99.99),
        ("SLA of 99.9", "availability_pct", 99.9),
        ("RTO 30 min, RPO 5 minutes", "rto_min", 30.0),
        ("RTO 30 min, RPO 5 minutes", "rpo_min", 5.0),
        ("RTO 30m", "rto_min", 30.0),
        ("keep logs for 90 days", "retention_days", 90),
        ("features fresh within 5 seconds", "freshness_s", 5.0),
        ("3 TB of history", "data_gb", 3000.0),
        ("50 GB/day", "data_gb_day", 50.0),
        ("payloads of 200 KB", "payload_kb", 200.0),
        ("500 input tokens, 200 output tokens", "tokens_in", 500),
        ("500 input tokens, 200 output tokens", "tokens_out", 200),
        ("team of two", "team_size", 2),
        ("a 4-person team", "team_size", 4),
        ("3 data scientists", "team_size", 3),
        ("just me", "team_size", 1),
        ("12 models", "n_models", 12),
        ("an XGBoost model", "model_family", "gbdt"),
        ("Llama-3-70B", "params_b", 70.0),
        ("retrain on drift", "retrain", "drift"),
        ("retrained every quarter", "retrain", "quarterly"),
        ("no cold starts", "cold_start_ok", False),
        ("no OpenAI", "external_llm_ok", False),
        ("we can use Bedrock", "external_llm_ok", True),
        ("on our own H100 GPUs", "gpu_owned", True),
        ("no internet access", "air_gapped", True),
        ("automatically rejects applicants", "impact", "automated_significant"),
        ("an analyst reviews each case", "human_review", True),
        ("RAG over 1,200 manuals", "chunks", 12_000),
        ("RAG over 2 million chunks", "chunks", 2_000_000),
    ],
)
def test_the_smaller_fields_are_read(brief: str, name: str, expected: Any) -> None:
    assert value(brief, name) == expected


@pytest.mark.parametrize(
    ("brief", "task"),
    [
        ("Answer questions about our contracts", "rag"),
        ("Chatbot for support", "llm"),
        ("Transcribe interviews", "speech"),
        ("Predict machine failures", "anomaly"),
        ("Estimate house prices", "regression"),
        ("Credit scoring", "classification"),
        ("Sentiment of reviews", "nlp"),
        ("Re-rank search results", "ranking"),
        ("Predict demand per store", "forecasting"),
    ],
)
def test_the_task_is_named_in_many_ways(brief: str, task: str) -> None:
    assert value(brief, "task") == task
