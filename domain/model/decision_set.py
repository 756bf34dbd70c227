"""A decision set: one complete run of a workflow, with its lineage."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from attrs.validators import optional

from domain.model.errors import IllegalTransitionError
from domain.model.json_value import checked_object
from domain.model.validation import MAX_PROMPT, at_least, aware, text


def _metadata(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return checked_object("metadata", value)


class DecisionSetStatus(StrEnum):
    """Where a decision set stands. A completed, failed or cancelled one can be run again: it is a thread."""

    ACTIVE = "active"
    WAITING_APPROVAL = "waiting_approval"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def settled(self) -> bool:
        """Tell whether nothing runs or waits under this status."""
        return self in _SETTLED


_SETTLED = frozenset({DecisionSetStatus.COMPLETED, DecisionSetStatus.FAILED, DecisionSetStatus.CANCELLED})

_MOVES: Mapping[DecisionSetStatus, frozenset[DecisionSetStatus]] = {
    DecisionSetStatus.ACTIVE: frozenset(DecisionSetStatus),
    DecisionSetStatus.WAITING_APPROVAL: frozenset(DecisionSetStatus),
    DecisionSetStatus.COMPLETED: frozenset({DecisionSetStatus.ACTIVE}),
    DecisionSetStatus.FAILED: frozenset({DecisionSetStatus.ACTIVE, DecisionSetStatus.CANCELLED}),
    DecisionSetStatus.CANCELLED: frozenset({DecisionSetStatus.ACTIVE}),
}


@frozen
class DecisionSet:
    """One complete run of a workflow for a project.

    ``thread_id`` is unique and names the checkpoints; ``parent_id`` and ``forked_from`` (a checkpoint's id) tell
    where a fork came from; ``status_reason`` says why it failed or was cancelled; ``metadata`` is the owner's own.
    """

    id: UUID
    project_id: UUID
    thread_id: str = field(validator=text(255))
    workflow: str = field(validator=text(100))
    workflow_version: str = field(validator=text(100))
    user_prompt: str = field(validator=text(MAX_PROMPT))
    created_at: datetime = field(validator=aware)
    updated_at: datetime = field(validator=aware)
    status: DecisionSetStatus = DecisionSetStatus.ACTIVE
    status_reason: str | None = field(default=None, validator=optional(text(10_000, blank=True)))
    metadata: Mapping[str, Any] = field(factory=dict, converter=_metadata)
    parent_id: UUID | None = None
    forked_from: str | None = field(default=None, validator=optional(text(255)))
    version: int = field(default=1, validator=at_least(1))

    def moved(self, status: DecisionSetStatus, now: datetime, *, reason: str | None = None) -> "DecisionSet":
        """Return the decision set one version on under another status; raises IllegalTransitionError when refused."""
        if status not in _MOVES[self.status]:
            raise IllegalTransitionError("decision set", self.id, self.status, status)
        return evolve(self, status=status, status_reason=reason, version=self.version + 1, updated_at=now)

    def annotated(self, metadata: Mapping[str, Any], now: datetime) -> "DecisionSet":
        """Return the decision set one version on with these entries merged into its metadata; None removes one."""
        merged = {key: value for key, value in {**self.metadata, **metadata}.items() if value is not None}
        return evolve(self, metadata=merged, version=self.version + 1, updated_at=now)
