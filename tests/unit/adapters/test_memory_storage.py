"""What is particular to the in-memory storage: turns of writers, event loops, and the cost of a lease."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from adapters.memory.storage import MemoryStorage
from adapters.memory.table import TransactionEndedError
from adapters.memory.writer_lock import NestedTransactionError
from adapters.system.clock import SystemClock
from domain.model.errors import StorageUnavailableError
from domain.model.event import NewEvent, Stream, StreamHead, verify_entries
from ports.storage import Capabilities

MINUTE = timedelta(minutes=1)
STREAM = Stream.of_server("test")


@pytest.fixture
def storage() -> MemoryStorage:
    """Return an empty storage."""
    return MemoryStorage(SystemClock())


async def _append(storage: MemoryStorage, count: int = 1) -> None:
    async with storage.transaction() as work:
        await asyncio.sleep(0)
        await work.events.append([NewEvent(STREAM, "counted", {}, "test")] * count)


async def _require_whole_log(storage: MemoryStorage, count: int) -> None:
    async with storage.transaction(read_only=True) as work:
        events = await work.events.read(STREAM, limit=count + 1)
    report, _ = verify_entries(events, StreamHead())
    assert (report.checked, report.why) == (count, None)


def test_it_says_what_it_cannot_do(storage: MemoryStorage) -> None:
    assert storage.capabilities == Capabilities(shared=False, durable=False, concurrent_writers=False)


async def test_a_write_inside_a_write_of_the_same_task_is_refused_rather_than_waited_for(
    storage: MemoryStorage,
) -> None:
    async with storage.transaction() as work:
        await work.events.append([NewEvent(STREAM, "outer", {}, "test")])
        with pytest.raises(NestedTransactionError, match="use the open one"):
            async with storage.transaction():
                pytest.fail("a second write transaction was opened")
    await _append(storage)
    await _require_whole_log(storage, 2)


async def test_writers_take_turns_in_the_order_they_came(storage: MemoryStorage) -> None:
    order: list[int] = []

    async def write(number: int) -> None:
        async with storage.transaction():
            await asyncio.sleep(0)
            order.append(number)

    await asyncio.gather(*(write(number) for number in range(10)))
    assert order == list(range(10))


async def test_a_writer_cancelled_while_it_waits_does_not_keep_its_turn(storage: MemoryStorage) -> None:
    for cancel_after in range(6):
        async with storage.transaction():
            waiting = [asyncio.create_task(_append(storage)) for _ in range(3)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        for _ in range(cancel_after):
            await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), timeout=5)
    await asyncio.wait_for(_append(storage), timeout=5)


async def test_a_unit_of_work_kept_after_its_block_writes_nothing(storage: MemoryStorage) -> None:
    async with storage.transaction() as work:
        pass
    with pytest.raises(TransactionEndedError):
        await work.events.append([NewEvent(STREAM, "late", {}, "test")])
    await _require_whole_log(storage, 0)


async def test_a_loop_of_transactions_lets_other_tasks_run(storage: MemoryStorage) -> None:
    stop = asyncio.Event()

    async def poll() -> int:
        polls = 0
        while not stop.is_set():
            async with storage.transaction() as work:
                await work.jobs.lease("worker", limit=1, duration=MINUTE)
            polls += 1
        return polls

    polling = asyncio.create_task(poll())
    await asyncio.sleep(0.01)
    stop.set()
    assert await asyncio.wait_for(polling, timeout=5) > 0


def test_event_loops_of_several_threads_share_one_storage(storage: MemoryStorage) -> None:
    async def write_many() -> None:
        await asyncio.gather(*(_append(storage) for _ in range(50)))

    async def read_many() -> None:
        for _ in range(50):
            async with storage.transaction(read_only=True) as work:
                events = await work.events.read(STREAM)
                assert [event.sequence for event in events] == list(range(1, len(events) + 1))

    tasks: list[Callable[[], None]] = [lambda: asyncio.run(write_many())] * 4 + [lambda: asyncio.run(read_many())] * 2
    with ThreadPoolExecutor(len(tasks)) as threads:
        for done in [threads.submit(task) for task in tasks]:
            done.result(timeout=60)
    asyncio.run(_require_whole_log(storage, 200))


def test_one_storage_serves_one_event_loop_after_another(storage: MemoryStorage) -> None:
    for _ in range(3):
        asyncio.run(_append(storage))
    asyncio.run(_require_whole_log(storage, 3))


async def test_a_closed_storage_is_unavailable(storage: MemoryStorage) -> None:
    await storage.check()
    await storage.close()
    with pytest.raises(StorageUnavailableError):
        await storage.check()
    with pytest.raises(StorageUnavailableError):
        async with storage.transaction():
            pytest.fail("a closed storage opened a transaction")
