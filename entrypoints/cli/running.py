"""Run a decision set on in this process until it ends or waits for a person, showing its events."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import define

from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.event import Event
from domain.model.event_type import EventType
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.output import Output
from entrypoints.following import PAGE, follow
from entrypoints.worker import Worker

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

POLL_SECONDS = 0.05
"""How often the embedded storage is looked at: one process, so it costs next to nothing."""

INTERACTIVE_PRIORITY = 10
"""A person waits for the run, so it goes before what was queued at the usual priority."""

_PERHAPS_STILL = frozenset(
    {
        EventType.WORKFLOW_COMPLETED,
        EventType.WORKFLOW_FAILED,
        EventType.WORKFLOW_WAITING,
        EventType.DECISION_SET_CANCELLED,
    }
)


class StoppedEarlyError(Exception):
    """Raised when work on a run stopped before it ended or waited; it can be resumed."""

    def __init__(self, code: ExitCode, why: str) -> None:
        super().__init__(why)
        self.code = code


@define
class Watch:
    """Follows one decision set's events and knows how far it has read."""

    app: "Application"
    decision_set_id: UUID
    show: Callable[[Event], None]
    last_sequence: int = 0

    async def skip(self) -> None:
        """Pass over all that has happened so far, unshown."""
        while page := await self.app.read_decision_set_events(
            self.decision_set_id, after=self.last_sequence, limit=PAGE
        ):
            self.last_sequence = page[-1].sequence

    async def until_still(self) -> None:
        """Show events until nothing of the decision set is running: it has ended, or waits for a person."""
        while True:
            await self._until_perhaps_still()
            decision_set = await self.app.get_decision_set(self.decision_set_id)
            if decision_set.status is not DecisionSetStatus.ACTIVE:
                return

    async def _until_perhaps_still(self) -> None:
        still = False
        events = follow(
            self.app.read_decision_set_events,
            self.decision_set_id,
            after=self.last_sequence,
            poll_seconds=POLL_SECONDS,
            ended=lambda: still,
        )
        async for event in events:
            self.last_sequence = event.sequence
            self.show(event)
            still = still or event.event_type in _PERHAPS_STILL


async def work_until_still(watch: Watch, out: Output, *, limit: float | None = None) -> DecisionSet:
    """Work on what is queued until the watched decision set has ended or waits; return it.

    Another worker may take the run as well: what it does is shown alike. Raises StoppedEarlyError after ``limit``
    seconds or when told to stop by a signal, with the run given back.
    """
    worker = watch.app.worker(poll_seconds=POLL_SECONDS)
    working = asyncio.create_task(worker.run())
    watching = asyncio.create_task(watch.until_still())
    with draining_on_signals(worker, out):
        try:
            done, _ = await asyncio.wait({working, watching}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                worker.stop()
        finally:
            worker.drain()
            watching.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)
    for task in (working, watching):
        if not task.cancelled():
            task.result()
    decision_set = await watch.app.get_decision_set(watch.decision_set_id)
    if decision_set.status is not DecisionSetStatus.ACTIVE:
        return decision_set
    if not done:
        raise StoppedEarlyError(ExitCode.TIMED_OUT, f"The time limit of {limit:g} s is over.")
    raise StoppedEarlyError(ExitCode.INTERRUPTED, "Stopped.")


@contextlib.contextmanager
def draining_on_signals(worker: Worker, out: Output) -> Iterator[None]:
    """Let SIGINT and SIGTERM drain a worker for as long as the block runs; a second one gives its jobs back at once."""
    loop = asyncio.get_running_loop()
    asked = False

    def stop() -> None:
        nonlocal asked
        if asked:
            out.say("Stopping at once; what runs is given back.")
            worker.stop()
            return
        asked = True
        if worker.busy:
            out.say("Finishing the current step; a second signal stops at once.")
        worker.drain()

    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop)
    try:
        yield
    finally:
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(one)
