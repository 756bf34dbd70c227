"""What happens to a decision set as its runs are worked."""

from datetime import timedelta

import pytest

from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.decision_set import DecisionSetStatus
from domain.model.errors import (
    AnswerRejectedError,
    IllegalTransitionError,
    InvalidValueError,
    LeaseLostError,
    RunInProgressError,
    UnknownWorkflowError,
    VersionConflictError,
)
from domain.model.job import JobStatus, NewJob
from domain.use_cases.continuing import ResumeDecisionSet
from domain.use_cases.decision_sets import UpdateDecisionSet
from domain.use_cases.jobs import CancelJob, RedriveJob
from domain.use_cases.leasing import EnqueueJobs, LeaseJobs, ReapExpiredLeases
from domain.use_cases.workflows import CancelDecisionSet, StartWorkflow
from ports.handlers import JobResult
from ports.workflows import WorkflowEnd, WorkflowInfo, WorkflowOutcome
from tests.unit.use_cases.conftest import ACTOR, NoDrain, World


async def test_a_run_that_goes_through_completes_job_and_decision_set_and_tells_each_step(world: World) -> None:
    decision_set, _ = await world.started()
    settled = await world.worked()
    assert settled.status is JobStatus.COMPLETED
    assert (await world.decision_set(decision_set.id)).status is DecisionSetStatus.COMPLETED
    assert await world.event_types(decision_set.id) == [
        "workflow_started",
        "job_enqueued",
        "job_leased",
        "workflow_completed",
        "job_completed",
    ]


async def test_an_unknown_workflow_starts_nothing(world: World) -> None:
    project = await world.project()
    with pytest.raises(UnknownWorkflowError):
        await StartWorkflow(world.storage, world.catalog, world.ids)(project.id, "other", "x", actor=ACTOR)
    async with world.storage.transaction(read_only=True) as work:
        assert await work.decision_sets.find(limit=10) == []


async def test_an_empty_prompt_starts_nothing(world: World) -> None:
    project = await world.project()
    with pytest.raises(InvalidValueError):
        await StartWorkflow(world.storage, world.catalog, world.ids)(project.id, "plain", "  ", actor=ACTOR)


async def test_a_start_with_a_used_idempotency_key_returns_what_was_started_first(world: World) -> None:
    first, job = await world.started(idempotency_key="once")
    start = StartWorkflow(world.storage, world.catalog, world.ids)
    again, same = await start(first.project_id, "plain", "a prompt", actor=ACTOR, idempotency_key="once")
    assert (again.id, same.id) == (first.id, job.id)


async def test_a_workflow_that_redacts_never_stores_the_secret(world: World) -> None:
    world.catalog.info = WorkflowInfo("plain", "1", "", "tests:plain", redacts_prompt=True)
    project = await world.project()
    start = StartWorkflow(world.storage, world.catalog, world.ids)
    decision_set, _ = await start(
        project.id, "plain", "use postgres://admin:hunter2secret@db.example/x for churn", actor=ACTOR
    )
    assert "hunter2secret" not in decision_set.user_prompt
    assert "[REDACTED" in decision_set.user_prompt


async def test_an_error_is_retried_after_a_backoff_and_fails_the_decision_set_in_the_end(world: World) -> None:
    decision_set, _ = await world.started()
    world.runner.outcome = RuntimeError("boom, password=hunter2secret")
    for attempt in range(4):
        settled = await world.worked()
        world.clock.turn(minutes=10)
        assert settled.retry_count == min(attempt + 1, 3)
    assert settled.status is JobStatus.FAILED
    assert settled.error_message == "RuntimeError: boom, password=***"
    failed = await world.decision_set(decision_set.id)
    assert failed.status is DecisionSetStatus.FAILED
    assert failed.status_reason == settled.error_message
    assert (await world.event_types(decision_set.id))[-2:] == ["workflow_failed", "job_failed"]


async def test_a_retry_waits_its_backoff(world: World) -> None:
    await world.started()
    world.runner.outcome = RuntimeError("boom")
    settled = await world.worked()
    assert settled.run_at == world.clock.now() + timedelta(seconds=0.5)
    assert await LeaseJobs(world.storage)("w", limit=1, duration=timedelta(seconds=1)) == []


async def test_an_error_that_repeating_cannot_mend_is_not_retried(world: World) -> None:
    await world.started()
    world.runner.outcome = InvalidValueError("prompt", "is of no use")
    assert (await world.worked()).status is JobStatus.FAILED


