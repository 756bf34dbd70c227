"""Read how fast an answer must come, and the other times a brief names: recovery, freshness, retention."""

import re
from collections.abc import Iterator

from domain.mlops.extraction.evidence import Evidence, stated
from domain.mlops.numbers import Bound, Quantity
from domain.mlops.reading import Reading

_MILLISECONDS: tuple[tuple[str, float], ...] = (
    (r"ms|msec|millis|milliseconds?", 1.0),
    (r"s|sec|secs|seconds?", 1e3),
    (r"min|mins|minutes?", 6e4),
    (r"h|hr|hrs|hours?", 3.6e6),
    (r"days?", 8.64e7),
    (r"months?", 8.64e7 * 30.4),
    (r"years?", 8.64e7 * 365),
)
_UNIT = re.compile(r"\s?-?(?P<unit>" + "|".join(pattern for pattern, _ in _MILLISECONDS) + r")(?!\w)")
_MOST_MS = 8.64e7

_OTHER_FIELD = re.compile(
    r"\b(?:every|refresh\w*|rto|rpo|recover\w*|restor\w*|fresh\w*|stale\w*|older|retention|retain\w*|keep|kept"
    r"|stored|delet\w+|window|interval|"
    r"time-?outs?|lookback|history|histor\w+|last|past|sessions?|cold starts?|outages?|downtime|train\w*|sampl\w+"
    r"|horizon|ahead|old|long|per|for|once)\b"
    r"[^,;]{0,24}$"
)
_OTHER_AFTER = re.compile(
    r"\s?-?(?:old\b|ahead\b|horizon\b|windows?\b|(?:audio|video|clips?|recordings?|calls?|of (?:audio|video|data"
    r"|history|speech|downtime))\b"
    r"|downtime\b|retention\b|intervals?\b|a (?:day|week|month|year)\b|per (?:day|week|month|year)\b|cold start)"
)
_SPEED = re.compile(
    r"\b(?:p\d{2}(?:\.\d)?|latenc\w+|respon\w+|answers?|within|under|below|in|less than|sub|max|at most|median"
    r"|percentile|first token|ttft|deadline|"
    r"done|finish\w*|ready|results?|turnaround|return\w*|faster than|no (?:more|longer|later) than|reply|replies"
    r"|decision|inference|prediction)\b|<|≤"
)
_STATS: tuple[tuple[str, str], ...] = (
    ("ttft", r"\bttft\b|(?:time to )?first token"),
    ("p99", r"\bp99(?:\.\d{1,2})?\b|\b99(?:\.\d)?(?:th)? percentile"),
    ("p95", r"\bp9[05]\b|\b9[05](?:th)? percentile|\b9[05]th\b"),
    ("deadline", r"\b(?:deadline|finish\w*|done|complet\w+|turnaround|ready by)\b"),
    (
        "max",
        r"\b(?:worst[- ]case|always|hard limit|never (?:more|longer|slower)|each|every one|maximum latency"
        r"|max latency)\b",
    ),
    ("p50", r"\bp50\b|\bmedian\b|\baverage\b|\bavg\b|\bmean\b"),
)
_STRICTNESS = {"p99": 5, "max": 4, "p95": 3, "ttft": 2, "p50": 1, "deadline": 0}
_END_TO_END = re.compile(r"\bend[- ]to[- ]end\b|\be2e\b|\bround[- ]trip\b")
_NONE = (
    r"\bno (?:hard |strict |real |particular )?latency(?: requirements?| limits?| constraints?| needs?| targets?)?"
    r"|latency (?:is |does )?(?:not|n't|isn't|doesn't)"
    r" (?:matter|important|critical|an issue|a concern)|latency (?:isn't|doesn't) (?:matter|important|critical"
    r"|an issue|a concern)"
)


def milliseconds(reading: Reading, quantity: Quantity) -> tuple[float, int] | None:
    """Return the duration a number stands for in milliseconds and where it ends, or None without a unit of time."""
    match = _UNIT.match(reading.after(quantity.end, 16))
    if match is None or (quantity.end != quantity.plain_end and quantity.value >= 1e5):
        return None
    factor = next(factor for pattern, factor in _MILLISECONDS if re.fullmatch(pattern, match.group("unit")))
    return quantity.value * factor, quantity.end + match.end()


