"""`migrate`: bring the database's schema up, back down, check it, or show the SQL."""

from typing import Annotated

import typer

from domain.model.errors import ConfigurationError, InvalidValueError
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.options import JsonOption
from entrypoints.cli.output import Output
from entrypoints.cli.session import session_of
from entrypoints.settings import Settings

migrate = typer.Typer(help="Bring the database's schema to this version.", invoke_without_command=True)


@migrate.callback()
def upgrade(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; tell whether there is something to do.")
    ] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Change nothing; print the SQL for an empty database.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the database's schema to this version."""
    if context.invoked_subcommand is not None:
        return
    if check and sql:
        raise InvalidValueError("--check and --sql", "exclude one another; give one of them.")
    settings, out = _settings(context), Output(as_json)
    if check:
        raise typer.Exit(_check(settings, out))
    if sql:
        from entrypoints.bootstrap import schema_sql

        out.write(schema_sql(settings).rstrip())
        return
    from entrypoints.bootstrap import upgrade_schema

    report = upgrade_schema(settings)
    if as_json:
        out.write_json(report)
        return
    for step in report.applied:
        out.write(f"applied {step.revision} {step.message}")
    out.write(f"The schema is at {report.after}" + ("." if report.applied else "; there was nothing to do."))


@migrate.command("down")
def down(
    context: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REVISION", help="Where to: a revision, 'base' for empty, '-1' for one step.")
    ] = "-1",
    as_json: JsonOption = False,
) -> None:
    """Undo the revisions after one, with the data they hold."""
    from entrypoints.bootstrap import downgrade_schema

    out = Output(as_json)
    report = downgrade_schema(_settings(context), revision)
    if as_json:
        out.write_json(report)
        return
    for step in report.applied:
        out.write(f"undid {step.revision} {step.message}")
    out.write(
        f"The schema is at {report.after or 'no revision'}" + ("." if report.applied else "; nothing was undone.")
    )


def _settings(context: typer.Context) -> Settings:
    settings = session_of(context).settings()
    if settings.database_url.startswith("memory:"):
        raise ConfigurationError("A memory:// storage has no schema; there is nothing to migrate.")
    return settings


def _check(settings: Settings, out: Output) -> ExitCode:
    from entrypoints.bootstrap import check_schema

    state = check_schema(settings)
    if out.as_json:
        out.write_json({"found": state.found, "head": state.head, "status": state.status, "advice": state.advice})
    else:
        out.write(f"{state.status}: found {state.found or 'no revision'}, needs {state.head}; {state.advice}")
    return ExitCode.OK if state.status == "current" else ExitCode.SCHEMA
