"""Agent runs: read what each agent did."""

from uuid import UUID

from attrs import frozen

from domain.model.agent_run import AgentRun
from ports.storage import Storage


@frozen
class ListAgentRuns:
    """List the agent runs of a decision set."""

    storage: Storage

    async def __call__(self, decision_set_id: UUID, *, limit: int = 1000, after: UUID | None = None) -> list[AgentRun]:
        """Return runs in the order they started; raises NotFoundError for an unknown decision set."""
        async with self.storage.transaction(read_only=True) as work:
            await work.decision_sets.get(decision_set_id)
            return await work.agent_runs.find(decision_set_id=decision_set_id, limit=limit, after=after)


@frozen
class GetAgentRun:
    """Read an agent run."""

    storage: Storage

    async def __call__(self, agent_run_id: UUID) -> AgentRun:
        """Return a run; raises NotFoundError."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.agent_runs.get(agent_run_id)