async def test_a_job_type_without_handler_says_so(world: World) -> None:
    await EnqueueJobs(world.storage)([NewJob(id=world.ids.new(), job_type="mail", max_retries=0)], actor=ACTOR)
    settled = await world.worked()
    assert settled.status is JobStatus.FAILED
    assert "No handler is registered for job type 'mail'" in (settled.error_message or "")


async def test_a_job_that_outlasts_its_time_limit_is_stopped(world: World) -> None:
    import asyncio

    async def forever(job: object, drain: object) -> JobResult:
        await asyncio.sleep(60)
        return JobResult()

    new = NewJob(id=world.ids.new(), job_type="slow", max_retries=0, timeout=timedelta(milliseconds=20))
    await EnqueueJobs(world.storage)([new], actor=ACTOR)
    settled = await world.work(slow=forever)(await world.lease(), NoDrain())
    assert settled.status is JobStatus.FAILED
    assert "time limit of 0.02 s" in (settled.error_message or "")


async def test_the_outcome_of_a_lost_lease_is_not_written(world: World) -> None:
    decision_set, _ = await world.started()
    job = await world.lease(seconds=1)
    world.clock.turn(seconds=2)
    await ReapExpiredLeases(world.storage)()
    await world.lease("w2")
    with pytest.raises(LeaseLostError):
        await world.work()(job, NoDrain())
    assert (await world.decision_set(decision_set.id)).status is DecisionSetStatus.ACTIVE


async def test_expired_leases_count_as_retries_until_the_decision_set_fails(world: World) -> None:
    decision_set, _ = await world.started()
    for _ in range(4):
        await world.lease(seconds=1)
        world.clock.turn(seconds=2)
        reaped = await ReapExpiredLeases(world.storage)()
    assert reaped[0].status is JobStatus.FAILED
    assert (await world.decision_set(decision_set.id)).status is DecisionSetStatus.FAILED


async def test_a_waiting_run_goes_on_when_its_last_question_is_answered(world: World) -> None:
    decision_set, job = await world.started()
    world.runner.questions = [{}, {}]
    waiting = await world.worked()
    assert waiting.status is JobStatus.WAITING_APPROVAL
    assert (await world.decision_set(decision_set.id)).status is DecisionSetStatus.WAITING_APPROVAL
    await world.answer(decision_set.id, "i0", "yes", decided_by=ACTOR)
    assert (await world.job(job.id)).status is JobStatus.WAITING_APPROVAL
    await world.answer(decision_set.id, "i1", "yes", decided_by=ACTOR)
    assert (await world.job(job.id)).status is JobStatus.QUEUED
    assert (await world.worked()).status is JobStatus.COMPLETED


async def test_an_answer_given_before_the_run_has_settled_is_not_lost(world: World) -> None:
    decision_set, _ = await world.started()
    world.runner.questions = [{}]
    leased = await world.lease()
    handler = world.work().handlers["workflow"]
    result = await handler(leased, NoDrain())
    assert result is not None
    await world.answer(decision_set.id, "i0", "yes", decided_by=ACTOR)

    async def as_before(job: object, drain: object) -> JobResult | None:
        return result

    settled = await world.work(workflow=as_before)(leased, NoDrain())
    assert settled.status is JobStatus.QUEUED
    assert settled.retry_count == 0


async def test_a_bad_answer_is_refused_with_reasons_and_the_gate_stays_open(world: World) -> None:
    decision_set, _ = await world.started()
    world.runner.questions = [{"response_schema": {"type": "object", "required": ["decision"]}}]
    await world.worked()
    with pytest.raises(AnswerRejectedError, match="'decision' is a required property"):
        await world.answer(decision_set.id, "i0", {}, decided_by=ACTOR)
    await world.answer(decision_set.id, "i0", {"decision": 1}, decided_by=ACTOR)


async def test_a_second_answer_is_refused(world: World) -> None:
    decision_set, _ = await world.started()
    world.runner.questions = [{}]
    await world.worked()
    await world.answer(decision_set.id, "i0", "yes", decided_by=ACTOR)
    with pytest.raises(IllegalTransitionError):
        await world.answer(decision_set.id, "i0", "no", decided_by=ACTOR)


async def test_an_answer_to_a_version_that_has_moved_on_is_refused(world: World) -> None:
    decision_set, _ = await world.started()
    world.runner.questions = [{}]
    await world.worked()
    with pytest.raises(VersionConflictError):
        await world.answer(decision_set.id, "i0", "yes", decided_by=ACTOR, expected_version=7)


