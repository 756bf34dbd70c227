"""Decision sets, on every storage."""

import asyncio

import pytest
from attrs import evolve

from domain.model.decision_set import DecisionSetStatus
from domain.model.errors import AlreadyExistsError, NotFoundError, VersionConflictError
from tests.contract.harness import Harness


async def test_decision_sets_are_listed_newest_first_by_project_and_status(harness: Harness) -> None:
    project, other = await harness.project(), await harness.project()
    first = await harness.decision_set(project)
    second = await harness.decision_set(project, status=DecisionSetStatus.COMPLETED)
    third = await harness.decision_set(other)
    fourth = await harness.decision_set(project, status=DecisionSetStatus.COMPLETED)
    completed = DecisionSetStatus.COMPLETED
    async with harness.reading() as work:
        find = work.decision_sets.find
        assert await find(limit=10) == [fourth, third, second, first]
        assert await find(limit=10, project_id=project.id) == [fourth, second, first]
        assert await find(limit=10, status=completed) == [fourth, second]
        assert await find(limit=10, project_id=other.id, status=completed) == []
        assert await find(limit=1, project_id=project.id, status=completed, before=fourth.id) == [second]
        assert await find(limit=2, before=fourth.id) == [third, second]


async def test_an_id_and_a_thread_are_taken_once(harness: Harness) -> None:
    kept = await harness.decision_set()
    for taken in (
        harness.new_decision_set(kept.project_id, thread_id=kept.thread_id),
        evolve(harness.new_decision_set(kept.project_id), id=kept.id),
    ):
        with pytest.raises(AlreadyExistsError):
            async with harness.transaction() as work:
                await work.decision_sets.add(taken)
    async with harness.reading() as work:
        assert await work.decision_sets.find(limit=10) == [kept]


async def test_a_decision_set_needs_its_project(harness: Harness) -> None:
    orphan = harness.new_decision_set(harness.ids.new())
    with pytest.raises(NotFoundError) as caught:
        async with harness.transaction() as work:
            await work.decision_sets.add(orphan)
    assert (caught.value.kind, caught.value.key) == ("project", orphan.project_id)


async def test_an_unknown_decision_set_is_not_found(harness: Harness) -> None:
    unknown = harness.new_decision_set((await harness.project()).id)
    async with harness.transaction() as work:
        with pytest.raises(NotFoundError) as caught:
            await work.decision_sets.get(unknown.id)
        assert (caught.value.kind, caught.value.key) == ("decision set", unknown.id)
        with pytest.raises(NotFoundError):
            await work.decision_sets.get(unknown.id, for_update=True)
        with pytest.raises(NotFoundError):
            await work.decision_sets.save(unknown, expected_version=1)


async def test_a_write_over_an_old_version_is_refused_and_says_which(harness: Harness) -> None:
    decision_set = await harness.decision_set()
    completed = decision_set.moved(DecisionSetStatus.COMPLETED, harness.now)
    async with harness.transaction() as work:
        await work.decision_sets.save(completed, expected_version=1)
    with pytest.raises(VersionConflictError) as caught:
        async with harness.transaction() as work:
            await work.decision_sets.save(decision_set.annotated({"stale": True}, harness.now), expected_version=1)
    error = caught.value
    assert (error.kind, error.key, error.expected, error.actual) == ("decision set", decision_set.id, 1, 2)
    async with harness.reading() as work:
        assert await work.decision_sets.get(decision_set.id) == completed


async def test_of_twenty_writers_with_one_expected_version_one_wins(harness: Harness) -> None:
    decision_set = await harness.decision_set()

    async def annotate(number: int) -> bool:
        try:
            async with harness.transaction() as work:
                changed = decision_set.annotated({"winner": number}, harness.now)
                await work.decision_sets.save(changed, expected_version=1)
        except VersionConflictError:
            return False
        return True

    won = await asyncio.gather(*(annotate(number) for number in range(20)))
    assert sum(won) == 1
    async with harness.reading() as work:
        kept = await work.decision_sets.get(decision_set.id)
    assert (kept.version, kept.metadata) == (2, {"winner": won.index(True)})


async def test_those_who_lock_before_they_change_wait_for_one_another(harness: Harness) -> None:
    decision_set = await harness.decision_set(metadata={"count": 0})

    async def increment() -> None:
        async with harness.transaction() as work:
            read = await work.decision_sets.get(decision_set.id, for_update=True)
            await asyncio.sleep(0)
            changed = read.annotated({"count": read.metadata["count"] + 1}, harness.now)
            await work.decision_sets.save(changed, expected_version=read.version)

    await asyncio.gather(*(increment() for _ in range(20)))
    async with harness.reading() as work:
        kept = await work.decision_sets.get(decision_set.id)
    assert (kept.version, kept.metadata) == (21, {"count": 20})
