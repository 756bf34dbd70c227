"""From a brief to constraints: extraction, coverage, questions, and the gate where a person answers them."""

from collections.abc import Mapping
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from adapters.langgraph.mlops_design.cards import Step
from adapters.langgraph.mlops_design.conversion import from_state, from_states, to_state, to_states
from adapters.langgraph.mlops_design.state import DesignState
from domain.mlops.answers import apply_answers
from domain.mlops.conflicts import Conflict, find_conflicts
from domain.mlops.coverage import coverage
from domain.mlops.errors import InvalidAnswerError
from domain.mlops.extraction import extract
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.question import Question
from domain.mlops.questions import next_questions
from domain.mlops.reason_card import ReasonCard
from domain.mlops.redaction import redact
from domain.mlops.scoring import cheapest_usd, fastest_floor_ms, sufficient_cap_usd

MAX_ROUNDS = 2


async def intake_extract(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Read the facts out of the brief; sentences aimed at the assistant stay inert."""
    brief = redact(state["prompt"])
    constraints = extract(brief.text)
    stated = [fact for fact in constraints.facts.values() if fact.how is Provenance.STATED]
    card = ReasonCard(
        agent="intake_extract",
        choice=f"{len(constraints.facts)} facts, {len(stated)} of them stated",
        why="; ".join(f"{fact.name} = {fact.value}" for fact in constraints.facts.values()) or "the brief states none",
        candidates=tuple(f"{fact.name}: “{fact.quote}”" for fact in stated if fact.quote),
        confidence=_least_sure(tuple(constraints.facts.values())),
        risks=tuple(f"an instruction in the brief was ignored: “{sentence}”" for sentence in brief.injected),
        assumptions=tuple(
            f"{one.name} = {one.value} ({one.how})" for one in constraints.facts.values() if one not in stated
        ),
    )
    update = {"prompt": brief.text, "injected": list(brief.injected), "constraints": to_state(constraints)}
    return {**update, "question_round": 0, "asked": []}, card


async def coverage_check(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Weigh how much of what a design needs is known, and look for constraints that contradict one another."""
    constraints = from_state(Constraints, state["constraints"])
    conflicts = find_conflicts(
        constraints,
        fastest_floor_ms=fastest_floor_ms(constraints),
        cheapest_usd=cheapest_usd(constraints),
        enough_usd=sufficient_cap_usd(constraints),
    )
    known = coverage(constraints, conflicts)
    card = ReasonCard(
        agent="coverage_check",
        choice=f"{known.score:.0%} known, " + ("ready to plan" if known.ready else "not ready to plan"),
        why="; ".join(f"{one.rule}: {one.message}" for one in conflicts)
        or (f"unknown: {', '.join(known.missing)}" if known.missing else "nothing that weighs is missing"),
        candidates=known.missing,
        confidence=round(known.score, 2),
        risks=tuple(f"{one.rule}: {one.message}" for one in conflicts),
        assumptions=known.assumed,
    )
    return {"coverage": to_state(known), "conflicts": to_states(conflicts)}, card


async def adaptive_questions(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Choose the few questions that would tell most; none when the brief says enough."""
    constraints = from_state(Constraints, state["constraints"])
    questions: tuple[Question, ...] = ()
    if not state["coverage"]["ready"] and state.get("question_round", 0) < MAX_ROUNDS:
        questions = next_questions(
            constraints,
            from_states(Conflict, state["conflicts"]),
            asked=frozenset(state.get("asked", [])),
            band_usd=cheapest_usd(constraints),
        )
    card = ReasonCard(
        agent="adaptive_questions",
        choice=f"ask about {', '.join(one.field for one in questions)}" if questions else "ask nothing",
        why="; ".join(f"{one.field}: {one.why}" for one in questions) or "what is known is enough, or all was asked",
        candidates=tuple(one.text for one in questions),
        assumptions=tuple(f"{one.field} = {one.default} unless answered" for one in questions),
    )
    return {"questions": to_states(questions)}, card


async def hitl_gate_input(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Put the questions to a person and wait for the answers."""
    questions = from_states(Question, state["questions"])
    if not questions:
        card = ReasonCard("hitl_gate_input", "nothing to ask", "no question is open")
        return {}, card
    constraints, answers = _ask(state, questions)
    card = ReasonCard(
        agent="hitl_gate_input",
        choice="; ".join(f"{name} = {value}" for name, value in answers.items()) or "no question was answered",
        why="a person answered, or took the defaults",
        candidates=tuple(one.text for one in questions),
        assumptions=tuple(f"{one.field} stays open" for one in questions if one.field not in answers),
    )
    update = {
        "constraints": to_state(constraints),
        "asked": [*state.get("asked", []), *(one.field for one in questions)],
        "question_round": state.get("question_round", 0) + 1,
    }
    return update, card


def after_input_gate(state: DesignState) -> str:
    """Return the next node: weigh the coverage again after answers, else plan."""
    return "coverage_check" if state["questions"] else "planner"


def _ask(state: DesignState, questions: tuple[Question, ...]) -> tuple[Constraints, Mapping[str, object]]:
    """Ask until the answers can be used; the graph replays earlier answers of this step by their order."""
    constraints, fault = from_state(Constraints, state["constraints"]), None
    while True:
        answers: Mapping[str, object] = interrupt(_question(state, questions, fault)) or {}
        try:
            return apply_answers(constraints, questions, answers), answers
        except InvalidAnswerError as error:
            fault = str(error)


def _question(state: DesignState, questions: tuple[Question, ...], fault: str | None) -> dict[str, Any]:
    defaults = {one.field: to_state(one.default) for one in questions if one.default is not None}
    return {
        "kind": "questions",
        "question": "Some things that decide the design are not known yet.",
        "fault": fault,
        "coverage": state["coverage"]["score"],
        "questions": [
            {
                "field": one.field,
                "text": one.text,
                "kind": str(one.kind),
                "options": to_state(one.options),
                "default": to_state(one.default),
                "why": one.why,
                "unit": one.unit,
            }
            for one in questions
        ],
        "response_schema": {
            "type": "object",
            "properties": {one.field: one.schema() for one in questions},
            "additionalProperties": False,
        },
        "defaults": defaults,
        "rejection": {},
    }


def _least_sure(facts: tuple[Fact, ...]) -> float:
    return min((fact.confidence for fact in facts), default=0.0)
