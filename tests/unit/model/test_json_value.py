"""JSON at the edge: what is refused, and what a value becomes."""

import json
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.errors import InvalidValueError
from domain.model.json_value import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS,
    canonical_json,
    checked_json,
    checked_object,
    checked_text,
    parse_json,
)

STORABLE_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | STORABLE_TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE_TEXT, inner, max_size=4)
)


class _Colour(StrEnum):
    RED = "red"


class _Level(IntEnum):
    HIGH = 3


def _nested(depth: int, open_: str = "[", close: str = "]", innermost: str = "1") -> str:
    return open_ * depth + innermost + close * depth


@given(VALUES)
def test_checking_a_value_again_changes_nothing(value: Any) -> None:
    checked = checked_json("value", value)
    assert checked_json("value", checked) == checked
    assert canonical_json(checked_json("value", checked)) == canonical_json(checked)


@given(VALUES)
def test_a_checked_value_survives_being_written_and_read(value: Any) -> None:
    checked = checked_json("value", value)
    assert parse_json("value", canonical_json(checked)) == checked
    assert checked == value


def test_a_checked_value_is_a_copy_of_plain_types() -> None:
    original = {"list": [1], "pair": (1, (2,)), "colour": _Colour.RED, "level": _Level.HIGH}
    checked = checked_json("value", original)
    original["list"].append(2)  # type: ignore[attr-defined]  # the values' types are mixed
    assert checked == {"list": [1], "pair": [1, [2]], "colour": "red", "level": 3}
    assert (type(checked["colour"]), type(checked["level"]), type(checked["pair"])) == (str, int, list)


@pytest.mark.parametrize(("value", "expected"), [(1.0, 1), (-0.0, 0), (1e22, 10**22), (0.5, 0.5), (True, True)])
def test_a_whole_float_becomes_an_integer(value: object, expected: object) -> None:
    checked = checked_json("value", value)
    assert (checked, type(checked)) == (expected, type(expected))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_refused_wherever_it_is(value: float) -> None:
    for holder in (value, [value], {"a": {"b": [value]}}):
        with pytest.raises(InvalidValueError, match="NaN"):
            checked_json("value", holder)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "[NaN]", '{"a": Infinity}', "1e999", "-1e999"])
def test_text_with_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="not JSON"):
        parse_json("body", text)


@pytest.mark.parametrize("text", [_nested(10_000), _nested(10_000, '{"a":', "}"), "[" * 10_000, '{"a":' * 10_000])
def test_text_that_nests_ten_thousand_levels_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_json("body", text)
    assert caught.value.field == "body"


def test_a_value_that_nests_ten_thousand_levels_is_refused() -> None:
    value: object = 1
    for _ in range(10_000):
        value = [value]
    with pytest.raises(InvalidValueError, match="nests deeper"):
        checked_json("value", value)


def test_a_value_that_holds_itself_is_refused() -> None:
    value: dict[str, object] = {}
    value["itself"] = value
    with pytest.raises(InvalidValueError, match="nests deeper"):
        checked_json("value", value)


def test_the_deepest_value_allowed_is_allowed() -> None:
    assert parse_json("body", _nested(MAX_DEPTH)) is not None
    with pytest.raises(InvalidValueError, match="nests deeper"):
        parse_json("body", _nested(MAX_DEPTH + 1))


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "a": 2}}]', r'{"a": 1, "\u0061": 2}'])
def test_a_key_that_comes_twice_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="same key twice") as caught:
        parse_json("body", text)
    assert caught.value.field == "body"


@pytest.mark.parametrize("text", [r'"\ud800"', r'"\udc00\ud800"', r'{"\udfff": 1}', r'["ok", "\ud83d"]'])
def test_half_of_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="surrogate"):
        parse_json("body", text)


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert parse_json("body", r'"\ud83d\ude80"') == "🚀"


@pytest.mark.parametrize("value", ["\x00", {"a": ["b\x00"]}, {"\x00": 1}])
def test_nul_is_refused_in_texts_and_keys(value: object) -> None:
    with pytest.raises(InvalidValueError, match="NUL"):
        checked_json("value", value)
    with pytest.raises(InvalidValueError, match="NUL"):
        parse_json("body", json.dumps(value))


@pytest.mark.parametrize("text", ["", " ", "{", "[1,]", "{'a': 1}", "1 2", b"\xff\xfe\xfd", "1" * 5000])
def test_text_that_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidValueError, match="not valid JSON"):
        parse_json("body", text)


@pytest.mark.parametrize("value", [{1: "a"}, {None: "a"}, {("a",): 1}])
def test_a_key_that_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidValueError, match="key that is not text"):
        checked_json("value", value)


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), 1j, [{"a": b""}]])
def test_what_json_has_no_form_for_is_refused(value: object) -> None:
    with pytest.raises(InvalidValueError, match="which is not JSON"):
        checked_json("value", value)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_of_too_many_digits_is_refused(sign: int) -> None:
    largest = sign * (10**MAX_DIGITS - 1)
    assert checked_json("value", largest) == largest
    for beyond in (sign * 10**MAX_DIGITS, sign * 10**5000):
        with pytest.raises(InvalidValueError, match="digits"):
            checked_json("value", beyond)


def test_size_is_counted_in_bytes_of_utf_8() -> None:
    fits = "é" * ((MAX_BYTES - 2) // 2)
    assert checked_json("value", fits) == fits
    with pytest.raises(InvalidValueError, match="bytes of JSON"):
        checked_json("value", fits + "é")
    with pytest.raises(InvalidValueError, match="at most 5 are allowed"):
        checked_json("value", "abcd", max_bytes=5)


@pytest.mark.parametrize("value", [None, [], "text", 1])
def test_only_an_object_is_an_object(value: object) -> None:
    with pytest.raises(InvalidValueError, match="JSON object"):
        checked_object("value", value)


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_json({"b": 1, "a": [1, 2.5, None, True, "é🚀"]}) == '{"a":[1,2.5,null,true,"é🚀"],"b":1}'.encode()
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("text", "why"), [("\x00", "NUL"), ("a\ud800", "surrogate"), ("abcd", "at most 3"), ("", "empty"), (" \n", "empty")]
)
def test_text_that_no_storage_can_keep_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why) as caught:
        checked_text("name", text, max_length=3, blank=False)
    assert caught.value.field == "name"


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="must be text, not int"):
        checked_text("name", 3)  # type: ignore[arg-type]  # what a careless caller passes
