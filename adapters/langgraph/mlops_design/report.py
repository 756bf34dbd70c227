"""The report of a design, in Markdown: what was asked, decided, refused, checked, and why."""

from collections.abc import Iterable, Sequence

from adapters.langgraph.mlops_design.conversion import from_state, from_states
from adapters.langgraph.mlops_design.planning import all_findings
from adapters.langgraph.mlops_design.state import DesignState
from domain.mlops.facts import Constraints
from domain.mlops.plan import Plan, PolicyResult, Verdict
from domain.mlops.reason_card import ReasonCard
from domain.mlops.validation import ValidationResult, ValidationStatus


def compile_report(state: DesignState) -> str:
    """Return the whole report; the same state always gives the same text."""
    plan = from_state(Plan, state["plan"])
    sections = [
        f"# Design report: {_cell(plan.name)}",
        _brief(state),
        _facts(from_state(Constraints, state["constraints"])),
        _choice(plan),
        _cost(plan),
        _components(plan),
        _judgements(state),
        _decision(state),
        _checks(from_states(ValidationResult, state.get("validation"))),
        _rationale(from_states(ReasonCard, state["reason_cards"].values())),
    ]
    return "\n\n".join(sections) + "\n"


def _brief(state: DesignState) -> str:
    quoted = "\n".join(f"> {line}" for line in state["prompt"].splitlines())
    return f"## Brief\n\n{quoted}"


def _facts(constraints: Constraints) -> str:
    rows = [
        (fact.name, fact.value, fact.how.value, fact.quote or "")
        for fact in sorted(constraints.facts.values(), key=lambda fact: fact.name)
    ]
    return "## What is known\n\n" + _table(("fact", "value", "how", "words"), rows)


def _choice(plan: Plan) -> str:
    rows = [
        (one.pattern, f"{one.score:.1f}", f"{one.base_usd:,.0f}", "; ".join(one.vetoes or one.reasons))
        for one in plan.candidates[:5]
    ]
    feasible = "" if plan.feasible else "\n\n**No pattern meets every constraint; this one breaks the fewest.**"
    where = f"`{plan.pattern}` on {plan.cloud} in {', '.join(plan.regions) or 'no cloud region'} ({plan.tier} tier)"
    table = _table(("pattern", "score", "USD a month", "reasons or vetoes"), rows)
    return f"## Pattern\n\n{where}.{feasible}\n\n{table}"


def _cost(plan: Plan) -> str:
    cost = plan.cost
    cap = f" against a ceiling of {plan.budget_cap_usd:,.0f}" if plan.budget_cap_usd is not None else ""
    head = (
        f"{cost.base:,.0f} USD a month ({cost.low:,.0f} to {cost.high:,.0f}){cap}; {cost.at_ten_times_load:,.0f} at"
        f" ten times the load. List prices as of {cost.as_of}."
    )
    rows = [(line.name, f"{line.usd:,.2f}", line.formula) for line in cost.lines]
    return f"## Cost\n\n{head}\n\n" + _table(("line", "USD a month", "formula"), rows)


def _components(plan: Plan) -> str:
    rows = [
        (one.role, one.service, ", ".join(f"{name}={value}" for name, value in sorted(one.settings.items())))
        for one in plan.components
    ]
    return "## Components\n\n" + _table(("role", "service", "settings"), rows)


def _judgements(state: DesignState) -> str:
    findings = [(one.rule, one.severity.value, one.message, one.remedy) for one in all_findings(state)]
    policies = [
        (one.policy, one.phase.value, one.verdict.value, one.message, one.where or "")
        for one in from_states(PolicyResult, state.get("policies"))
        if one.verdict is not Verdict.PLANNED
    ]
    return "\n\n".join(
        [
            "## Critics",
            _table(("rule", "severity", "finding", "remedy"), findings),
            "## Policies",
            _table(("policy", "phase", "verdict", "evidence", "where"), policies),
        ]
    )


def _decision(state: DesignState) -> str:
    decision = state["decision"]
    lines = [f"The plan was decided: **{decision['decision']}**. {_cell(decision.get('comment') or '')}".strip()]
    lines += [f"- exception to {name}: {_cell(why)}" for name, why in sorted(decision.get("exceptions", {}).items())]
    return "## Decision\n\n" + "\n".join(lines)


def _checks(results: Sequence[ValidationResult]) -> str:
    order = (ValidationStatus.FAILED, ValidationStatus.WARNED, ValidationStatus.SKIPPED, ValidationStatus.PASSED)
    ranked = sorted(results, key=lambda one: order.index(one.status))
    rows = [(one.validator, one.status.value, one.message, one.where or "") for one in ranked]
    return "## Validators\n\n" + _table(("validator", "status", "result", "where"), rows)


def _rationale(cards: Sequence[ReasonCard]) -> str:
    parts = []
    for card in cards:
        lines = [f"### {card.agent}", f"{_cell(card.choice)} (confidence {card.confidence:.2f})", _cell(card.why)]
        for title, items in (("Weighed", card.candidates), ("Risks", card.risks), ("Assumed", card.assumptions)):
            if items:
                lines.append(f"{title}:\n\n" + "\n".join(f"- {_cell(item)}" for item in items))
        parts.append("\n\n".join(lines))
    return "## Rationale\n\n" + "\n\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    body = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    if not body:
        return "None."
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *body])


def _cell(value: object) -> str:
    """Return text that stays one cell and plain: the brief's words must not become markup."""
    text = " ".join(str(value).split())
    for char in "\\|<>`*_[]":
        text = text.replace(char, f"\\{char}")
    return text
