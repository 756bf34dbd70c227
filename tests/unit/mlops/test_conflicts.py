"""Constraints that exclude one another are found, and each way out solves what it was offered for."""

from typing import Any

import pytest

from domain.mlops.conflicts import find_conflicts
from domain.mlops.extraction import extract
from domain.mlops.facts import Constraints, Fact, Provenance


def known(**values: Any) -> Constraints:
    return Constraints.of(Fact(name, value, Provenance.STATED) for name, value in values.items())


def cap(usd: float) -> dict[str, Any]:
    return {"target": None, "cap": usd, "amount": usd, "currency": "USD", "period": "month"}


AT_ODDS = [
    ("C1", known(deploy_want=["serverless"], latency_ms=20.0, latency_stat="p99")),
    ("C1", known(deploy_want=["serverless"], peak_rps=201.0)),
    ("C4", known(residency={"codes": ["EU"], "strict": True}, regions=["us-east-1"], cloud="aws")),
    ("C4", known(residency={"codes": ["DE"], "strict": True}, regions=["eu-west-1", "eu-central-1"], cloud="aws")),
    ("C4", known(residency={"codes": ["IE"], "strict": True}, cloud="gcp")),
    ("C5", known(air_gapped=True, cloud="aws")),
    ("C5", known(air_gapped=True, cloud="onprem", external_llm_ok=True)),
    ("C6", known(data_kinds=["none", "health"])),
    ("C7", known(team_size=2, deploy_want=["k8s"])),
    ("C7", known(team_size=1, availability_pct=99.95)),
    ("C8", known(availability_pct=99.99, regions=["eu-central-1"], cloud="aws")),
]
AT_PEACE = [
    known(deploy_want=["serverless"], latency_ms=60.0, latency_stat="p99", peak_rps=200.0),
    known(deploy_want=["containers"], latency_ms=20.0, latency_stat="p99", peak_rps=5000.0),
    known(residency={"codes": ["EU"], "strict": True}, regions=["eu-central-1"], cloud="aws"),
    known(residency={"codes": ["EU"], "strict": False}, regions=["us-east-1"], cloud="aws"),
    known(air_gapped=True, cloud="onprem", external_llm_ok=False),
    known(air_gapped=False, cloud="aws"),
    known(data_kinds=["none", "telemetry"]),
    known(team_size=3, deploy_want=["k8s"], availability_pct=99.95),
    known(availability_pct=99.99, regions=["eu-central-1", "eu-west-1"], cloud="aws"),
    known(availability_pct=99.95, regions=["eu-central-1"], cloud="aws"),
]


@pytest.mark.parametrize(("rule", "constraints"), AT_ODDS)
def test_a_contradiction_is_found(rule: str, constraints: Constraints) -> None:
    assert [conflict.rule for conflict in find_conflicts(constraints)] == [rule]


@pytest.mark.parametrize("constraints", AT_PEACE)
def test_what_can_hold_together_is_left_alone(constraints: Constraints) -> None:
    assert find_conflicts(constraints) == ()


@pytest.mark.parametrize(("rule", "constraints"), AT_ODDS)
def test_each_way_out_leaves_no_conflict(rule: str, constraints: Constraints) -> None:
    (conflict,) = find_conflicts(constraints)
    assert conflict.relaxation == conflict.options[0]
    for option in conflict.options:
        assert find_conflicts(option.apply(constraints)) == (), option.label


def test_european_region_names_outside_the_union_are_outside() -> None:
    for region in ("eu-west-2", "eu-central-2"):
        constraints = known(residency={"codes": ["EU"], "strict": True}, regions=[region], cloud="aws")
        assert [conflict.rule for conflict in find_conflicts(constraints)] == ["C4"]


def test_a_latency_below_every_floor_is_judged_only_when_the_floor_is_given() -> None:
    constraints = known(latency_ms=5.0)
    assert find_conflicts(constraints) == ()
    assert find_conflicts(constraints, fastest_floor_ms=5.0) == ()
    (conflict,) = find_conflicts(constraints, fastest_floor_ms=8.0)
    assert conflict.rule == "C2"
    for option in conflict.options:
        assert find_conflicts(option.apply(constraints), fastest_floor_ms=8.0) == ()


def test_a_cap_below_seventy_percent_of_the_cheapest_plan_is_too_low() -> None:
    constraints = known(budget_usd_month=cap(69.0))
    assert find_conflicts(known(budget_usd_month=cap(70.0)), cheapest_usd=100.0) == ()
    (conflict,) = find_conflicts(constraints, cheapest_usd=100.0)
    assert conflict.rule == "C3"
    for option in conflict.options:
        assert find_conflicts(option.apply(constraints), cheapest_usd=100.0) == ()


def test_real_time_and_nightly_contradict_each_other() -> None:
    constraints = extract("Real-time churn scoring for 3M subscribers, run nightly, $500 a month.")
    (conflict,) = find_conflicts(constraints)
    assert conflict.rule == "C9"
    served = [option.apply(constraints).value("serving") for option in conflict.options]
    assert served == [["batch"], ["online"], ["online", "batch"]]


def test_nightly_runs_beside_calls_in_real_time_do_not() -> None:
    assert find_conflicts(extract("Real-time API at 50 rps, candidates computed nightly")) == ()


def test_two_values_are_offered_and_none_is_chosen() -> None:
    constraints = extract("100 rps on AWS. The site takes 500 rps. $900 a month. At most $700 a month.")
    load_or_money = {conflict.fields[0]: conflict for conflict in find_conflicts(constraints)}
    assert set(load_or_money) == {"peak_rps", "budget_usd_month"}
    cheapest = load_or_money["peak_rps"].relaxation.apply(constraints)
    assert cheapest.value("peak_rps") == 100.0
    assert load_or_money["budget_usd_month"].relaxation.apply(constraints).value("budget_usd_month")["cap"] == 900.0


def test_conflicts_of_two_fields_have_keys_of_their_own() -> None:
    constraints = extract("100 rps. Then 500 rps. $900 a month. Then $700 a month.")
    keys = [conflict.key for conflict in find_conflicts(constraints)]
    assert len(set(keys)) == len(keys) == 2


def test_an_assumed_region_is_no_contradiction() -> None:
    assumed = Fact("regions", ["us-east-1"], Provenance.ASSUMED)
    assert find_conflicts(known(availability_pct=99.99, cloud="aws").having(assumed)) == ()
