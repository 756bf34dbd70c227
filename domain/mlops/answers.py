"""Take answers into constraints: each is checked, none is guessed."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from domain.mlops.data_kinds import class_of
from domain.mlops.errors import InvalidAnswerError
from domain.mlops.extraction import extract
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.lexicon import TASK_WORDS
from domain.mlops.numbers import parse_number
from domain.mlops.question import MAX_TEXT, Question, QuestionKind
from domain.mlops.regimes import countries_of, regimes_following

ANYWHERE = "anywhere"
STRICTLY = " strictly"
NO_REGIME = "none"
_TRUE = frozenset({"yes", "y", "true"})
_FALSE = frozenset({"no", "n", "false"})
_TASKS = tuple(task for task, _ in TASK_WORDS)


def _listed(question: Question) -> str:
    return ", ".join(str(option) for option in question.options)


def _option(question: Question, value: object) -> str:
    wanted = value.strip().lower() if isinstance(value, str) else None
    for option in question.options:
        if wanted is not None and str(option).lower() == wanted:
            return str(option)
    raise InvalidAnswerError(question.field, value, f"it must be one of {_listed(question)}")


def _options(question: Question, value: object) -> list[str]:
    items = [item for item in value.split(",") if item.strip()] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise InvalidAnswerError(question.field, value, f"it must be a list of {_listed(question)}")
    chosen = list(dict.fromkeys(_option(question, item) for item in items))
    if not chosen and question.sets == "compliance":
        return [NO_REGIME]
    if not chosen or (NO_REGIME in chosen and len(chosen) > 1):
        raise InvalidAnswerError(question.field, value, f'it must name what applies, or "{NO_REGIME}" alone')
    return chosen


def _number(question: Question, value: object) -> float:
    number = parse_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InvalidAnswerError(question.field, value, "it must be one number")
    try:
        number = float(number)
    except OverflowError:
        number = float("inf")
    low, high = question.minimum, question.maximum
    if not isfinite(number) or (low is not None and number < low) or (high is not None and number > high):
        raise InvalidAnswerError(question.field, value, f"it must lie between {low:g} and {high:g}")
    return number


def _boolean(question: Question, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise InvalidAnswerError(question.field, value, "it must be yes or no")


def _text(question: Question, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise InvalidAnswerError(question.field, value, f"it must be a text of at most {MAX_TEXT} characters")
    return value.strip()


_READERS: Mapping[QuestionKind, Callable[[Question, object], Any]] = {
    QuestionKind.CHOICE: _option,
    QuestionKind.MULTI_CHOICE: _options,
    QuestionKind.NUMERIC: _number,
    QuestionKind.BOOLEAN: _boolean,
    QuestionKind.TEXT: _text,
}


def _answered(question: Question, value: Any) -> Fact:
    return Fact(question.sets, value, Provenance.ANSWERED, unit=question.unit)


def _task(question: Question, answer: str) -> tuple[Fact, ...]:
    task = answer.lower() if answer.lower() in _TASKS else extract(answer).value("task")
    if task is None:
        raise InvalidAnswerError(question.field, answer, f"it must describe one of {', '.join(_TASKS)}")
    return (_answered(question, task),)


def _residency(question: Question, answer: str) -> tuple[Fact, ...]:
    strict = answer.endswith(STRICTLY)
    code = answer.removesuffix(STRICTLY)
    return (_answered(question, {"codes": [] if code == ANYWHERE else [code], "strict": strict}),)


def _data(question: Question, answer: list[str]) -> tuple[Fact, ...]:
    return (_answered(question, answer), Fact("data_class", class_of(answer), Provenance.ANSWERED))


def _budget(question: Question, answer: float) -> tuple[Fact, ...]:
    return (
        _answered(question, {"target": None, "cap": answer, "amount": answer, "currency": "USD", "period": "month"}),
    )


def _load(question: Question, answer: float) -> tuple[Fact, ...]:
    whole = question.sets in ("rows_per_run", "series", "devices")
    return (_answered(question, int(answer) if whole else answer),)


_FACTS: Mapping[str, Callable[[Question, Any], tuple[Fact, ...]]] = {
    "task": _task,
    "serving": lambda question, answer: (_answered(question, [answer]),),
    "load": _load,
    "latency": lambda question, answer: (_answered(question, answer), Fact("latency_stat", "p95", Provenance.ANSWERED)),
    "budget": _budget,
    "residency": _residency,
    "data": _data,
    "compliance": lambda question, answer: (_answered(question, [] if answer == [NO_REGIME] else answer),),
    "impact": lambda question, answer: (_answered(question, "automated_significant" if answer else "assistive"),),
}


def _with_regimes(constraints: Constraints) -> Constraints:
    """Add the regimes that follow once the data or the place was answered; what was said of regimes stays."""
    known = constraints.get("compliance")
    if known is not None and known.how not in (Provenance.DERIVED, Provenance.ASSUMED):
        return constraints
    regimes = list(regimes_following(constraints.value("data_kinds") or (), countries_of(constraints)))
    return constraints.having(Fact("compliance", regimes, Provenance.DERIVED)) if regimes else constraints


def apply_answers(
    constraints: Constraints, questions: Sequence[Question], answers: Mapping[str, object]
) -> Constraints:
    """Return the constraints with the answers as facts, keyed by the questions' fields.

    A question without an answer changes nothing. Numbers may be written as in a brief ("2k"), lists with commas.

    Raises:
        InvalidAnswerError: an answer is of the wrong type, out of range or not among the options, or to no question.
    """
    by_field = {question.field: question for question in questions}
    for field in answers:
        if field not in by_field:
            raise InvalidAnswerError(field, answers[field], f"the questions are {', '.join(by_field) or 'none'}")
    for field, question in by_field.items():
        if field not in answers:
            continue
        answer = _READERS[question.kind](question, answers[field])
        if question.settles:
            way = next(option for option in question.settles if option.label == answer)
            constraints = way.apply(constraints)
            continue
        facts = _FACTS[field](question, answer) if field in _FACTS else (_answered(question, answer),)
        constraints = constraints.having(*facts)
    return _with_regimes(constraints)
