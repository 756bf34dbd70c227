"""Decision sets: read, list, annotate."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from attrs import frozen

from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import VersionConflictError
from domain.model.event_type import EventType
from domain.use_cases.recording import about_decision_set
from ports.storage import Storage


@frozen
class GetDecisionSet:
    """Read a decision set."""

    storage: Storage

    async def __call__(self, decision_set_id: UUID) -> DecisionSet:
        """Return a decision set; raises NotFoundError."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.decision_sets.get(decision_set_id)


@frozen
class ListDecisionSets:
    """List decision sets."""

    storage: Storage

    async def __call__(
        self,
        *,
        project_id: UUID | None = None,
        status: DecisionSetStatus | None = None,
        limit: int = 100,
        before: UUID | None = None,
    ) -> list[DecisionSet]:
        """Return decision sets newest first, of one project (NotFoundError when there is none such) or of all."""
        async with self.storage.transaction(read_only=True) as work:
            if project_id is not None:
                await work.projects.get(project_id)
            return await work.decision_sets.find(project_id=project_id, status=status, limit=limit, before=before)


@frozen
class UpdateDecisionSet:
    """Update a decision set's metadata."""

    storage: Storage

    async def __call__(
        self, decision_set_id: UUID, metadata: Mapping[str, Any], *, expected_version: int, actor: str
    ) -> DecisionSet:
        """Merge entries into the metadata read at ``expected_version``; None removes one.

        Raises VersionConflictError when the decision set has moved on.
        """
        async with self.storage.transaction() as work:
            decision_set = await work.decision_sets.get(decision_set_id)
            if decision_set.version != expected_version:
                raise VersionConflictError("decision set", decision_set_id, expected_version, decision_set.version)
            changed = decision_set.annotated(metadata, await work.now())
            await work.decision_sets.save(changed, expected_version=expected_version)
            data = {"metadata": dict(metadata), "version": changed.version}
            await work.events.append([about_decision_set(EventType.DECISION_SET_UPDATED, changed, actor, data)])
        return changed
