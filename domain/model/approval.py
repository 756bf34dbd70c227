"""An approval: a question that the graph put to a person."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from attrs.validators import optional

from domain.model.errors import IllegalTransitionError, InvalidValueError, VersionConflictError
from domain.model.json_value import checked_json, checked_object
from domain.model.validation import at_least, aware, in_utc, text


def _prompt(value: Any) -> Any:
    return checked_json("prompt", value)


def _response_schema(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return checked_object("response_schema", value)


def _defaults(value: Any) -> Any:
    return checked_json("defaults", value)


def _rejection(value: Any) -> Any:
    return checked_json("rejection", value)


def _answer(value: Any) -> Any:
    return checked_json("answer", value)


class ApprovalStatus(StrEnum):
    """Where an approval stands."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class OnTimeout(StrEnum):
    """What happens when nobody answers by the deadline: the defaults are taken, or the gate is rejected."""

    TAKE_DEFAULTS = "take_defaults"
    REJECT = "reject"


@frozen
class Approval:
    """A question put to a person by the graph; its key is the decision set and the interrupt's id.

    ``response_schema`` is the JSON Schema an answer must meet (empty: any JSON), ``defaults`` a full answer that meets
    it. A copied thread keeps its interrupts' ids, so the id alone does not name an approval.
    """

    decision_set_id: UUID
    interrupt_id: str = field(validator=text(255))
    gate: str = field(validator=text(255))
    prompt: Any = field(converter=_prompt)
    created_at: datetime = field(validator=aware)
    response_schema: Mapping[str, Any] = field(factory=dict, converter=_response_schema)
    defaults: Any = field(default=None, converter=_defaults)
    rejection: Any = field(default=None, converter=_rejection)
    deadline: datetime | None = field(default=None, converter=in_utc, validator=optional(aware))
    on_timeout: OnTimeout = OnTimeout.TAKE_DEFAULTS
    status: ApprovalStatus = ApprovalStatus.OPEN
    answer: Any = field(default=None, converter=_answer)
    comment: str | None = field(default=None, validator=optional(text(10_000, blank=True)))
    decided_by: str | None = field(default=None, validator=optional(text(255)))
    decided_at: datetime | None = field(default=None, validator=optional(aware))
    version: int = field(default=1, validator=at_least(1))

    @property
    def key(self) -> str:
        """Return the approval's name in messages: ``decision-set-id/interrupt-id``."""
        return f"{self.decision_set_id}/{self.interrupt_id}"

    @property
    def resumable(self) -> bool:
        """Tell whether there is an answer for the graph to go on with."""
        return self.status in (ApprovalStatus.ANSWERED, ApprovalStatus.EXPIRED)

    def answered(
        self,
        answer: object,
        decided_by: str,
        now: datetime,
        *,
        comment: str | None = None,
        expected_version: int | None = None,
    ) -> "Approval":
        """Return the approval decided by a person; raises IllegalTransitionError when it is no longer open."""
        if expected_version is not None and expected_version != self.version:
            raise VersionConflictError("approval", self.key, expected_version, self.version)
        return self._decided(ApprovalStatus.ANSWERED, now, answer=answer, decided_by=decided_by, comment=comment)

    def expired(self, now: datetime) -> "Approval":
        """Return the approval decided by its deadline, as its ``on_timeout`` says."""
        if self.deadline is None or self.deadline > now:
            raise InvalidValueError("deadline", f"of approval {self.key} has not passed")
        answer = self.defaults if self.on_timeout is OnTimeout.TAKE_DEFAULTS else self.rejection
        return self._decided(ApprovalStatus.EXPIRED, now, answer=answer, decided_by="system:deadline")

    def cancelled(self, now: datetime) -> "Approval":
        """Return the approval withdrawn with its run."""
        return self._decided(ApprovalStatus.CANCELLED, now)

    def _decided(self, status: ApprovalStatus, now: datetime, **changes: Any) -> "Approval":
        if self.status is not ApprovalStatus.OPEN:
            raise IllegalTransitionError("approval", self.key, self.status, status)
        return evolve(self, status=status, decided_at=now, version=self.version + 1, **changes)
