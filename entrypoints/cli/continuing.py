"""Carry a run on through its gates until it ends or stays waiting, then show what it came to."""

from pathlib import Path
from typing import TYPE_CHECKING

from domain.model.decision_set import DecisionSetStatus
from entrypoints.cli.answering import Mode, answer_all, open_approvals
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.output import Output
from entrypoints.cli.running import StoppedEarlyError, Watch, work_until_still
from entrypoints.cli.summary import show_summary, summarise

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

STATUS_CODES = {
    DecisionSetStatus.COMPLETED: ExitCode.OK,
    DecisionSetStatus.WAITING_APPROVAL: ExitCode.WAITING_APPROVAL,
    DecisionSetStatus.CANCELLED: ExitCode.CANCELLED,
    DecisionSetStatus.FAILED: ExitCode.RUN_FAILED,
}


async def carry_on(
    app: "Application", watch: Watch, out: Output, mode: Mode, *, limit: float | None, folder: Path | None
) -> ExitCode:
    """Work a decision set on through its gates until it ends or stays waiting, then show what it came to."""
    own = watch.decision_set_id
    try:
        decision_set = await work_until_still(watch, out, limit=limit)
        while decision_set.status is DecisionSetStatus.WAITING_APPROVAL:
            if not await answer_all(app, await open_approvals(app, own), mode, out):
                break
            decision_set = await work_until_still(watch, out, limit=limit)
    except StoppedEarlyError as stopped:
        out.say(f"{stopped} What is done is kept. Go on with: mlwright decision-sets resume {own} --work", "yellow")
        return stopped.code
    show_summary(out, await summarise(app, decision_set, folder))
    return STATUS_CODES[decision_set.status]
