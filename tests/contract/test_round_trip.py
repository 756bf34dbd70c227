"""Every field of every entity comes back as it went in, on every storage."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from attrs import NOTHING, Factory, fields

from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.approval import Approval, ApprovalStatus, OnTimeout
from domain.model.artifact import Artifact, storage_key
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.event import NewEvent, Stream
from domain.model.inbound_event import InboundEvent, InboundEventStatus
from domain.model.job import Job, JobStatus, NewJob, Settlement
from domain.model.project import Project
from ports.checkpoints import (
    BlobRecord,
    CheckpointKey,
    CheckpointRecord,
    Packed,
    StoredCheckpoint,
    WriteRecord,
)
from tests.contract.harness import MINUTE, Harness

TEXT = "naïve 日本 🚀 'quoted' \"twice\" %s :name \\ \n\t end"
JSON: dict[str, Any] = {
    "text": TEXT,
    "": "an empty key",
    "largest": 2**63 + 1,
    "beyond": 10**30,
    "precise": 2**53 + 1,
    "small": -0.1,
    "tiny": 5e-324,
    "flags": [True, False, None],
    "deep": {"list": [[], {}, [{"a": [1]}]]},
    "looks like a time": "2031-01-01T00:00:00Z",
}
OFFSET = timezone(timedelta(hours=5, minutes=45))
MOMENT = datetime(2030, 12, 31, 23, 59, 59, 999999, tzinfo=OFFSET)
EARLIEST = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
LARGEST = 2**63 - 1


async def test_a_project_comes_back_whole(harness: Harness) -> None:
    project = Project(harness.ids.new(), TEXT, TEXT * 100, LARGEST - 1, EARLIEST, MOMENT)
    _require_distinct(project)
    async with harness.transaction() as work:
        await work.projects.add(project)
    saved = project.described(harness.now, name="changed", description="")
    async with harness.transaction() as work:
        assert await work.projects.get(project.id) == project
        await work.projects.save(saved, expected_version=project.version)
    async with harness.reading() as work:
        assert await work.projects.get(project.id) == saved


async def test_a_decision_set_comes_back_whole(harness: Harness) -> None:
    project = await harness.project()
    parent = await harness.decision_set(project)
    decision_set = DecisionSet(
        id=harness.ids.new(),
        project_id=project.id,
        thread_id=TEXT,
        workflow="mlops-design",
        workflow_version="1.2.3+local",
        user_prompt=TEXT * 1000,
        created_at=EARLIEST,
        updated_at=MOMENT,
        status=DecisionSetStatus.CANCELLED,
        status_reason=TEXT,
        metadata=JSON,
        parent_id=parent.id,
        forked_from="checkpoint",
        version=LARGEST - 1,
    )
    _require_distinct(decision_set)
    async with harness.transaction() as work:
        await work.decision_sets.add(decision_set)
    saved = decision_set.moved(DecisionSetStatus.ACTIVE, harness.now, reason="again")
    async with harness.transaction() as work:
        assert await work.decision_sets.get(decision_set.id, for_update=True) == decision_set
        await work.decision_sets.save(saved, expected_version=decision_set.version)
    async with harness.reading() as work:
        assert await work.decision_sets.get(decision_set.id) == saved


async def test_an_event_comes_back_whole(harness: Harness) -> None:
    new = NewEvent(Stream.of_decision_set((await harness.decision_set()).id), TEXT, JSON, TEXT, job_id=UUID(int=7))
    _require_distinct(new)
    async with harness.transaction() as work:
        await work.events.append([new])
        (event,) = await work.events.append([new])
    _require_distinct(event)
    assert (event.stream, event.event_type, event.event_data) == (new.stream, TEXT, JSON)
    assert (event.actor, event.job_id, event.created_at) == (TEXT, UUID(int=7), harness.now)
    async with harness.reading() as work:
        (read,) = await work.events.read(new.stream, after=1)
        assert read == event
    assert (await harness.feed(2))[1] == event
    assert read.hash == read.computed_hash()


async def test_a_job_comes_back_whole_on_every_stage_of_its_way(harness: Harness) -> None:
    new = NewJob(
        id=harness.ids.new(),
        job_type=TEXT,
        payload=JSON,
        decision_set_id=(await harness.decision_set()).id,
        queue=TEXT,
        priority=-(2**31),
        run_at=EARLIEST,
        max_retries=LARGEST,
        timeout=timedelta(hours=1, microseconds=250_000),
        idempotency_key=TEXT,
        exclusive_key=TEXT,
    )
    queued = (await harness.enqueue(new))[0]
    assert queued == Job.from_new(new, harness.now) == await harness.stored_job(new.id)
    (leased,) = await harness.lease(worker=TEXT, queues=[TEXT], job_types=[TEXT])
    assert leased == queued.leased(TEXT, harness.now, MINUTE) == await harness.stored_job(new.id)
    now = await harness.advance(timedelta(microseconds=1))
    retry = Settlement(leased.lease, JobStatus.QUEUED, MINUTE, counts_as_retry=True, error_message=TEXT)
    async with harness.transaction() as work:
        (retried,) = await work.jobs.settle([retry])
    assert retried == leased.settled(retry, now) == await harness.stored_job(new.id)
    now = await harness.advance(MINUTE)
    (again,) = await harness.lease(worker="second")
    assert (again.started_at, again.retry_count, again.lease_token) == (leased.started_at, 1, 2)
    failure = Settlement(again.lease, JobStatus.FAILED, error_message=TEXT)
    async with harness.transaction() as work:
        (failed,) = await work.jobs.settle([failure])
    assert failed == again.settled(failure, now) == await harness.stored_job(new.id)
    redriven = failed.redriven(now)
    async with harness.transaction() as work:
        await work.jobs.save(redriven, expected=failed)
    assert await harness.stored_job(new.id) == redriven


async def test_an_agent_run_comes_back_whole(harness: Harness) -> None:
    run = AgentRun(
        id=harness.ids.new(),
        decision_set_id=(await harness.decision_set()).id,
        job_id=UUID(int=7),
        agent_name=TEXT,
        task_id=TEXT,
        lease_token=LARGEST,
        started_at=EARLIEST,
        status=AgentRunStatus.FAILED,
        input_data=[JSON],
        output_data="only text",
        error_message=TEXT,
        usage=JSON,
        checkpoint_id=TEXT,
        completed_at=MOMENT,
    )
    _require_distinct(run)
    async with harness.transaction() as work:
        await work.agent_runs.put([run])
    async with harness.reading() as work:
        assert await work.agent_runs.get(run.id) == run


async def test_an_artifact_comes_back_whole(harness: Harness) -> None:
    artifact = Artifact(
        id=harness.ids.new(),
        decision_set_id=(await harness.decision_set()).id,
        artifact_type="report",
        filename="ünï/日本.md",
        storage_key=storage_key("ab" * 32),
        size_bytes=LARGEST,
        content_hash="ab" * 32,
        created_at=MOMENT,
        extra_metadata=JSON,
    )
    _require_distinct(artifact)
    async with harness.transaction() as work:
        await work.artifacts.add([artifact])
    async with harness.reading() as work:
        assert await work.artifacts.get(artifact.id) == artifact


async def test_an_approval_comes_back_whole(harness: Harness) -> None:
    approval = Approval(
        decision_set_id=(await harness.decision_set()).id,
        interrupt_id=TEXT,
        gate=TEXT,
        prompt=JSON,
        created_at=EARLIEST,
        response_schema=JSON,
        defaults=[1, 2],
        rejection=False,
        deadline=MOMENT,
        on_timeout=OnTimeout.REJECT,
        status=ApprovalStatus.ANSWERED,
        answer=0,
        comment=TEXT,
        decided_by=TEXT,
        decided_at=MOMENT,
        version=LARGEST,
    )
    _require_distinct(approval)
    async with harness.transaction() as work:
        await work.approvals.open([approval])
    async with harness.reading() as work:
        assert await work.approvals.get(approval.decision_set_id, TEXT) == approval


async def test_a_decided_approval_comes_back_whole(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    opened = Approval(owner, "interrupt", "gate", None, EARLIEST)
    answered = opened.answered(JSON, TEXT, MOMENT, comment=TEXT)
    async with harness.transaction() as work:
        await work.approvals.open([opened])
        await work.approvals.save(answered, expected_version=1)
    async with harness.reading() as work:
        assert await work.approvals.get(owner, "interrupt") == answered


async def test_an_inbound_event_comes_back_whole(harness: Harness) -> None:
    event = InboundEvent(
        id=harness.ids.new(),
        source=TEXT,
        external_id=TEXT,
        event_type=TEXT,
        data=[JSON, "text", 1],
        created_at=EARLIEST,
        updated_at=MOMENT,
        task_context=JSON,
        status=InboundEventStatus.FAILED,
        decision_set_id=(await harness.decision_set()).id,
        error_message=TEXT,
    )
    _require_distinct(event)
    async with harness.transaction() as work:
        assert await work.inbound_events.receive(event) == (event, True)
    processed = event.processed({"made": JSON}, harness.now)
    async with harness.transaction() as work:
        assert await work.inbound_events.get(event.id) == event
        await work.inbound_events.save(processed)
    async with harness.reading() as work:
        assert await work.inbound_events.get(event.id) == processed


async def test_a_checkpoint_comes_back_whole(harness: Harness) -> None:
    data = bytes(range(256)) * 300
    key = CheckpointKey(TEXT, "outer:1|inner:2", "checkpoint 1")
    record = CheckpointRecord(key, "checkpoint 0", Packed("json", data), JSON, {TEXT: TEXT, "empty": ""})
    blobs = (BlobRecord("empty", "", Packed("empty", b"")), BlobRecord(TEXT, TEXT, Packed("msgpack", data)))
    write = WriteRecord(TEXT, -4, TEXT, Packed("null", b"\x00"), task_path=TEXT)
    for entity in (record, write):
        _require_distinct(entity)
    async with harness.transaction() as work:
        await work.checkpoints.put(record, blobs)
        await work.checkpoints.put_writes(key, [write])
    async with harness.reading() as work:
        stored = await work.checkpoints.get(key.thread_id, key.namespace)
    assert stored == StoredCheckpoint(record, blobs, (write,))


async def test_fields_that_are_not_set_stay_unset(harness: Harness) -> None:
    decision_set = await harness.decision_set()
    approval = Approval(decision_set.id, "interrupt", "gate", None, harness.now)
    run = AgentRun(harness.ids.new(), decision_set.id, UUID(int=7), "planner", "task", 0, harness.now)
    event = InboundEvent(harness.ids.new(), "github", "1", "push", None, harness.now, harness.now)
    job = harness.new_job()
    async with harness.transaction() as work:
        await work.approvals.open([approval])
        await work.agent_runs.put([run])
        await work.inbound_events.receive(event)
        await work.jobs.enqueue([job])
    async with harness.reading() as work:
        assert await work.decision_sets.get(decision_set.id) == decision_set
        assert await work.approvals.get(decision_set.id, "interrupt") == approval
        assert await work.agent_runs.get(run.id) == run
        assert await work.inbound_events.get(event.id) == event
        assert await work.jobs.get(job.id) == Job.from_new(job, harness.now)


def _require_distinct(entity: Any) -> None:
    """Fail for a field that a storage could lose unnoticed: one left at its default."""
    for attribute in fields(type(entity)):
        default = attribute.default
        if isinstance(default, Factory):  # type: ignore[arg-type]  # attrs types Factory as a function
            default = default.factory()
        assert default is NOTHING or getattr(entity, attribute.name) != default, attribute.name
