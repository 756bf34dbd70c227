"""Agent runs as the storage keeps them."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from domain.model.agent_run import AgentRun


class AgentRuns(Protocol):
    """The agent runs of a storage."""

    async def put(self, runs: Sequence[AgentRun]) -> None:
        """Write runs, new or changed, by id; raises AlreadyExistsError for a second completed run of one task."""
        ...

    async def get(self, agent_run_id: UUID) -> AgentRun:
        """Return a run; raises NotFoundError."""
        ...

    async def find(self, *, decision_set_id: UUID, limit: int = 1000, after: UUID | None = None) -> list[AgentRun]:
        """Return a decision set's runs in the order they were started (by id, which is a UUIDv7)."""
        ...

    async def running_of(self, job_id: UUID) -> list[AgentRun]:
        """Return the runs of a job that are recorded as running, oldest first."""
        ...
