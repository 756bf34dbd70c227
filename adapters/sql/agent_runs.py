"""Agent runs in SQL."""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from attrs import frozen
from sqlalchemy import Executable, select
from sqlalchemy.exc import IntegrityError

from adapters.sql.dialect import SqlDialect, spelled
from adapters.sql.errors import violates
from adapters.sql.rows import agent_run_of, agent_run_values
from adapters.sql.session import Session
from adapters.sql.tables import agent_runs, decision_sets
from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.errors import AlreadyExistsError, NotFoundError

_COMPLETED_TASK = "uq_agent_runs_completed_task"


@frozen
class SqlAgentRuns:
    """The agent runs of one transaction."""

    session: Session

    async def put(self, runs: Sequence[AgentRun]) -> None:
        """Write runs, new or changed, by id; raises AlreadyExistsError for a second completed run of one task."""
        if not runs:
            return
        try:
            await self.session.execute_referring(
                _put(self.session.dialect),
                [agent_run_values(run) for run in runs],
                kind="decision set",
                parent=decision_sets,
                keys=[run.decision_set_id for run in runs],
            )
        except IntegrityError as error:
            if not violates(error, _COMPLETED_TASK):
                raise
            tasks = sorted({run.task_id for run in runs if run.status is AgentRunStatus.COMPLETED})
            raise AlreadyExistsError("completed agent run of task", " or ".join(tasks)) from error

    async def get(self, agent_run_id: UUID) -> AgentRun:
        """Return a run; raises NotFoundError."""
        row = await self.session.row(select(agent_runs).where(agent_runs.c.id == agent_run_id))
        if row is None:
            raise NotFoundError("agent run", agent_run_id)
        return agent_run_of(row)

    async def find(self, *, decision_set_id: UUID, limit: int = 1000, after: UUID | None = None) -> list[AgentRun]:
        """Return a decision set's runs in the order they were started (by id, which is a UUIDv7)."""
        found = select(agent_runs).where(agent_runs.c.decision_set_id == decision_set_id)
        if after is not None:
            found = found.where(agent_runs.c.id > after)
        rows = await self.session.rows(found.order_by(agent_runs.c.id).limit(limit))
        return [agent_run_of(row) for row in rows]

    async def running_of(self, job_id: UUID) -> list[AgentRun]:
        """Return the runs of a job that are recorded as running, oldest first."""
        running = agent_runs.c.status == spelled(AgentRunStatus.RUNNING)
        found = select(agent_runs).where(agent_runs.c.job_id == job_id, running).order_by(agent_runs.c.id)
        return [agent_run_of(row) for row in await self.session.rows(found)]


@cache
def _put(dialect: SqlDialect) -> Executable:
    written = dialect.insert(agent_runs)
    changes = {column.name: written.excluded[column.name] for column in agent_runs.c if not column.primary_key}
    replaced: Executable = written.on_conflict_do_update(index_elements=[agent_runs.c.id], set_=changes)
    return replaced
