"""Projects: list, show, create, describe, delete."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.model.errors import InvalidValueError
from entrypoints.cli.options import JsonOption, LimitOption
from entrypoints.cli.output import Output
from entrypoints.cli.rendering import Column, show_list, show_one
from entrypoints.cli.session import with_application

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

projects = typer.Typer(help="Work with projects: one is one ML system being designed.", no_args_is_help=True)
ProjectArgument = Annotated[UUID, typer.Argument(metavar="PROJECT", help="The project's id.")]
_COLUMNS = (Column("project", whole=True), Column("name"), Column("version", right=True), Column("created (UTC)"))


@projects.command("list")
def list_projects(
    context: typer.Context,
    limit: LimitOption = 100,
    before: Annotated[UUID | None, typer.Option("--before", help="Only those older than this project.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List projects, newest first."""
    found = with_application(context, lambda app: app.list_projects(limit=limit, before=before))
    rows = [(one.id, one.name, one.version, one.created_at) for one in found]
    show_list(Output(as_json), _COLUMNS, found, rows)


@projects.command("show")
def show_project(context: typer.Context, project: ProjectArgument, as_json: JsonOption = False) -> None:
    """Show one project."""
    show_one(Output(as_json), with_application(context, lambda app: app.get_project(project)))


@projects.command("create")
def create_project(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The project's name.")],
    description: Annotated[str | None, typer.Option("--description", help="What it is about.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a project."""
    created = with_application(
        context, lambda app: app.create_project(name, description=description, actor=app.settings.actor)
    )
    show_one(Output(as_json), created)


@projects.command("describe")
def describe_project(
    context: typer.Context,
    project: ProjectArgument,
    expected_version: Annotated[
        int, typer.Option("--expected-version", min=1, help="The version you have read; refused at another one.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="The new name.")] = None,
    description: Annotated[str | None, typer.Option("--description", help="The new description.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Rename or describe a project."""
    if name is None and description is None:
        raise InvalidValueError("The change", "is empty; give --name, --description or both.")
    changed = with_application(
        context,
        lambda app: app.describe_project(
            project, name=name, description=description, expected_version=expected_version, actor=app.settings.actor
        ),
    )
    show_one(Output(as_json), changed)


@projects.command("delete")
def delete_project(
    context: typer.Context,
    project: ProjectArgument,
    expected_version: Annotated[
        int | None, typer.Option("--expected-version", min=1, help="Refuse when the project is at another version.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a project with its decision sets and all they own; the event log keeps that it was deleted."""

    async def act(app: "Application") -> None:
        await app.delete_project(project, actor=app.settings.actor, expected_version=expected_version)

    with_application(context, act)
    out = Output(as_json)
    if as_json:
        out.write_json({"deleted": project})
    out.say(f"Deleted project {project}.")
