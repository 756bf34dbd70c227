"""Agent runs: list, show."""

from typing import Annotated
from uuid import UUID

import typer

from entrypoints.cli.options import DecisionSetArgument, JsonOption, LimitOption
from entrypoints.cli.output import Output
from entrypoints.cli.rendering import Column, show_list, show_one
from entrypoints.cli.session import with_application

runs = typer.Typer(help="See what each agent did.", no_args_is_help=True)
_COLUMNS = (
    Column("run", whole=True),
    Column("agent", whole=True),
    Column("status"),
    Column("started (UTC)"),
    Column("ms", right=True),
    Column("choice or error"),
)
_TOLD = 100


@runs.command("list")
def list_runs(
    context: typer.Context, decision_set: DecisionSetArgument, limit: LimitOption = 1000, as_json: JsonOption = False
) -> None:
    """List a decision set's agent runs in the order they started."""
    found = with_application(context, lambda app: app.list_agent_runs(decision_set, limit=limit))
    rows = [
        (
            one.id,
            one.agent_name,
            one.status,
            one.started_at,
            one.duration_ms,
            (one.error_message or _choice(one.agent_name, one.output_data))[:_TOLD],
        )
        for one in found
    ]
    show_list(Output(as_json), _COLUMNS, found, rows)


@runs.command("show")
def show_run(
    context: typer.Context,
    run: Annotated[UUID, typer.Argument(metavar="RUN", help="The agent run's id.")],
    as_json: JsonOption = False,
) -> None:
    """Show one agent run with its input and output."""
    show_one(Output(as_json), with_application(context, lambda app: app.get_agent_run(run)))


def _choice(agent: str, output: object) -> str:
    """Return the choice on the reason card in an agent's output, where it left one."""
    cards = output.get("reason_cards") if isinstance(output, dict) else None
    card = cards.get(agent) if isinstance(cards, dict) else None
    return str(card.get("choice", "")) if isinstance(card, dict) else ""
