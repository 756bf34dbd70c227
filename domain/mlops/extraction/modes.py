"""Read when a prediction is needed: the serving modes, the main one first."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from domain.mlops.extraction.batches import is_retrain
from domain.mlops.extraction.evidence import Evidence, stated
from domain.mlops.facts import Fact, Provenance
from domain.mlops.reading import Reading

_MODE_WORDS: tuple[tuple[str, str], ...] = (
    (
        "edge",
        r"\bon[- ]device\b|\bon the (?:device|phone|camera|edge|machine|robot)s?\b|\bat the edge\b|\bedge (?:device"
        r"|inference|ai|box|deploy\w*|computing)\w*"
        r"|\bon edge\b|\boften offline\b|\boffline (?:site|store|plant|ship)s?\b|no connectivity"
        r"|intermittent connect\w+|\bjetson\b|raspberry pi|\bembedded device",
    ),
    (
        "train_only",
        r"\b(?:training|train) only\b|\bonly (?:the )?training\b|\bonly train\b|just (?:the )?training\b|no serving\b",
    ),
    (
        "stream",
        r"\bkafka\b|\bkinesis\b|\bclickstream\w*|\bstreaming\b|\bstream of\b|\bevent stream\w*|\bevent hubs?\b"
        r"|\bpub/?sub\b|\bflink\b|\bsensors?\b|\btelemetry\b"
        r"|\bmqtt\b|\bstream process\w+|\bin[- ]stream\b|\bdata streams?\b",
    ),
    ("batch", r"\bbatch(?:es)?\b|\bnightly\b|\bovernight\b|\boffline scoring\b|\bin bulk\b|\bbulk scoring\b"),
    (
        "async",
        r"\basync\w*\b|\bresults? later\b|\bcall ?back\b|\b(?:notif\w+|e-?mail\w*"
        r"|alert\w*) (?:\w+ ){0,3}when (?:done|ready|finished)|\bjob queue\b|\bin the background\b"
        r"|\bqueued jobs?\b|\bfetch\w* (?:the results? )?later\b",
    ),
    (
        "online",
        r"(?<!party )(?<!external )(?<!vendor )(?<!model )(?<!hosted )\bapis?\b(?! keys?)|\bendpoints?\b"
        r"|\bonline\b(?! (?:shop|store|retail\w*|bank\w*|"
        r"learning|marketplace|travel|fashion|game|gaming|grocer\w*|course\w*|news\w*|business\w*|platform))"
        r"|\busers? waits?\b|\bwaiting user|\bsynchronous\w*|\binteractive\w*"
        r"|\bat checkout\b|\bchat ?bot\b|\bwhile (?:the )?(?:user|customer|caller)s? waits?\b|\bas an api\b",
    ),
)
_REAL_TIME = (
    r"\b(?:near[- ]?)?real[- ]?time\b|\binstant(?:ly|aneous)?\b|\blive (?:predictions?|scoring|scores?|inference)\b"
)
_IMMEDIATE_USES = frozenset({"fraud", "pricing", "personalisation"})
_ASYNC_FROM_MS = 10_000.0


def read_modes(reading: Reading) -> list[Evidence]:
    """Return the modes the brief names in words, in order of mention; a training cadence is none of them."""
    found = [
        stated(reading, mode, mode, *match.span())
        for mode, pattern in _MODE_WORDS
        for match in reading.find(pattern)
        if not (mode == "batch" and is_retrain(reading, *match.span()))
    ]
    return sorted(found, key=lambda each: each.start)


def _ordered(named: list[Evidence]) -> list[str]:
    modes = list(dict.fromkeys(each.name for each in named))
    for main in ("train_only", "edge"):
        if main in modes:
            return [main, *(mode for mode in modes if mode != main and not (main == "edge" and mode == "stream"))]
    return modes


def serving_of(reading: Reading, facts: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield the serving modes from the words, else from the load, latency and task that are known.

    "Real-time" alone means online, unless a stream or device was named; beside a nightly run it is a contradiction,
    kept as the alternative of the fact.
    """
    named = read_modes(reading)
    modes = _ordered(named)
    source = _source(reading, named[0].start, named[0].end, Provenance.STATED) if named else None
    real_time = reading.first(_REAL_TIME)
    contradiction: tuple[Any, ...] = ()
    calls = "peak_rps" in facts or "avg_rps" in facts
    if "run_cadence" in facts and "batch" not in modes:
        modes = [*modes, "batch"]
        source = source or evolve(facts["run_cadence"], name="serving")
    if real_time is not None and not {"stream", "edge", "online"} & set(modes):
        if modes == ["batch"] and not calls and "latency_ms" not in facts:
            contradiction = (["online"],)
        else:
            modes = ["online", *modes]
            source = _source(reading, *real_time.span(), Provenance.STATED)
    if not contradiction and not {"online", "stream", "async", "edge", "train_only"} & set(modes):
        implied = _implied(facts)
        if implied is not None and implied[0] not in modes:
            modes = [implied[0], *modes]
            source = source or evolve(implied[1], name="serving", how=Provenance.DERIVED)
    if source is not None:
        modes = _with_stream(modes, facts, immediate=real_time is not None or calls)
        yield evolve(source, value=modes, unit=None, alternatives=contradiction)


def _source(reading: Reading, start: int, end: int, how: Provenance) -> Fact:
    span = reading.origin(start, end)
    return Fact("serving", None, how, span=span, quote=reading.brief[span[0] : span[1]])


def _implied(facts: Mapping[str, Fact]) -> tuple[str, Fact] | None:
    """Return the mode that the numbers imply where no word names one, and the fact it follows from."""
    latency, stat = facts.get("latency_ms"), facts.get("latency_stat")
    if latency is not None and latency.value is not None and (stat is None or stat.value != "deadline"):
        return ("async" if latency.value >= _ASYNC_FROM_MS else "online"), latency
    load, task = facts.get("peak_rps") or facts.get("avg_rps"), facts.get("task")
    if load is not None:
        return ("async" if task is not None and task.value == "speech" else "online"), load
    series = facts.get("series")
    if series is not None and "run_cadence" not in facts:
        return "batch", series
    if task is not None and task.value == "forecasting" and "run_cadence" not in facts:
        return "batch", task
    return None


def _with_stream(modes: list[str], facts: Mapping[str, Fact], *, immediate: bool) -> list[str]:
    """Return the modes with those that a decision on an event in flight needs: online and stream."""
    uses = {facts[name].value for name in ("use_case", "task") if name in facts}
    if not uses & _IMMEDIATE_USES or modes[0] not in ("online", "stream") or not immediate:
        return modes
    return list(dict.fromkeys(("online", "stream", *modes)))
