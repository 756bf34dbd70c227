"""Each critic's rule fires on the fault it is for, keeps quiet without it, and is answered by its remedy."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve, frozen

from domain.mlops import controls as c
from domain.mlops.critic_rules import RULE_ORDER
from domain.mlops.critique import apply_remedies, critique_cost, critique_technical
from domain.mlops.facts import Constraints
from domain.mlops.plan import Component, Plan, Severity
from domain.mlops.planning import make_plan
from domain.mlops.remedies import REMEDIES, with_settings
from tests.unit.mlops.golden_briefs import known


def as_planned(plan: Plan) -> Plan:
    return plan


def without(control: str) -> Callable[[Plan], Plan]:
    return lambda plan: evolve(plan, controls=tuple(item for item in plan.controls if item != control))


def serving(**changes: Any) -> Callable[[Plan], Plan]:
    return lambda plan: with_settings(plan, "serve", **changes)


def with_stores(plan: Plan) -> Plan:
    stores = tuple(Component(role, role) for role in ("cache", "vector_index", "database"))
    return evolve(plan, components=(*plan.components, *stores))


def small(**values: Any) -> Constraints:
    facts = {"task": "classification", "serving": ["online"], "peak_rps": 100.0, "cloud": "aws", "team_size": 5}
    return known(**{**facts, **values})


def batch(**values: Any) -> Constraints:
    facts = {"task": "classification", "serving": ["batch"], "rows_per_run": 10_000, "run_cadence": "daily"}
    return known(**{**facts, "cloud": "aws", **values})


@frozen
class Fault:
    """A faulty design and a sound one, told apart by one rule."""

    rule: str
    faulty: Constraints
    sound: Constraints
    spoil: Callable[[Plan], Plan] = as_planned
    pattern: str | None = None


SERVERLESS = {"peak_rps": 1.0, "latency_ms": 300.0}
STREAM = {"task": "fraud", "serving": ["online", "stream"], "peak_rps": 500.0}
FAULTS = (
    Fault("T01", small(**SERVERLESS), small(**SERVERLESS, cold_start_ok=True), pattern="online_serverless"),
    Fault("T02", small(), small(availability_pct=99.0), serving(replicas=1)),
    Fault("T03", small(), small(availability_pct=99.0), serving(zones=1)),
    Fault("T04", small(rto_min=240.0), small()),
    Fault("T05", small(), small(), without(c.SHARED_FEATURES)),
    Fault("T06", batch(freshness_s=60.0), batch(freshness_s=100_000.0)),
    Fault("T07", small(task="fraud", retrain="daily"), small(task="ranking", retrain="weekly")),
    Fault("T08", small(), small(), without(c.DRIFT_CHECK)),
    Fault("T09", small(), small(), without(c.BASELINE_GATE)),
    Fault("T10", small(), batch()),
    Fault("T11", small(peak_rps=1000.0), small(), serving(replicas=2)),
    Fault("T12", small(peak_rps=100.0, avg_rps=1.0), small(peak_rps=100.0, avg_rps=50.0)),
    Fault("T13", small(task="cv", peak_rps=10_000.0), small(), pattern="online_serverless"),
    Fault("T14", small(peak_rps=1.0, payload_kb=9_000.0), small(peak_rps=1.0), pattern="online_serverless"),
    Fault("T15", small(latency_ms=100.0), small(latency_ms=1000.0), with_stores),
    Fault("T16", small(), small(), serving(region="ap-southeast-2")),
    Fault("T17", small(**STREAM), small()),
    Fault("T18", batch(), batch(), serving(run_hours=20.0)),
    Fault("T19", small(task="llm", peak_rps=0.1, external_llm_ok=False), small()),
    Fault("T20", small(n_models=60, team_size=2), small(n_models=60, team_size=20), pattern="k8s_multimodel"),
    Fault("T21", small(task="rag", peak_rps=1.0), small(task="llm", peak_rps=1.0)),
    Fault("T22", known(task="cv", serving=["edge"], devices=100, cloud="aws"), small()),
    Fault("T23", small(cloud="onprem", peak_rps=5.0), small()),
    Fault("T24", small(**STREAM), small()),
    Fault("T25", small(), small(), without(c.SLO_DASHBOARD)),
    Fault("T26", small(), small(), without(c.REQUEST_IDS)),
    Fault("T27", batch(), small(retrain="none")),
    Fault("T28", small(task="rag", peak_rps=1.0), small()),
)
every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)


def rules_found(plan: Plan, constraints: Constraints) -> set[str]:
    return {item.rule for item in (*critique_technical(plan, constraints), *critique_cost(plan, constraints))}


@every_fault
def test_the_rule_fires_on_its_fault(fault: Fault) -> None:
    plan = fault.spoil(make_plan(fault.faulty, pattern=fault.pattern))

    assert fault.rule in rules_found(plan, fault.faulty)


@every_fault
def test_the_rule_keeps_quiet_without_its_fault(fault: Fault) -> None:
    plan = make_plan(fault.sound, pattern=fault.pattern)
    if fault.rule in ("T02", "T03"):
        plan = fault.spoil(plan)

    assert fault.rule not in rules_found(plan, fault.sound)


@every_fault
def test_the_remedy_answers_the_rule_and_is_recorded(fault: Fault) -> None:
    plan = fault.spoil(make_plan(fault.faulty, pattern=fault.pattern))
    findings = (*critique_technical(plan, fault.faulty), *critique_cost(plan, fault.faulty))

    mended = apply_remedies(plan, findings, fault.faulty)

    assert fault.rule in mended.remedies
    assert fault.rule not in rules_found(mended, fault.faulty)


def test_every_rule_of_the_catalogue_has_a_remedy_and_a_test() -> None:
    assert {fault.rule for fault in FAULTS} == set(RULE_ORDER) == set(REMEDIES)


def test_findings_come_in_the_order_of_the_rules() -> None:
    found = [item.rule for item in critique_technical(make_plan(small(**STREAM)), small(**STREAM))]

    assert found == sorted(found)
    assert len(found) > 1


def test_a_remedy_that_adds_a_part_raises_the_cost() -> None:
    constraints = small(rto_min=30.0)
    plan = make_plan(constraints)

    mended = apply_remedies(plan, critique_technical(plan, constraints), constraints)

    assert mended.component("backup") is not None
    assert len(mended.regions) == 2
    assert mended.cost.base > plan.cost.base


def test_remedies_applied_twice_change_nothing_more() -> None:
    constraints = small(**STREAM)
    plan = make_plan(constraints)
    findings = critique_technical(plan, constraints)
    mended = apply_remedies(plan, findings, constraints)

    assert apply_remedies(mended, findings, constraints) == mended


def test_no_findings_leave_the_plan_as_it_is() -> None:
    plan = make_plan(small())

    assert apply_remedies(plan, (), small()) == plan


@pytest.mark.parametrize(("cap", "severity"), [(100.0, Severity.BLOCK), (420.0, Severity.WARN), (5000.0, None)])
def test_the_cost_critic_weighs_the_base_against_the_ceiling(cap: float, severity: Severity | None) -> None:
    constraints = small(team_size=5)
    plan = evolve(make_plan(constraints), budget_cap_usd=cap)

    found = {item.rule: item.severity for item in critique_cost(plan, constraints)}

    assert found.get("FIN-01") == severity


def test_the_cost_critic_warns_of_per_request_prices_at_a_high_rate() -> None:
    fast, slow = small(peak_rps=100.0), small(peak_rps=10.0)

    assert "FIN-03" in rules_found(make_plan(fast, pattern="online_serverless"), fast)
    assert "FIN-03" not in rules_found(make_plan(slow, pattern="online_serverless"), slow)
