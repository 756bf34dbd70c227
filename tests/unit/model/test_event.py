"""Events: their hashes and the chain that they form."""

from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from domain.model.errors import InvalidValueError
from domain.model.event import (
    GENESIS,
    ChainReport,
    Event,
    FeedPosition,
    NewEvent,
    Stream,
    StreamHead,
    StreamKind,
    chain,
    verify_entries,
)
from tests.unit.model.entities import LATER, NOW, OTHER_ID, SOME_ID

STREAM = Stream.of_decision_set(SOME_ID)
NEW = NewEvent(STREAM, "plan.made", {"b": "naïve 🚀", "a": [1.0, 0.5, None]}, "ann", job_id=OTHER_ID)

# Made with sha256sum over the bytes that the docstring of chained_hash names, not with this code.
CONTENT_DIGEST = "ec2326f0c080bdcfe563358673fe937e46ae6b3f836427cb8a490f5e326039af"
FIRST_HASH = "0ea35c5de8ebfd225ee3b26030d3490402ade722735fcccd7a4e962baad9abb8"
SECOND_HASH = "fffdd36906fe4dde3148e806f826b8bcde7f464a87ba6d1ae65cb10161558b20"


def _chain(count: int) -> list[Event]:
    entries, head = [], StreamHead()
    for number in range(count):
        event = chain(NewEvent(STREAM, "counted", {"number": number}, "ann"), head, position=number + 10, now=NOW)
        entries.append(event)
        head = StreamHead(event.sequence, event.hash)
    return entries


def test_hashes_are_those_that_another_implementation_computes() -> None:
    first = chain(NEW, StreamHead(), position=1, now=NOW)
    second = chain(NEW, StreamHead(1, first.hash), position=2, now=NOW)
    assert NEW.content_digest.hex() == CONTENT_DIGEST
    assert (first.prev_hash, first.hash.hex()) == (GENESIS, FIRST_HASH)
    assert (second.prev_hash, second.hash.hex()) == (first.hash, SECOND_HASH)
    assert first.computed_hash() == first.hash


def test_an_intact_chain_verifies_to_its_end() -> None:
    entries = _chain(5)
    assert verify_entries(entries, StreamHead()) == (ChainReport(5), StreamHead(5, entries[-1].hash))
    assert verify_entries([], StreamHead()) == (ChainReport(0), StreamHead())


def test_a_chain_verifies_in_parts() -> None:
    entries = _chain(5)
    first, head = verify_entries(entries[:2], StreamHead())
    second, end = verify_entries(entries[2:], head)
    assert (first.checked, second.checked, end) == (2, 3, StreamHead(5, entries[-1].hash))


@pytest.mark.parametrize(
    "change",
    [
        {"event_type": "forged"},
        {"event_data": {"number": 99}},
        {"actor": "mallory"},
        {"created_at": LATER},
        {"job_id": OTHER_ID},
        {"stream": Stream.of_project(SOME_ID)},
        {"hash": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_is_found(change: dict[str, Any]) -> None:
    entries = _chain(3)
    entries[1] = evolve(entries[1], **change)
    report, head = verify_entries(entries, StreamHead())
    assert report == ChainReport(1, 2, "its content does not match its hash")
    assert not report.intact
    assert head == StreamHead(1, entries[0].hash)


def test_a_removed_entry_is_found() -> None:
    entries = _chain(3)
    report, _ = verify_entries([entries[0], entries[2]], StreamHead())
    assert report == ChainReport(1, 3, "sequence 2 is missing")


def test_entries_that_changed_places_are_found() -> None:
    entries = _chain(3)
    report, _ = verify_entries([entries[1], entries[0], entries[2]], StreamHead())
    assert (report.checked, report.broken_sequence) == (0, 2)


def test_a_rewritten_entry_is_found_by_the_one_after_it() -> None:
    entries = _chain(3)
    forged = chain(NewEvent(STREAM, "forged", {}, "mallory"), StreamHead(1, entries[0].hash), 11, NOW)
    report, _ = verify_entries([entries[0], forged, entries[2]], StreamHead())
    assert report == ChainReport(2, 3, "it does not follow the entry before it")


def test_streams_are_named_by_kind_and_id() -> None:
    assert Stream.of_decision_set(SOME_ID) != Stream.of_project(SOME_ID)
    assert Stream.of_server("queue:default") == Stream.of_server("queue:default")
    assert Stream.of_server("queue:default") != Stream.of_server("queue:other")
    assert Stream.of_server("queue:default") == Stream(StreamKind.SERVER, UUID("9a1c84f9-debe-596c-9cb8-492e9e4ccca9"))


def test_only_a_decision_sets_event_belongs_to_a_decision_set() -> None:
    of_decision_set = chain(NEW, StreamHead(), 1, NOW)
    of_project = chain(evolve(NEW, stream=Stream.of_project(SOME_ID)), StreamHead(), 1, NOW)
    assert (of_decision_set.decision_set_id, of_project.decision_set_id) == (SOME_ID, None)


def test_places_in_the_feed_are_ordered_by_transaction_then_position() -> None:
    assert FeedPosition() < FeedPosition(0, 5) < FeedPosition(1, 1) < FeedPosition(1, 2)


@pytest.mark.parametrize("event_data", [[], None, {"a": float("nan")}])
def test_event_data_is_a_json_object(event_data: Any) -> None:
    with pytest.raises(InvalidValueError, match="event_data"):
        NewEvent(STREAM, "plan.made", event_data, "ann")


@pytest.mark.parametrize(("event_type", "actor"), [("", "ann"), ("plan.made", " "), ("x" * 101, "ann")])
def test_an_event_says_what_happened_and_who_did_it(event_type: str, actor: str) -> None:
    with pytest.raises(InvalidValueError):
        NewEvent(STREAM, event_type, {}, actor)
