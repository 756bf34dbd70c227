"""An inbound event: something received from outside, and what processing made of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from attrs.validators import optional

from domain.model.errors import IllegalTransitionError
from domain.model.json_value import checked_json, checked_object
from domain.model.validation import aware, text


def _data(value: Any) -> Any:
    return checked_json("data", value)


def _task_context(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return checked_object("task_context", value)


class InboundEventStatus(StrEnum):
    """Where an inbound event stands; a failed one can be processed again."""

    RECEIVED = "received"
    PROCESSED = "processed"
    FAILED = "failed"


@frozen
class InboundEvent:
    """A raw event received from outside, kept once for each (source, external_id).

    ``task_context`` is the record of its processing: what each step made of it.
    """

    id: UUID
    source: str = field(validator=text(100))
    external_id: str = field(validator=text(255))
    event_type: str = field(validator=text(100))
    data: Any = field(converter=_data)
    created_at: datetime = field(validator=aware)
    updated_at: datetime = field(validator=aware)
    task_context: Mapping[str, Any] = field(factory=dict, converter=_task_context)
    status: InboundEventStatus = InboundEventStatus.RECEIVED
    decision_set_id: UUID | None = None
    error_message: str | None = field(default=None, validator=optional(text(10_000, blank=True)))

    def processed(
        self, task_context: Mapping[str, Any], now: datetime, *, decision_set_id: UUID | None = None
    ) -> "InboundEvent":
        """Return the event processed, with what its processing made of it."""
        self._require_unprocessed("processed")
        return evolve(
            self,
            status=InboundEventStatus.PROCESSED,
            task_context=task_context,
            decision_set_id=decision_set_id or self.decision_set_id,
            error_message=None,
            updated_at=now,
        )

    def failed(self, error_message: str, now: datetime) -> "InboundEvent":
        """Return the event whose processing failed, with the reason."""
        self._require_unprocessed("failed")
        return evolve(self, status=InboundEventStatus.FAILED, error_message=error_message, updated_at=now)

    def _require_unprocessed(self, move: str) -> None:
        if self.status is InboundEventStatus.PROCESSED:
            raise IllegalTransitionError("inbound event", self.id, self.status, move)
