"""Numbers of a brief: grouping, suffixes, words, ranges and comparators."""

import pytest

from domain.mlops.numbers import Bound, parse_number, quantities


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200 rps", 1200),
        ("1 200 rows", 1200),
        ("1'200 rows", 1200),
        ("1\u2019200 rows", 1200),
        ("1.200 eur", 1200),
        ("€1.200,50", 1200.5),
        ("1.200 ms", 1.2),
        ("0,5 s", 0.5),
        ("1.200.000 rows", 1_200_000),
        ("1,20,000 rows", 120_000),
        ("2k", 2000),
        ("1.5m events", 1_500_000),
        ("3 mio rows", 3_000_000),
        ("2 bn rows", 2_000_000_000),
        ("5 lakh", 500_000),
        ("2 crore", 20_000_000),
        ("1e6 rows", 1_000_000),
        ("twenty-five thousand", 25_000),
        ("two hundred thousand", 200_000),
        ("half a million", 500_000),
        ("half a second", 0.5),
        ("a dozen", 12),
        ("eur500", 500),
        ("sub-100ms", 100),
    ],
)
def test_a_number_is_read_as_written(text: str, value: float) -> None:
    assert [quantity.value for quantity in quantities(text)] == [pytest.approx(value)]


@pytest.mark.parametrize("text", ["p95", "covid-19", "utf8", "1" * 30, "no number at all", ""])
def test_digits_inside_words_are_no_numbers(text: str) -> None:
    assert quantities(text) == ()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("100-200 ms", 100, 200),
        ("100 to 200 ms", 100, 200),
        ("100 ms to 200 ms", 100, 200),
        ("between $2k and $3k", 2000, 3000),
        ("3-5k", 3000, 5000),
        ("1k-2k usd", 1000, 2000),
        ("$1,000 to $1,500", 1000, 1500),
    ],
)
def test_a_range_has_both_ends(text: str, low: float, high: float) -> None:
    (quantity,) = quantities(text)
    assert (quantity.low, quantity.value) == (low, high)


def test_from_x_to_y_is_y_alone() -> None:
    (quantity,) = quantities("from 100 to 500 rps")
    assert (quantity.low, quantity.value) == (None, 500)


def test_a_dash_between_two_statements_makes_no_range() -> None:
    assert [quantity.value for quantity in quantities("120 ms - 2,000 rps")] == [120, 2000]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("under 80 ms", Bound.UPPER),
        ("at most $500", Bound.UPPER),
        ("no more than 200 ms", Bound.UPPER),
        ("< 50 ms", Bound.UPPER),
        ("max 300 eur", Bound.UPPER),
        ("about $4k", Bound.ABOUT),
        ("~ 20 gb", Bound.ABOUT),
        ("at least 50 rps", Bound.LOWER),
        ("no less than 50 rps", Bound.LOWER),
        ("80 ms", Bound.NONE),
    ],
)
def test_a_comparator_is_kept(text: str, bound: Bound) -> None:
    assert quantities(text)[0].bound is bound


def test_vague_words_are_unsure() -> None:
    couple, few = quantities("a couple of engineers and a few models")
    assert (couple.value, few.value) == (2, 3)
    assert couple.confidence == few.confidence == 0.4


@pytest.mark.parametrize(("text", "value"), [("2k", 2000), ("$1,500 a month", 1500), ("lots", None), ("1 or 2", None)])
def test_a_short_answer_holds_one_number_or_none(text: str, value: float | None) -> None:
    assert parse_number(text) == value
