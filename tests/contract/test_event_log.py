"""The event log, on every storage."""

import asyncio
from datetime import timedelta

import pytest

from domain.model.errors import NotFoundError
from domain.model.event import GENESIS, Event, FeedPosition, NewEvent, Stream, StreamHead, verify_entries
from ports.storage import UnitOfWork
from tests.contract.harness import FEED_SECONDS, Harness


def _events(stream: Stream, count: int, actor: str = "test") -> list[NewEvent]:
    return [NewEvent(stream, "counted", {"number": number}, actor) for number in range(count)]


async def test_events_get_sequence_time_and_an_unbroken_chain(harness: Harness) -> None:
    stream = Stream.of_decision_set((await harness.decision_set()).id)
    first = await harness.append(_events(stream, 2))
    later = await harness.advance(timedelta(seconds=1))
    second = await harness.append(_events(stream, 1))
    read = await harness.events(stream)
    assert read == first + second
    assert [event.sequence for event in read] == [1, 2, 3]
    assert read[0].prev_hash == GENESIS
    assert read[2].created_at == later
    report, end = verify_entries(read, StreamHead())
    assert (report.intact, report.checked) == (True, 3)
    async with harness.reading() as work:
        assert await work.events.head(stream) == end == StreamHead(3, read[2].hash)


async def test_one_call_appends_to_many_streams_each_at_its_own_end(harness: Harness) -> None:
    project = Stream.of_project(harness.ids.new())
    decision_set = Stream.of_decision_set((await harness.decision_set()).id)
    server = Stream.of_server("queue:default")
    new = [
        event for trio in zip(*(_events(s, 3) for s in (project, decision_set, server)), strict=True) for event in trio
    ]
    appended = await harness.append(new)
    assert [(event.stream, event.event_data) for event in appended] == [(e.stream, e.event_data) for e in new]
    for stream in (project, decision_set, server):
        read = await harness.events(stream)
        assert [event.sequence for event in read] == [1, 2, 3]
        assert verify_entries(read, StreamHead())[0].intact


async def test_a_stream_is_read_on_from_a_sequence(harness: Harness) -> None:
    stream = Stream.of_project(harness.ids.new())
    appended = await harness.append(_events(stream, 5))
    async with harness.reading() as work:
        assert await work.events.read(stream, after=0, limit=2) == appended[:2]
        assert await work.events.read(stream, after=2, limit=2) == appended[2:4]
        assert await work.events.read(stream, after=5) == []


async def test_an_unknown_stream_is_empty(harness: Harness) -> None:
    async with harness.reading() as work:
        assert await work.events.read(Stream.of_server("nothing")) == []
        assert await work.events.head(Stream.of_server("nothing")) == StreamHead()


async def test_an_unknown_decision_set_has_no_stream(harness: Harness) -> None:
    unknown = harness.ids.new()
    kept = Stream.of_project(harness.ids.new())
    with pytest.raises(NotFoundError) as caught:
        await harness.append([*_events(kept, 1), *_events(Stream.of_decision_set(unknown), 1)])
    assert (caught.value.kind, str(caught.value.key)) == ("decision set", str(unknown))
    assert await harness.events(kept) == []


async def test_appending_nothing_changes_nothing(harness: Harness) -> None:
    assert await harness.append([]) == []
    async with harness.reading() as work:
        assert (await work.events.feed()).events == ()


async def test_a_rolled_back_append_leaves_no_gap(harness: Harness) -> None:
    stream = Stream.of_project(harness.ids.new())
    await harness.append(_events(stream, 1))
    with pytest.raises(RuntimeError):
        async with harness.transaction() as work:
            await work.events.append(_events(stream, 3))
            raise RuntimeError
    await harness.append(_events(stream, 1))
    read = await harness.events(stream)
    assert [event.sequence for event in read] == [1, 2]
    assert verify_entries(read, StreamHead())[0].intact


async def test_eight_writers_leave_no_gap_and_one_chain_in_every_stream(harness: Harness) -> None:
    project = await harness.project()
    streams = [Stream.of_decision_set((await harness.decision_set(project)).id) for _ in range(3)]

    async def write(writer: int) -> None:
        for number in range(25):
            await harness.append(_events(streams[(writer + number) % 3], 1, actor=f"writer {writer}"))

    await asyncio.gather(*(write(writer) for writer in range(8)))
    read = [await harness.events(stream) for stream in streams]
    assert sum(len(events) for events in read) == 200
    for events in read:
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert verify_entries(events, StreamHead())[0].intact


async def test_writers_of_many_streams_in_any_order_do_not_block_each_other(harness: Harness) -> None:
    streams = [Stream.of_server(f"topic {number}") for number in range(4)]

    async def write(turn: int) -> None:
        order = streams[turn % 4 :] + streams[: turn % 4]
        await harness.append([event for stream in order for event in _events(stream, 1)])

    await asyncio.gather(*(write(turn) for turn in range(16)))
    for stream in streams:
        assert [event.sequence for event in await harness.events(stream)] == list(range(1, 17))


async def test_the_feed_shows_each_event_once_in_pages(harness: Harness) -> None:
    streams = [Stream.of_server(f"topic {number}") for number in range(3)]
    appended = []
    for number in range(10):
        appended += await harness.append(_events(streams[number % 3], 2))
    assert await harness.feed(20) == tuple(appended)
    async with harness.reading() as work:
        pages = await _pages(work, limit=7)
    assert [len(page) for page in pages] == [7, 7, 6]
    assert [event for page in pages for event in page] == appended


async def test_the_feed_at_its_end_stays_there_until_there_is_more(harness: Harness) -> None:
    stream = Stream.of_server("topic")
    appended = await harness.append(_events(stream, 3))
    assert await harness.feed(3) == tuple(appended)
    async with harness.reading() as work:
        assert (await work.events.feed(limit=0)).events == ()
        end = (await work.events.feed()).next
        at_end = await work.events.feed(after=end)
    assert (at_end.events, at_end.next) == ((), end)
    more = await harness.append(_events(stream, 1))
    assert await harness.feed(4) == (*appended, *more)
    async with harness.reading() as work:
        assert (await work.events.feed(after=end)).events == tuple(more)


async def test_a_reader_that_follows_concurrent_writers_sees_every_event_once(harness: Harness) -> None:
    seen: list[Event] = []

    async def write(writer: int) -> None:
        for _ in range(15):
            async with harness.transaction() as work:
                await work.events.append(_events(Stream.of_server(f"writer {writer}"), 2))
                await asyncio.sleep(0)

    async def follow() -> None:
        position: FeedPosition | None = None
        while len(seen) < 180:
            async with harness.reading() as work:
                page = await work.events.feed(after=position, limit=11)
            seen.extend(page.events)
            position = page.next
            await asyncio.sleep(0)
        async with harness.reading() as work:
            assert (await work.events.feed(after=position)).events == ()

    await asyncio.gather(asyncio.wait_for(follow(), FEED_SECONDS), *(write(writer) for writer in range(6)))
    assert len(seen) == len({event.position for event in seen}) == 180
    for writer in range(6):
        stream = Stream.of_server(f"writer {writer}")
        assert [event.sequence for event in seen if event.stream == stream] == list(range(1, 31))


async def _pages(work: UnitOfWork, limit: int) -> list[tuple[Event, ...]]:
    pages: list[tuple[Event, ...]] = []
    position: FeedPosition | None = None
    while True:
        page = await work.events.feed(after=position, limit=limit)
        if not page.events:
            return pages
        pages.append(page.events)
        position = page.next
