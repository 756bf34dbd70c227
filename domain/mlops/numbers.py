"""Find the numbers of a text: grouped digits, suffixes, lakh and crore, number words, ranges and comparators."""

import re
from collections.abc import Mapping
from enum import StrEnum

from attrs import evolve, frozen

from domain.mlops.money import CURRENCY_WORDS, DOT_GROUPING

_CURRENCY = "|".join(re.escape(word) for word in sorted(CURRENCY_WORDS, key=len, reverse=True))

MULTIPLIERS: Mapping[str, float] = {
    "k": 1e3,
    "thousand": 1e3,
    "hundred": 1e2,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "mil": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "lakh": 1e5,
    "lakhs": 1e5,
    "lac": 1e5,
    "lacs": 1e5,
    "crore": 1e7,
    "crores": 1e7,
    "cr": 1e7,
}
_ONES = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS: Mapping[str, float] = {
    **{word: float(value) for value, word in enumerate(_ONES)},
    **{word: 20.0 + 10 * place for place, word in enumerate(_TENS)},
}
_VAGUE: Mapping[str, float] = {"couple": 2.0, "few": 3.0, "dozen": 12.0}
_VAGUE_CONFIDENCE = 0.4

_DIGITS = re.compile(
    r"(?:(?<![\w.])|(?<=eur)|(?<=usd)|(?<=chf)|(?<=gbp)|(?<=inr))(?<!\d[,'\u2019])(?:(?<![a-z]-)|(?<=sub-)|(?<=\d[km]-))"
    r"(?P<digits>\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?(?![\d,])"
    r"|\d{1,2}(?:,\d{2}){1,4},\d{3}(?![\d,])"
    r"|\d{1,3}(?:[ '\u2019]\d{3}){1,5}(?:\.\d{1,6})?(?!\d)"
    r"|\d{1,3}(?:\.\d{3}){1,5}(?:,\d{1,2})?(?!\d)"
    r"|\d{1,18},\d{1,2}(?!\d)"
    r"|\d{1,18}(?:\.\d{1,9})?(?:e\d{1,2}(?!\w))?)(?!\d)"
    r"(?P<suffix>(?:k|m|b)(?!\w)|\s?(?:mn|mio|mil|millions?|bn|billion|lakhs?|lacs?|crores?|cr|thousand"
    r"|hundred)(?!\w))?"
)
_WORD = "|".join((*_ONES[1:], *_TENS))
_SCALE = r"(?:hundred|thousand|million|billion|lakh|crore)s?"
_NUMBER_WORDS = re.compile(
    rf"(?<![\w-])(?:(?P<half>half an?)(?:[ ](?P<halved>{_SCALE})|(?=[ ](?:second|minute|hour)))"
    rf"|(?:a )?(?P<vague>couple|few|dozen)(?: of)?(?:[ ](?P<vague_scale>{_SCALE}))?"
    rf"|(?P<lead>(?:{_WORD})(?:[ -](?:{_WORD}))?|an?(?=[ ]{_SCALE}))(?P<scales>(?:[ ]{_SCALE}){{0,2}}))(?!\w)"
)
_RANGE = re.compile(rf"\s?(?P<unit>[a-z%/]{{0,8}})\s?(?P<joint>-|\u2013|\u2014|to)\s?(?:{_CURRENCY})?\s?")
_BETWEEN = re.compile(r"between\s(?:\W|usd|eur|chf|gbp){0,4}$")
_AND = re.compile(rf"\s?(?P<unit>[a-z%/]{{0,8}})\s?(?P<joint>and)\s?(?:{_CURRENCY})?\s?")
_LEAD_IN = rf"(?:\s(?:is|of|at|to|:|=|the)){{0,2}}[\s:=]{{0,3}}(?:{_CURRENCY})?\s?$"
_NO_LESS = re.compile(r"\b(?:no|not) (?:less|fewer) than" + _LEAD_IN)
_UPPER = re.compile(
    r"(?:\b(?:under|below|less than|fewer than|lower than|faster than|cheaper than|up to|at most|max|maximum|max\."
    r"|no more than|"
    r"not more than|no later than|no longer than|no slower than|within|inside|caps?|capped|limit|limited|ceiling"
    r"|exceed|"
    r"exceeding|upper bound|sub|not over|not above|never over|never above)|<=?|≤)-?" + _LEAD_IN
)
_LOWER = re.compile(
    r"(?:\b(?:at least|more than|over|above|min|minimum|no less than|not less than|upwards)|>=?|≥)" + _LEAD_IN
)
_ABOUT = re.compile(
    r"(?:\b(?:about|around|roughly|approx|approx\.|approximately|circa|ca|ca\.|some|nearly|almost|target|targeting"
    r"|aim|aiming for|"
    r"ideally|goal)|~|≈)" + _LEAD_IN
)


