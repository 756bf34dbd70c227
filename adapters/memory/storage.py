"""The in-memory storage: a whole storage for one process, gone when the process ends."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from attrs import frozen

from adapters.memory.agent_runs import MemoryAgentRuns
from adapters.memory.approvals import MemoryApprovals
from adapters.memory.artifacts import MemoryArtifacts
from adapters.memory.checkpoints import MemoryCheckpoints
from adapters.memory.decision_sets import MemoryDecisionSets
from adapters.memory.event_log import MemoryEventLog
from adapters.memory.inbound_events import MemoryInboundEvents
from adapters.memory.job_queue import MemoryJobQueue
from adapters.memory.projects import MemoryProjects
from adapters.memory.table import Scope
from adapters.memory.tables import Tables, Views
from adapters.memory.writer_lock import WriterLock
from domain.model.errors import StorageUnavailableError
from ports.storage import Capabilities, UnitOfWork
from ports.system import Clock


@frozen
class MemoryUnitOfWork:
    """What one transaction on the in-memory storage reaches."""

    views: Views
    clock: Clock

    @property
    def projects(self) -> MemoryProjects:
        """Return the projects."""
        return MemoryProjects(self.views)

    @property
    def decision_sets(self) -> MemoryDecisionSets:
        """Return the decision sets."""
        return MemoryDecisionSets(self.views)

    @property
    def events(self) -> MemoryEventLog:
        """Return the event log."""
        return MemoryEventLog(self.views, self.clock)

    @property
    def jobs(self) -> MemoryJobQueue:
        """Return the job queue."""
        return MemoryJobQueue(self.views, self.clock)

    @property
    def agent_runs(self) -> MemoryAgentRuns:
        """Return the agent runs."""
        return MemoryAgentRuns(self.views)

    @property
    def artifacts(self) -> MemoryArtifacts:
        """Return the artifact rows."""
        return MemoryArtifacts(self.views)

    @property
    def approvals(self) -> MemoryApprovals:
        """Return the approvals."""
        return MemoryApprovals(self.views, self.clock)

    @property
    def inbound_events(self) -> MemoryInboundEvents:
        """Return the inbound events."""
        return MemoryInboundEvents(self.views)

    @property
    def checkpoints(self) -> MemoryCheckpoints:
        """Return the checkpoints."""
        return MemoryCheckpoints(self.views)

    async def now(self) -> datetime:
        """Return the storage's time, which is its clock's."""
        return self.clock.now()


class MemoryStorage:
    """Everything in this process's memory, transactionally.

    Writers go one at a time, first come, first served; readers never wait and see what is committed. Transactions may
    come from several event loops and threads.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tables = Tables()
        self._reading = threading.RLock()
        self._writers = WriterLock()
        self._closed = False

    @property
    def capabilities(self) -> Capabilities:
        """Tell that nobody else sees this data, that it goes with the process, and that writers take turns."""
        return Capabilities(shared=False, durable=False, concurrent_writers=False)

    def transaction(self, *, read_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a unit of work: it commits on a clean exit and rolls back on an exception.

        Raises StorageUnavailableError when closed, NestedTransactionError when the caller's task is writing already,
        and on a write ReadOnlyTransactionError in a read-only one.
        """
        return self._reader() if read_only else self._writer()

    async def check(self) -> None:
        """Raise StorageUnavailableError when it was closed."""
        self._require_open()

    async def close(self) -> None:
        """Refuse further transactions; the data stays until the object goes."""
        self._closed = True

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[UnitOfWork]:
        await self._begin()
        yield MemoryUnitOfWork(Views(self._tables, Scope(self._reading, read_only=True)), self._clock)

    @asynccontextmanager
    async def _writer(self) -> AsyncIterator[UnitOfWork]:
        await self._begin()
        async with self._writers:
            views = Views(self._tables, Scope(self._reading))
            try:
                yield MemoryUnitOfWork(views, self._clock)
                views.commit()
            finally:
                views.end()

    async def _begin(self) -> None:
        self._require_open()
        # Nothing else here waits, so a loop of transactions would never let another task run.
        await asyncio.sleep(0)

    def _require_open(self) -> None:
        if self._closed:
            raise StorageUnavailableError("The in-memory storage was closed; open a new one.")
