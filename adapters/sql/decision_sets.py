"""Decision sets in SQL."""

from uuid import UUID

from attrs import frozen
from sqlalchemy import select, update

from adapters.sql.dialect import spelled
from adapters.sql.rows import decision_set_of, decision_set_values
from adapters.sql.session import Session
from adapters.sql.tables import decision_sets, projects
from adapters.sql.versioned import write_over
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import AlreadyExistsError, NotFoundError


@frozen
class SqlDecisionSets:
    """The decision sets of one transaction."""

    session: Session

    async def add(self, decision_set: DecisionSet) -> None:
        """Keep a new decision set; raises AlreadyExistsError (id or thread) or NotFoundError (its project)."""
        result = await self.session.execute_referring(
            self.session.dialect.insert(decision_sets).on_conflict_do_nothing().returning(decision_sets.c.id),
            decision_set_values(decision_set),
            kind="project",
            parent=projects,
            keys=[decision_set.project_id],
        )
        if result.first() is None:
            same = await self.session.row(select(decision_sets.c.id).where(decision_sets.c.id == decision_set.id))
            kind, key = ("decision set", decision_set.id) if same else ("thread", decision_set.thread_id)
            raise AlreadyExistsError(kind, key)

    async def get(self, decision_set_id: UUID, *, for_update: bool = False) -> DecisionSet:
        """Return a decision set, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        found = select(decision_sets).where(decision_sets.c.id == decision_set_id)
        row = await self.session.row(found.with_for_update() if for_update else found)
        if row is None:
            raise NotFoundError("decision set", decision_set_id)
        return decision_set_of(row)

    async def find(
        self,
        *,
        limit: int,
        project_id: UUID | None = None,
        status: DecisionSetStatus | None = None,
        before: UUID | None = None,
    ) -> list[DecisionSet]:
        """Return decision sets newest first, of one project or of all, those before the id ``before`` when given."""
        found = select(decision_sets).order_by(decision_sets.c.id.desc()).limit(limit)
        if project_id is not None:
            found = found.where(decision_sets.c.project_id == project_id)
        if status is not None:
            found = found.where(decision_sets.c.status == spelled(status))
        if before is not None:
            found = found.where(decision_sets.c.id < before)
        return [decision_set_of(row) for row in await self.session.rows(found)]

    async def save(self, decision_set: DecisionSet, *, expected_version: int) -> None:
        """Write a changed decision set over version ``expected_version``.

        Raises VersionConflictError or NotFoundError.
        """
        this = decision_sets.c.id == decision_set.id
        values = decision_set_values(decision_set)
        await write_over(
            self.session,
            update(decision_sets).where(this, decision_sets.c.version == expected_version).values(**values),
            decision_sets,
            (this,),
            kind="decision set",
            key=decision_set.id,
            expected=expected_version,
        )
