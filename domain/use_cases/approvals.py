"""Approvals: list, answer by interrupt id, expire."""

from uuid import UUID

from attrs import frozen

from domain.model.approval import Approval, ApprovalStatus
from domain.model.decision_set import DecisionSetStatus
from domain.model.errors import AnswerRejectedError
from domain.model.event import NewEvent
from domain.model.event_type import EventType
from domain.model.job import WORKFLOW_JOB, Job, JobStatus
from domain.use_cases.recording import about_decision_set, about_job
from domain.use_cases.workflow_status import move
from ports.schemas import Schemas
from ports.storage import Storage, UnitOfWork


@frozen
class ListApprovals:
    """List approvals."""

    storage: Storage

    async def __call__(
        self, *, decision_set_id: UUID | None = None, status: ApprovalStatus | None = None, limit: int = 1000
    ) -> list[Approval]:
        """Return approvals, oldest first, of one decision set or of all."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.approvals.find(decision_set_id=decision_set_id, status=status, limit=limit)


@frozen
class GetApproval:
    """Read an approval."""

    storage: Storage

    async def __call__(self, decision_set_id: UUID, interrupt_id: str) -> Approval:
        """Return an approval; raises NotFoundError."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.approvals.get(decision_set_id, interrupt_id)


@frozen
class AnswerApproval:
    """Answer an approval, and let its run go on when it was the last one open."""

    storage: Storage
    schemas: Schemas

    async def __call__(
        self,
        decision_set_id: UUID,
        interrupt_id: str,
        answer: object,
        *,
        decided_by: str,
        comment: str | None = None,
        expected_version: int | None = None,
    ) -> Approval:
        """Decide an open approval.

        Raises AnswerRejectedError when the answer does not meet its schema (it stays open), IllegalTransitionError when
        it has been decided, VersionConflictError when it is not at ``expected_version``.
        """
        async with self.storage.transaction() as work:
            job = await _lock_run(work, decision_set_id)
            approval = await work.approvals.get(decision_set_id, interrupt_id, for_update=True)
            decided = approval.answered(
                answer, decided_by, await work.now(), comment=comment, expected_version=expected_version
            )
            faults = self.schemas.faults(approval.response_schema, decided.answer)
            if faults:
                raise AnswerRejectedError(interrupt_id, faults)
            await _decide(work, approval, decided, job, EventType.APPROVAL_ANSWERED, decided_by)
        return decided


@frozen
class ExpireApprovals:
    """Decide approvals whose deadline has passed."""

    storage: Storage

    async def __call__(self, *, limit: int = 100, actor: str = "system:deadline") -> list[Approval]:
        """Return the approvals decided by their deadline: their defaults taken, or the gate rejected."""
        async with self.storage.transaction(read_only=True) as work:
            overdue = await work.approvals.overdue(limit=limit)
        return [one for approval in overdue for one in await self._expire(approval, actor)]

    async def _expire(self, overdue: Approval, actor: str) -> list[Approval]:
        async with self.storage.transaction() as work:
            job = await _lock_run(work, overdue.decision_set_id)
            approval = await work.approvals.get(overdue.decision_set_id, overdue.interrupt_id, for_update=True)
            if approval.status is not ApprovalStatus.OPEN:
                return []
            expired = approval.expired(await work.now())
            await _decide(work, approval, expired, job, EventType.APPROVAL_EXPIRED, actor)
        return [expired]


async def _lock_run(work: UnitOfWork, decision_set_id: UUID) -> Job | None:
    """Lock a decision set's run, then the decision set, as every writer does: an answer and the run's end take turns.

    A run that ended before it was locked is not the one to go on; a later one may have put the question again.
    """
    job = None
    while runs := [one for one in await work.jobs.live_of(decision_set_id) if one.job_type == WORKFLOW_JOB]:
        job = await work.jobs.get(runs[0].id, for_update=True)
        if job.live:
            break
    await work.decision_sets.get(decision_set_id, for_update=True)
    return job


async def _decide(
    work: UnitOfWork, approval: Approval, decided: Approval, job: Job | None, event_type: EventType, actor: str
) -> None:
    await work.approvals.save(decided, expected_version=approval.version)
    decision_set = await work.decision_sets.get(approval.decision_set_id, for_update=True)
    data = {
        "interrupt_id": decided.interrupt_id,
        "gate": decided.gate,
        "answer": decided.answer,
        "comment": decided.comment,
    }
    events: list[NewEvent] = [about_decision_set(event_type, decision_set, actor, data, job)]
    still_open = await work.approvals.find(decision_set_id=decision_set.id, status=ApprovalStatus.OPEN, limit=1)
    if job is not None and job.status is JobStatus.WAITING_APPROVAL and not still_open:
        continued = job.requeued(await work.now())
        await work.jobs.save(continued, expected=job)
        await move(work, decision_set, DecisionSetStatus.ACTIVE)
        events.append(about_job(EventType.JOB_CONTINUED, continued, actor))
    await work.events.append(events)
