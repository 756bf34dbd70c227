"""Projects, on every storage."""

import asyncio

import pytest

from domain.model.agent_run import AgentRun
from domain.model.approval import Approval
from domain.model.artifact import Artifact, storage_key
from domain.model.decision_set import DecisionSet
from domain.model.errors import AlreadyExistsError, NotFoundError, VersionConflictError
from domain.model.event import NewEvent, Stream
from domain.model.inbound_event import InboundEvent
from domain.model.project import Project
from ports.checkpoints import BlobRecord, CheckpointKey, CheckpointRecord, Packed, WriteRecord
from tests.contract.harness import Harness


async def test_projects_are_listed_newest_first_in_pages(harness: Harness) -> None:
    projects = [await harness.project(name=f"project {number}") for number in range(5)]
    newest_first = projects[::-1]
    async with harness.reading() as work:
        first = await work.projects.find(limit=2)
        second = await work.projects.find(limit=2, before=first[-1].id)
        last = await work.projects.find(limit=2, before=second[-1].id)
        assert await work.projects.find(limit=2, before=last[-1].id) == []
    assert first + second + last == newest_first


async def test_an_id_is_taken_once(harness: Harness) -> None:
    project = await harness.project()
    with pytest.raises(AlreadyExistsError) as caught:
        async with harness.transaction() as work:
            await work.projects.add(project)
    assert caught.value.key == project.id


async def test_an_unknown_project_is_not_found(harness: Harness) -> None:
    unknown = harness.new_project()
    async with harness.reading() as work:
        with pytest.raises(NotFoundError) as caught:
            await work.projects.get(unknown.id)
    assert (caught.value.kind, caught.value.key) == ("project", unknown.id)
    with pytest.raises(NotFoundError):
        async with harness.transaction() as work:
            await work.projects.save(unknown, expected_version=1)
    with pytest.raises(NotFoundError):
        async with harness.transaction() as work:
            await work.projects.delete(unknown.id, expected_version=1)


async def test_a_write_over_an_old_version_is_refused_and_says_which(harness: Harness) -> None:
    project = await harness.project()
    second = project.described(harness.now, name="second")
    async with harness.transaction() as work:
        await work.projects.save(second, expected_version=1)
    with pytest.raises(VersionConflictError) as caught:
        async with harness.transaction() as work:
            await work.projects.save(project.described(harness.now, name="stale"), expected_version=1)
    error = caught.value
    assert (error.kind, error.key, error.expected, error.actual) == ("project", project.id, 1, 2)
    async with harness.reading() as work:
        assert await work.projects.get(project.id) == second


async def test_of_twenty_writers_with_one_expected_version_one_wins(harness: Harness) -> None:
    project = await harness.project()

    async def rename(name: str) -> bool:
        try:
            async with harness.transaction() as work:
                read = await work.projects.get(project.id)
                await asyncio.sleep(0)
                await work.projects.save(project.described(harness.now, name=name), expected_version=1)
                return read.version == 1
        except VersionConflictError:
            return False

    won = await asyncio.gather(*(rename(f"name {number}") for number in range(20)))
    assert sum(won) == 1
    async with harness.reading() as work:
        kept = await work.projects.get(project.id)
    assert (kept.version, kept.name) == (2, f"name {won.index(True)}")


async def test_writers_that_read_again_after_a_conflict_lose_no_update(harness: Harness) -> None:
    project = await harness.project(description="")

    async def add_letter(letter: str) -> None:
        while True:
            async with harness.reading() as work:
                read = await work.projects.get(project.id)
            try:
                async with harness.transaction() as work:
                    changed = read.described(harness.now, description=f"{read.description}{letter}")
                    await work.projects.save(changed, expected_version=read.version)
                return
            except VersionConflictError:
                await asyncio.sleep(0)

    await asyncio.gather(*(add_letter(letter) for letter in "abcdefgh"))
    async with harness.reading() as work:
        kept = await work.projects.get(project.id)
    assert kept.version == 9
    assert sorted(kept.description or "") == list("abcdefgh")


async def test_an_old_version_cannot_be_deleted(harness: Harness) -> None:
    project = await harness.project()
    async with harness.transaction() as work:
        await work.projects.save(project.described(harness.now, name="second"), expected_version=1)
    with pytest.raises(VersionConflictError) as caught:
        async with harness.transaction() as work:
            await work.projects.delete(project.id, expected_version=1)
    assert (caught.value.expected, caught.value.actual) == (1, 2)
    async with harness.reading() as work:
        assert (await work.projects.get(project.id)).name == "second"


