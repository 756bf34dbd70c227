"""Read what the system may cost a month."""

import re
from collections.abc import Iterator
from typing import Any

from domain.mlops.extraction.evidence import Evidence, derived, stated
from domain.mlops.money import CURRENCY_WORDS, MONTHLY, USD_PER_UNIT
from domain.mlops.numbers import Bound, Quantity
from domain.mlops.reading import Reading, Standing

_CURRENCY = "|".join(re.escape(word) for word in sorted(CURRENCY_WORDS, key=len, reverse=True))
_BEFORE = re.compile(rf"(?<![a-z])(?P<currency>{_CURRENCY})\s?$")
_AFTER = re.compile(rf"\s?(?P<currency>{_CURRENCY})(?![\w$])")
_PERIODS: tuple[tuple[str, str], ...] = (
    (
        "month",
        r"/\s?(?:mo|month|mth)s?\b|\b(?:a|per|pro|each|every|im) mon(?:th|at)\b|\bmonthly\b|\bpcm\b|\bp\.m\.|\bpm\b",
    ),
    ("year", r"/\s?(?:y|yr|year)\b|\b(?:a|per|each|every) year\b|\bannual(?:ly)?\b|\byearly\b|\bper annum\b|\bp\.a\."),
    ("quarter", r"/\s?quarter\b|\b(?:a|per|each|every) quarter\b|\bquarterly\b"),
    ("week", r"/\s?(?:wk|week)\b|\b(?:a|per|each|every) week\b|\bweekly\b"),
    ("day", r"/\s?day\b|\b(?:a|per|each|every) day\b|\bdaily\b"),
)
_UNIT_PRICE = re.compile(
    r"\s?(?:/|per|a|an|for each)\s?(?:1k|1,000|1000|thousand|million|1m)?\s?(?:requests?|predictions?|calls?"
    r"|quer(?:y|ies)|inferences?|transactions?|hours?|"
    r"users?|gb|tokens?|images?|documents?|seats?|h)\b"
)
_TOTAL = re.compile(r"\b(?:total|in all|overall|one-?off|altogether|upfront)\b")
_BUDGET = re.compile(
    r"\b(?:budget\w*|cost\w*|spend\w*|afford|bill|opex|ceiling|cap|capped|run(?:ning)? costs?|pay|all[- ]in"
    r"|infrastructure|infra|cheaper than)\b"
)
_NOT_A_BUDGET = re.compile(
    r"\b(?:revenue|sales|turnover|fines?|worth|loans?|mortgages?|baskets?|purchases?|raised|saves?|savings?"
    r"|loss(?:es)?|gmv|deposits?|salar\w+|"
    r"transactions? (?:of|over|above|under|below)|orders? (?:of|over|above)|claims? (?:of|over|above|under|below)"
    r"|payments? (?:of|over|above)|income|"
    r"price of|ticket|earn\w*|funding|valuation|invoices? (?:of|over))\b"
)
_CAP_AFTER = re.compile(r"\s*(?:max\b|maximum\b|or less\b|tops\b|at most\b|cap\b|limit\b|ceiling\b|hard)")
_CAP_BEFORE = re.compile(r"\b(?:hard )?(?:cap|ceiling|limit|maximum|max)\b[^,;]{0,12}$")
_TARGET_BEFORE = re.compile(
    r"\b(?:target|goal|aim\w*|ideally|about|around|roughly|approximately|some|approx\.?|circa|ca\.?|nearly"
    r"|almost)\b[^,;]{0,12}$|[~≈]\s?\W?$"
)


def currency_of(reading: Reading, quantity: Quantity) -> tuple[str, int, int] | None:
    """Return the currency beside a number with the place where the amount starts and ends, or None."""
    head = reading.masked[max(0, quantity.start - 6) : quantity.start]
    before = _BEFORE.search(head)
    if before:
        return CURRENCY_WORDS[before.group("currency")], quantity.start - len(head) + before.start(), quantity.end
    after = _AFTER.match(reading.after(quantity.end, 10))
    return (CURRENCY_WORDS[after.group("currency")], quantity.start, quantity.end + after.end()) if after else None


