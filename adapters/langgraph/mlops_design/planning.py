"""From constraints to a judged plan: planner, the two critics, the policies."""

from typing import Any

from langgraph.runtime import Runtime

from adapters.langgraph.mlops_design.cards import Step
from adapters.langgraph.mlops_design.conversion import from_state, from_states, to_state, to_states
from adapters.langgraph.mlops_design.state import DesignState
from domain.mlops.critique import apply_remedies, critique_cost, critique_technical
from domain.mlops.defaults import assume_defaults
from domain.mlops.facts import Constraints
from domain.mlops.plan import Candidate, Finding, Phase, Plan, PolicyResult, Severity, Verdict
from domain.mlops.planning import make_plan
from domain.mlops.policies import evaluate
from domain.mlops.reason_card import ReasonCard
from domain.mlops.remedies import REMEDIES

MAX_REVISIONS = 3
_SHOWN = 3


async def planner(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Choose a pattern and size it, or apply the critics' remedies to the plan there is."""
    if "plan" in state:
        return _revise(state)
    constraints = assume_defaults(from_state(Constraints, state["constraints"]))
    plan = make_plan(constraints)
    best, *others = plan.candidates[:_SHOWN]
    card = ReasonCard(
        agent="planner",
        choice=f"{plan.pattern} on {plan.cloud} in {', '.join(plan.regions) or 'no region'}",
        why="; ".join(best.reasons) or f"it scores {best.score:.1f} of 100 for these constraints",
        candidates=tuple(_weighed(candidate) for candidate in plan.candidates[:_SHOWN]),
        confidence=_confidence(best, others),
        risks=best.vetoes,
        assumptions=plan.assumptions,
    )
    return {"constraints": to_state(constraints), "plan": to_state(plan), "revision": 1}, card


def _revise(state: DesignState) -> Step:
    constraints, plan = from_state(Constraints, state["constraints"]), from_state(Plan, state["plan"])
    findings = open_findings(state, plan)
    revised = apply_remedies(plan, findings, constraints)
    card = ReasonCard(
        agent="planner",
        choice=f"{revised.pattern}, revised: {', '.join(finding.rule for finding in findings)} remedied",
        why="; ".join(finding.message for finding in findings),
        candidates=tuple(f"{finding.rule}: {finding.remedy}" for finding in findings),
        confidence=0.9,
        risks=(f"the base cost goes from {plan.cost.base:,.0f} to {revised.cost.base:,.0f} USD a month",),
        assumptions=revised.assumptions,
    )
    return {"plan": to_state(revised), "revision": state.get("revision", 1) + 1}, card


async def critic_tech(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Judge the plan as engineering."""
    findings = critique_technical(from_state(Plan, state["plan"]), from_state(Constraints, state["constraints"]))
    return {"technical_findings": to_states(findings)}, _criticism("critic_tech", findings)


async def critic_cost(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Judge the plan's bill."""
    plan = from_state(Plan, state["plan"])
    findings = critique_cost(plan, from_state(Constraints, state["constraints"]))
    return {"cost_findings": to_states(findings)}, _criticism("critic_cost", findings, plan.cost.drivers)


async def policy_eval(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Judge the brief and the plan by every policy that applies; those on files are judged by the validators."""
    constraints, plan = from_state(Constraints, state["constraints"]), from_state(Plan, state["plan"])
    conflicts = tuple(f"{one['rule']}: {one['message']}" for one in state.get("conflicts", []))
    results = (
        *evaluate(plan, constraints, Phase.INTAKE, conflicts=conflicts),
        *evaluate(plan, constraints, Phase.PLAN, conflicts=conflicts),
    )
    blocked = [result for result in results if result.verdict is Verdict.BLOCK]
    warned = [result for result in results if result.verdict is Verdict.WARN]
    card = ReasonCard(
        agent="policy_eval",
        choice=f"{len(blocked)} blocking, {len(warned)} to be looked at, {len(results)} judged",
        why="; ".join(f"{one.policy}: {one.message}" for one in blocked) or "nothing forbids the plan",
        candidates=tuple(f"{one.policy} {one.verdict}" for one in results),
        risks=tuple(f"{one.policy}: {one.message}" for one in warned),
    )
    return {"policies": to_states(results)}, card


def after_policies(state: DesignState) -> str:
    """Return the next node: back to the planner while a remedy is to be tried, else on to the person."""
    findings = open_findings(state, from_state(Plan, state["plan"]))
    return "planner" if findings and state.get("revision", 1) < MAX_REVISIONS else "hitl_gate_final"


def open_findings(state: DesignState, plan: Plan) -> tuple[Finding, ...]:
    """Return the critics' findings that a remedy not yet applied would mend."""
    return tuple(one for one in all_findings(state) if one.rule in REMEDIES and one.rule not in plan.remedies)


def all_findings(state: DesignState) -> tuple[Finding, ...]:
    """Return what both critics found, each finding once."""
    found = (
        *from_states(Finding, state.get("technical_findings")),
        *from_states(Finding, state.get("cost_findings")),
    )
    return tuple(dict.fromkeys(found))


def blocking_reasons(state: DesignState) -> dict[str, str]:
    """Return what forbids the plan, by rule or policy: infeasibility, blocking findings, blocking policies."""
    plan = from_state(Plan, state["plan"])
    reasons: dict[str, str] = {}
    if not plan.feasible:
        chosen = next(one for one in plan.candidates if one.pattern == plan.pattern)
        reasons["infeasible"] = "; ".join(chosen.vetoes) or "no pattern meets every constraint"
    reasons |= {one.rule: one.message for one in all_findings(state) if one.severity is Severity.BLOCK}
    results = from_states(PolicyResult, state.get("policies"))
    return reasons | {one.policy: one.message for one in results if one.verdict is Verdict.BLOCK}


def _criticism(agent: str, findings: tuple[Finding, ...], weighed: tuple[str, ...] = ()) -> ReasonCard:
    blocking = [one for one in findings if one.severity is Severity.BLOCK]
    return ReasonCard(
        agent=agent,
        choice=f"{len(blocking)} blocking, {len(findings) - len(blocking)} to be looked at",
        why="; ".join(f"{one.rule}: {one.message}" for one in findings) or "no rule finds fault",
        candidates=weighed or tuple(f"{one.rule}: {one.remedy}" for one in findings),
        confidence=0.9,
        risks=tuple(f"{one.rule}: {one.message}" for one in findings),
    )


def _weighed(candidate: Candidate) -> str:
    ruled_out = f", ruled out: {'; '.join(candidate.vetoes)}" if candidate.vetoes else ""
    return f"{candidate.pattern} {candidate.score:.1f}/100, {candidate.base_usd:,.0f} USD a month{ruled_out}"


def _confidence(best: Candidate, others: list[Candidate]) -> float:
    """Return how clear the choice is: half for the score, half for the lead over the runner-up (20 points is clear)."""
    lead = best.score - others[0].score if others else 20.0
    return round(min(1.0, best.score / 200 + min(1.0, max(0.0, lead) / 20) / 2), 2)
