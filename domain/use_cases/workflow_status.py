"""What the end of a job means for the decision set whose workflow it ran."""

from collections.abc import Sequence

from domain.model.approval import ApprovalStatus
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.event import NewEvent
from domain.model.event_type import EventType
from domain.model.job import WORKFLOW_JOB, Job, JobStatus
from domain.use_cases.recording import about_decision_set
from ports.storage import UnitOfWork

_FOLLOWS = {
    JobStatus.FAILED: (DecisionSetStatus.FAILED, EventType.WORKFLOW_FAILED),
    JobStatus.CANCELLED: (DecisionSetStatus.CANCELLED, EventType.DECISION_SET_CANCELLED),
}


async def follow_ended_jobs(work: UnitOfWork, jobs: Sequence[Job], actor: str) -> list[NewEvent]:
    """Move the decision sets of workflow jobs that failed for good or were cancelled, and withdraw their approvals.

    What their agents were doing is marked failed: the lease under which it ran may write no more. Returns the events
    that tell of it, for the caller to append with its own: event heads are locked last, and all at once.
    """
    events: list[NewEvent] = []
    for job in sorted(jobs, key=lambda job: str(job.decision_set_id)):
        if job.job_type != WORKFLOW_JOB or job.decision_set_id is None or job.status not in _FOLLOWS:
            continue
        status, event_type = _FOLLOWS[job.status]
        await close_agent_runs(work, job)
        decision_set = await work.decision_sets.get(job.decision_set_id, for_update=True)
        if decision_set.status.settled:
            continue
        moved = await move(work, decision_set, status, reason=job.error_message)
        withdrawn = await withdraw_approvals(work, moved, actor)
        ended = about_decision_set(event_type, moved, actor, {"reason": job.error_message}, job)
        events += [*withdrawn, ended]
    return events


async def close_agent_runs(work: UnitOfWork, job: Job) -> None:
    """Mark the agent runs of an ended job failed that are recorded as running."""
    running = await work.agent_runs.running_of(job.id)
    if running:
        now = await work.now()
        await work.agent_runs.put(
            [run.failed(now, f"The job was {job.status} while the agent ran.") for run in running]
        )


async def move(
    work: UnitOfWork, decision_set: DecisionSet, status: DecisionSetStatus, *, reason: str | None = None
) -> DecisionSet:
    """Write a decision set, read for update, under another status; one that has that status already stays as it is."""
    if decision_set.status is status and decision_set.status_reason == reason:
        return decision_set
    moved = decision_set.moved(status, await work.now(), reason=reason)
    await work.decision_sets.save(moved, expected_version=decision_set.version)
    return moved


async def withdraw_approvals(work: UnitOfWork, decision_set: DecisionSet, actor: str) -> list[NewEvent]:
    """Cancel a decision set's open approvals and return the events that tell of it."""
    events = []
    while opened := await work.approvals.find(decision_set_id=decision_set.id, status=ApprovalStatus.OPEN):
        for approval in opened:
            await work.approvals.save(approval.cancelled(await work.now()), expected_version=approval.version)
            data = {"interrupt_id": approval.interrupt_id, "gate": approval.gate}
            events.append(about_decision_set(EventType.APPROVAL_CANCELLED, decision_set, actor, data))
    return events
