"""A small world over the memory storage: a clock to turn, ids, and a workflow that does what a test tells it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field

from adapters.artifacts.memory import MemoryArtifactStore
from adapters.memory.storage import MemoryStorage
from adapters.system.ids import Uuid7Ids
from adapters.system.json_schemas import JsonSchemas
from domain.model.approval import Approval
from domain.model.decision_set import DecisionSet
from domain.model.errors import UnknownWorkflowError
from domain.model.event import Stream
from domain.model.job import WORKFLOW_JOB, Job
from domain.model.project import Project
from domain.model.retry import RetryPolicy
from domain.use_cases.approvals import AnswerApproval, ExpireApprovals
from domain.use_cases.leasing import FailJob, LeaseJobs
from domain.use_cases.projects import CreateProject
from domain.use_cases.run_workflow import RunWorkflow
from domain.use_cases.work_job import WorkJob
from domain.use_cases.workflows import StartWorkflow
from ports.handlers import JobHandler
from ports.workflows import Drain, WorkflowEnd, WorkflowInfo, WorkflowOutcome

ACTOR = "user:test"
PLAIN = WorkflowInfo("plain", "1", "a workflow", "tests:plain")
THROUGH = WorkflowOutcome(WorkflowEnd.COMPLETED)


@define
class TurnedClock:
    """A clock that stands until it is turned."""

    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def turn(self, **duration: float) -> None:
        self.time += timedelta(**duration)


@define
class OneWorkflow:
    """A catalog of one workflow."""

    info: WorkflowInfo = PLAIN

    def all(self) -> list[WorkflowInfo]:
        return [self.info]

    def get(self, name: str) -> WorkflowInfo:
        if name != self.info.name:
            raise UnknownWorkflowError(name, [self.info.name])
        return self.info


class Half:
    """Chance that is always one half."""

    def fraction(self) -> float:
        return 0.5


@define
class ScriptedRunner:
    """A runner that ends as told; with questions it opens an approval each and waits."""

    world: "World"
    outcome: WorkflowOutcome | Exception = THROUGH
    questions: list[Mapping[str, Any]] = field(factory=list)

    async def run(self, job: Job, decision_set: DecisionSet, drain: Drain) -> WorkflowOutcome:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if self.questions:
            async with self.world.storage.transaction() as work:
                await work.jobs.fence([job.lease])
                now = await work.now()
                await work.approvals.open(
                    [
                        Approval(decision_set.id, f"i{number}", "gate", "?", now, **question)
                        for number, question in enumerate(self.questions)
                    ]
                )
            self.questions = []
            return WorkflowOutcome(WorkflowEnd.WAITING_APPROVAL)
        return self.outcome


class NoDrain:
    """Nobody asks to stop."""

    requested = False


@define
class World:
    """Storage, clock and the use cases that most tests start from."""

    clock: TurnedClock = field(factory=TurnedClock)
    ids: Uuid7Ids = field(factory=Uuid7Ids)
    catalog: OneWorkflow = field(factory=OneWorkflow)
    schemas: JsonSchemas = field(factory=JsonSchemas)
    artifact_store: MemoryArtifactStore = field(factory=MemoryArtifactStore)
    storage: MemoryStorage = field(init=False)
    runner: ScriptedRunner = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.storage = MemoryStorage(self.clock)
        self.runner = ScriptedRunner(self)

    async def project(self, name: str = "shop") -> Project:
        return await CreateProject(self.storage, self.ids)(name, actor=ACTOR)

    async def started(self, **options: Any) -> tuple[DecisionSet, Job]:
        project = await self.project()
        start = StartWorkflow(self.storage, self.catalog, self.ids)
        return await start(project.id, "plain", "a prompt", actor=ACTOR, **options)

    async def lease(self, worker_id: str = "w1", seconds: float = 30) -> Job:
        jobs = await LeaseJobs(self.storage)(worker_id, limit=1, duration=timedelta(seconds=seconds))
        assert jobs, "there is nothing to lease"
        return jobs[0]

    def work(self, **handlers: JobHandler) -> WorkJob:
        all_handlers: dict[str, JobHandler] = {WORKFLOW_JOB: RunWorkflow(self.storage, self.runner), **handlers}
        return WorkJob(self.storage, all_handlers, FailJob(self.storage, Half(), RetryPolicy()))

    async def worked(self) -> Job:
        return await self.work()(await self.lease(), NoDrain())

    async def decision_set(self, decision_set_id: UUID) -> DecisionSet:
        async with self.storage.transaction(read_only=True) as work:
            return await work.decision_sets.get(decision_set_id)

    async def job(self, job_id: UUID) -> Job:
        async with self.storage.transaction(read_only=True) as work:
            return await work.jobs.get(job_id)

    async def event_types(self, stream: Stream | UUID) -> list[str]:
        found = stream if isinstance(stream, Stream) else Stream.of_decision_set(stream)
        async with self.storage.transaction(read_only=True) as work:
            return [event.event_type for event in await work.events.read(found)]

    @property
    def answer(self) -> AnswerApproval:
        return AnswerApproval(self.storage, self.schemas)

    @property
    def expire(self) -> ExpireApprovals:
        return ExpireApprovals(self.storage)


@pytest.fixture
def world() -> World:
    return World()
