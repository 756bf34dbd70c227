"""Policies judge the intake and the plan: each fires on its fault and passes or keeps quiet without it."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve, frozen

from domain.mlops import controls as c
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.plan import Component, Phase, Plan, Verdict
from domain.mlops.planning import make_plan
from domain.mlops.policies import NEVER_EXCEPTED, evaluate
from domain.mlops.policies.intake import prohibited_use
from domain.mlops.remedies import with_settings
from tests.unit.mlops.golden_briefs import GOLDEN, budget, known

BLOCK, WARN, PASS, PLANNED = Verdict.BLOCK, Verdict.WARN, Verdict.PASS, Verdict.PLANNED


def as_planned(plan: Plan) -> Plan:
    return plan


def without(control: str) -> Callable[[Plan], Plan]:
    return lambda plan: evolve(plan, controls=tuple(item for item in plan.controls if item != control))


def in_region(*regions: str) -> Callable[[Plan], Plan]:
    return lambda plan: evolve(plan, regions=regions)


def serve_in(region: str) -> Callable[[Plan], Plan]:
    return lambda plan: with_settings(plan, "serve", region=region)


def with_service(service: str) -> Callable[[Plan], Plan]:
    return lambda plan: evolve(plan, components=(*plan.components, Component("extra", service)))


def small(**values: Any) -> Constraints:
    facts = {"task": "classification", "serving": ["online"], "peak_rps": 10.0, "cloud": "aws", "team_size": 5}
    return known(**{**facts, **values})


EU_STRICT = {"residency": {"codes": ["EU"], "strict": True}}
CH_STRICT = {"residency": {"codes": ["CH"], "strict": True}}
HIRING = {"use_case": "hiring: rank applicants", "regions": ["eu-west-1"], "data_kinds": ["employment"]}
SOLE = {"impact": "automated_significant", "compliance": ["GDPR"]}


@frozen
class Case:
    """A design and the verdict one policy must give on it; None where the policy does not apply."""

    policy: str
    verdict: Verdict | None
    constraints: Constraints
    spoil: Callable[[Plan], Plan] = as_planned


CASES = (
    Case("GDPR-01", BLOCK, small(**EU_STRICT), in_region("eu-west-2")),
    Case("GDPR-01", BLOCK, small(**EU_STRICT), serve_in("us-east-1")),
    Case("GDPR-01", PASS, small(**EU_STRICT)),
    Case("GDPR-01", None, small(residency={"codes": ["EU"], "strict": False}), in_region("us-east-1")),
    Case("GDPR-03", PLANNED, small(data_kinds=["health"], compliance=["GDPR"])),
    Case("GDPR-03", WARN, small(data_kinds=["health"], compliance=["GDPR"]), without(c.IMPACT_ASSESSMENT)),
    Case("GDPR-03", None, small(data_kinds=["none"], compliance=["GDPR"])),
    Case("GDPR-04", BLOCK, small(**SOLE)),
    Case("GDPR-04", PASS, small(**SOLE, human_review=True)),
    Case("GDPR-04", None, small(impact="assistive", compliance=["GDPR"])),
    Case("HIP-01", BLOCK, small(compliance=["HIPAA"], data_kinds=["health"]), without(c.BAA)),
    Case("HIP-01", BLOCK, small(compliance=["HIPAA"], data_kinds=["health"]), with_service("Kourier")),
    Case("HIP-01", PLANNED, small(compliance=["HIPAA"], data_kinds=["health"])),
    Case("HIP-01", None, small()),
    Case("PCI-01", BLOCK, small(data_kinds=["pan"]), without(c.TOKENISE_CARDS)),
    Case("PCI-01", PLANNED, small(data_kinds=["pan"])),
    Case("PCI-01", None, small()),
    Case("AIA-02", BLOCK, small(**HIRING)),
    Case("AIA-02", WARN, small(**HIRING, human_review=True)),
    Case("AIA-02", None, small()),
    Case("FAIR-01", WARN, small(**HIRING)),
    Case("FAIR-01", BLOCK, small(**{**HIRING, "data_kinds": ["employment", "health"]})),
    Case("FAIR-01", None, small()),
    Case("CHD-01", WARN, small(data_kinds=["children"])),
    Case("CHD-01", None, small()),
    Case("RES-01", BLOCK, small(**CH_STRICT), in_region("eu-central-1")),
    Case("RES-01", PASS, small(**CH_STRICT)),
    Case("RES-01", None, small()),
    Case("AIR-01", BLOCK, small(air_gapped=True), lambda plan: evolve(plan, cloud="aws")),
    Case("AIR-01", PASS, small(air_gapped=True)),
    Case("AIR-01", None, small()),
    Case("LLM-01", BLOCK, small(task="rag", data_kinds=["pii"]), without(c.PROVIDER_TERMS)),
    Case("LLM-01", PLANNED, small(task="rag", data_kinds=["pii"])),
    Case("LLM-01", None, small(task="rag", data_kinds=["none"])),
    Case("SVC-01", BLOCK, small(), with_service("AWS App Runner")),
    Case("SVC-01", PASS, small()),
    Case("AVL-01", BLOCK, small(availability_pct=99.995), in_region("us-east-1")),
    Case("AVL-01", PASS, small(availability_pct=99.95)),
    Case("AVL-01", None, small()),
    Case("LAT-01", BLOCK, small(latency_ms=2.0)),
    Case("LAT-01", PASS, small(latency_ms=100.0)),
    Case("LAT-01", None, small()),
    Case("FIN-01", BLOCK, small(budget_usd_month=budget(20), peak_rps=150.0)),
    Case("FIN-01", PASS, small(budget_usd_month=budget(9000))),
    Case("FIN-01", None, small()),
    Case("FIN-03", WARN, small(peak_rps=150.0, deploy_want=["serverless"], deploy_avoid=["containers", "managed"])),
    Case("FIN-03", PASS, small()),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.policy}-{case.verdict or 'not-applicable'}")
def test_the_policy_gives_its_verdict_on_the_plan(case: Case) -> None:
    plan = case.spoil(make_plan(case.constraints))

    found = {item.policy: item.verdict for item in evaluate(plan, case.constraints, Phase.PLAN)}

    assert found.get(case.policy) == case.verdict


def intake(constraints: Constraints, **options: Any) -> dict[str, Verdict]:
    return {item.policy: item.verdict for item in evaluate(None, constraints, Phase.INTAKE, **options)}


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("social scoring of tenants", True),
        ("infer emotions of employees on video calls", True),
        ("emotions of hospital staff for patient safety", False),
        ("scrape faces from the web into a database", True),
        ("guess religion from the face", True),
        ("credit scoring of small companies", False),
        ("face blurring in street photos", False),
    ],
)
def test_uses_forbidden_by_article_5_block_the_intake(text: str, forbidden: bool) -> None:
    assert intake(small(use_case=text))["AIA-01"] == (BLOCK if forbidden else PASS)
    assert (prohibited_use(text) is not None) == forbidden


def test_an_injected_instruction_is_warned_of() -> None:
    assert intake(small(injected_instructions=True))["SEC-13"] == WARN
    assert intake(small())["SEC-13"] == PASS


def test_a_redacted_secret_is_to_be_rotated() -> None:
    redacted = Fact("use_case", "scoring", Provenance.STATED, quote="key [REDACTED:cloud_key]")

    assert intake(small().having(redacted))["SEC-05"] == WARN
    assert intake(small())["SEC-05"] == PASS


def test_an_open_conflict_blocks_intake_and_plan() -> None:
    constraints = small()
    plan = make_plan(constraints)

    assert intake(constraints, conflicts=("C1: serverless at 5000 rps",))["CON-01"] == BLOCK
    assert intake(constraints)["CON-01"] == PASS
    judged = evaluate(plan, constraints, Phase.PLAN, conflicts=("C3",))
    assert [item.verdict for item in judged if item.policy == "CON-01"] == [BLOCK]


def test_policies_on_files_are_planned_at_the_plan_stage() -> None:
    found = {item.policy: item.verdict for item in evaluate(make_plan(small()), small(), Phase.PLAN)}

    assert found["SEC-03"] == PLANNED
    assert found["MLG-04"] == PLANNED
    assert "HIP-02" not in found
    assert "SEC-01" not in found


def test_a_regulated_plan_promises_more_policies() -> None:
    health = small(compliance=["HIPAA"], data_kinds=["health"])

    found = {item.policy for item in evaluate(make_plan(health), health, Phase.PLAN)}

    assert {"SEC-01", "HIP-02", "GDPR-02", "GDPR-05"} <= found


def test_the_intake_has_nothing_to_say_of_files_or_plans() -> None:
    assert set(intake(small())) == {"SEC-05", "SEC-13", "AIA-01", "CON-01"}
    assert evaluate(None, small(), Phase.PLAN) == ()


def test_verdicts_come_in_order_with_a_message_each() -> None:
    for golden in GOLDEN:
        results = evaluate(make_plan(golden.constraints), golden.constraints, Phase.PLAN)

        assert [item.policy for item in results] == sorted(item.policy for item in results)
        assert all(item.message for item in results)


def test_prohibited_uses_and_secrets_in_files_can_never_be_excepted() -> None:
    assert {"AIA-01", "SEC-05"} == NEVER_EXCEPTED
