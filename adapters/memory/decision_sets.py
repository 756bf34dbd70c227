"""Decision sets in memory."""

from uuid import UUID

from attrs import frozen

from adapters.memory.table import ALL
from adapters.memory.tables import Views
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import AlreadyExistsError, NotFoundError, VersionConflictError


@frozen
class MemoryDecisionSets:
    """The decision sets of one transaction."""

    views: Views

    async def add(self, decision_set: DecisionSet) -> None:
        """Keep a new decision set; raises AlreadyExistsError (id or thread) or NotFoundError (its project)."""
        if self.views.projects.get(decision_set.project_id) is None:
            raise NotFoundError("project", decision_set.project_id)
        if self.views.decision_sets.get(decision_set.id) is not None:
            raise AlreadyExistsError("decision set", decision_set.id)
        if self.views.decision_sets.first("thread", decision_set.thread_id) is not None:
            raise AlreadyExistsError("thread", decision_set.thread_id)
        self.views.decision_sets.put(decision_set.id, decision_set)

    async def get(self, decision_set_id: UUID, *, for_update: bool = False) -> DecisionSet:
        """Return a decision set; raises NotFoundError."""
        return require_decision_set(self.views, decision_set_id)

    async def find(
        self,
        *,
        limit: int,
        project_id: UUID | None = None,
        status: DecisionSetStatus | None = None,
        before: UUID | None = None,
    ) -> list[DecisionSet]:
        """Return decision sets newest first, of one project or of all, those before the id ``before`` when given."""
        return self.views.decision_sets.select(
            "all" if project_id is None else "project",
            [ALL if project_id is None else project_id],
            where=lambda decision_set: status is None or decision_set.status is status,
            limit=limit,
            before=None if before is None else (before.int,),
            newest_first=True,
        )

    async def save(self, decision_set: DecisionSet, *, expected_version: int) -> None:
        """Write a changed decision set over version ``expected_version``.

        Raises VersionConflictError or NotFoundError.
        """
        actual = require_decision_set(self.views, decision_set.id).version
        if actual != expected_version:
            raise VersionConflictError("decision set", decision_set.id, expected_version, actual)
        self.views.decision_sets.put(decision_set.id, decision_set)


def require_decision_set(views: Views, decision_set_id: UUID) -> DecisionSet:
    """Return a decision set; raises NotFoundError."""
    decision_set = views.decision_sets.get(decision_set_id)
    if decision_set is None:
        raise NotFoundError("decision set", decision_set_id)
    return decision_set
