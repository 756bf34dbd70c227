"""A brief made ready for the extraction rules: lower case, spelt right, names masked, clauses marked."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

from attrs import frozen

from domain.mlops.clauses import Segment, Span, left_spans, negated_spans, segments
from domain.mlops.injection import injected_spans
from domain.mlops.lexicon import NAMES_WITH_NUMBERS
from domain.mlops.numbers import Quantity, quantities
from domain.mlops.redaction import MAX_BRIEF
from domain.mlops.regions import CLOUD_OF_REGION
from domain.mlops.spelling import Spelling, spelt

_REGION_NAMES = "|".join(sorted(CLOUD_OF_REGION, key=lambda name: (-len(name), name)))
_MASKED = re.compile("|".join((*NAMES_WITH_NUMBERS, rf"\b(?:{_REGION_NAMES})\b", r"\[redacted:\w+\]")))
_QUOTES = {0x2019: "'", 0x2018: "'", 0xA0: " ", 0x202F: " ", 0x09: " "}


MOST_NUMBERS = 500
"""Numbers that are read of one brief."""


class Standing(IntEnum):
    """How much a statement weighs against another on the same field: the later in this order wins."""

    CURRENT = 0
    PLAIN = 1
    TARGET = 2
    CORRECTION = 3


@frozen
class Reading:
    """A brief as the rules see it.

    ``text`` is what they match, ``masked`` the same with the digits of product names covered, and both have the same
    length; places in them map to the brief through ``spelling``. Sentences aimed at the assistant are blank in both.
    """

    brief: str
    text: str
    masked: str
    spelling: Spelling
    segments: tuple[Segment, ...]
    negated: tuple[Span, ...]
    left: tuple[Span, ...]
    numbers: tuple[Quantity, ...]
    injected: bool
    starts: tuple[int, ...]

    def segment_at(self, place: int) -> Segment:
        """Return the segment around a place."""
        index = bisect_right(self.starts, place) - 1
        return self.segments[max(index, 0)]

    def segment_text(self, place: int) -> str:
        """Return the masked text of the segment around a place."""
        segment = self.segment_at(place)
        return self.masked[segment.start : segment.end]

    def clause_text(self, place: int) -> str:
        """Return the masked text of the clause around a place."""
        start, end = self.segment_at(place).clause
        return self.masked[start:end]

    def before(self, place: int, width: int) -> str:
        """Return up to ``width`` characters of the clause that end at a place."""
        start = self.segment_at(place).clause[0]
        return self.masked[max(start, place - width) : place]

    def after(self, place: int, width: int) -> str:
        """Return up to ``width`` characters of the clause from a place on."""
        end = self.segment_at(max(0, place - 1)).clause[1]
        return self.masked[place : min(end, place + width)] if place <= end else ""

    def is_negated(self, place: int) -> bool:
        """Tell whether a negation reaches the place."""
        return _within(self.negated, place)

    def is_left(self, place: int) -> bool:
        """Tell whether the place is in what the brief says is being left."""
        return _within(self.left, place)

    def standing(self, place: int) -> Standing:
        """Return how much a statement at the place weighs."""
        segment = self.segment_at(place)
        if segment.correction:
            return Standing.CORRECTION
        if segment.target:
            return Standing.TARGET
        return Standing.CURRENT if segment.current else Standing.PLAIN

    def find(self, pattern: str, *, hedged: bool = False, negated: bool = False) -> Iterator["re.Match[str]"]:
        """Yield the matches that state something: not hedged unless asked, negated only when asked."""
        for match in _compiled(pattern).finditer(self.text):
            if not match.group() or (self.segment_at(match.start()).hedged and not hedged):
                continue
            if self.is_negated(match.start()) is negated:
                yield match

    def first(self, pattern: str) -> "re.Match[str] | None":
        """Return the first match that states something, or None."""
        return next(self.find(pattern), None)

    def stated_numbers(self) -> Iterator[Quantity]:
        """Yield the numbers that state something: not hedged, negated, merely preferred or left behind."""
        for quantity in self.numbers:
            segment = self.segment_at(quantity.start)
            optional = segment.hedged or (segment.preferred and "not required" in self.clause_and_next(quantity.start))
            if not (optional or self.is_negated(quantity.start) or self.is_left(quantity.start)):
                yield quantity

    def clause_and_next(self, place: int) -> str:
        """Return the clause around a place and 40 characters more, where "but not required" may follow."""
        start, end = self.segment_at(place).clause
        return self.text[start : end + 40]

    def origin(self, start: int, end: int) -> Span:
        """Return the range of the brief that stands behind a range of ``text``."""
        first, last = self.spelling.origin(start), self.spelling.origin(max(start, end - 1)) + 1
        return first, max(first, min(last, len(self.brief)))


def _within(spans: tuple[Span, ...], place: int) -> bool:
    index = bisect_right(spans, (place, MAX_BRIEF * 2)) - 1
    return index >= 0 and spans[index][0] <= place < spans[index][1]


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern)


def _lower(text: str) -> str:
    """Lower a text without changing its length, so that places stay places."""
    lowered = text.translate(_QUOTES).lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text.translate(_QUOTES))


def _blank(text: str, spans: tuple[Span, ...], fill: str) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        pieces += (text[done:start], "".join(char if char == "\n" else fill for char in text[start:end]))
        done = end
    return "".join(pieces) + text[done:]


def read(brief: str) -> Reading:
    """Make a brief ready for the rules; what lies past 20,000 characters is not read."""
    head = brief[:MAX_BRIEF]
    injected = injected_spans(head)
    spelling = spelt(_blank(_lower(head), injected, " "))
    text = spelling.text
    masked = _blank(text, tuple(match.span() for match in _MASKED.finditer(text)), "~")
    parts = segments(text) or (Segment(0, len(text), (0, len(text))),)
    return Reading(
        brief=brief,
        text=text,
        masked=masked,
        spelling=spelling,
        segments=parts,
        negated=negated_spans(text),
        left=left_spans(text),
        numbers=quantities(masked)[:MOST_NUMBERS],
        injected=bool(injected),
        starts=tuple(part.start for part in parts),
    )
