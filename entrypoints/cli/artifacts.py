"""Artifacts: list, get."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.model.artifact import Artifact
from entrypoints.cli.exporting import write_file
from entrypoints.cli.options import DecisionSetArgument, JsonOption, LimitOption
from entrypoints.cli.output import Output
from entrypoints.cli.rendering import Column, show_list
from entrypoints.cli.session import with_application
from entrypoints.presenting import present

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

artifacts = typer.Typer(help="Work with artifacts: the files that runs made.", no_args_is_help=True)
STDOUT = "-"
_COLUMNS = (
    Column("artifact", whole=True),
    Column("type"),
    Column("file"),
    Column("bytes", right=True),
    Column("sha256"),
)


@artifacts.command("list")
def list_artifacts(
    context: typer.Context, decision_set: DecisionSetArgument, limit: LimitOption = 1000, as_json: JsonOption = False
) -> None:
    """List a decision set's artifacts, oldest first."""
    found = with_application(context, lambda app: app.list_artifacts(decision_set, limit=limit))
    rows = [(one.id, one.artifact_type, one.filename, one.size_bytes, one.content_hash[:12]) for one in found]
    show_list(Output(as_json), _COLUMNS, found, rows)


@artifacts.command("get")
def get_artifact(
    context: typer.Context,
    artifact: Annotated[UUID, typer.Argument(metavar="ARTIFACT", help="The artifact's id.")],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to; - for stdout; its own name here by default."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch an artifact, checked against its hash."""

    async def act(app: "Application") -> tuple[Artifact, bytes]:
        return await app.fetch_artifact(artifact)

    found, content = with_application(context, act)
    if output == STDOUT:
        Output().write_bytes(content)
        return
    path = Path(output) if output else Path(found.filename.rsplit("/", 1)[-1])
    if path.is_dir():
        path = path / found.filename.rsplit("/", 1)[-1]
    write_file(path, content, force=force)
    out = Output(as_json)
    if as_json:
        out.write_json({**present(found), "path": str(path)})
    else:
        out.write(str(path))
