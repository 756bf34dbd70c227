"""The handler of workflow jobs: run the decision set's graph and record where it got to."""

from attrs import frozen

from domain.model.approval import ApprovalStatus
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import InvalidValueError
from domain.model.event_type import EventType
from domain.model.job import Job, JobStatus
from domain.use_cases.recording import about_decision_set
from domain.use_cases.workflow_status import move
from ports.handlers import Effect, JobResult
from ports.storage import Storage, UnitOfWork
from ports.workflows import Drain, WorkflowEnd, WorkflowOutcome, WorkflowRunner

MISSING = "is missing: a workflow job belongs to a decision set"


@frozen
class RunWorkflow:
    """Run a decision set's workflow for its leased job."""

    storage: Storage
    runner: WorkflowRunner

    async def __call__(self, job: Job, drain: Drain) -> JobResult:
        """Run until the workflow ends, waits for people or is drained; its status commits with the job's.

        Raises InvalidValueError for a job without a decision set, and whatever the workflow raises.
        """
        if job.decision_set_id is None:
            raise InvalidValueError("decision_set_id", MISSING)
        async with self.storage.transaction(read_only=True) as work:
            decision_set = await work.decision_sets.get(job.decision_set_id)
        outcome = await self.runner.run(job, decision_set, drain)
        if outcome.end is WorkflowEnd.WAITING_APPROVAL:
            return JobResult(JobStatus.WAITING_APPROVAL, effect=_wait)
        if outcome.end is WorkflowEnd.DRAINED:
            return JobResult(JobStatus.QUEUED)
        if outcome.end is WorkflowEnd.CANCELLED:
            return JobResult(JobStatus.CANCELLED, reason=outcome.reason)
        return JobResult(effect=_completing(outcome))


async def _wait(work: UnitOfWork, job: Job) -> JobStatus | None:
    """Wait for an answer, unless every one was given while the run was on its way here: then go on at once.

    This runs under the job's lock, which an answer takes too, so that whichever comes second sees the other.
    """
    decision_set = await _own(work, job)
    opened = await work.approvals.find(decision_set_id=decision_set.id, status=ApprovalStatus.OPEN)
    if not opened:
        return JobStatus.QUEUED
    moved = await move(work, decision_set, DecisionSetStatus.WAITING_APPROVAL)
    data = {"gates": [approval.gate for approval in opened]}
    await work.events.append([about_decision_set(EventType.WORKFLOW_WAITING, moved, _actor(job), data, job)])
    return None


def _completing(outcome: WorkflowOutcome) -> Effect:
    async def complete(work: UnitOfWork, job: Job) -> JobStatus | None:
        moved = await move(work, await _own(work, job), DecisionSetStatus.COMPLETED)
        data = {"checkpoint_id": outcome.checkpoint_id}
        await work.events.append([about_decision_set(EventType.WORKFLOW_COMPLETED, moved, _actor(job), data, job)])
        return None

    return complete


async def _own(work: UnitOfWork, job: Job) -> DecisionSet:
    if job.decision_set_id is None:
        raise InvalidValueError("decision_set_id", MISSING)
    return await work.decision_sets.get(job.decision_set_id, for_update=True)


def _actor(job: Job) -> str:
    return f"worker:{job.worker_id}"
