"""Choose what to ask next: at most four questions, open conflicts first, then what weighs most."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.mlops.answers import ANYWHERE, NO_REGIME, STRICTLY, apply_answers
from domain.mlops.conflict import Conflict
from domain.mlops.coverage import WEIGHTS, best_of, is_applicable
from domain.mlops.data_kinds import DATA_KINDS
from domain.mlops.defaults import (
    assume_defaults,
    decides_about_people,
    default_availability,
    default_cloud,
    default_kinds,
    default_latency,
    default_load,
    default_regimes,
    default_residency,
    default_serving,
    default_task,
)
from domain.mlops.facts import Constraints, Provenance
from domain.mlops.lexicon import COMPLIANCE_WORDS, TASK_WORDS
from domain.mlops.question import Question, QuestionKind

__all__ = ["Question", "QuestionKind", "apply_answers", "assume_defaults", "next_questions"]

MOST_A_ROUND = 4
BUDGET_BANDS = (100.0, 500.0, 2_000.0, 10_000.0)
_MODES = ("online", "batch", "stream", "async", "edge", "train_only")
_CLOUDS = ("aws", "gcp", "azure", "onprem", "any")
_PLACES = ("EU", "US", "UK", "CH", "IN", "JP", "SG", "AU", "CA", "BR")
_LOAD_TEXTS: Mapping[str, tuple[str, str]] = {
    "peak_rps": ("How many predictions a second are needed at the busiest moment?", "1/s"),
    "rows_per_run": ("How many rows does one run score?", "rows"),
    "series": ("How many series are forecast in one run?", "series"),
    "devices": ("On how many devices does it run?", "devices"),
}


def _serving(constraints: Constraints, _: float | None) -> Question:
    return Question(
        "serving",
        "serving",
        "When is a prediction needed: at once (online), in scheduled runs (batch), on events (stream), later "
        "(async), on a device"
        " (edge), or is only training needed?",
        QuestionKind.CHOICE,
        _MODES,
        default_serving(constraints),
        "It decides the pattern of the system.",
    )


def _load(constraints: Constraints, _: float | None) -> Question:
    name, value = default_load(constraints)
    text, unit = _LOAD_TEXTS[name]
    low, high = (0.0001, 1e6) if name == "peak_rps" else (1.0, 1e12)
    return Question("load", name, text, QuestionKind.NUMERIC, (), value, "It decides the sizes.", unit, low, high)


def _budget(_: Constraints, band_usd: float | None) -> Question:
    default = next((band for band in BUDGET_BANDS if band_usd is not None and band > band_usd), None)
    if default is None:
        default = 2_000.0 if band_usd is None else float(-(-band_usd * 1.2 // 1000) * 1000)
    return Question(
        "budget",
        "budget_usd_month",
        "What is the monthly ceiling in US dollars?",
        QuestionKind.NUMERIC,
        BUDGET_BANDS,
        default,
        "It decides the tier: how much redundancy, monitoring and separation the system can have.",
        "USD/month",
        1.0,
        1e8,
    )


def _data(constraints: Constraints, _: float | None) -> Question:
    return Question(
        "data",
        "data_kinds",
        "What does the data hold?",
        QuestionKind.MULTI_CHOICE,
        DATA_KINDS,
        default_kinds(constraints),
        "It decides the controls and the regimes.",
    )


def _cloud(constraints: Constraints, _: float | None) -> Question:
    avoided = set(constraints.value("cloud_avoid") or ())
    return Question(
        "cloud",
        "cloud",
        "Where may it run?",
        QuestionKind.CHOICE,
        tuple(cloud for cloud in _CLOUDS if cloud not in avoided),
        default_cloud(constraints),
        "It decides the services and their prices.",
    )


def _latency(constraints: Constraints, _: float | None) -> Question:
    return Question(
        "latency",
        "latency_ms",
        "What is the slowest acceptable answer (p95, in milliseconds)?",
        QuestionKind.NUMERIC,
        (50.0, 200.0, 1_000.0, 5_000.0, 300_000.0),
        default_latency(constraints),
        "It rules out patterns that cannot be that fast.",
        "ms",
        1.0,
        8.64e7,
    )


def _residency(constraints: Constraints, _: float | None) -> Question:
    codes = default_residency(constraints)["codes"]
    places = tuple(dict.fromkeys((*codes, *_PLACES)))
    options = (ANYWHERE, *(option for place in places for option in (place, place + STRICTLY)))
    return Question(
        "residency",
        "residency",
        "Must the data stay somewhere?",
        QuestionKind.CHOICE,
        options,
        codes[0] if codes else ANYWHERE,
        "It decides the regions.",
    )


def _task(constraints: Constraints, _: float | None) -> Question:
    return Question(
        "task",
        "task",
        "What should come out of the system?",
        QuestionKind.TEXT,
        tuple(task for task, _ in TASK_WORDS),
        default_task(constraints),
        "It decides the model and its metric.",
    )


def _compliance(constraints: Constraints, _: float | None) -> Question:
    return Question(
        "compliance",
        "compliance",
        "Which regimes apply?",
        QuestionKind.MULTI_CHOICE,
        (NO_REGIME, *(regime for regime, _ in COMPLIANCE_WORDS)),
        default_regimes(constraints) or [NO_REGIME],
        "It decides the audit trail and the evidence.",
    )


def _availability(constraints: Constraints, _: float | None) -> Question:
    return Question(
        "availability",
        "availability_pct",
        "How available must it be? A month, 99 % allows 7 h of downtime, 99.9 % 43 min, 99.95 % 22 min, 99.99 % 4 min.",
        QuestionKind.NUMERIC,
        (99.0, 99.5, 99.9, 99.95, 99.99),
        default_availability(constraints),
        "It decides the number of replicas.",
        "%",
        90.0,
        99.999,
    )


def _impact(constraints: Constraints, _: float | None) -> Question:
    return Question(
        "impact",
        "impact",
        "Does it decide about people alone, without a person in between?",
        QuestionKind.BOOLEAN,
        (),
        decides_about_people(constraints),
        "It decides the human oversight.",
    )


_ASK: Mapping[str, Callable[[Constraints, float | None], Question]] = {
    "serving": _serving,
    "load": _load,
    "budget": _budget,
    "data": _data,
    "cloud": _cloud,
    "latency": _latency,
    "residency": _residency,
    "task": _task,
    "compliance": _compliance,
    "availability": _availability,
    "impact": _impact,
}


def _of_conflict(conflict: Conflict) -> Question:
    labels: tuple[Any, ...] = tuple(option.label for option in conflict.options)
    return Question(
        conflict.key,
        conflict.fields[0],
        f"{conflict.message} Which may give?",
        QuestionKind.CHOICE,
        labels,
        conflict.relaxation.label,
        "Nothing satisfies all of it.",
        settles=conflict.options,
    )


def _is_open(field: str, constraints: Constraints) -> bool:
    """Tell whether a field is worth asking: it applies and nothing but an assumption is known of it."""
    if not is_applicable(field, constraints):
        return False
    if field == "impact" and not _may_touch_people(constraints):
        return False
    return best_of(field, constraints) in (None, Provenance.ASSUMED)


def _may_touch_people(constraints: Constraints) -> bool:
    return decides_about_people(constraints) or constraints.value("data_class") in ("personal", "special")


def next_questions(
    constraints: Constraints,
    conflicts: Sequence[Conflict],
    *,
    asked: frozenset[str] = frozenset(),
    band_usd: float | None = None,
) -> tuple[Question, ...]:
    """Return the next round: at most four questions, conflicts first, then the fields of the greatest weight.

    Nothing stated, answered, derived or inapplicable is asked, nor any field in ``asked``. ``band_usd`` is the price of
    the cheapest plan a month, above which the budget's default lies.
    """
    settling = [_of_conflict(conflict) for conflict in conflicts]
    fields = sorted((field for field in _ASK if _is_open(field, constraints)), key=lambda field: -WEIGHTS[field])
    open_questions = [*settling, *(_ASK[field](constraints, band_usd) for field in fields)]
    fresh = [question for question in open_questions if question.field not in asked]
    return tuple(fresh[:MOST_A_ROUND])
