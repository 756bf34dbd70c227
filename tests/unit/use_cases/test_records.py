"""Projects, events, artifacts and inbound events: what is kept, and what is refused."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve

from domain.model.errors import (
    ArtifactCorruptError,
    ArtifactMissingError,
    IllegalTransitionError,
    InvalidValueError,
    LeaseLostError,
    NotFoundError,
    VersionConflictError,
)
from domain.model.event import NewEvent, Stream
from domain.model.inbound_event import InboundEvent, InboundEventStatus
from domain.model.job import NewJob
from domain.use_cases.artifacts import FetchArtifact, ListArtifacts, StoreArtifact
from domain.use_cases.continuing import ForkDecisionSet
from domain.use_cases.event_log import AppendEvents, ReadFeed, VerifyEventLog
from domain.use_cases.inbound_events import ProcessInboundEvent, ReceiveInboundEvent
from domain.use_cases.jobs import CancelJob
from domain.use_cases.leasing import CompleteJobs, EnqueueJobs, LeaseJobs, ReleaseJobs, RenewLeases
from domain.use_cases.projects import CreateProject, DeleteProject, DescribeProject, ListProjects
from tests.unit.use_cases.conftest import ACTOR, World


async def test_a_project_keeps_its_deletion_on_record(world: World) -> None:
    project = await world.project()
    await DeleteProject(world.storage)(project.id, actor=ACTOR)
    assert await ListProjects(world.storage)() == []
    assert await world.event_types(Stream.of_project(project.id)) == ["project_created", "project_deleted"]


async def test_describing_a_project_needs_the_version_that_was_read(world: World) -> None:
    project = await world.project()
    describe = DescribeProject(world.storage)
    renamed = await describe(project.id, expected_version=1, actor=ACTOR, name="store")
    assert (renamed.name, renamed.version) == ("store", 2)
    with pytest.raises(VersionConflictError):
        await describe(project.id, expected_version=1, actor=ACTOR, name="again")


@pytest.mark.parametrize("name", ["", "   ", "x" * 256, "a\x00b", "\ud800"])
async def test_a_bad_name_makes_no_project(world: World, name: str) -> None:
    with pytest.raises(InvalidValueError):
        await CreateProject(world.storage, world.ids)(name, actor=ACTOR)
    assert await ListProjects(world.storage)() == []


async def test_a_stale_lease_appends_no_event(world: World) -> None:
    decision_set, _ = await world.started()
    job = await world.lease()
    await CancelJob(world.storage)(job.id, actor=ACTOR)
    before = await world.event_types(decision_set.id)
    event = NewEvent(Stream.of_decision_set(decision_set.id), "late", {}, "worker:w1", job.id)
    with pytest.raises(LeaseLostError):
        await AppendEvents(world.storage)([event], lease=job.lease)
    assert await world.event_types(decision_set.id) == before


async def test_verifying_an_untouched_stream_finds_it_intact(world: World) -> None:
    decision_set, _ = await world.started()
    stream = Stream.of_decision_set(decision_set.id)
    await AppendEvents(world.storage)([NewEvent(stream, "note", {"n": n}, ACTOR) for n in range(1500)])
    report = await VerifyEventLog(world.storage)(stream)
    assert (report.intact, report.checked) == (True, 1502)


async def test_the_feed_shows_every_event_once_in_pages(world: World) -> None:
    await world.started()
    await world.started()
    seen, after = [], None
    while True:
        page = await ReadFeed(world.storage)(after=after, limit=2)
        if not page.events:
            break
        seen += [(event.stream, event.sequence) for event in page.events]
        after = page.next
    assert len(seen) == len(set(seen)) == 6


async def test_an_artifact_comes_back_as_it_was_stored_and_is_recorded_once(world: World) -> None:
    decision_set, _ = await world.started()
    store = StoreArtifact(world.storage, world.artifact_store, world.ids)
    first = await store(decision_set.id, "report", "docs/report.md", b"hello", actor=ACTOR)
    again = await store(decision_set.id, "report", "docs/report.md", b"hello", actor=ACTOR)
    assert again == first
    assert await FetchArtifact(world.storage, world.artifact_store)(first.id) == (first, b"hello")
    assert await ListArtifacts(world.storage)(decision_set.id) == [first]
    assert (await world.event_types(decision_set.id)).count("artifact_stored") == 1


@pytest.mark.parametrize("filename", ["../x", "/etc/passwd", "a/../b", "a\\b", "C:/x", "a\nb", ""])
async def test_an_unsafe_file_name_is_refused(world: World, filename: str) -> None:
    decision_set, _ = await world.started()
    store = StoreArtifact(world.storage, world.artifact_store, world.ids)
    with pytest.raises(InvalidValueError):
        await store(decision_set.id, "report", filename, b"x", actor=ACTOR)


async def test_changed_bytes_are_not_handed_out(world: World) -> None:
    decision_set, _ = await world.started()
    artifact = await StoreArtifact(world.storage, world.artifact_store, world.ids)(
        decision_set.id, "report", "r.md", b"hello", actor=ACTOR
    )

    class Tampered:
        async def get(self, storage_key: str) -> bytes:
            return b"jello"

        async def put(self, content: bytes) -> str:
            return artifact.storage_key

        async def check(self) -> None:
            return None

    with pytest.raises(ArtifactCorruptError):
        await FetchArtifact(world.storage, Tampered())(artifact.id)
    with pytest.raises(ArtifactCorruptError):
        await StoreArtifact(world.storage, Tampered(), world.ids)(decision_set.id, "a", "b", b"hello", actor=ACTOR)


async def test_bytes_that_are_gone_are_named(world: World) -> None:
    decision_set, _ = await world.started()
    artifact = await StoreArtifact(world.storage, world.artifact_store, world.ids)(
        decision_set.id, "report", "r.md", b"hello", actor=ACTOR
    )
    empty = evolve(world).artifact_store.__class__()
    with pytest.raises(ArtifactMissingError, match=artifact.storage_key):
        await FetchArtifact(world.storage, empty)(artifact.id)


async def test_an_inbound_event_is_received_once_and_keeps_its_task_context(world: World) -> None:
    receive = ReceiveInboundEvent(world.storage, world.ids)
    event, new = await receive("github", "42", "push", {"ref": "main"}, actor="source:github")
    again, new_again = await receive("github", "42", "push", {"ref": "other"}, actor="source:github")
    assert (new, new_again, again) == (True, False, event)

    async def processing(received: InboundEvent) -> Mapping[str, Any]:
        return {"branch": received.data["ref"]}

    process = ProcessInboundEvent(world.storage)
    processed = await process(event.id, processing, actor=ACTOR)
    assert (processed.status, processed.task_context) == (InboundEventStatus.PROCESSED, {"branch": "main"})
    with pytest.raises(IllegalTransitionError):
        await process(event.id, processing, actor=ACTOR)


async def test_a_processing_that_raises_leaves_the_event_failed_and_repeatable(world: World) -> None:
    event, _ = await ReceiveInboundEvent(world.storage, world.ids)("s", "1", "x", None, actor=ACTOR)

    async def broken(received: InboundEvent) -> Mapping[str, Any]:
        raise RuntimeError("no luck")

    async def works(received: InboundEvent) -> Mapping[str, Any]:
        return {}

    process = ProcessInboundEvent(world.storage)
    with pytest.raises(RuntimeError):
        await process(event.id, broken, actor=ACTOR)
    async with world.storage.transaction(read_only=True) as work:
        failed = await work.inbound_events.get(event.id)
    assert (failed.status, failed.error_message) == (InboundEventStatus.FAILED, "no luck")
    assert (await process(event.id, works, actor=ACTOR)).status is InboundEventStatus.PROCESSED


async def test_a_batch_is_completed_renewed_and_released_each_under_its_own_token(world: World) -> None:
    from datetime import timedelta

    await EnqueueJobs(world.storage)([NewJob(id=world.ids.new(), job_type="t") for _ in range(4)], actor=ACTOR)
    jobs = await LeaseJobs(world.storage)("w", limit=4, duration=timedelta(seconds=5))
    await CancelJob(world.storage)(jobs[0].id, actor=ACTOR)
    leases = [job.lease for job in jobs]
    renewed = await RenewLeases(world.storage)(leases, duration=timedelta(seconds=9))
    assert [lease.job_id for lease in renewed] == [job.id for job in jobs[1:]]
    assert {job.id for job in await CompleteJobs(world.storage)(leases[:2])} == {jobs[1].id}
    assert {job.id for job in await ReleaseJobs(world.storage)(leases)} == {jobs[2].id, jobs[3].id}


async def test_a_fork_needs_a_checkpoint(world: World) -> None:
    decision_set, _ = await world.started()
    with pytest.raises(NotFoundError):
        await ForkDecisionSet(world.storage, world.ids)(decision_set.id, actor=ACTOR)
    with pytest.raises(NotFoundError):
        await ForkDecisionSet(world.storage, world.ids)(uuid4(), actor=ACTOR)
