"""Events: list, follow, verify."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.model.event import ChainReport, Event, Stream
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.options import DecisionSetArgument, JsonOption
from entrypoints.cli.output import Output, one_line
from entrypoints.cli.output import as_json as json_text
from entrypoints.cli.rendering import Column, show_list
from entrypoints.cli.session import with_application
from entrypoints.following import follow

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

events = typer.Typer(help="Read the event log.", no_args_is_help=True)
_COLUMNS = (
    Column("sequence", right=True),
    Column("time (UTC)", whole=True),
    Column("event", whole=True),
    Column("actor"),
    Column("data"),
)
_DATA_SHOWN = 120


@events.command("list")
def list_events(
    context: typer.Context,
    decision_set: DecisionSetArgument,
    after: Annotated[int, typer.Option("--after", min=0, help="Only those after this sequence.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many to list at most.")] = 1000,
    following: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on showing events as they come, until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List a decision set's events in order; with --follow and --json, one JSON document a line."""
    out = Output(as_json)
    if following:
        with_application(context, lambda app: _follow(app, decision_set, after, out))
        return
    found = with_application(context, lambda app: app.read_decision_set_events(decision_set, after=after, limit=limit))
    rows = [(one.sequence, one.created_at, one.event_type, one.actor, _data(one)) for one in found]
    show_list(out, _COLUMNS, found, rows)


@events.command("verify")
def verify_events(context: typer.Context, decision_set: DecisionSetArgument, as_json: JsonOption = False) -> None:
    """Check a decision set's events against their hash chain."""

    async def act(app: "Application") -> ChainReport:
        await app.get_decision_set(decision_set)
        return await app.verify_event_log(Stream.of_decision_set(decision_set))

    report = with_application(context, act)
    out = Output(as_json)
    if as_json:
        out.write_json({"intact": report.intact, "report": report})
    elif report.intact:
        out.write(f"intact: {report.checked} events")
    else:
        out.write(f"broken at sequence {report.broken_sequence}: {report.why}")
    raise typer.Exit(ExitCode.OK if report.intact else ExitCode.CORRUPT)


async def _follow(app: "Application", decision_set_id: UUID, after: int, out: Output) -> None:
    async for event in follow(app.read_decision_set_events, decision_set_id, after=after):
        if out.as_json:
            out.write_json(event, indent=None)
        else:
            out.write(_line(event))


def _line(event: Event) -> str:
    time = event.created_at.strftime("%H:%M:%S.%f")[:-3]
    return one_line(f"{event.sequence:5} {time} {event.event_type:<22} {event.actor} {_data(event)}")


def _data(event: Event) -> str:
    text = json_text(event.event_data, indent=None)
    return text if len(text) <= _DATA_SHOWN else f"{text[: _DATA_SHOWN - 1]}…"
