"""Inbound events, on every storage."""

import asyncio
from typing import Any

import pytest

from domain.model.errors import NotFoundError
from domain.model.inbound_event import InboundEvent, InboundEventStatus
from tests.contract.harness import MINUTE, Harness


def _event(harness: Harness, external_id: str, **fields: Any) -> InboundEvent:
    values = {"source": "github", "event_type": "push", "data": {"ref": "main"}}
    return InboundEvent(
        id=harness.ids.new(),
        external_id=external_id,
        created_at=harness.now,
        updated_at=harness.now,
        **{**values, **fields},
    )


async def test_an_event_is_received_once_for_its_source_and_external_id(harness: Harness) -> None:
    first, again = _event(harness, "1"), _event(harness, "1", data="again")
    elsewhere = _event(harness, "1", source="gitlab")
    async with harness.transaction() as work:
        assert await work.inbound_events.receive(first) == (first, True)
    async with harness.transaction() as work:
        assert await work.inbound_events.receive(again) == (first, False)
        assert await work.inbound_events.receive(elsewhere) == (elsewhere, True)
    async with harness.reading() as work:
        assert await work.inbound_events.find(limit=10) == [elsewhere, first]


async def test_of_twenty_deliveries_one_is_kept(harness: Harness) -> None:
    async def receive() -> tuple[InboundEvent, bool]:
        async with harness.transaction() as work:
            received = await work.inbound_events.receive(_event(harness, "1"))
            await asyncio.sleep(0)
            return received

    received = await asyncio.gather(*(receive() for _ in range(20)))
    assert sum(new for _, new in received) == 1
    assert len({event.id for event, _ in received}) == 1
    async with harness.reading() as work:
        assert await work.inbound_events.find(limit=10) == [received[0][0]]


async def test_what_processing_made_of_an_event_is_kept(harness: Harness) -> None:
    decision_set = await harness.decision_set()
    event, broken = _event(harness, "1"), _event(harness, "2")
    async with harness.transaction() as work:
        await work.inbound_events.receive(event)
        await work.inbound_events.receive(broken)
    now = await harness.advance(MINUTE)
    processed = event.processed({"steps": [{"name": "start"}]}, now, decision_set_id=decision_set.id)
    async with harness.transaction() as work:
        assert await work.inbound_events.get(event.id, for_update=True) == event
        await work.inbound_events.save(processed)
        await work.inbound_events.save(broken.failed("no such project", now))
    async with harness.reading() as work:
        assert await work.inbound_events.get(event.id) == processed
        assert (await work.inbound_events.get(broken.id)).error_message == "no such project"


async def test_events_are_listed_newest_first_by_source_and_status(harness: Harness) -> None:
    events = [_event(harness, f"{number}", source="a" if number % 2 else "b") for number in range(5)]
    async with harness.transaction() as work:
        for event in events:
            await work.inbound_events.receive(event)
        failed = events[1].failed("broken", harness.now)
        await work.inbound_events.save(failed)
    async with harness.reading() as work:
        find = work.inbound_events.find
        assert await find(limit=10) == [events[4], events[3], events[2], failed, events[0]]
        assert await find(limit=2, before=events[4].id) == [events[3], events[2]]
        assert await find(limit=10, source="a") == [events[3], failed]
        assert await find(limit=10, status=InboundEventStatus.FAILED) == [failed]
        assert await find(limit=1, source="b", status=InboundEventStatus.RECEIVED, before=events[4].id) == [events[2]]


async def test_an_unknown_event_is_not_found(harness: Harness) -> None:
    unknown = _event(harness, "1")
    async with harness.transaction() as work:
        with pytest.raises(NotFoundError) as caught:
            await work.inbound_events.get(unknown.id)
        assert (caught.value.kind, caught.value.key) == ("inbound event", unknown.id)
        with pytest.raises(NotFoundError):
            await work.inbound_events.get(unknown.id, for_update=True)
        with pytest.raises(NotFoundError):
            await work.inbound_events.save(unknown)
