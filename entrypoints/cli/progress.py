"""A run's events as lines of progress: each agent's start and end, with what it chose."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field
from rich.text import Text

from domain.model.event import Event
from domain.model.event_type import EventType
from domain.model.secrets import mask_secrets
from entrypoints.cli.output import Output, one_line

_NAME_WIDTH = 20
_LONGEST = 160


@define
class Progress:
    """Shows events on stderr as they come; times are seconds since the first one shown."""

    out: Output
    _begun: datetime | None = field(default=None, init=False)
    _chosen: dict[str, str] = field(factory=dict, init=False)

    def show(self, event: Event) -> None:
        """Show an event, if people care for it."""
        if self._begun is None:
            self._begun = event.created_at
        tell = _TOLD.get(event.event_type)
        if tell is not None:
            tell(self, event, event.event_data)

    def _started(self, event: Event, data: Mapping[str, Any]) -> None:
        self._line(event, "…", data.get("agent"), "", "dim")

    def _carded(self, event: Event, data: Mapping[str, Any]) -> None:
        card = data.get("card")
        if isinstance(card, Mapping):
            self._chosen[str(data.get("agent_run_id"))] = str(card.get("choice", ""))

    def _completed(self, event: Event, data: Mapping[str, Any]) -> None:
        took = f" ({data['duration_ms'] / 1000:.2f} s)" if isinstance(data.get("duration_ms"), int) else ""
        choice = self._chosen.pop(str(data.get("agent_run_id")), "done")
        self._line(event, "✓", data.get("agent"), f"{choice}{took}", "green")

    def _failed(self, event: Event, data: Mapping[str, Any]) -> None:
        self._line(event, "✗", data.get("agent"), str(data.get("error", "")), "red")

    def _asked(self, event: Event, data: Mapping[str, Any]) -> None:
        prompt = data.get("prompt")
        question = prompt.get("question", "") if isinstance(prompt, Mapping) else ""
        self._line(event, "?", data.get("gate"), str(question), "yellow")

    def _answered(self, event: Event, data: Mapping[str, Any]) -> None:
        self._line(event, "!", data.get("gate"), f"answered by {event.actor}", "yellow")

    def _about_run(self, event: Event, data: Mapping[str, Any]) -> None:
        retries = data.get("retry_count")
        self._line(event, "·", event.event_type.replace("_", " "), f"retry {retries}" if retries else "", "yellow")

    def _line(self, event: Event, sign: str, subject: object, text: str, style: str) -> None:
        seconds = (event.created_at - (self._begun or event.created_at)).total_seconds()
        told = one_line(mask_secrets(text))
        shown = told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"
        line = Text.assemble(
            (f"{seconds:7.2f} s ", "dim"), (sign, style), f" {one_line(subject):<{_NAME_WIDTH}} {shown}"
        )
        line.rstrip()
        self.out.messages.print(line, soft_wrap=True)


_TOLD: Mapping[str, Callable[[Progress, Event, Mapping[str, Any]], None]] = {
    EventType.AGENT_STARTED: Progress._started,
    EventType.REASON_CARD_RECORDED: Progress._carded,
    EventType.AGENT_COMPLETED: Progress._completed,
    EventType.AGENT_FAILED: Progress._failed,
    EventType.APPROVAL_REQUESTED: Progress._asked,
    EventType.APPROVAL_ANSWERED: Progress._answered,
    EventType.APPROVAL_EXPIRED: Progress._about_run,
    EventType.JOB_RETRIED: Progress._about_run,
    EventType.JOB_RELEASED: Progress._about_run,
    EventType.LEASE_EXPIRED: Progress._about_run,
}
