"""Answer what a decision set waits for: by asking, by taking the defaults, or by leaving it to `mlwright approve`."""

import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

from domain.model.approval import Approval, ApprovalStatus
from domain.model.errors import AnswerRejectedError, IllegalTransitionError
from entrypoints.cli.asking import Answer, Asking, UnansweredError
from entrypoints.cli.output import Output

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application


class Mode(Enum):
    """How open questions are met: asked on the terminal, answered with their defaults, or left open."""

    ASK = "ask"
    DEFAULTS = "defaults"
    LEAVE = "leave"


def mode_of(*, yes: bool) -> Mode:
    """Return how to meet questions: a person can be asked when input and messages are a terminal."""
    if yes:
        return Mode.DEFAULTS
    return Mode.ASK if sys.stdin.isatty() and sys.stderr.isatty() else Mode.LEAVE


async def open_approvals(app: "Application", decision_set_id: UUID) -> list[Approval]:
    """Return what a decision set waits for, oldest first."""
    return await app.list_approvals(decision_set_id=decision_set_id, status=ApprovalStatus.OPEN)


async def answer_all(app: "Application", approvals: Sequence[Approval], mode: Mode, out: Output) -> bool:
    """Answer approvals one after the other; tell whether none was left open."""
    if mode is Mode.LEAVE:
        return False
    for approval in approvals:
        answered = await (_ask(app, approval, out) if mode is Mode.ASK else _take_defaults(app, approval, out))
        if not answered:
            return False
    return True


async def _ask(app: "Application", approval: Approval, out: Output) -> bool:
    while True:
        try:
            answer = Asking(out).ask(approval)
        except UnansweredError:
            return False
        try:
            await _give(app, approval, answer)
            return True
        except AnswerRejectedError as error:
            out.fail(str(error))
        except IllegalTransitionError:
            out.say("It has been answered elsewhere meanwhile.")
            return True


async def _take_defaults(app: "Application", approval: Approval, out: Output) -> bool:
    if approval.defaults is None:
        out.say(f"{approval.gate} has no default answer; it needs yours.")
        return False
    if isinstance(approval.prompt, Mapping) and approval.prompt.get("fault"):
        out.say(f"The default answer of {approval.gate} could not be used: {approval.prompt['fault']}")
        return False
    try:
        await _give(app, approval, Answer(approval.defaults))
    except IllegalTransitionError:
        out.say("It has been answered elsewhere meanwhile.")
    return True


async def _give(app: "Application", approval: Approval, answer: Answer) -> None:
    await app.answer_approval(
        approval.decision_set_id,
        approval.interrupt_id,
        answer.value,
        decided_by=app.settings.actor,
        comment=answer.comment,
        expected_version=approval.version,
    )
