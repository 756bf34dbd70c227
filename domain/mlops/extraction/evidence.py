"""What a rule read in the brief, and how the readings of one field become one fact."""

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from domain.mlops.facts import Fact, Provenance
from domain.mlops.reading import Reading, Standing

LISTS = frozenset(
    {
        "serving",
        "cloud_avoid",
        "regions",
        "data_kinds",
        "compliance",
        "skills",
        "deploy_want",
        "deploy_avoid",
        "countries",
    }
)
"""Fields whose readings add up instead of competing."""


@frozen
class Evidence:
    """One reading: the value of a field and the place in ``Reading.text`` it was read at."""

    name: str
    value: Any
    start: int
    end: int
    standing: Standing = Standing.PLAIN
    how: Provenance = Provenance.STATED
    unit: str | None = None
    confidence: float = 1.0


def stated(
    reading: Reading, name: str, value: Any, start: int, end: int, *, unit: str | None = None, confidence: float = 1.0
) -> Evidence:
    """Return the evidence that the brief says so between two places."""
    return Evidence(name, value, start, end, reading.standing(start), Provenance.STATED, unit, confidence)


def derived(
    reading: Reading, name: str, value: Any, start: int, end: int, *, unit: str | None = None, confidence: float = 1.0
) -> Evidence:
    """Return the evidence that follows from what the brief says between two places."""
    return Evidence(name, value, start, end, reading.standing(start), Provenance.DERIVED, unit, confidence)


def _fact(
    reading: Reading, evidence: Evidence, value: Any, how: Provenance, alternatives: tuple[Any, ...] = ()
) -> Fact:
    span = reading.origin(evidence.start, evidence.end)
    return Fact(
        name=evidence.name,
        value=value,
        how=how,
        unit=evidence.unit,
        span=span,
        quote=reading.brief[span[0] : span[1]],
        confidence=evidence.confidence,
        alternatives=alternatives,
    )


def _joined(reading: Reading, found: list[Evidence]) -> Fact:
    values = list(dict.fromkeys(item for evidence in found for item in evidence.value))
    best = min(found, key=lambda each: (each.how is not Provenance.STATED, each.start))
    return _fact(reading, best, values, best.how)


def _chosen(reading: Reading, found: list[Evidence]) -> Fact:
    """Prefer what is stated over what is derived, then corrections, targets, plain and current statements."""
    rank = [each for each in found if each.how is Provenance.STATED] or found
    rank = [each for each in rank if each.confidence >= 0.5] or rank
    highest = max(each.standing for each in rank)
    top = [each for each in rank if each.standing is highest]
    if highest is Standing.TARGET:
        top = [each for each in rank if each.standing in (Standing.PLAIN, Standing.TARGET)]
    if highest is Standing.CORRECTION:
        top = top[-1:]
    values = [each.value for each in top]
    others = tuple(dict.fromkeys(_key(value) for value in values if value != values[0]))
    alternatives = tuple(next(value for value in values if _key(value) == key) for key in others)
    return _fact(reading, top[0], values[0], top[0].how, () if top[0].how is Provenance.DERIVED else alternatives)


def _key(value: Any) -> str:
    return repr(value)


def resolve(reading: Reading, evidence: Iterable[Evidence]) -> dict[str, Fact]:
    """Return one fact a field; different values that nothing ranks stay on the fact as its alternatives."""
    fields: dict[str, list[Evidence]] = {}
    for each in evidence:
        fields.setdefault(each.name, []).append(each)
    facts: dict[str, Fact] = {}
    for name, found in fields.items():
        ordered = sorted(found, key=lambda each: each.start)
        facts[name] = (_joined if name in LISTS else _chosen)(reading, ordered)
    return facts
