"""Validators that the entities share: attrs calls them at construction."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from attrs import Attribute

from domain.model.errors import InvalidValueError
from domain.model.json_value import checked_text

Validator: TypeAlias = Callable[[Any, "Attribute[Any]", Any], None]
MAX_PROMPT = 100_000


def text(max_length: int, *, blank: bool = False) -> Validator:
    """Require storable text of at most ``max_length`` characters, not blank unless ``blank``."""

    def check(_: object, attribute: "Attribute[Any]", value: str) -> None:
        checked_text(attribute.name, value, max_length=max_length, blank=blank)

    return check


def at_least(minimum: int) -> Validator:
    """Require an integer of at least ``minimum`` that fits 64 bits."""

    def check(_: object, attribute: "Attribute[Any]", value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value < 2**63:
            raise InvalidValueError(attribute.name, f"must be a whole number of at least {minimum}, not {value!r}")

    return check


def small_integer(_: object, attribute: "Attribute[Any]", value: object) -> None:
    """Require an integer that fits 32 bits, as a priority must."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
        raise InvalidValueError(attribute.name, f"must be a whole number of at most 32 bits, not {value!r}")


def aware(_: object, attribute: "Attribute[Any]", value: datetime) -> None:
    """Require a timezone-aware time."""
    if value.utcoffset() is None:
        raise InvalidValueError(attribute.name, "must carry its time zone")


def in_utc(value: datetime | None) -> datetime | None:
    """Convert an aware time to UTC, so that every storage returns it alike; leave a naive one to be refused."""
    return value if value is None or value.utcoffset() is None else value.astimezone(UTC)


def positive_duration(_: object, attribute: "Attribute[Any]", value: timedelta) -> None:
    """Require a duration above zero."""
    if value <= timedelta(0):
        raise InvalidValueError(attribute.name, f"must be longer than zero, not {value}")
