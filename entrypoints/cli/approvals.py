"""Approvals: list, show, and answer what a run waits for."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from domain.model.approval import Approval, ApprovalStatus
from domain.model.errors import IllegalTransitionError, InvalidValueError
from domain.model.json_value import parse_json
from entrypoints.cli.answering import Mode, answer_all, mode_of, open_approvals
from entrypoints.cli.continuing import carry_on
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.exporting import DESIGNS, require_writable
from entrypoints.cli.options import DecisionSetArgument, JsonOption, LimitOption, OutOption, TimeoutOption
from entrypoints.cli.output import Output
from entrypoints.cli.progress import Progress
from entrypoints.cli.rendering import Column, show_list, show_one
from entrypoints.cli.running import Watch
from entrypoints.cli.session import with_application

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

approvals = typer.Typer(help="See what runs wait for.", no_args_is_help=True)
_COLUMNS = (Column("decision set", whole=True), Column("interrupt", whole=True), Column("gate"), Column("status"))
Reply = Callable[[Approval], Any]


@approvals.command("list")
def list_approvals(
    context: typer.Context,
    decision_set: Annotated[UUID | None, typer.Option("--decision-set", help="Only those of one decision set.")] = None,
    status: Annotated[ApprovalStatus | None, typer.Option("--status", help="Only those of one status.")] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """List approvals, oldest first."""

    async def act(app: "Application") -> list[Approval]:
        if decision_set is not None:
            await app.get_decision_set(decision_set)
        return await app.list_approvals(decision_set_id=decision_set, status=status, limit=limit)

    found = with_application(context, act)
    rows = [(one.decision_set_id, one.interrupt_id, one.gate, one.status) for one in found]
    show_list(Output(as_json), _COLUMNS, found, rows)


@approvals.command("show")
def show_approval(
    context: typer.Context,
    decision_set: DecisionSetArgument,
    interrupt: Annotated[str, typer.Argument(metavar="INTERRUPT", help="The interrupt's id, as listed.")],
    as_json: JsonOption = False,
) -> None:
    """Show one approval: its question, its default answer and the answer's schema."""
    show_one(Output(as_json), with_application(context, lambda app: app.get_approval(decision_set, interrupt)))


def approve(
    context: typer.Context,
    decision_set: DecisionSetArgument,
    interrupt: Annotated[
        str | None, typer.Option("--interrupt", help="Only the question of this interrupt id.")
    ] = None,
    answer: Annotated[str | None, typer.Option("--answer", metavar="JSON", help="The answer.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the default answer.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Take the answer that says no.")] = False,
    comment: Annotated[str | None, typer.Option("--comment", help="A remark on the answer, such as why.")] = None,
    expected_version: Annotated[
        int | None, typer.Option("--expected-version", min=1, help="Refuse when the approval is at another version.")
    ] = None,
    work: Annotated[
        bool | None,
        typer.Option("--work/--no-work", help="Work the run on in this process; the default on SQLite."),
    ] = None,
    timeout: TimeoutOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer what a run waits for, and let it go on."""
    reply = _reply(answer, yes=yes, reject=reject, comment=comment)
    output = Output(as_json)
    require_writable(out or DESIGNS)

    async def act(app: "Application") -> ExitCode:
        watch = Watch(app, decision_set, Progress(output).show)
        waiting = await _waiting(app, decision_set, interrupt)
        await watch.skip()
        if reply is None:
            if mode_of(yes=False) is Mode.LEAVE:
                raise InvalidValueError("An answer", "is needed: give --answer JSON, --yes or --reject.")
            if not await answer_all(app, waiting, Mode.ASK, output):
                output.say("Nothing was decided; the run waits on.", "yellow")
                return ExitCode.WAITING_APPROVAL
        else:
            if len(waiting) > 1 and answer is not None:
                raise InvalidValueError("--answer", "fits one question; say which with --interrupt.")
            await _answer(app, waiting, reply, comment, expected_version)
        if await open_approvals(app, decision_set) or not _works_here(app, work):
            await _show_answered(app, waiting, output)
            return ExitCode.OK
        mode = Mode.LEAVE if reply is not None else Mode.ASK
        return await carry_on(app, watch, output, mode, limit=timeout, folder=out)

    raise typer.Exit(with_application(context, act))


def _works_here(app: "Application", wish: bool | None) -> bool:
    """Tell whether this process works the run on: as wished, else on the embedded database, which has no workers."""
    return app.settings.database_url.startswith("sqlite") if wish is None else wish


def _reply(answer: str | None, *, yes: bool, reject: bool, comment: str | None) -> Reply | None:
    """Return what makes the answer to an approval, or None when the person is to be asked."""
    if (answer is not None) + yes + reject > 1:
        raise InvalidValueError("--answer, --yes and --reject", "exclude one another; give one of them.")
    if answer is not None:
        value = parse_json("The answer", answer)
        return lambda approval: value
    if yes:
        return lambda approval: _preset(approval, approval.defaults, "default answer")
    if reject:
        return lambda approval: _rejection(approval, comment)
    return None


def _rejection(approval: Approval, comment: str | None) -> Any:
    rejection = _preset(approval, approval.rejection, "answer that says no")
    if comment is None or not isinstance(rejection, Mapping) or "decision" not in rejection:
        return rejection
    return {**rejection, "comment": comment}


def _preset(approval: Approval, value: Any, what: str) -> Any:
    if value is None:
        raise InvalidValueError(
            f"The approval {approval.interrupt_id} ({approval.gate})", f"has no {what}; give --answer."
        )
    return value


async def _waiting(app: "Application", decision_set_id: UUID, interrupt: str | None) -> list[Approval]:
    if interrupt is not None:
        return [await app.get_approval(decision_set_id, interrupt)]
    decision_set = await app.get_decision_set(decision_set_id)
    found = await open_approvals(app, decision_set_id)
    if not found:
        raise IllegalTransitionError(
            "decision set", decision_set_id, f"{decision_set.status} with no open question", "approved"
        )
    return found


async def _answer(
    app: "Application", waiting: list[Approval], reply: Reply, comment: str | None, expected_version: int | None
) -> None:
    for approval, value in [(approval, reply(approval)) for approval in waiting]:
        await app.answer_approval(
            approval.decision_set_id,
            approval.interrupt_id,
            value,
            decided_by=app.settings.actor,
            comment=comment,
            expected_version=expected_version,
        )


async def _show_answered(app: "Application", waiting: Sequence[Approval], out: Output) -> None:
    answered = [await app.get_approval(one.decision_set_id, one.interrupt_id) for one in waiting]
    if out.as_json:
        out.write_json(answered)
    for approval in answered:
        out.say(f"{approval.gate} is {approval.status}.")
    still = len(await open_approvals(app, answered[0].decision_set_id))
    out.say(f"{still} more to answer." if still else "A worker goes on with the run: mlwright work")
