"""Worker processes for tests that kill and pause them; forked from one server that has imported everything already."""

import asyncio
import logging
import multiprocessing
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from typing import Any

from attrs import frozen

from domain.model.errors import LeaseLostError
from domain.use_cases.leasing import LeaseJobs
from entrypoints.bootstrap import Application, application
from entrypoints.settings import load_settings
from ports.job_queue import JobQueue

PRELOADED = [
    "tests.support.working",
    "tests.support.graphs",
    "adapters.codegen.generator",
    "adapters.langgraph.runner",
    "adapters.langgraph.mlops_design.graph",
    "adapters.validation.validators",
]
GRAPHS = {name: f"tests.support.graphs:{name}" for name in ("chain", "holding", "broken", "endless", "asking")}


@frozen
class Deployment:
    """What the processes of one test share."""

    database_url: str
    artifact_url: str
    lease_seconds: float = 3.0

    @property
    def settings(self) -> Any:
        """Return the settings of a worker that is killed often and must never give up."""
        return load_settings(
            database_url=self.database_url,
            artifact_url=self.artifact_url,
            lease_seconds=self.lease_seconds,
            poll_seconds=0.05,
            concurrency=2,
            max_retries=1000,
            retry_base_seconds=0.05,
            retry_cap_seconds=0.2,
            pool_size=2,
            workflows=GRAPHS,
        )


class NoDrain:
    """Nobody asks to stop."""

    requested = False


def fork_context() -> ForkServerContext:
    """Return a context whose processes start with every import made."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def start(target: Any, *arguments: Any) -> BaseProcess:
    """Start a process that ends with the test run."""
    process = fork_context().Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def work_forever(deployment: Deployment) -> None:
    """Work jobs until killed."""

    async def work() -> None:
        async with application(deployment.settings) as app:
            await app.worker().run()

    logging.disable(logging.CRITICAL)
    asyncio.run(work())


def work_one(deployment: Deployment, outcome: Any, *, fenced: bool = True) -> None:
    """Work one job without heartbeats, so that nothing but the fence stands between a stale worker and the storage.

    Puts ``leased``, then the job's status or ``lost``, into the queue ``outcome``.
    """

    async def work() -> None:
        async with application(deployment.settings) as app:
            if not fenced:
                _remove_fence(app)
            worker = app.worker()
            (job,) = await LeaseJobs(app.storage)("stale", limit=1, duration=deployment.settings.lease)
            outcome.put("leased")
            try:
                outcome.put(str((await worker.work_job(job, NoDrain())).status))
            except LeaseLostError:
                outcome.put("lost")
            except Exception as error:
                outcome.put(repr(error))

    asyncio.run(work())


def _remove_fence(app: Application) -> None:
    """Make the mutant: a fence that checks nothing."""
    from adapters.sql.job_queue import SqlJobQueue

    async def unchecked(self: JobQueue, leases: Any) -> Any:
        return [await self.get(lease.job_id, for_update=True) for lease in leases]

    SqlJobQueue.fence = unchecked  # type: ignore[method-assign]  # the mutation that the test is about
