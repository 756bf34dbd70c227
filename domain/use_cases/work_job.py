"""Working a leased job: run its handler within its time limit and settle what it came to."""

import asyncio
from collections.abc import Mapping

from attrs import frozen

from domain.model.errors import (
    InvalidValueError,
    JobTimeoutError,
    LeaseLostError,
    NotFoundError,
    UnknownJobTypeError,
    UnknownWorkflowError,
    WorkflowLoadError,
)
from domain.model.job import Job, JobStatus, Settlement
from domain.model.secrets import mask_secrets
from domain.use_cases.leasing import FailJob, ReleaseJobs, SettleJob
from ports.handlers import JobHandler, JobResult
from ports.storage import Storage
from ports.workflows import Drain

PERMANENT = (InvalidValueError, NotFoundError, UnknownWorkflowError, WorkflowLoadError)


@frozen
class WorkJob:
    """Work a leased job to its settlement."""

    storage: Storage
    handlers: Mapping[str, JobHandler]
    fail: FailJob

    async def __call__(self, job: Job, drain: Drain) -> Job:
        """Run the job's handler and settle the job; return it as settled.

        An exception of the handler fails the job, for good when repeating can't help. Raises LeaseLostError when the
        lease passed on meanwhile: nothing of the outcome is written then. A cancellation releases nothing: the caller
        decides.
        """
        try:
            result = await self._run(job, drain)
        except LeaseLostError:
            raise
        except Exception as error:
            return await self.fail(job, describe(error), permanent=isinstance(error, PERMANENT))
        return await SettleJob(self.storage)(_settlement(job, result), result.effect)

    async def release(self, job: Job) -> None:
        """Give the job back unworked; a lost lease needs no giving back."""
        await ReleaseJobs(self.storage)([job.lease])

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


def describe(error: BaseException) -> str:
    """Return an exception as one message fit to be stored: its type and text, secrets masked."""
    text = str(error).replace("\x00", "").encode("utf-8", "replace").decode()
    return mask_secrets(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _settlement(job: Job, result: JobResult) -> Settlement:
    reason = result.reason if result.status is not JobStatus.COMPLETED else None
    return Settlement(job.lease, result.status, delay=result.delay, error_message=reason)
