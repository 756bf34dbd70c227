"""Projects: create, read, describe, delete."""

from collections.abc import Mapping
from uuid import UUID

from attrs import frozen

from domain.model.errors import VersionConflictError
from domain.model.event import NewEvent, Stream
from domain.model.event_type import EventType
from domain.model.project import Project
from ports.storage import Storage
from ports.system import Ids


@frozen
class CreateProject:
    """Create a project."""

    storage: Storage
    ids: Ids

    async def __call__(self, name: str, *, actor: str, description: str | None = None) -> Project:
        """Create a project at version 1; raises InvalidValueError for a bad name."""
        async with self.storage.transaction() as work:
            now = await work.now()
            project = Project(self.ids.new(), name, description, 1, now, now)
            await work.projects.add(project)
            data = {"name": project.name, "description": project.description}
            await work.events.append([_event(EventType.PROJECT_CREATED, project, actor, data)])
        return project


@frozen
class GetProject:
    """Read a project."""

    storage: Storage

    async def __call__(self, project_id: UUID) -> Project:
        """Return a project; raises NotFoundError."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.projects.get(project_id)


@frozen
class ListProjects:
    """List projects."""

    storage: Storage

    async def __call__(self, *, limit: int = 100, before: UUID | None = None) -> list[Project]:
        """Return projects newest first, a page at a time: ``before`` is the last id of the page before."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.projects.find(limit=limit, before=before)


@frozen
class DescribeProject:
    """Rename or describe a project."""

    storage: Storage

    async def __call__(
        self,
        project_id: UUID,
        *,
        expected_version: int,
        actor: str,
        name: str | None = None,
        description: str | None = None,
    ) -> Project:
        """Change a project read at ``expected_version``; raises VersionConflictError when it has moved on."""
        async with self.storage.transaction() as work:
            project = await work.projects.get(project_id)
            if project.version != expected_version:
                raise VersionConflictError("project", project_id, expected_version, project.version)
            changed = project.described(await work.now(), name=name, description=description)
            await work.projects.save(changed, expected_version=expected_version)
            data = {"name": changed.name, "description": changed.description, "version": changed.version}
            await work.events.append([_event(EventType.PROJECT_DESCRIBED, changed, actor, data)])
        return changed


@frozen
class DeleteProject:
    """Delete a project with all it owns."""

    storage: Storage

    async def __call__(self, project_id: UUID, *, actor: str, expected_version: int | None = None) -> None:
        """Delete a project, its decision sets and all they own; the deletion stays on the project's own stream."""
        async with self.storage.transaction() as work:
            project = await work.projects.get(project_id)
            expected = project.version if expected_version is None else expected_version
            await work.projects.delete(project_id, expected_version=expected)
            data = {"name": project.name, "version": project.version}
            await work.events.append([_event(EventType.PROJECT_DELETED, project, actor, data)])


def _event(event_type: EventType, project: Project, actor: str, data: Mapping[str, object]) -> NewEvent:
    return NewEvent(Stream.of_project(project.id), event_type, data, actor)
