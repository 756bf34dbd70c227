"""Read what the data holds, how much of it there is, and which regimes are named."""

import re
from collections.abc import Iterator

from domain.mlops.data_kinds import HINTED_WORDS, PUBLIC_WORDS, STATED_WORDS, SYNTHETIC_WORDS, UNSURE_WORDS
from domain.mlops.extraction.evidence import Evidence, derived, stated
from domain.mlops.lexicon import COMPLIANCE_WORDS
from domain.mlops.numbers import Quantity
from domain.mlops.reading import Reading

_NONE_WORDS = (
    r"\bpii\b|personal(?:ly identif\w+)?(?: data| information|ly)?\b|\bsensitive (?:data|information)\b|personal"
    r"|confidential data"
)
_UNREGULATED = (
    r"\bno (?:compliance|regulat\w+|regulatory)(?: requirements?| regimes?| constraints?| needs?)?\b|\b(?:not"
    r"|un)[- ]?regulated\b"
)

_GIGABYTES = {"kb": 1e-6, "mb": 1e-3, "gb": 1.0, "tb": 1e3, "pb": 1e6, "kib": 1e-6, "mib": 1e-3, "gib": 1.0, "tib": 1e3}
_VOLUME = re.compile(
    r"\s?-?(?P<unit>[kmgtp]i?b)(?P<rate>\s?(?:/|per|a|each|every)\s?(?:day|d)\b|\s?daily\b|\sa night\b)?(?!\w)"
)
_HARDWARE = re.compile(r"\b(?:ram|memory|vram|gpus?|vcpus?|cpu|disk|instance|card|machine|laptop)\b")
_TOKENS = re.compile(
    r"\s?(?P<side1>input |prompt |output |completion |generated )?tokens\b(?:\s(?P<side2>in|out|input|output))?"
)


def read_data(reading: Reading) -> Iterator[Evidence]:
    """Yield the kinds of data; "no PII" is the kind ``none``, which stays beside personal kinds as a contradiction."""
    if re.search(UNSURE_WORDS, reading.text):
        return
    for match in reading.find(_NONE_WORDS, negated=True):
        yield stated(reading, "data_kinds", ["none"], *match.span())
    for words in (PUBLIC_WORDS, SYNTHETIC_WORDS):
        for match in reading.find(words):
            yield stated(reading, "data_kinds", ["none"], *match.span())
            yield derived(reading, "data_class", "public" if words == PUBLIC_WORDS else "internal", *match.span())
    for kind, pattern in STATED_WORDS.items():
        for match in reading.find(pattern):
            yield stated(reading, "data_kinds", [kind], *match.span())
    for kind, pattern in HINTED_WORDS.items():
        for match in reading.find(pattern):
            yield derived(reading, "data_kinds", [kind], *match.span())


def settled_data(found: list[Evidence]) -> list[Evidence]:
    """Drop mere hints where the brief says outright that nothing personal is held."""
    kinds = [each for each in found if each.name == "data_kinds"]
    if not any(each.value == ["none"] for each in kinds):
        return found
    return [each for each in found if each.name != "data_kinds" or each.how == "stated"]


def read_compliance(reading: Reading) -> Iterator[Evidence]:
    """Yield the regimes named; "no compliance requirements" states that there are none."""
    for regime, pattern in COMPLIANCE_WORDS:
        for match in reading.find(pattern):
            yield stated(reading, "compliance", [regime], *match.span())
    for match in re.finditer(_UNREGULATED, reading.text):
        yield stated(reading, "compliance", [], *match.span())


def read_volume(reading: Reading) -> Iterator[Evidence]:
    """Yield gigabytes of data, gigabytes a day and the kilobytes of one item; hardware sizes are none of them."""
    for quantity in reading.stated_numbers():
        match = _VOLUME.match(reading.after(quantity.end, 24))
        if match is None or _is_hardware(reading, quantity, quantity.end + match.end()):
            continue
        unit = match.group("unit")
        size = quantity.value * _GIGABYTES[unit]
        end = quantity.end + match.end()
        if match.group("rate"):
            yield stated(reading, "data_gb_day", round(size, 6), quantity.start, end, unit="GB/day")
        elif unit[0] in "km":
            yield stated(reading, "payload_kb", round(size * 1e6, 3), quantity.start, end, unit="KB")
        else:
            yield stated(reading, "data_gb", round(size, 3), quantity.start, end, unit="GB")


def _is_hardware(reading: Reading, quantity: Quantity, end: int) -> bool:
    near = reading.before(quantity.start, 16) + " " + reading.after(end, 16)
    return _HARDWARE.search(near) is not None


def read_tokens(reading: Reading) -> Iterator[Evidence]:
    """Yield the tokens of a prompt and of an answer."""
    for quantity in reading.stated_numbers():
        match = _TOKENS.match(reading.after(quantity.end, 40))
        if match is None:
            continue
        side = (match.group("side1") or match.group("side2") or "").strip()
        if side in ("input", "prompt", "in"):
            yield stated(reading, "tokens_in", int(quantity.value), quantity.start, quantity.end + match.end())
        elif side in ("output", "completion", "generated", "out"):
            yield stated(reading, "tokens_out", int(quantity.value), quantity.start, quantity.end + match.end())
