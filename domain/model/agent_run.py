"""An agent run: one execution of one agent, a node of the workflow's graph."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from attrs.validators import optional

from domain.model.errors import IllegalTransitionError
from domain.model.json_value import checked_json, checked_object
from domain.model.validation import aware, text


def _input_data(value: Any) -> Any:
    return checked_json("input_data", value)


def _output_data(value: Any) -> Any:
    return checked_json("output_data", value)


def _usage(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return checked_object("usage", value)


class AgentRunStatus(StrEnum):
    """Where an agent run stands; an interrupted one asked a person and will be run again with the answer."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@frozen
class AgentRun:
    """One execution of one agent.

    ``task_id`` names the step of the thread it executes and is the same when that step runs again after a crash: at
    most one run of a task is ever completed. ``lease_token`` is the lease under which it ran. ``usage`` holds tokens
    and cost as the model reported them; ``duration_ms`` is measured by the storage's clock.
    """

    id: UUID
    decision_set_id: UUID
    job_id: UUID
    agent_name: str = field(validator=text(255))
    task_id: str = field(validator=text(255))
    lease_token: int
    started_at: datetime = field(validator=aware)
    status: AgentRunStatus = AgentRunStatus.RUNNING
    input_data: Any = field(default=None, converter=_input_data)
    output_data: Any = field(default=None, converter=_output_data)
    error_message: str | None = None
    usage: Mapping[str, Any] = field(factory=dict, converter=_usage)
    checkpoint_id: str | None = None
    completed_at: datetime | None = field(default=None, validator=optional(aware))

    @property
    def duration_ms(self) -> int | None:
        """Return the whole milliseconds from start to end, or None while it runs."""
        return None if self.completed_at is None else (self.completed_at - self.started_at) // timedelta(milliseconds=1)

    def completed(
        self,
        now: datetime,
        output_data: object,
        *,
        usage: Mapping[str, Any] | None = None,
        checkpoint_id: str | None = None,
    ) -> "AgentRun":
        """Return the run ended well with its output."""
        return self._ended(
            AgentRunStatus.COMPLETED, now, output_data=output_data, usage=usage or {}, checkpoint_id=checkpoint_id
        )

    def failed(self, now: datetime, error_message: str) -> "AgentRun":
        """Return the run ended by an error."""
        return self._ended(AgentRunStatus.FAILED, now, error_message=error_message)

    def interrupted(self, now: datetime) -> "AgentRun":
        """Return the run ended by a question to a person."""
        return self._ended(AgentRunStatus.INTERRUPTED, now)

    def _ended(self, status: AgentRunStatus, now: datetime, **changes: Any) -> "AgentRun":
        if self.status is not AgentRunStatus.RUNNING:
            raise IllegalTransitionError("agent run", self.id, self.status, status)
        return evolve(self, status=status, completed_at=max(now, self.started_at), **changes)
