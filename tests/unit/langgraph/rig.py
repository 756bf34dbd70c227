"""A worker in miniature: it leases the decision set's job, runs it, settles it, and answers the gates."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from attrs import define, field

from adapters.artifacts.memory import MemoryArtifactStore
from adapters.langgraph.catalog import GraphCatalog, Registration
from adapters.langgraph.runner import LangGraphRunner
from adapters.langgraph.serializer import strict_serializer
from adapters.memory.storage import MemoryStorage
from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.approval import Approval, ApprovalStatus
from domain.model.artifact import Artifact
from domain.model.decision_set import DecisionSet
from domain.model.event import Event, Stream, StreamHead, verify_entries
from domain.model.job import WORKFLOW_JOB, Job, JobStatus, NewJob, Settlement
from ports.artifacts import ArtifactStore
from ports.checkpoints import StoredCheckpoint
from ports.storage import Storage, UnitOfWork
from ports.workflows import WorkflowEnd, WorkflowOutcome
from tests.contract.harness import Harness, MemoryClock

PROMPT = "Predict churn."


@define
class Switch:
    """A drain that a test turns on."""

    requested: bool = False


class Killed(Exception):  # noqa: N818  # a kill is no error
    """Stands for the end of the worker's process."""


@define
class MortalStorage:
    """A storage that a worker loses at its n-th transaction: before it begins, or after its commit was sent."""

    inner: Storage
    dies_at: int | None = None
    after_commit: bool = False
    opened: int = 0

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        """Open a transaction, unless the worker is dead by now."""
        self.opened += 1
        number = self.opened
        dead = self.dies_at is not None and (
            number > self.dies_at or (number == self.dies_at and not self.after_commit)
        )
        if dead:
            raise Killed
        async with self.inner.transaction(read_only=read_only) as uow:
            yield uow
        if number == self.dies_at:
            raise Killed

    @property
    def capabilities(self) -> Any:
        """Return those of the storage."""
        return self.inner.capabilities

    async def check(self) -> None:
        """Check the storage."""
        await self.inner.check()

    async def close(self) -> None:
        """Close the storage."""
        await self.inner.close()


@define
class Rig:
    """A storage with one decision set, and what it takes to run it."""

    harness: Harness
    decision_set: DecisionSet
    catalog: GraphCatalog
    artifact_store: ArtifactStore = field(factory=MemoryArtifactStore)
    drain: Switch = field(factory=Switch)

    def runner(self, storage: Any = None) -> LangGraphRunner:
        """Return a runner, over a storage of the test's own when given."""
        return LangGraphRunner(
            storage=storage or self.harness.storage,
            catalog=self.catalog,
            artifact_store=self.artifact_store,
            ids=self.harness.ids,
        )

    async def enqueue(self, graph_input: Any = None, **payload: Any) -> Job:
        """Queue a run of the decision set."""
        new = NewJob(
            self.harness.ids.new(),
            WORKFLOW_JOB,
            {"input": graph_input, **payload},
            self.decision_set.id,
            max_retries=99,
        )
        return (await self.harness.enqueue(new))[0]

    async def lease(self) -> Job:
        """Lease the queued run."""
        (job,) = await self.harness.lease(limit=1)
        return job

    async def step(self, storage: Any = None) -> WorkflowOutcome:
        """Lease the queued run, run it, and settle it by its outcome."""
        job = await self.lease()
        outcome = await self.runner(storage).run(job, self.decision_set, self.drain)
        status = {
            WorkflowEnd.COMPLETED: JobStatus.COMPLETED,
            WorkflowEnd.CANCELLED: JobStatus.CANCELLED,
            WorkflowEnd.WAITING_APPROVAL: JobStatus.WAITING_APPROVAL,
            WorkflowEnd.DRAINED: JobStatus.QUEUED,
        }[outcome.end]
        async with self.harness.transaction() as uow:
            await uow.jobs.settle([Settlement(job.lease, status)])
        return outcome

    async def answer(self, answers: Mapping[str, Any]) -> None:
        """Answer the open approvals of these gates and queue the waiting run."""
        async with self.harness.transaction() as uow:
            for approval in await uow.approvals.find(decision_set_id=self.decision_set.id, status=ApprovalStatus.OPEN):
                if approval.gate in answers:
                    decided = approval.answered(answers[approval.gate], "ann", await uow.now())
                    await uow.approvals.save(decided, expected_version=approval.version)
            for job in await uow.jobs.live_of(self.decision_set.id):
                if job.status is JobStatus.WAITING_APPROVAL:
                    await uow.jobs.save(job.requeued(await uow.now()), expected=job)

    async def finish(self, answers: Mapping[str, Any] | None = None, most: int = 10) -> WorkflowOutcome:
        """Run to the end, answering every gate on the way."""
        for _ in range(most):
            outcome = await self.step()
            if outcome.end is not WorkflowEnd.WAITING_APPROVAL:
                return outcome
            await self.answer(answers or {})
        raise AssertionError("the workflow does not end")

    async def lose_worker(self) -> None:
        """Let the lease of a dead worker expire and take its job back."""
        await self.harness.advance(timedelta(minutes=2))
        async with self.harness.transaction() as uow:
            await uow.jobs.reap(limit=10)

    async def runs(self, *statuses: AgentRunStatus) -> list[AgentRun]:
        """Return the agent runs, of these statuses when given."""
        async with self.harness.reading() as uow:
            found = await uow.agent_runs.find(decision_set_id=self.decision_set.id)
        return [run for run in found if not statuses or run.status in statuses]

    async def events(self, *types: str) -> list[Event]:
        """Return the events, of these types when given, once their chain is verified."""
        async with self.harness.reading() as uow:
            found = await uow.events.read(Stream.of_decision_set(self.decision_set.id))
        report, _ = verify_entries(found, StreamHead())
        assert report.intact, report
        return [event for event in found if not types or event.event_type in types]

    async def approvals(self) -> list[Approval]:
        """Return the approvals."""
        async with self.harness.reading() as uow:
            return await uow.approvals.find(decision_set_id=self.decision_set.id)

    async def artifacts(self) -> list[Artifact]:
        """Return the artifact rows."""
        async with self.harness.reading() as uow:
            return await uow.artifacts.find(decision_set_id=self.decision_set.id)

    async def checkpoints(self) -> list[StoredCheckpoint]:
        """Return the thread's checkpoints, newest first."""
        async with self.harness.reading() as uow:
            return await uow.checkpoints.find(thread_id=self.decision_set.thread_id)

    async def state(self) -> dict[str, Any]:
        """Return the last values of the thread's channels."""
        async with self.harness.reading() as uow:
            stored = await uow.checkpoints.get(self.decision_set.thread_id, "")
        assert stored is not None
        serializer = strict_serializer()
        return {blob.channel: serializer.unpack(blob.value) for blob in stored.blobs if ":" not in blob.channel}


async def rig_of(graph: Any, *, prompt: str = PROMPT, **registration: Any) -> Rig:
    """Return a rig on an empty in-memory storage whose workflow is that graph."""
    clock = MemoryClock()
    harness = Harness(MemoryStorage(clock), clock)
    decision_set = await harness.decision_set(workflow="tested", user_prompt=prompt)
    catalog = GraphCatalog({"tested": Registration("tests:graph", build=lambda: graph, **registration)})
    return Rig(harness, decision_set, catalog)