async def test_a_deadline_takes_the_defaults_and_the_run_goes_on(world: World) -> None:
    _, job = await world.started()
    world.runner.questions = [{"deadline": world.clock.now() + timedelta(hours=1), "defaults": {"go": True}}]
    await world.worked()
    assert await world.expire() == []
    world.clock.turn(hours=2)
    (expired,) = await world.expire()
    assert expired.answer == {"go": True}
    assert (await world.job(job.id)).status is JobStatus.QUEUED


async def test_cancelling_withdraws_jobs_and_questions_and_the_worker_loses_its_lease(world: World) -> None:
    decision_set, job = await world.started()
    leased = await world.lease()
    await CancelDecisionSet(world.storage)(decision_set.id, actor=ACTOR, reason="not wanted")
    with pytest.raises(LeaseLostError):
        await world.work()(leased, NoDrain())
    cancelled = await world.decision_set(decision_set.id)
    assert (cancelled.status, cancelled.status_reason) == (DecisionSetStatus.CANCELLED, "not wanted")
    assert (await world.job(job.id)).status is JobStatus.CANCELLED


async def test_what_agents_were_doing_is_marked_failed_when_their_job_ends(world: World) -> None:
    decision_set, job = await world.started()
    leased = await world.lease()
    now = world.clock.now()
    run = AgentRun(world.ids.new(), decision_set.id, job.id, "planner", "task-1", leased.lease_token, now)
    async with world.storage.transaction() as work:
        await work.agent_runs.put([run])
    await CancelDecisionSet(world.storage)(decision_set.id, actor=ACTOR)
    async with world.storage.transaction(read_only=True) as work:
        ended = await work.agent_runs.get(run.id)
    assert (ended.status, ended.error_message) == (
        AgentRunStatus.FAILED,
        "The job was cancelled while the agent ran.",
    )


async def test_cancelling_the_job_of_a_run_cancels_its_decision_set(world: World) -> None:
    decision_set, job = await world.started()
    await CancelJob(world.storage)(job.id, actor=ACTOR, reason="stop")
    assert (await world.decision_set(decision_set.id)).status is DecisionSetStatus.CANCELLED


async def test_a_workflow_that_calls_itself_off_ends_cancelled_with_its_reason(world: World) -> None:
    decision_set, _ = await world.started()
    world.runner.outcome = WorkflowOutcome(WorkflowEnd.CANCELLED, reason="the plan was rejected")
    assert (await world.worked()).status is JobStatus.CANCELLED
    ended = await world.decision_set(decision_set.id)
    assert (ended.status, ended.status_reason) == (DecisionSetStatus.CANCELLED, "the plan was rejected")


async def test_a_drained_run_is_handed_over_without_a_retry_counted(world: World) -> None:
    await world.started()
    world.runner.outcome = WorkflowOutcome(WorkflowEnd.DRAINED)
    settled = await world.worked()
    assert (settled.status, settled.retry_count) == (JobStatus.QUEUED, 0)


async def test_a_failed_run_can_be_resumed_and_one_in_progress_cannot(world: World) -> None:
    decision_set, _ = await world.started()
    resume = ResumeDecisionSet(world.storage, world.ids)
    with pytest.raises(RunInProgressError):
        await resume(decision_set.id, actor=ACTOR)
    world.runner.outcome = InvalidValueError("x", "fails for good")
    await world.worked()
    world.runner.outcome = WorkflowOutcome(WorkflowEnd.COMPLETED)
    job = await resume(decision_set.id, actor=ACTOR)
    assert job.payload == {"input": None}
    assert (await world.worked()).status is JobStatus.COMPLETED
    with pytest.raises(IllegalTransitionError):
        await resume(decision_set.id, actor=ACTOR)


async def test_redriving_a_failed_run_reopens_its_decision_set_and_keeps_the_fencing_token(world: World) -> None:
    decision_set, job = await world.started()
    world.runner.outcome = InvalidValueError("x", "fails for good")
    failed = await world.worked()
    redriven = await RedriveJob(world.storage)(job.id, actor=ACTOR)
    assert (redriven.status, redriven.retry_count, redriven.lease_token) == (JobStatus.QUEUED, 0, failed.lease_token)
    assert (await world.decision_set(decision_set.id)).status is DecisionSetStatus.ACTIVE


async def test_metadata_changes_only_at_the_expected_version(world: World) -> None:
    decision_set, _ = await world.started()
    update = UpdateDecisionSet(world.storage)
    changed = await update(decision_set.id, {"team": "ads"}, expected_version=1, actor=ACTOR)
    assert (changed.version, changed.metadata) == (2, {"team": "ads"})
    with pytest.raises(VersionConflictError) as refused:
        await update(decision_set.id, {"team": "x"}, expected_version=1, actor=ACTOR)
    assert (refused.value.expected, refused.value.actual) == (1, 2)
