"""Currencies, what they are worth in US dollars, and how periods of payment become months."""

from collections.abc import Mapping

AS_OF = "2026-01"

USD_PER_UNIT: Mapping[str, float] = {
    "USD": 1.0,
    "EUR": 1.15,
    "GBP": 1.33,
    "CHF": 1.24,
    "INR": 0.0115,
    "JPY": 0.0066,
    "CAD": 0.72,
    "AUD": 0.66,
    "SGD": 0.77,
    "BRL": 0.18,
    "PLN": 0.27,
    "SEK": 0.105,
}

MONTHLY: Mapping[str, float] = {"month": 1.0, "year": 1 / 12, "quarter": 1 / 3, "week": 4.35, "day": 30.4}

CURRENCY_WORDS: Mapping[str, str] = {
    "us$": "USD",
    "ca$": "CAD",
    "c$": "CAD",
    "au$": "AUD",
    "a$": "AUD",
    "s$": "SGD",
    "r$": "BRL",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "¥": "JPY",
    "zł": "PLN",
    "usd": "USD",
    "dollars": "USD",
    "dollar": "USD",
    "bucks": "USD",
    "eur": "EUR",
    "euros": "EUR",
    "euro": "EUR",
    "gbp": "GBP",
    "pounds": "GBP",
    "chf": "CHF",
    "francs": "CHF",
    "sfr": "CHF",
    "inr": "INR",
    "rupees": "INR",
    "rs.": "INR",
    "rs": "INR",
    "jpy": "JPY",
    "yen": "JPY",
    "cad": "CAD",
    "aud": "AUD",
    "sgd": "SGD",
    "brl": "BRL",
    "reais": "BRL",
    "pln": "PLN",
    "zloty": "PLN",
    "sek": "SEK",
    "kr": "SEK",
    "kronor": "SEK",
}

DOT_GROUPING = frozenset({"EUR", "CHF", "PLN", "SEK", "BRL"})


def usd_a_month(amount: float, currency: str, period: str) -> float:
    """Return the amount paid once a ``period`` (month, year, quarter, week, day) in US dollars a month, to the cent."""
    return round(amount * USD_PER_UNIT[currency] * MONTHLY[period], 2)
