"""What one transaction on a SQL database reaches."""

from datetime import datetime

from attrs import frozen
from sqlalchemy import select

from adapters.sql.agent_runs import SqlAgentRuns
from adapters.sql.approvals import SqlApprovals
from adapters.sql.artifacts import SqlArtifacts
from adapters.sql.checkpoints import SqlCheckpoints
from adapters.sql.decision_sets import SqlDecisionSets
from adapters.sql.event_log import SqlEventLog
from adapters.sql.inbound_events import SqlInboundEvents
from adapters.sql.job_queue import SqlJobQueue
from adapters.sql.projects import SqlProjects
from adapters.sql.session import Session


@frozen
class SqlUnitOfWork:
    """Everything one transaction reaches."""

    session: Session

    @property
    def projects(self) -> SqlProjects:
        """Return the projects."""
        return SqlProjects(self.session)

    @property
    def decision_sets(self) -> SqlDecisionSets:
        """Return the decision sets."""
        return SqlDecisionSets(self.session)

    @property
    def events(self) -> SqlEventLog:
        """Return the event log."""
        return SqlEventLog(self.session)

    @property
    def jobs(self) -> SqlJobQueue:
        """Return the job queue."""
        return SqlJobQueue(self.session)

    @property
    def agent_runs(self) -> SqlAgentRuns:
        """Return the agent runs."""
        return SqlAgentRuns(self.session)

    @property
    def artifacts(self) -> SqlArtifacts:
        """Return the artifact rows."""
        return SqlArtifacts(self.session)

    @property
    def approvals(self) -> SqlApprovals:
        """Return the approvals."""
        return SqlApprovals(self.session)

    @property
    def inbound_events(self) -> SqlInboundEvents:
        """Return the inbound events."""
        return SqlInboundEvents(self.session)

    @property
    def checkpoints(self) -> SqlCheckpoints:
        """Return the checkpoints."""
        return SqlCheckpoints(self.session)

    async def now(self) -> datetime:
        """Return the database's time, timezone-aware UTC with microseconds; it moves within a transaction."""
        (row,) = await self.session.rows(select(self.session.dialect.now.label("now")))
        moment: datetime = row.now
        return moment
