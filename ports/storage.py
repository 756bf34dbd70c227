"""The storage: where a unit of work is opened, and what it reaches."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from attrs import frozen

from ports.agent_runs import AgentRuns
from ports.approvals import Approvals
from ports.artifacts import Artifacts
from ports.checkpoints import Checkpoints
from ports.decision_sets import DecisionSets
from ports.event_log import EventLog
from ports.inbound_events import InboundEvents
from ports.job_queue import JobQueue
from ports.projects import Projects


@frozen
class Capabilities:
    """What a storage can do beyond the common contract; callers ask here, never by its type.

    ``shared``: other processes see its data. ``durable``: committed data survives the process. ``concurrent_writers``:
    transactions write side by side rather than one after another.
    """

    shared: bool
    durable: bool
    concurrent_writers: bool


class UnitOfWork(Protocol):
    """Everything one transaction reaches. It commits when its block ends cleanly; there is no way to commit earlier.

    Lock order, for every caller: job, then decision set, then the rest, the event log last.
    """

    @property
    def projects(self) -> Projects: ...
    @property
    def decision_sets(self) -> DecisionSets: ...
    @property
    def events(self) -> EventLog: ...
    @property
    def jobs(self) -> JobQueue: ...
    @property
    def agent_runs(self) -> AgentRuns: ...
    @property
    def artifacts(self) -> Artifacts: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def inbound_events(self) -> InboundEvents: ...
    @property
    def checkpoints(self) -> Checkpoints: ...

    async def now(self) -> datetime:
        """Return the storage's time, timezone-aware UTC with microseconds; it may move within a transaction."""
        ...


class Storage(Protocol):
    """A place that keeps everything, transactionally."""

    @property
    def capabilities(self) -> Capabilities: ...

    def transaction(self, *, read_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a unit of work: it commits on a clean exit and rolls back on an exception.

        A read-only one sees committed data and may not write. Raises StorageUnavailableError when the storage can't be
        reached or written, TransactionConflictError when a concurrent transaction won.
        """
        ...

    async def check(self) -> None:
        """Raise StorageUnavailableError when unreachable, SchemaVersionError when the schema is not this version's."""
        ...

    async def close(self) -> None:
        """Give back every connection; the storage can't be used afterwards."""
        ...
