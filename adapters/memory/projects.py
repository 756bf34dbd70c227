"""Projects in memory."""

from uuid import UUID

from attrs import evolve, frozen

from adapters.memory.checkpoints import MemoryCheckpoints
from adapters.memory.tables import Views
from domain.model.decision_set import DecisionSet
from domain.model.errors import AlreadyExistsError, NotFoundError, VersionConflictError
from domain.model.event import Stream
from domain.model.project import Project


@frozen
class MemoryProjects:
    """The projects of one transaction."""

    views: Views

    async def add(self, project: Project) -> None:
        """Keep a new project; raises AlreadyExistsError when its id is taken."""
        if self.views.projects.get(project.id) is not None:
            raise AlreadyExistsError("project", project.id)
        self.views.projects.put(project.id, project)

    async def get(self, project_id: UUID) -> Project:
        """Return a project; raises NotFoundError."""
        project = self.views.projects.get(project_id)
        if project is None:
            raise NotFoundError("project", project_id)
        return project

    async def find(self, *, limit: int, before: UUID | None = None) -> list[Project]:
        """Return projects newest first, those before the id ``before`` when given."""
        return self.views.projects.select(
            "all", limit=limit, before=None if before is None else (before.int,), newest_first=True
        )

    async def save(self, project: Project, *, expected_version: int) -> None:
        """Write a changed project over version ``expected_version``; raises VersionConflictError or NotFoundError."""
        await self._require(project.id, expected_version)
        self.views.projects.put(project.id, project)

    async def delete(self, project_id: UUID, *, expected_version: int) -> None:
        """Delete a project with its decision sets and all they own, checkpoints included; its own event stream stays.

        Raises VersionConflictError or NotFoundError.
        """
        await self._require(project_id, expected_version)
        for decision_set in self.views.decision_sets.select("project", [project_id]):
            await self._delete_decision_set(decision_set)
        self.views.projects.delete(project_id)

    async def _require(self, project_id: UUID, expected_version: int) -> None:
        actual = (await self.get(project_id)).version
        if actual != expected_version:
            raise VersionConflictError("project", project_id, expected_version, actual)

    async def _delete_decision_set(self, decision_set: DecisionSet) -> None:
        views, group = self.views, decision_set.id
        for job_id in views.jobs.keys("decision_set", group):
            views.jobs.delete(job_id)
        for run_id in views.agent_runs.keys("decision_set", group):
            views.agent_runs.delete(run_id)
        for artifact_id in views.artifacts.keys("decision_set", group):
            views.artifacts.delete(artifact_id)
        for approval_key in views.approvals.keys("decision_set", group):
            views.approvals.delete(approval_key)
        self._delete_stream(Stream.of_decision_set(group))
        for event in views.inbound_events.select("decision_set", [group]):
            views.inbound_events.put(event.id, evolve(event, decision_set_id=None))
        await MemoryCheckpoints(views).delete_thread(decision_set.thread_id)
        views.decision_sets.delete(group)

    def _delete_stream(self, stream: Stream) -> None:
        for position in self.views.events.keys("stream", stream):
            self.views.events.delete(position)
        self.views.heads.delete(stream)
