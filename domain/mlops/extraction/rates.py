"""Read how much comes in: rates, users and their uses, devices and their intervals."""

import re
from collections.abc import Iterator

from domain.mlops.extraction.evidence import Evidence, derived, stated
from domain.mlops.extraction.nouns import BATCH_WORDS, DOCUMENTS, MEDIA, NOT_COUNTED, REQUESTS, ROWS
from domain.mlops.money import CURRENCY_WORDS
from domain.mlops.numbers import Quantity
from domain.mlops.reading import Reading

SECONDS = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 2.628e6,
    "year": 3.1536e7,
}
OFFICE_SECONDS_A_DAY = 28_800.0
PEAK_OVER_AVERAGE = 3.0
MOST_RPS = 1e6
OFFICE_PEAK_OVER_AVERAGE = 2.0

_PERIODS = {
    "second": r"s|secs?|seconds?",
    "minute": r"min|mins|minutes?",
    "hour": r"h|hrs?|hours?",
    "day": r"d|days?",
    "week": r"wk|weeks?",
    "month": r"mo|months?",
    "year": r"yr|years?",
}
_PERIOD_WORDS = "|".join(_PERIODS.values())
_ABBREVIATED = re.compile(r"\+?\s?-?(?P<unit>(?:rps|qps|tps|eps)(?=\W|$)|reqs?/s(?:ec)?(?!\w))")
_RATE = re.compile(
    rf"\+?\s?(?P<noun>[a-z][a-z-]{{0,24}}(?:\s[a-z][a-z-]{{0,24}}){{0,3}}?)?\s{{0,2}}"
    rf"(?:(?:/|\bper\b|\ban?\b|\beach\b|\bevery\b)\s?(?P<period>{_PERIOD_WORDS})|(?P<adverb>daily|hourly|weekly"
    rf"|monthly))(?!\w)"
)
_ADVERBS = {"daily": "day", "hourly": "hour", "weekly": "week", "monthly": "month"}
_AVERAGE = re.compile(
    r"\b(?:average|avg|averages|sustained|mean|steady|typical(?:ly)?|baseline|normal(?:ly)?|usually)\b"
)
_PEAK = re.compile(r"\b(?:peaks?|peaking|spikes?|spiking|bursts?|bursting|busiest|rush)\b")
OFFICE_HOURS = re.compile(
    r"\b(?:office hours|business hours|working hours|work hours|employees|staff|colleagues|9 ?(?:-|to) ?5)\b"
)

_USERS = re.compile(
    r"\s(?:\w+\s){0,2}?(?P<noun>users|staff|employees|colleagues|agents|doctors|clinicians|students|people|lawyers"
    r"|nurses|analysts"
    r"|technicians|visitors|dau|mau)\b"
)
_USES = re.compile(
    r"\s(?P<noun>[a-z-]{3,20})\s(?:(?:each|apiece)(?:\s(?:a|per)\s(?P<day1>day|hour|week))|(?:a|per)\s(?:user"
    r"|person|head|employee|agent|customer|"
    r"student|doctor)s?(?:\s(?:a|per|each|every)\s(?P<day2>day|hour|week)|\s(?P<daily>daily))|(?:a"
    r"|per)\s(?P<day3>day|hour|week)\seach)"
)
_DEVICES = re.compile(
    r"\s(?:[a-z-]+\s){0,2}?(?P<noun>devices|sensors|cameras|machines|vehicles|trucks|gateways|robots|meters"
    r"|turbines|phones|tablets|kiosks|drones"
    r"|pumps|wearables|terminals)\b"
)
_INTERVAL = re.compile(
    r"\b(?:every|each|once (?:a|per|every))\s(?P<count>\d{1,6}(?:\.\d{1,3})?)?\s?-?(?P<period>"
    + _PERIOD_WORDS
    + r")(?!\w)"
)


def _period(word: str) -> str:
    return next(name for name, pattern in _PERIODS.items() if re.fullmatch(pattern, word))


