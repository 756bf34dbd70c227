"""Use cases whose transactions meet those of others, on every storage."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.system.json_schemas import JsonSchemas
from domain.model.approval import Approval, ApprovalStatus
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import DomainError, TransactionConflictError
from domain.model.job import WORKFLOW_JOB, Job, JobStatus, Settlement
from domain.use_cases.approvals import AnswerApproval, ExpireApprovals
from domain.use_cases.continuing import ResumeDecisionSet
from domain.use_cases.leasing import ReapExpiredLeases, SettleJob
from domain.use_cases.run_workflow import _wait
from domain.use_cases.workflow_status import move
from domain.use_cases.workflows import CancelDecisionSet
from tests.contract.harness import MINUTE, Harness

ACTOR = "user:test"


async def _run(harness: Harness, decision_set: DecisionSet, **fields: Any) -> Job:
    owner = {"decision_set_id": decision_set.id, "exclusive_key": str(decision_set.id)}
    return await harness.job(job_type=WORKFLOW_JOB, **owner, **fields)


async def _ask(harness: Harness, decision_set_id: UUID, **fields: Any) -> Approval:
    approval = Approval(decision_set_id, "1", "input", "?", harness.now, **fields)
    async with harness.transaction() as work:
        await work.approvals.open([approval])
    return approval


async def _status(harness: Harness, decision_set: DecisionSet) -> DecisionSetStatus:
    async with harness.reading() as work:
        return (await work.decision_sets.get(decision_set.id)).status


async def test_a_deadline_that_has_passed_decides_its_approval_and_the_run_goes_on(harness: Harness) -> None:
    decision_set = await harness.decision_set()
    job = await _run(harness, decision_set)
    (leased,) = await harness.lease()
    await _ask(harness, decision_set.id, deadline=harness.now + MINUTE, defaults={"go": True})
    await SettleJob(harness.storage)(Settlement(leased.lease, JobStatus.WAITING_APPROVAL), _wait)
    assert await ExpireApprovals(harness.storage)() == []
    await harness.advance(2 * MINUTE)
    (expired,) = await ExpireApprovals(harness.storage)()
    assert (expired.status, expired.answer) == (ApprovalStatus.EXPIRED, {"go": True})
    assert (await harness.stored_job(job.id)).status is JobStatus.QUEUED
    assert await _status(harness, decision_set) is DecisionSetStatus.ACTIVE


async def test_a_run_queued_while_its_decision_set_is_being_cancelled_does_not_outlive_it(harness: Harness) -> None:
    decision_set = await harness.decision_set(status=DecisionSetStatus.FAILED)
    async with harness.transaction() as work:
        read = await work.decision_sets.get(decision_set.id, for_update=True)
        cancelling = asyncio.create_task(CancelDecisionSet(harness.storage)(decision_set.id, actor=ACTOR))
        await asyncio.sleep(0.3)
        await move(work, read, DecisionSetStatus.ACTIVE)
        new = harness.new_job(
            job_type=WORKFLOW_JOB, decision_set_id=decision_set.id, exclusive_key=str(decision_set.id)
        )
        await work.jobs.enqueue([new])
    (outcome,) = await asyncio.gather(cancelling, return_exceptions=True)
    if isinstance(outcome, BaseException):
        assert isinstance(outcome, TransactionConflictError)
        await CancelDecisionSet(harness.storage)(decision_set.id, actor=ACTOR)
    assert await _status(harness, decision_set) is DecisionSetStatus.CANCELLED
    assert (await harness.stored_job(new.id)).status is JobStatus.CANCELLED


async def test_answers_and_settlements_that_meet_never_leave_a_run_waiting_for_nothing(harness: Harness) -> None:
    answer = AnswerApproval(harness.storage, JsonSchemas())
    settle = SettleJob(harness.storage)

    async def meet() -> tuple[JobStatus, DecisionSetStatus]:
        decision_set = await harness.decision_set()
        job = await _run(harness, decision_set, queue=str(decision_set.id))
        (leased,) = await harness.lease(queues=[job.queue])
        await _ask(harness, decision_set.id)
        waiting = Settlement(leased.lease, JobStatus.WAITING_APPROVAL)
        await asyncio.gather(settle(waiting, _wait), answer(decision_set.id, "1", "yes", decided_by=ACTOR))
        return (await harness.stored_job(job.id)).status, await _status(harness, decision_set)

    met = await asyncio.gather(*(meet() for _ in range(10)))
    assert set(met) == {(JobStatus.QUEUED, DecisionSetStatus.ACTIVE)}


async def test_cancel_answer_expiry_reaping_and_resumption_at_once_leave_job_and_decision_set_of_one_mind(
    harness: Harness,
) -> None:
    storage = harness.storage
    sets = [await harness.decision_set() for _ in range(6)]
    for decision_set in sets:
        await _run(harness, decision_set, max_retries=0)
        await harness.job(decision_set_id=decision_set.id)
        await _ask(harness, decision_set.id, deadline=harness.now + timedelta(seconds=1))
    await harness.lease(limit=20)
    await harness.advance(2 * MINUTE)
    moves: list[Awaitable[object]] = [ReapExpiredLeases(storage)(limit=3) for _ in range(4)]
    moves += [ExpireApprovals(storage)() for _ in range(2)]
    for decision_set in sets:
        moves.append(CancelDecisionSet(storage)(decision_set.id, actor=ACTOR))
        moves.append(ResumeDecisionSet(storage, harness.ids)(decision_set.id, actor=ACTOR))
        moves.append(AnswerApproval(storage, JsonSchemas())(decision_set.id, "1", 1, decided_by=ACTOR))
    outcomes = await asyncio.gather(*moves, return_exceptions=True)
    assert [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, DomainError)] == []
    for decision_set in sets:
        async with harness.reading() as work:
            runs = [job for job in await work.jobs.live_of(decision_set.id) if job.job_type == WORKFLOW_JOB]
            opened = await work.approvals.find(decision_set_id=decision_set.id, status=ApprovalStatus.OPEN)
        settled = (await _status(harness, decision_set)).settled
        assert len(runs) == (0 if settled else 1)
        assert not (settled and opened)


@pytest.mark.parametrize("count", [1001])
async def test_a_cancelled_decision_set_keeps_no_question_open_however_many_there_are(
    harness: Harness, count: int
) -> None:
    decision_set = await harness.decision_set()
    questions = [Approval(decision_set.id, str(number), "gate", "?", harness.now) for number in range(count)]
    async with harness.transaction() as work:
        await work.approvals.open(questions)
    await CancelDecisionSet(harness.storage)(decision_set.id, actor=ACTOR)
    async with harness.reading() as work:
        assert await work.approvals.find(decision_set_id=decision_set.id, status=ApprovalStatus.OPEN) == []
