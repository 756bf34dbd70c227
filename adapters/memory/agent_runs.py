"""Agent runs in memory."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from adapters.memory.decision_sets import require_decision_set
from adapters.memory.tables import Views
from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.errors import AlreadyExistsError, NotFoundError


@frozen
class MemoryAgentRuns:
    """The agent runs of one transaction."""

    views: Views

    async def put(self, runs: Sequence[AgentRun]) -> None:
        """Write runs, new or changed, by id; raises AlreadyExistsError for a second completed run of one task."""
        for run in runs:
            require_decision_set(self.views, run.decision_set_id)
            if run.status is AgentRunStatus.COMPLETED:
                completed = self.views.agent_runs.first("completed", (run.decision_set_id, run.task_id))
                if completed is not None and completed.id != run.id:
                    raise AlreadyExistsError("completed agent run of task", run.task_id)
            self.views.agent_runs.put(run.id, run)

    async def get(self, agent_run_id: UUID) -> AgentRun:
        """Return a run; raises NotFoundError."""
        run = self.views.agent_runs.get(agent_run_id)
        if run is None:
            raise NotFoundError("agent run", agent_run_id)
        return run

    async def find(self, *, decision_set_id: UUID, limit: int = 1000, after: UUID | None = None) -> list[AgentRun]:
        """Return a decision set's runs in the order they were started (by id, which is a UUIDv7)."""
        return self.views.agent_runs.select(
            "decision_set", [decision_set_id], limit=limit, after=None if after is None else (after.int,)
        )

    async def running_of(self, job_id: UUID) -> list[AgentRun]:
        """Return the runs of a job that are recorded as running, oldest first."""
        return self.views.agent_runs.select("running", [job_id])