def read_latency(reading: Reading) -> Iterator[Evidence]:
    """Yield the latency limit, a range's upper end, and its statistic; the strictest statistic counts."""
    found: list[tuple[int, Evidence, Evidence]] = []
    for quantity in reading.stated_numbers():
        duration = milliseconds(reading, quantity)
        if duration is None or not 1 <= duration[0] <= _MOST_MS or quantity.bound is Bound.LOWER:
            continue
        value, end = duration
        if not _is_latency(reading, quantity, value, end):
            continue
        stat = _stat(reading, quantity)
        segment = reading.segment_text(quantity.start)
        unit = "ms end to end" if _END_TO_END.search(segment) else "ms"
        value = round(value, 3)
        found.append(
            (
                _STRICTNESS[stat],
                stated(reading, "latency_ms", value, quantity.start, end, unit=unit),
                stated(reading, "latency_stat", stat, quantity.start, end),
            )
        )
    strictest = max((rank for rank, _, _ in found), default=0)
    for rank, latency, stat_evidence in found:
        if rank == strictest:
            yield latency
            yield stat_evidence
    if not found:
        for match in re.finditer(_NONE, reading.text):
            yield stated(reading, "latency_ms", None, *match.span())


def _is_latency(reading: Reading, quantity: Quantity, value: float, end: int) -> bool:
    segment = reading.segment_at(quantity.start)
    before = reading.masked[segment.start : quantity.start]
    after = reading.masked[end : segment.end]
    if _OTHER_FIELD.search(before) or _OTHER_AFTER.match(after):
        return False
    if value < 1e3 and reading.masked[quantity.end : end].strip(" -").startswith("m"):
        return True
    named = bool(
        _SPEED.search(before)
        or re.match(r"\s?(?:latency|response|p\d\d|deadline|max|turnaround|sla|each|or (?:less|faster))\b", after)
    )
    alone = len((before + after).split()) <= 1
    return named or (alone and value < 6e4 * 60)


def _stat(reading: Reading, quantity: Quantity) -> str:
    segment = reading.segment_at(quantity.start)
    near = reading.masked[segment.start : segment.end]
    place = quantity.start - segment.start
    named = [
        (abs(match.start() - place), order, name)
        for order, (name, pattern) in enumerate(_STATS)
        for match in re.finditer(pattern, near)
    ]
    return min(named)[2] if named else "p95"


_RECOVERY = (
    (
        "rto_min",
        re.compile(
            r"\brto\b|\brecover\w* (?:within|in|time)|\bback (?:up )?(?:within|in)\b|\brestor\w+ (?:within|in)\b"
        ),
    ),
    ("rpo_min", re.compile(r"\brpo\b|\b(?:lose|loss of)\b[^,;]{0,20}\b(?:at most|more than|data)\b|data loss")),
)
_FRESH = re.compile(r"\b(?:fresh\w*|stale\w*|older than|up[- ]to[- ]date)\b")
_RETAIN = re.compile(r"\b(?:retention|retain\w*|keep|kept|stored? for|delet\w+ after|archiv\w+ for)\b")
_MINUTES_SHORT = re.compile(r"m(?!\w)")


def read_other_times(reading: Reading) -> Iterator[Evidence]:
    """Yield recovery time and point in minutes, freshness in seconds and retention in days."""
    for quantity in reading.stated_numbers():
        before = reading.before(quantity.start, 40)
        segment = reading.segment_text(quantity.start)
        duration = milliseconds(reading, quantity)
        named = [(match.end(), name) for name, pattern in _RECOVERY for match in pattern.finditer(before)]
        if named:
            if duration is None and _MINUTES_SHORT.match(reading.masked[quantity.plain_end :][:2]):
                duration = (quantity.plain * 6e4, quantity.plain_end + 1)
            if duration is not None:
                yield stated(
                    reading, max(named)[1], round(duration[0] / 6e4, 3), quantity.start, duration[1], unit="min"
                )
        elif duration is not None and _RETAIN.search(segment) and duration[0] >= 8.64e7:
            yield stated(
                reading, "retention_days", round(duration[0] / 8.64e7), quantity.start, duration[1], unit="days"
            )
        elif duration is not None and _FRESH.search(segment):
            yield stated(reading, "freshness_s", duration[0] / 1e3, quantity.start, duration[1], unit="s")
