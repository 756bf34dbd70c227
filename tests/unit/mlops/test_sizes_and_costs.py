"""Sizes follow their formulas, and a bill is never negative and never falls with load."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mlops.bills import log_gb
from domain.mlops.costs import bill, estimate
from domain.mlops.measuring import workload_of
from domain.mlops.patterns import PATTERNS
from domain.mlops.placement import candidate_regions, country_of, lies_within, price_level
from domain.mlops.prices import tier_of
from domain.mlops.sizing import gpu_name, size
from domain.mlops.workload import Workload
from tests.unit.mlops.golden_briefs import GOLDEN, budget, known

every_pattern = pytest.mark.parametrize("pattern", sorted(PATTERNS))


def online(**values: Any) -> Workload:
    facts = {"task": "classification", "serving": ["online", "batch"], "peak_rps": 100.0, "rows_per_run": 1000}
    return workload_of(known(**{**facts, "run_cadence": "daily", "cloud": "aws", **values}))


@every_pattern
@settings(max_examples=25, deadline=None)
@given(
    load=st.floats(0.001, 1e5),
    factor=st.floats(1, 50),
    cloud=st.sampled_from(["aws", "gcp", "azure", "onprem"]),
    cap=st.sampled_from([50.0, 400.0, 5000.0, 50_000.0]),
    task=st.sampled_from(["classification", "cv", "rag"]),
)
def test_no_line_is_negative_and_more_load_never_costs_less(
    pattern: str, load: float, factor: float, cloud: str, cap: float, task: str
) -> None:
    less = online(peak_rps=load, rows_per_run=load * 1000, cloud=cloud, budget_usd_month=budget(cap), task=task)
    more = less.scaled(factor)

    assert all(line.usd >= 0 for line in bill(pattern, less))
    low = sum(line.usd for line in bill(pattern, less))
    assert sum(line.usd for line in bill(pattern, more)) >= low - 0.05


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_scenarios_are_in_order_and_name_their_three_drivers(golden: Any) -> None:
    cost = estimate(golden.pattern, workload_of(golden.constraints))

    assert cost.low <= cost.base <= cost.high
    assert cost.at_ten_times_load >= cost.base
    assert 1 <= len(cost.drivers) <= 3
    assert cost.as_of == "2026-01"


def test_replicas_follow_the_formula() -> None:
    sized = size("online_containers", online(peak_rps=2000.0, latency_ms=80.0))

    assert sized["replicas"] == 16
    assert sized["replicas_billed"] == pytest.approx(10.4)


@pytest.mark.parametrize(("target", "least"), [(99.0, 1), (99.9, 2), (99.95, 3)])
def test_availability_sets_the_least_replicas(target: float, least: int) -> None:
    assert size("online_containers", online(peak_rps=1.0, availability_pct=target))["replicas"] == least


def test_the_highest_availability_adds_half_to_larger_services() -> None:
    assert size("k8s_multimodel", online(peak_rps=800.0, latency_ms=150.0, availability_pct=99.95))["replicas"] == 9


@pytest.mark.parametrize(("latency", "busy"), [(50.0, 0.5), (100.0, 0.5), (300.0, 0.6), (301.0, 0.7), (None, 0.7)])
def test_tighter_latency_leaves_more_head_room(latency: float | None, busy: float) -> None:
    assert online(latency_ms=latency).utilisation == busy


def test_an_average_is_assumed_at_two_fifths_of_the_peak() -> None:
    assert online(peak_rps=10.0).avg_rps == 4.0
    assert online(peak_rps=10.0, avg_rps=1.0).avg_rps == 1.0


def test_a_daily_count_gives_average_peak_and_month() -> None:
    workload = online(peak_rps=None, items_per_day=86_400.0)

    assert (workload.avg_rps, workload.peak_rps) == (1.0, 3.0)
    assert workload.calls_month == pytest.approx(86_400 * 30.4)


def test_a_forecast_takes_a_quarter_second_a_series() -> None:
    workload = workload_of(known(task="forecasting", serving=["batch"], series=120_000, run_cadence="weekly"))

    assert size("forecast_batch", workload)["vcpu_hours_per_run"] == pytest.approx(8.333, abs=0.01)


@pytest.mark.parametrize(("params", "name"), [(8.0, "1x L4"), (30.0, "1x L40S"), (70.0, "4x L40S"), (400.0, "8x H100")])
def test_a_larger_model_gets_a_larger_machine(params: float, name: str) -> None:
    workload = online(task="llm", params_b=params, peak_rps=0.1)

    assert gpu_name(workload, size("llm_gpu_selfhost", workload)) == name


def test_hourly_training_reads_at_most_20_gigabytes() -> None:
    assert size("online_containers", online(retrain="hourly", data_gb=500.0))["training_gb"] == 20
    assert size("online_containers", online(retrain="daily", data_gb=5000.0))["training_gb"] == 2000


def test_log_sampling_never_makes_a_busier_service_cheaper() -> None:
    volumes = [log_gb(online(peak_rps=rps)) for rps in (1.0, 19.0, 21.0, 499.0, 501.0, 20_000.0)]

    assert volumes == sorted(volumes)


def test_a_warm_instance_costs_something() -> None:
    workload = online(peak_rps=1.0)

    assert (
        estimate("online_serverless", workload, frozenset({"T01"})).base > estimate("online_serverless", workload).base
    )


def test_a_restore_path_costs_a_backup_and_a_standby_where_recovery_is_quick() -> None:
    slow, quick = online(rto_min=1440.0), online(rto_min=30.0)
    remedied = frozenset({"T04"})

    assert "warm standby" not in {line.name for line in bill("online_containers", slow, remedied)}
    names = {line.name for line in bill("online_containers", quick, remedied)}
    assert {"warm standby", "backups"} <= names


@pytest.mark.parametrize(
    ("cap", "regulated", "tier"),
    [
        (None, False, "standard"),
        (99.0, False, "micro"),
        (99.0, True, "standard"),
        (499.0, False, "lean"),
        (499.0, True, "standard"),
        (500.0, False, "standard"),
        (20_000.0, True, "enterprise"),
    ],
)
def test_the_ceiling_sets_the_tier(cap: float | None, regulated: bool, tier: str) -> None:
    assert tier_of(cap, regulated=regulated) == tier


def test_regions_have_a_country_and_a_price_level() -> None:
    levels = {
        region: price_level(region) for region in ("us-east-1", "westus2", "eu-west-1", "uksouth", "europe-west6")
    }

    assert levels == {"us-east-1": 1.0, "westus2": 1.0, "eu-west-1": 1.1, "uksouth": 1.12, "europe-west6": 1.18}
    assert price_level("mars-north-1") == 1.2
    assert country_of("europe-west1") == "BE"


def test_a_region_prefix_does_not_make_a_country_european() -> None:
    assert lies_within("eu-west-1", ("EU",))
    assert not lies_within("eu-west-2", ("EU",))
    assert not lies_within("europe-west6", ("EU",))
    assert lies_within("europe-west6", ("CH",))


def test_strict_residency_overrules_a_stated_region_outside() -> None:
    strict = candidate_regions("aws", stated=("us-east-1",), codes=("DE",), strict=True, currency="USD")
    loose = candidate_regions("aws", stated=("us-east-1",), codes=("DE",), strict=False, currency="USD")

    assert strict == ("eu-central-1",)
    assert loose[0] == "us-east-1"


def test_a_region_of_another_cloud_stands_for_its_country() -> None:
    regions = candidate_regions("aws", stated=("europe-west3",), codes=(), strict=False, currency=None)

    assert regions == ("eu-central-1",)


@pytest.mark.parametrize(
    ("cloud", "region", "chosen"),
    [("aws", "me-central-1", "me-central-1"), ("gcp", "me-central-1", "us-central1"), ("azure", "norwayeast", None)],
)
def test_a_region_the_table_lacks_is_told_by_its_spelling(cloud: str, region: str, chosen: str | None) -> None:
    regions = candidate_regions(cloud, stated=(region,), codes=(), strict=False, currency=None)

    assert regions[0] == (chosen or region)


def test_the_budget_currency_places_a_system_nobody_placed() -> None:
    assert candidate_regions("azure", stated=(), codes=(), strict=False, currency="EUR")[0] == "westeurope"
    assert candidate_regions("azure", stated=(), codes=(), strict=False, currency=None)[0] == "eastus"


def test_each_line_in_a_dearer_region_names_the_factor() -> None:
    home = online(regions=["us-east-1"])
    away = evolve(home, regions=("eu-west-1",))

    assert estimate("online_containers", away).base == pytest.approx(
        1.1 * estimate("online_containers", home).base, rel=1e-3
    )
    assert all("x 1.1 (IE)" in line.formula for line in bill("online_containers", away))