def is_money(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a currency stands beside the number."""
    symbols = "|".join(re.escape(word) for word in sorted(CURRENCY_WORDS, key=len, reverse=True))
    after = reading.after(quantity.end, 10)
    before = reading.masked[max(0, quantity.start - 6) : quantity.start]
    return bool(
        re.match(rf"\s?(?:{symbols})(?!\w)", after) or re.search(rf"(?:^|\W)(?:{symbols})\s?$|[$€£₹¥]\s?$", before)
    )


def read_rates(reading: Reading) -> Iterator[Evidence]:
    """Yield request rates a second from "N a period"; "peak" and "average" in the segment name them."""
    for quantity in reading.stated_numbers():
        if is_money(reading, quantity):
            continue
        after = reading.after(quantity.end, 90)
        short = _ABBREVIATED.match(after)
        if short:
            yield from _rate(reading, quantity, quantity.end + short.end(), "second")
            continue
        match = _RATE.match(after)
        if match is None:
            continue
        noun = (match.group("noun") or "").strip()
        period = _ADVERBS[match.group("adverb")] if match.group("adverb") else _period(match.group("period"))
        if _counts(noun, period, bool(match.group("adverb"))) and not _is_run(reading, quantity, noun, period):
            yield from _rate(reading, quantity, quantity.end + match.end(), period)


def _is_run(reading: Reading, quantity: Quantity, noun: str, period: str) -> bool:
    """Tell whether the clause speaks of the rows of a run rather than of calls."""
    if period in ("second", "minute") or BATCH_WORDS.search(reading.clause_text(quantity.start)) is None:
        return False
    return any(kind.fullmatch(word) for word in noun.split() for kind in (ROWS, DOCUMENTS, MEDIA))


def _counts(noun: str, period: str, adverb: bool) -> bool:
    words = noun.split()
    if not words:
        return period in ("second", "minute") and not adverb
    if any(NOT_COUNTED.fullmatch(word) for word in words):
        return False
    asked = any(REQUESTS.fullmatch(word) for word in words)
    media = any(MEDIA.fullmatch(word) for word in words)
    return (asked or media) if adverb or period in ("week", "month", "year") else True


def _rate(reading: Reading, quantity: Quantity, end: int, period: str) -> Iterator[Evidence]:
    per_second = quantity.value / SECONDS[period]
    if per_second > MOST_RPS:
        return
    near = reading.segment_text(quantity.start)
    start, confidence = quantity.start, quantity.confidence
    if period in ("second", "minute", "hour"):
        name = "avg_rps" if _AVERAGE.search(near) and not _named_peak(reading, quantity, near) else "peak_rps"
        yield stated(reading, name, round(per_second, 4), start, end, unit="1/s", confidence=confidence)
        return
    daily = round(per_second * SECONDS["day"], 2)
    yield stated(reading, "items_per_day", daily, start, end, unit="1/day", confidence=confidence)
    yield from _spread(reading, daily, start, end, office=period == "day" and _office_hours(reading))


def _spread(reading: Reading, daily: float, start: int, end: int, *, office: bool) -> Iterator[Evidence]:
    """Yield the average and the peak a second of a day's load: over 24 hours, or over eight in office hours."""
    average = daily / (OFFICE_SECONDS_A_DAY if office else SECONDS["day"])
    factor = OFFICE_PEAK_OVER_AVERAGE if office else PEAK_OVER_AVERAGE
    yield derived(reading, "avg_rps", round(average, 6), start, end, unit="1/s")
    yield derived(reading, "peak_rps", round(factor * average, 6), start, end, unit="1/s")


def _office_hours(reading: Reading) -> bool:
    return OFFICE_HOURS.search(reading.text) is not None


def _named_peak(reading: Reading, quantity: Quantity, near: str) -> bool:
    """Tell whether "peak" stands nearer to the number than "average" does, where a segment names both."""
    if not _PEAK.search(near):
        return False
    segment = reading.segment_at(quantity.start)
    place = quantity.start - segment.start
    peak = min(abs(match.start() - place) for match in _PEAK.finditer(near))
    return peak < min(abs(match.start() - place) for match in _AVERAGE.finditer(near))


def read_users(reading: Reading) -> Iterator[Evidence]:
    """Yield the users and, where it is said how often each asks, the load that follows."""
    users: Quantity | None = None
    for quantity in reading.stated_numbers():
        after = reading.after(quantity.end, 60)
        match = _USERS.match(after)
        if match and not re.search(r"\bteam of\W*$", reading.before(quantity.start, 12)):
            noun = match.group("noun")
            if noun != "people" or re.search(
                r"\b(?:used by|for|serves?|serving)\W*$", reading.before(quantity.start, 14)
            ):
                users = users or quantity
                yield stated(reading, "users", int(quantity.value), quantity.start, quantity.end + match.end())
        uses = _USES.match(after)
        if uses and users is not None:
            yield from _uses(reading, users, quantity, uses)


def _uses(reading: Reading, users: Quantity, quantity: Quantity, uses: "re.Match[str]") -> Iterator[Evidence]:
    period = uses.group("day1") or uses.group("day2") or uses.group("day3") or "day"
    daily = round(users.value * quantity.value * SECONDS["day"] / SECONDS[period], 2)
    if daily > MOST_RPS * SECONDS["day"]:
        return
    start, end = min(users.start, quantity.start), quantity.end + uses.end()
    yield derived(reading, "items_per_day", daily, start, end, unit="1/day")
    yield from _spread(reading, daily, start, end, office=period == "day" and _office_hours(reading))


def read_devices(reading: Reading) -> Iterator[Evidence]:
    """Yield the number of devices and, where they report at an interval, the rate that follows."""
    for quantity in reading.stated_numbers():
        match = _DEVICES.match(reading.after(quantity.end, 60))
        if match is None or quantity.value < 1:
            continue
        end = quantity.end + match.end()
        yield stated(reading, "devices", int(quantity.value), quantity.start, end)
        interval = _INTERVAL.search(reading.after(end, 80))
        if interval is not None:
            seconds = float(interval.group("count") or 1) * SECONDS[_period(interval.group("period"))]
            if 0 < seconds <= 86_400:
                rate = round(quantity.value / seconds, 4)
                stop = end + interval.end()
                yield derived(reading, "peak_rps", rate, quantity.start, stop, unit="1/s")
                yield derived(reading, "avg_rps", rate, quantity.start, stop, unit="1/s")
