"""A unit of work commits whole or not at all, on every storage."""

import asyncio
from datetime import timedelta

import pytest

from domain.model.errors import NotFoundError, ReadOnlyTransactionError
from domain.model.event import NewEvent, Stream
from tests.contract.harness import Harness


class _BreakError(Exception):
    """What goes wrong in a block."""


async def test_a_clean_exit_keeps_everything_that_was_written(harness: Harness) -> None:
    project = harness.new_project()
    decision_set = harness.new_decision_set(project.id)
    async with harness.transaction() as work:
        await work.projects.add(project)
        await work.decision_sets.add(decision_set)
    async with harness.reading() as work:
        assert await work.projects.get(project.id) == project
        assert await work.decision_sets.get(decision_set.id) == decision_set


async def test_an_exception_takes_back_everything_that_was_written(harness: Harness) -> None:
    kept = await harness.project()
    lost, job = harness.new_project(), harness.new_job()
    stream = Stream.of_project(kept.id)
    with pytest.raises(_BreakError):
        async with harness.transaction() as work:
            await work.projects.add(lost)
            await work.projects.save(kept.described(harness.now, name="changed"), expected_version=1)
            await work.jobs.enqueue([job])
            await work.events.append([NewEvent(stream, "renamed", {}, "test")])
            raise _BreakError
    async with harness.reading() as work:
        assert await work.projects.find(limit=10) == [kept]
        assert await work.jobs.find(limit=10) == []
        assert await work.events.read(stream) == []
        assert (await work.events.head(stream)).last_sequence == 0


async def test_a_cancelled_task_leaves_nothing_behind_and_blocks_nobody(harness: Harness) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with harness.transaction() as work:
            await work.projects.add(harness.new_project())
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_and_wait())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    project = await harness.project()
    async with harness.reading() as work:
        assert await work.projects.find(limit=10) == [project]


async def test_a_transaction_sees_what_it_wrote_itself(harness: Harness) -> None:
    project = harness.new_project()
    async with harness.transaction() as work:
        await work.projects.add(project)
        assert await work.projects.get(project.id) == project
        assert await work.projects.find(limit=10) == [project]
        changed = project.described(harness.now, name="renamed")
        await work.projects.save(changed, expected_version=1)
        assert await work.projects.find(limit=10) == [changed]
        await work.projects.delete(project.id, expected_version=2)
        with pytest.raises(NotFoundError):
            await work.projects.get(project.id)
        assert await work.projects.find(limit=10) == []


async def test_a_reader_sees_nothing_of_a_transaction_that_is_still_open(harness: Harness) -> None:
    project = await harness.project(name="before")
    async with harness.transaction() as writing:
        await writing.projects.save(project.described(harness.now, name="after"), expected_version=1)
        await writing.projects.add(harness.new_project())
        async with harness.reading() as work:
            assert await work.projects.find(limit=10) == [project]
    async with harness.reading() as work:
        assert (await work.projects.get(project.id)).name == "after"
        assert len(await work.projects.find(limit=10)) == 2


async def test_a_transaction_opened_to_read_refuses_to_write(harness: Harness) -> None:
    with pytest.raises(ReadOnlyTransactionError):
        async with harness.reading() as work:
            await work.projects.add(harness.new_project())
    async with harness.reading() as work:
        assert await work.projects.find(limit=10) == []


async def test_writers_that_take_turns_lose_no_write(harness: Harness) -> None:
    projects = [harness.new_project() for _ in range(20)]

    async def keep(index: int) -> None:
        async with harness.transaction() as work:
            await work.projects.add(projects[index])
            await asyncio.sleep(0)

    await asyncio.gather(*(keep(index) for index in range(20)))
    async with harness.reading() as work:
        assert await work.projects.find(limit=100) == projects[::-1]


async def test_time_belongs_to_the_storage(harness: Harness) -> None:
    async with harness.reading() as work:
        before = await work.now()
    await harness.advance(timedelta(hours=1, microseconds=1))
    async with harness.transaction() as work:
        after = await work.now()
    assert before.utcoffset() == timedelta(0)
    assert after - before == timedelta(hours=1, microseconds=1)


async def test_a_sound_storage_passes_its_check(harness: Harness) -> None:
    await harness.storage.check()
