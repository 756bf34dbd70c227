"""The global feed on PostgreSQL, where transactions commit in another order than they began in."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from adapters.sql.storage import SqlStorage, open_sql_storage
from domain.model.event import Event, FeedPage, FeedPosition, NewEvent, Stream
from ports.checkpoints import CheckpointKey, Packed, WriteRecord
from ports.storage import UnitOfWork

SECONDS = 60


@pytest.fixture
async def storage(postgres_url: str) -> AsyncIterator[SqlStorage]:
    opened = open_sql_storage(postgres_url, pool_size=12)
    yield opened
    await opened.close()


def happened(name: str, *, topic: str | None = None) -> NewEvent:
    return NewEvent(Stream.of_server(topic or name), name, {}, "test")


async def page(storage: SqlStorage, after: FeedPosition | None = None, limit: int = 1000) -> FeedPage:
    async with storage.transaction(read_only=True) as work:
        return await work.events.feed(after=after, limit=limit)


async def shown(storage: SqlStorage, count: int, after: FeedPosition | None = None) -> FeedPage:
    """Return the page once it shows that many events.

    A transaction that is open in any database of the server holds the feed back, those of tests beside this one too.
    """
    async with asyncio.timeout(SECONDS):
        while len((found := await page(storage, after)).events) < count:  # noqa: ASYNC110  # others hold it back
            await asyncio.sleep(0.02)
    return found


def names(found: FeedPage) -> list[str]:
    return [event.event_type for event in found.events]


async def test_a_reader_never_passes_an_open_transaction(storage: SqlStorage) -> None:
    async with storage.transaction() as slow:
        await slow.events.append([happened("slow")])
        async with storage.transaction() as quick:
            await quick.events.append([happened("quick")])
        before = await page(storage)
    after = await shown(storage, 2, before.next)
    assert names(before) == []
    assert names(after) == ["slow", "quick"]


async def test_a_later_transaction_with_a_lower_position_is_not_missed(storage: SqlStorage) -> None:
    async with storage.transaction() as first:
        await _take_transaction_id(first)
        async with storage.transaction() as second:
            await second.events.append([happened("second")])
            await first.events.append([happened("first")])
    whole = await shown(storage, 2)
    assert names(whole) == ["first", "second"]
    assert [event.position for event in whole.events] == [2, 1]


async def test_a_stream_is_in_order_though_its_last_writer_began_first(storage: SqlStorage) -> None:
    async with storage.transaction() as first:
        await _take_transaction_id(first)
        async with storage.transaction() as second:
            await second.events.append([happened("second", topic="shared")])
        await first.events.append([happened("first", topic="shared"), happened("alone")])
    assert names(await shown(storage, 3)) == ["alone", "second", "first"]


async def test_a_transaction_that_only_reads_holds_no_reader_up(storage: SqlStorage) -> None:
    async with storage.transaction(read_only=True) as reading:
        await reading.events.feed()
        async with storage.transaction() as work:
            await work.events.append([happened("shown")])
        assert names(await shown(storage, 1)) == ["shown"]


async def test_a_transaction_that_was_undone_leaves_nothing_and_blocks_nothing(storage: SqlStorage) -> None:
    with pytest.raises(ZeroDivisionError):
        async with storage.transaction() as work:
            await work.events.append([happened("undone")])
            raise ZeroDivisionError
    async with storage.transaction() as work:
        await work.events.append([happened("kept")])
    assert names(await shown(storage, 1)) == ["kept"]


async def test_followers_of_many_writers_see_every_event_once_and_each_stream_in_order(storage: SqlStorage) -> None:
    writers, batches = 4, 25
    total = writers * batches * 2

    async def write(writer: int) -> None:
        for number in range(batches):
            own = happened(f"{writer}/{number}", topic=f"writer {writer}")
            shared = happened(f"shared {writer}/{number}", topic="shared")
            async with storage.transaction() as work:
                await work.events.append([own, shared])

    async def follow(limit: int) -> list[Event]:
        seen: list[Event] = []
        place = FeedPosition()
        async with asyncio.timeout(SECONDS):
            while len(seen) < total:
                found = await page(storage, place, limit)
                seen += found.events
                place = found.next
                await asyncio.sleep(0.005)
        return [*seen, *(await page(storage, place)).events]

    followers = [asyncio.create_task(follow(limit)) for limit in (1, 7, 1000)]
    await asyncio.gather(*(write(writer) for writer in range(writers)))
    for seen in await asyncio.gather(*followers):
        assert len(seen) == len({event.position for event in seen}) == total
        for stream in {event.stream for event in seen}:
            sequences = [event.sequence for event in seen if event.stream == stream]
            assert sequences == list(range(1, len(sequences) + 1))


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET actor = 'x'", "DELETE FROM events", "TRUNCATE events"], ids=lambda text: text
)
async def test_the_database_itself_refuses_to_change_the_log(
    storage: SqlStorage, postgres_url: str, statement: str
) -> None:
    async with storage.transaction() as work:
        await work.events.append([happened("kept")])
    with (
        psycopg.connect(postgres_url) as connection,
        pytest.raises(psycopg.errors.RestrictViolation, match="append-only"),
    ):
        connection.execute(statement.encode())
    assert names(await shown(storage, 1)) == ["kept"]


async def _take_transaction_id(work: UnitOfWork) -> None:
    """Make the transaction a writing one before its first event."""
    key = CheckpointKey("thread", "", "1")
    await work.checkpoints.put_writes(key, [WriteRecord("task", 0, "channel", Packed("null", b""))])