async def test_deleting_a_project_deletes_all_it_owns(harness: Harness) -> None:
    project, decision_set = await _furnished_project(harness)
    async with harness.transaction() as work:
        await work.projects.delete(project.id, expected_version=1)
    async with harness.reading() as work:
        assert await work.projects.find(limit=10) == []
        assert await work.decision_sets.find(limit=10) == []
        assert await work.jobs.find(limit=10) == []
        assert await work.agent_runs.find(decision_set_id=decision_set.id) == []
        assert await work.artifacts.find(decision_set_id=decision_set.id) == []
        assert await work.approvals.find() == []
        assert await work.events.read(Stream.of_decision_set(decision_set.id)) == []
        assert await work.checkpoints.find() == []
        assert await work.jobs.statistics() == []


async def test_a_deleted_project_keeps_its_own_stream_and_what_came_from_outside(harness: Harness) -> None:
    project, _ = await _furnished_project(harness)
    async with harness.transaction() as work:
        await work.projects.delete(project.id, expected_version=1)
        await work.events.append([NewEvent(Stream.of_project(project.id), "project.deleted", {}, "test")])
    async with harness.reading() as work:
        own = await work.events.read(Stream.of_project(project.id))
        assert [event.event_type for event in own] == ["project.created", "project.deleted"]
        (inbound,) = await work.inbound_events.find(limit=10)
        assert inbound.decision_set_id is None
    assert [event.event_type for event in await harness.feed(2)] == ["project.created", "project.deleted"]


async def test_deleting_a_project_leaves_other_projects_alone(harness: Harness) -> None:
    project, _ = await _furnished_project(harness)
    other, decision_set = await _furnished_project(harness)
    async with harness.transaction() as work:
        await work.projects.delete(project.id, expected_version=1)
    async with harness.reading() as work:
        assert await work.projects.find(limit=10) == [other]
        assert await work.decision_sets.find(limit=10) == [decision_set]
        assert [job.decision_set_id for job in await work.jobs.find(limit=10)] == [decision_set.id]
        assert len(await work.agent_runs.find(decision_set_id=decision_set.id)) == 1
        assert len(await work.artifacts.find(decision_set_id=decision_set.id)) == 1
        assert len(await work.approvals.find()) == 1
        assert len(await work.events.read(Stream.of_decision_set(decision_set.id))) == 1
        (checkpoint,) = await work.checkpoints.find()
        assert checkpoint.record.key.thread_id == decision_set.thread_id
        assert (len(checkpoint.blobs), len(checkpoint.writes)) == (1, 1)


async def _furnished_project(harness: Harness) -> tuple[Project, DecisionSet]:
    project = await harness.project()
    decision_set = await harness.decision_set(project)
    owner, now = decision_set.id, harness.now
    job = harness.new_job(decision_set_id=owner)
    run = AgentRun(harness.ids.new(), owner, job.id, "planner", "task", 1, now)
    key = storage_key("a" * 64)
    artifact = Artifact(harness.ids.new(), owner, "report", "a.md", key, 1, "a" * 64, now)
    inbound = InboundEvent(harness.ids.new(), "github", str(owner), "push", {}, now, now, decision_set_id=owner)
    checkpoint = CheckpointKey(decision_set.thread_id, "", "1")
    async with harness.transaction() as work:
        await work.jobs.enqueue([job])
        await work.agent_runs.put([run])
        await work.artifacts.add([artifact])
        await work.approvals.open([Approval(owner, "interrupt", "gate", {}, now)])
        await work.inbound_events.receive(inbound)
        await work.checkpoints.put(
            CheckpointRecord(checkpoint, None, Packed("bytes", b"{}"), {}, {"state": "1"}),
            [BlobRecord("state", "1", Packed("bytes", b"1"))],
        )
        await work.checkpoints.put_writes(checkpoint, [WriteRecord("task", 0, "state", Packed("bytes", b"2"))])
        await work.events.append(
            [
                NewEvent(Stream.of_project(project.id), "project.created", {}, "test"),
                NewEvent(Stream.of_decision_set(owner), "started", {}, "test"),
            ]
        )
    return project, decision_set