class Bound(StrEnum):
    """Which side of its number a statement leaves open."""

    NONE = "none"
    UPPER = "upper"
    LOWER = "lower"
    ABOUT = "about"


@frozen
class Quantity:
    """A number of the text.

    ``value`` is the number, the upper one of a range whose lower end is ``low``; ``start`` and ``end`` cover it with
    its suffix; ``plain`` is the number before the suffix, which ends at ``plain_end``.
    """

    value: float
    start: int
    end: int
    plain: float
    plain_end: int
    low: float | None = None
    bound: Bound = Bound.NONE
    confidence: float = 1.0


def _parse_digits(digits: str, text: str, start: int, end: int) -> float:
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", digits) and (
        digits.count(".") > 1 or _dot_groups(text, start, end)
    ):
        return float(digits.replace(".", "").replace(",", "."))
    if re.fullmatch(r"\d+,\d{1,2}", digits):
        return float(digits.replace(",", "."))
    value = float(re.sub(r"[,'\u2019 ]", "", digits).replace("e", "E"))
    return min(value, 1e18)


def _dot_groups(text: str, start: int, end: int) -> bool:
    """Tell whether a currency that groups thousands with dots stands beside the number."""
    before = re.search(rf"({_CURRENCY})\s?$", text[max(0, start - 8) : start])
    after = re.match(rf"\s?({_CURRENCY})(?!\w)", text[end : end + 9])
    return any(found is not None and CURRENCY_WORDS[found.group(1)] in DOT_GROUPING for found in (before, after))


def _digit_quantities(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for match in _DIGITS.finditer(text):
        plain_end = match.end("digits")
        plain = _parse_digits(match.group("digits"), text, match.start(), plain_end)
        factor = MULTIPLIERS[match.group("suffix").strip()] if match.group("suffix") else 1.0
        found.append(Quantity(plain * factor, match.start(), match.end(), plain, plain_end))
    return found


def _scale(words: str | None) -> float:
    factor = 1.0
    for word in (words or "").split():
        factor *= MULTIPLIERS[word if word in MULTIPLIERS else word.rstrip("s")]
    return factor


def _word_quantities(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for match in _NUMBER_WORDS.finditer(text):
        confidence = 1.0
        if match.group("half"):
            value = 0.5 * _scale(match.group("halved"))
        elif match.group("vague"):
            word = match.group("vague")
            value = _VAGUE[word] * _scale(match.group("vague_scale"))
            confidence = 1.0 if word == "dozen" else _VAGUE_CONFIDENCE
        else:
            lead = match.group("lead")
            spoken = 1.0 if lead in ("a", "an") else sum(_WORDS[word] for word in re.split(r"[ -]", lead))
            value = spoken * _scale(match.group("scales"))
        found.append(Quantity(value, match.start(), match.end(), value, match.end(), confidence=confidence))
    return found


def _joined(text: str, low: Quantity, high: Quantity) -> Quantity | None:
    """Return the range from one quantity to the next, or None where they do not form one."""
    between = text[low.end : high.start]
    if len(between) > 20:
        return None
    opened = _BETWEEN.search(text, max(0, low.start - 16), low.start)
    joint = _RANGE.fullmatch(between) or (_AND.fullmatch(between) if opened else None)
    if joint is None or (joint.group("unit") and joint.group("joint") not in ("to", "and")):
        return None
    factor = high.value / high.plain if high.plain else 1.0
    scaled = low.value * factor if low.value == low.plain and low.plain <= high.plain else low.value
    if text[max(0, low.start - 5) : low.start].strip() == "from" and joint.group("joint") == "to":
        return evolve(high, start=low.start)
    return evolve(high, low=scaled, start=low.start) if scaled < high.value else None


def _bound(text: str, start: int) -> Bound:
    head = text[max(0, start - 32) : start]
    for pattern, bound in (
        (_NO_LESS, Bound.LOWER),
        (_UPPER, Bound.UPPER),
        (_LOWER, Bound.LOWER),
        (_ABOUT, Bound.ABOUT),
    ):
        if pattern.search(head):
            return bound
    return Bound.NONE


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a lower-case text in order; a range counts as one."""
    digits = _digit_quantities(text)
    taken = {place for quantity in digits for place in range(quantity.start, quantity.end)}
    words = [quantity for quantity in _word_quantities(text) if quantity.start not in taken]
    merged: list[Quantity] = []
    for quantity in sorted((*digits, *words), key=lambda each: each.start):
        joined = _joined(text, merged[-1], quantity) if merged else None
        if joined is not None:
            merged[-1] = joined
        else:
            merged.append(quantity)
    return tuple(evolve(quantity, bound=_bound(text, quantity.start)) for quantity in merged)


def parse_number(text: str) -> float | None:
    """Return the one number a short answer such as ``2k`` or ``$1,500 a month`` holds, or None."""
    found = quantities(text.strip().lower()[:200])
    return found[0].value if len(found) == 1 else None