def _period(reading: Reading, start: int, end: int) -> tuple[str | None, int]:
    """Return the period an amount is paid in and where it is named, looking behind the amount first."""
    after = reading.after(end, 36)
    found = [(m.start(), m.end(), name) for name, pattern in _PERIODS for m in [re.search(pattern, after)] if m]
    nearest = min(found) if found else None
    if nearest and (nearest[0] <= 3 or not re.search(r"[;,]|\d", after[: nearest[0]])):
        return nearest[2], end + nearest[1]
    if _TOTAL.search(after) or _TOTAL.search(reading.before(start, 30)):
        return None, end
    before = reading.before(start, 40)
    named = [(m.start(), name) for name, pattern in _PERIODS for m in re.finditer(pattern, before)]
    if named and _BUDGET.search(before):
        return max(named)[1], end
    return None, end


def _value(quantity: Quantity, currency: str, period: str | None, *, target: bool) -> dict[str, Any]:
    factor = USD_PER_UNIT[currency] * MONTHLY[period] if period else None
    high = None if factor is None else round(quantity.value * factor, 2)
    low = None if factor is None or quantity.low is None else round(quantity.low * factor, 2)
    return {
        "target": high if target else low,
        "cap": None if target else high,
        "amount": quantity.value,
        "currency": currency,
        "period": period,
    }


def _is_target(reading: Reading, quantity: Quantity, start: int, end: int) -> bool:
    before = reading.before(start, 28)
    if quantity.low is not None or _CAP_AFTER.match(reading.after(end, 14)) or _CAP_BEFORE.search(before):
        return False
    return quantity.bound is Bound.ABOUT or bool(_TARGET_BEFORE.search(before))


def read_budget(reading: Reading) -> Iterator[Evidence]:
    """Yield the monthly budget: "about" makes a target, anything else a cap, a range both.

    An amount without a period, or a total, keeps its native amount with neither target nor cap.
    """
    found: list[Evidence] = []
    for quantity in reading.stated_numbers():
        money = currency_of(reading, quantity)
        if money is None or quantity.bound is Bound.LOWER or quantity.value <= 0:
            continue
        currency, start, end = money
        segment = reading.segment_text(quantity.start)
        if _UNIT_PRICE.match(reading.after(end, 40)) or _NOT_A_BUDGET.search(segment):
            continue
        period, stop = _period(reading, start, end)
        value = _value(quantity, currency, period, target=_is_target(reading, quantity, start, end))
        if (value["cap"] or value["target"] or 0) > 1e8:
            continue
        found.append(
            stated(reading, "budget_usd_month", value, start, stop, unit="USD/month", confidence=quantity.confidence)
        )
    found = [each for each in found if each.value["period"]] or found
    yield from _with_target_and_cap_joined(found)


def _with_target_and_cap_joined(found: list[Evidence]) -> Iterator[Evidence]:
    """Make one reading of a target and a cap that are stated apart."""
    plain = [each for each in found if each.standing is not Standing.CURRENT] or found
    targets = [each for each in plain if each.value["cap"] is None and each.value["target"] is not None]
    caps = [each for each in plain if each.value["cap"] is not None]
    if len(targets) == 1 and len(caps) == 1 and targets[0].value["target"] <= caps[0].value["cap"]:
        target, cap = targets[0], caps[0]
        value = {**cap.value, "target": target.value["target"]}
        yield Evidence(cap.name, value, cap.start, cap.end, cap.standing, cap.how, cap.unit, cap.confidence)
        return
    yield from found


def read_unit_price(reading: Reading, avg_rps: float | None) -> Iterator[Evidence]:
    """Yield the budget that follows from a price a request, where the average load is known."""
    if avg_rps is None:
        return
    for quantity in reading.stated_numbers():
        money = currency_of(reading, quantity)
        if money is None:
            continue
        currency, start, end = money
        match = re.match(
            r"\s?(?:/|per|a)\s?(?P<many>1k|1,000|1000|thousand|million|1m)?\s?(?:requests?|predictions?|calls?"
            r"|quer(?:y|ies)|inferences?)\b",
            reading.after(end, 40),
        )
        if match is None:
            continue
        many = {"million": 1e6, "1m": 1e6}.get(match.group("many") or "", 1e3 if match.group("many") else 1.0)
        cap = round(quantity.value * USD_PER_UNIT[currency] * avg_rps * 2.628e6 / many, 2)
        value = {"target": None, "cap": cap, "amount": quantity.value, "currency": currency, "period": "month"}
        yield derived(reading, "budget_usd_month", value, start, end + match.end(), unit="USD/month")
