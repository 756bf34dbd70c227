"""Projects in SQL."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, select, update

from adapters.sql.checkpoint_tables import delete_threads
from adapters.sql.rows import project_of, project_values
from adapters.sql.session import Session
from adapters.sql.tables import decision_sets, jobs, projects
from adapters.sql.versioned import write_over
from domain.model.errors import AlreadyExistsError, NotFoundError, VersionConflictError
from domain.model.project import Project


@frozen
class SqlProjects:
    """The projects of one transaction."""

    session: Session

    async def add(self, project: Project) -> None:
        """Keep a new project; raises AlreadyExistsError when its id is taken."""
        added = self.session.dialect.insert(projects).on_conflict_do_nothing().returning(projects.c.id)
        if await self.session.row(added, project_values(project)) is None:
            raise AlreadyExistsError("project", project.id)

    async def get(self, project_id: UUID) -> Project:
        """Return a project; raises NotFoundError."""
        row = await self.session.row(select(projects).where(projects.c.id == project_id))
        if row is None:
            raise NotFoundError("project", project_id)
        return project_of(row)

    async def find(self, *, limit: int, before: UUID | None = None) -> list[Project]:
        """Return projects newest first (by id, which is a UUIDv7), those before the id ``before`` when given."""
        found = select(projects).order_by(projects.c.id.desc()).limit(limit)
        if before is not None:
            found = found.where(projects.c.id < before)
        return [project_of(row) for row in await self.session.rows(found)]

    async def save(self, project: Project, *, expected_version: int) -> None:
        """Write a changed project over version ``expected_version``; raises VersionConflictError or NotFoundError."""
        this = projects.c.id == project.id
        await write_over(
            self.session,
            update(projects).where(this, projects.c.version == expected_version).values(**project_values(project)),
            projects,
            (this,),
            kind="project",
            key=project.id,
            expected=expected_version,
        )

    async def delete(self, project_id: UUID, *, expected_version: int) -> None:
        """Delete a project with its decision sets and all they own, checkpoints included; its own event stream stays.

        Waits for the transactions that work on its jobs. Raises VersionConflictError or NotFoundError.
        """
        threads = await self._locked_threads(project_id, expected_version)
        await self.session.execute(delete(projects).where(projects.c.id == project_id))
        await delete_threads(self.session, threads)

    async def _locked_threads(self, project_id: UUID, expected_version: int) -> Sequence[str]:
        """Lock the project and its jobs, in the order that all callers lock, so that nothing is added meanwhile."""
        version = select(projects.c.version).where(projects.c.id == project_id).with_for_update()
        row = await self.session.row(version)
        if row is None:
            raise NotFoundError("project", project_id)
        if row.version != expected_version:
            raise VersionConflictError("project", project_id, expected_version, row.version)
        owned = select(decision_sets.c.id).where(decision_sets.c.project_id == project_id)
        held = select(jobs.c.id).where(jobs.c.decision_set_id.in_(owned)).order_by(jobs.c.id)
        await self.session.rows(held.with_for_update(of=jobs))
        threads = select(decision_sets.c.thread_id).where(decision_sets.c.project_id == project_id)
        return [row.thread_id for row in await self.session.rows(threads)]
