"""Working a leased job: run its handler within its time limit and settle what it came to."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from attrs import frozen

from domain.model.errors import (
    InvalidValueError,
    JobTimeoutError,
    LeaseLostError,
    NotFoundError,
    StorageUnavailableError,
    TransactionConflictError,
    UnknownJobTypeError,
    UnknownWorkflowError,
    WorkflowLoadError,
)
from domain.model.job import MAX_ERROR, Job, JobStatus, Settlement
from domain.model.secrets import describe, storable
from domain.use_cases.leasing import FailJob, SettleJob
from ports.handlers import JobHandler, JobResult
from ports.storage import Storage
from ports.workflows import Drain

PERMANENT = (InvalidValueError, NotFoundError, UnknownWorkflowError, WorkflowLoadError)
PASSING = (StorageUnavailableError, TransactionConflictError)
_ATTEMPTS = 9
_FIRST_PAUSE_SECONDS = 0.05


@frozen
class WorkJob:
    """Work a leased job to its settlement."""

    storage: Storage
    handlers: Mapping[str, JobHandler]
    fail: FailJob

    async def __call__(self, job: Job, drain: Drain) -> Job:
        """Run the job's handler and settle the job; return it as settled.

        An exception of the handler or its effect fails the job, for good when repeating can't help. A settlement that
        the storage refuses for now is repeated for some seconds, so that finished work is not thrown away. Raises
        LeaseLostError when the lease passed on meanwhile: nothing of the outcome is written then. A cancellation
        releases nothing: the caller decides.
        """
        try:
            result = await self._run(job, drain)
            settlement = _settlement(job, result)
        except LeaseLostError:
            raise
        except Exception as error:
            return await self._fail(job, error)
        try:
            return await _repeated(lambda: SettleJob(self.storage)(settlement, result.effect))
        except (LeaseLostError, *PASSING):
            raise
        except Exception as error:
            return await self._fail(job, error)

    async def _fail(self, job: Job, error: Exception) -> Job:
        permanent = isinstance(error, PERMANENT)
        return await _repeated(lambda: self.fail(job, describe(error), permanent=permanent))

    async def _run(self, job: Job, drain: Drain) -> JobResult:
        handler = self.handlers.get(job.job_type)
        if handler is None:
            raise UnknownJobTypeError(job.job_type, sorted(self.handlers))
        limit = job.timeout.total_seconds() if job.timeout else None
        try:
            async with asyncio.timeout(limit) as scope:
                return await handler(job, drain) or JobResult()
        except TimeoutError:
            if limit is None or not scope.expired():
                raise
            raise JobTimeoutError(job.id, limit) from None
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise RuntimeError("the handler was cancelled from within: by something that it awaited") from error


async def _repeated(settle: Callable[[], Awaitable[Job]]) -> Job:
    """Settle, again after growing pauses while the storage can't; the fence keeps a second one from counting."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return await settle()
        except PASSING:
            await asyncio.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
    return await settle()


def _settlement(job: Job, result: JobResult) -> Settlement:
    reason = result.reason if result.status is not JobStatus.COMPLETED else None
    kept = None if reason is None else storable(reason)[:MAX_ERROR]
    return Settlement(job.lease, result.status, delay=result.delay, error_message=kept)
