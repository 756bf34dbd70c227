"""Interrupts as approvals.

A graph puts a question with ``interrupt(value)``. When the value is an object, these of its keys say how it may be
answered: ``response_schema`` (JSON Schema), ``defaults`` (a full answer), ``rejection`` (the answer that says no),
``deadline_seconds``, and ``on_timeout`` (``take_defaults`` or ``reject``). ``interrupt(..., response_schema=...)`` of
LangGraph itself comes before the key. The whole value is the prompt.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import evolve
from langgraph.types import Interrupt

from adapters.langgraph.plain import plain
from domain.model.approval import Approval, ApprovalStatus, OnTimeout
from domain.model.errors import InvalidValueError
from ports.storage import UnitOfWork

_GATE_LENGTH = 255


def approval_of(decision_set_id: UUID, gate: str, interrupt: Interrupt[Any], now: datetime) -> Approval:
    """Return the approval that an interrupt asks for; raises InvalidValueError when its keys are malformed."""
    stated: Mapping[str, Any] = interrupt.value if isinstance(interrupt.value, Mapping) else {}
    schema = interrupt.response_schema or stated.get("response_schema") or {}
    return Approval(
        decision_set_id=decision_set_id,
        interrupt_id=interrupt.id,
        gate=gate[:_GATE_LENGTH],
        prompt=plain(interrupt.value),
        created_at=now,
        response_schema=plain(schema),
        defaults=plain(stated.get("defaults")),
        rejection=plain(stated.get("rejection")),
        deadline=_deadline(stated.get("deadline_seconds"), now),
        on_timeout=_on_timeout(stated.get("on_timeout")),
    )


def breakpoint_approval(decision_set_id: UUID, checkpoint_id: str, nodes: Sequence[str], now: datetime) -> Approval:
    """Return the approval for a graph that stops by itself before or after a node, as it was compiled to."""
    names = ", ".join(nodes)
    return Approval(
        decision_set_id=decision_set_id,
        interrupt_id=breakpoint_id(checkpoint_id),
        gate=names[:_GATE_LENGTH],
        prompt={"question": f"The workflow has stopped before {names}. Go on?"},
        created_at=now,
        response_schema={"type": "boolean"},
        defaults=True,
    )


def breakpoint_id(checkpoint_id: str) -> str:
    """Return the id under which a stop at a checkpoint is answered."""
    return f"breakpoint:{checkpoint_id}"


async def open_approvals(uow: UnitOfWork, approvals: Sequence[Approval]) -> list[Approval]:
    """Open approvals and return those that are asked anew; one that was withdrawn with an earlier run is put again."""
    new = await uow.approvals.open(approvals)
    known = {approval.interrupt_id for approval in new}
    for approval in approvals:
        if approval.interrupt_id in known:
            continue
        known.add(approval.interrupt_id)
        there = await uow.approvals.get(approval.decision_set_id, approval.interrupt_id, for_update=True)
        if there.status is ApprovalStatus.CANCELLED:
            again = evolve(approval, version=there.version + 1)
            await uow.approvals.save(again, expected_version=there.version)
            new.append(again)
    return new


def _deadline(seconds: object, now: datetime) -> datetime | None:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 10**9:
        raise InvalidValueError("deadline_seconds", f"of an interrupt must be a positive number, not {seconds!r}")
    return now + timedelta(seconds=seconds)


def _on_timeout(value: object) -> OnTimeout:
    try:
        return OnTimeout.TAKE_DEFAULTS if value is None else OnTimeout(str(value))
    except ValueError:
        known = " or ".join(repr(str(policy)) for policy in OnTimeout)
        raise InvalidValueError("on_timeout", f"of an interrupt must be {known}, not {value!r}") from None
