"""The twelve reference systems come to the expected pattern, cost and verdicts."""

import pytest

from domain.mlops.controls import FAIRNESS_SLICES, REASON_CODES
from domain.mlops.critique import apply_remedies, critique_cost, critique_technical
from domain.mlops.facts import Constraints
from domain.mlops.plan import Phase, Plan, Severity, Verdict
from domain.mlops.planning import make_plan
from domain.mlops.policies import evaluate
from tests.unit.mlops.golden_briefs import GOLDEN, Golden, known

ROUNDS = 2
every_golden = pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)


def refined(constraints: Constraints) -> Plan:
    """Plan and let both critics mend the plan, at most twice."""
    plan = make_plan(constraints)
    for _ in range(ROUNDS):
        findings = (*critique_technical(plan, constraints), *critique_cost(plan, constraints))
        plan = apply_remedies(plan, findings, constraints)
    return plan


@every_golden
def test_the_reference_system_gets_its_pattern(golden: Golden) -> None:
    plan = make_plan(golden.constraints)

    assert plan.pattern == golden.pattern
    assert plan.feasible


@every_golden
def test_the_base_cost_is_in_the_reference_range_and_near_the_reference(golden: Golden) -> None:
    base = refined(golden.constraints).cost.base

    assert golden.low <= base <= golden.high
    assert base == pytest.approx(golden.base, rel=0.35)


@every_golden
def test_the_refined_plan_is_blocked_by_the_listed_policies_only(golden: Golden) -> None:
    plan = refined(golden.constraints)
    results = [
        result
        for phase in (Phase.INTAKE, Phase.PLAN)
        for result in evaluate(plan, golden.constraints, phase, conflicts=golden.conflicts)
    ]

    assert {result.policy for result in results if result.verdict is Verdict.BLOCK} == golden.blocks


@every_golden
def test_two_rounds_of_remedies_leave_no_blocking_technical_finding(golden: Golden) -> None:
    plan = refined(golden.constraints)

    findings = critique_technical(plan, golden.constraints)

    assert [finding.rule for finding in findings if finding.severity is Severity.BLOCK] == []


@every_golden
def test_the_same_constraints_give_the_same_plan(golden: Golden) -> None:
    assert refined(golden.constraints) == refined(golden.constraints)


@every_golden
def test_the_lines_of_the_bill_add_up_to_the_base_and_show_their_arithmetic(golden: Golden) -> None:
    cost = refined(golden.constraints).cost

    assert sum(line.usd for line in cost.lines) == pytest.approx(cost.base, abs=0.01)
    assert all(line.formula for line in cost.lines)


def test_no_two_reference_systems_get_the_same_components() -> None:
    designs = {str(make_plan(golden.constraints).components) for golden in GOLDEN}

    assert len(designs) == len(GOLDEN)


def test_the_bank_fraud_bill_matches_the_reference_bill_of_materials() -> None:
    fraud = next(golden for golden in GOLDEN if golden.name == "E01")
    lines = {line.name: line.usd / 1.10 for line in make_plan(fraud.constraints).cost.lines}

    assert lines["serving replicas"] == pytest.approx(750, rel=0.01)
    assert lines["online feature store"] == pytest.approx(320, rel=0.01)
    assert lines["stream"] == pytest.approx(62, rel=0.01)
    assert lines["stream processing"] == pytest.approx(402, rel=0.01)
    assert lines["training"] == pytest.approx(126, rel=0.1)
    assert lines["security"] == pytest.approx(142, rel=0.01)
    assert lines["network"] + lines["private endpoints"] == pytest.approx(154, rel=0.01)


def test_the_bank_fraud_plan_takes_its_values_from_the_brief() -> None:
    fraud = next(golden for golden in GOLDEN if golden.name == "E01")

    plan = make_plan(fraud.constraints)

    assert plan.regions == ("eu-west-1",)
    assert plan.slo["latency_p99_ms"] == 80
    assert plan.budget_cap_usd == 4000
    assert plan.retrain == "daily"
    assert plan.metric == "average_precision"
    stream = plan.component("stream")
    assert stream is not None
    assert stream.service == "Kinesis Data Streams"
    assert stream.settings["shards"] == 3


def test_what_nobody_said_is_listed_as_assumed() -> None:
    plant = next(golden for golden in GOLDEN if golden.name == "E03")

    plan = make_plan(plant.constraints)

    assert "cloud = aws" in plan.assumptions
    assert "availability_pct = 99.5" in plan.assumptions


def test_a_credit_decision_gets_reason_codes_and_fairness_checks() -> None:
    credit = make_plan(known(task="classification", serving=["online"], use_case="credit scoring"))
    churn = make_plan(known(task="classification", serving=["online"], use_case="churn"))

    assert {REASON_CODES, FAIRNESS_SLICES} <= set(credit.controls)
    assert not {REASON_CODES, FAIRNESS_SLICES} & set(churn.controls)
