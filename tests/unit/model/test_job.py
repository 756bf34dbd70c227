"""Jobs: leasing, settling, and every way back into the queue."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from domain.model.errors import IllegalTransitionError, InvalidValueError, LeaseLostError
from domain.model.job import LEASE_EXPIRED, LIVE, MAX_ERROR, Job, JobStatus, Lease, NewJob, Settlement
from domain.model.retry import RetryPolicy
from tests.unit.model.entities import LATER, NOW, OTHER_ID, SOME_ID, make_job

MINUTE = timedelta(minutes=1)
RUNNING = make_job().leased("worker", NOW, MINUTE)


def _settled(status: JobStatus, **options: object) -> Job:
    return RUNNING.settled(Settlement(RUNNING.lease, status, **options), LATER)  # type: ignore[arg-type]  # mixed types


def _in(status: JobStatus) -> Job:
    return {JobStatus.QUEUED: make_job(), JobStatus.RUNNING: RUNNING}.get(status) or _settled(status)


def test_a_new_job_is_due_at_its_time_or_after_its_delay() -> None:
    assert Job.from_new(NewJob(SOME_ID, "count"), NOW) == make_job()
    assert Job.from_new(NewJob(SOME_ID, "count", delay=MINUTE), NOW).run_at == NOW + MINUTE
    assert Job.from_new(NewJob(SOME_ID, "count", run_at=LATER), NOW).run_at == LATER


def test_a_lease_raises_the_fencing_token_and_ends_after_its_duration() -> None:
    assert RUNNING.status is JobStatus.RUNNING
    assert RUNNING.lease == Lease(SOME_ID, 1, "worker", NOW + MINUTE)
    assert RUNNING.started_at == NOW


def test_a_second_lease_keeps_when_the_job_first_started() -> None:
    again = _settled(JobStatus.QUEUED).leased("another", LATER, MINUTE)
    assert (again.lease_token, again.started_at, again.worker_id) == (2, NOW, "another")


def test_a_lease_is_held_by_the_running_job_and_its_current_token_only() -> None:
    assert RUNNING.holds(RUNNING.lease)
    assert not RUNNING.holds(evolve(RUNNING.lease, lease_token=0))
    assert not RUNNING.holds(evolve(RUNNING.lease, job_id=OTHER_ID))
    for status in set(JobStatus) - {JobStatus.RUNNING}:
        assert not _in(status).holds(RUNNING.lease)


@pytest.mark.parametrize("status", sorted(set(JobStatus) - {JobStatus.QUEUED}))
def test_only_a_queued_job_is_leased(status: JobStatus) -> None:
    with pytest.raises(IllegalTransitionError) as caught:
        _in(status).leased("worker", NOW, MINUTE)
    assert (caught.value.kind, caught.value.key, caught.value.status) == ("job", SOME_ID, status)


def test_a_renewed_lease_reaches_from_now() -> None:
    assert RUNNING.renewed(RUNNING.lease, LATER, MINUTE).lease == evolve(RUNNING.lease, lease_expires_at=LATER + MINUTE)


@pytest.mark.parametrize(
    "act",
    [
        lambda job, lease: job.renewed(lease, LATER, MINUTE),
        lambda job, lease: job.settled(Settlement(lease, JobStatus.COMPLETED), LATER),
    ],
    ids=["renew", "settle"],
)
def test_a_stale_lease_does_nothing(act: Callable[[Job, Lease], Job]) -> None:
    later_lease = _settled(JobStatus.QUEUED).leased("another", LATER, MINUTE)
    for job in (later_lease, _settled(JobStatus.COMPLETED), RUNNING.cancelled(LATER)):
        with pytest.raises(LeaseLostError) as caught:
            act(job, RUNNING.lease)
        assert (caught.value.job_id, caught.value.lease_token) == (SOME_ID, 1)


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_settled_job_that_ended_says_when_and_belongs_to_no_worker(status: JobStatus) -> None:
    ended = _settled(status, error_message="why")
    assert (ended.status, ended.completed_at, ended.error_message) == (status, LATER, "why")
    assert (ended.worker_id, ended.lease_expires_at, ended.lease_token) == (None, None, 1)


def test_a_released_job_is_due_again_with_no_retry_counted() -> None:
    released = _settled(JobStatus.QUEUED, delay=MINUTE)
    assert (released.status, released.run_at, released.retry_count) == (JobStatus.QUEUED, LATER + MINUTE, 0)
    assert released.completed_at is None


def test_a_retried_job_counts_it_and_keeps_the_error() -> None:
    retried = _settled(JobStatus.QUEUED, counts_as_retry=True, error_message="busy")
    assert (retried.retry_count, retried.error_message) == (1, "busy")


def test_a_waiting_job_is_live_but_not_due() -> None:
    waiting = _settled(JobStatus.WAITING_APPROVAL)
    assert waiting.live
    assert (waiting.run_at, waiting.completed_at, waiting.worker_id) == (NOW, None, None)


def test_the_live_jobs_are_those_still_to_be_worked() -> None:
    assert {status for status in JobStatus if _in(status).live} == LIVE
    assert {JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.WAITING_APPROVAL} == LIVE


def test_a_reaped_job_is_queued_with_a_retry_counted_until_there_are_none_left() -> None:
    job = make_job(max_retries=2)
    for retry in (1, 2):
        job = job.leased("worker", NOW, MINUTE).reaped(LATER)
        assert (job.status, job.retry_count, job.run_at) == (JobStatus.QUEUED, retry, LATER)
        assert job.error_message == LEASE_EXPIRED
    job = job.leased("worker", NOW, MINUTE).reaped(LATER)
    assert (job.status, job.retry_count, job.completed_at, job.lease_token) == (JobStatus.FAILED, 2, LATER, 3)


@pytest.mark.parametrize("status", sorted(set(JobStatus) - {JobStatus.RUNNING}))
def test_only_a_running_job_has_a_lease_to_reap(status: JobStatus) -> None:
    with pytest.raises(IllegalTransitionError):
        _in(status).reaped(LATER)
    with pytest.raises(IllegalTransitionError):
        _ = _in(status).lease


@pytest.mark.parametrize("status", sorted(LIVE))
def test_a_live_job_is_cancelled_with_the_reason(status: JobStatus) -> None:
    cancelled = _in(status).cancelled(LATER, "not needed")
    assert (cancelled.status, cancelled.completed_at) == (JobStatus.CANCELLED, LATER)
    assert (cancelled.error_message, cancelled.worker_id) == ("not needed", None)


@pytest.mark.parametrize("status", sorted(set(JobStatus) - LIVE))
def test_an_ended_job_is_not_cancelled(status: JobStatus) -> None:
    with pytest.raises(IllegalTransitionError, match="can't be cancelled"):
        _in(status).cancelled(LATER)


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_redriven_job_has_all_its_retries_and_keeps_its_token(status: JobStatus) -> None:
    redriven = evolve(_settled(status, error_message="x"), retry_count=3).redriven(LATER)
    assert redriven == evolve(make_job(run_at=LATER), lease_token=1, started_at=NOW)


@pytest.mark.parametrize("status", sorted(set(JobStatus) - {JobStatus.FAILED, JobStatus.CANCELLED}))
def test_only_a_failed_or_cancelled_job_is_redriven(status: JobStatus) -> None:
    with pytest.raises(IllegalTransitionError, match="can't be redriven"):
        _in(status).redriven(LATER)


def test_a_continued_job_keeps_its_retries() -> None:
    continued = evolve(_settled(JobStatus.WAITING_APPROVAL), retry_count=2).requeued(LATER)
    assert (continued.status, continued.retry_count, continued.run_at) == (JobStatus.QUEUED, 2, LATER)


@pytest.mark.parametrize("status", sorted(set(JobStatus) - {JobStatus.WAITING_APPROVAL}))
def test_only_a_waiting_job_is_continued(status: JobStatus) -> None:
    with pytest.raises(IllegalTransitionError, match="can't be continued"):
        _in(status).requeued(LATER)


def test_an_error_is_retried_after_a_backoff_until_there_are_no_retries_left() -> None:
    policy = RetryPolicy(base=timedelta(seconds=2), factor=3.0, cap=timedelta(hours=1))
    running = evolve(RUNNING, retry_count=2, max_retries=3)
    assert running.after_error("busy", policy, 0.5) == Settlement(
        running.lease, JobStatus.QUEUED, timedelta(seconds=9), counts_as_retry=True, error_message="busy"
    )
    exhausted = evolve(running, retry_count=3)
    assert exhausted.after_error("busy", policy, 0.5) == Settlement(
        exhausted.lease, JobStatus.FAILED, error_message="busy"
    )


def test_a_permanent_error_fails_at_once() -> None:
    settlement = RUNNING.after_error("no such workflow", RetryPolicy(), 0.5, permanent=True)
    assert settlement.status is JobStatus.FAILED


def test_a_long_error_is_cut_to_what_is_kept() -> None:
    settlement = RUNNING.after_error("x" * (MAX_ERROR + 1), RetryPolicy(), 0.0)
    assert settlement.error_message == "x" * MAX_ERROR


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("job_type", ""),
        ("job_type", "x" * 101),
        ("queue", " "),
        ("priority", 2**31),
        ("priority", True),
        ("max_retries", -1),
        ("timeout", timedelta(0)),
        ("run_at", NOW.replace(tzinfo=None)),
        ("payload", []),
        ("payload", {"a": float("nan")}),
        ("idempotency_key", ""),
        ("exclusive_key", "x" * 256),
    ],
)
def test_a_job_that_no_queue_could_keep_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError) as caught:
        NewJob(**{"id": SOME_ID, "job_type": "count", field: value})  # type: ignore[arg-type]  # mixed types
    assert caught.value.field == field


def test_a_settlement_ends_the_lease() -> None:
    with pytest.raises(InvalidValueError, match="can't be running"):
        Settlement(RUNNING.lease, JobStatus.RUNNING)


def test_a_time_given_in_another_zone_is_kept_in_utc() -> None:
    moment = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    run_at = NewJob(id=SOME_ID, job_type="t", run_at=moment).run_at
    assert run_at is not None
    assert run_at.isoformat() == "2026-01-01T00:00:00+00:00"
