"""`doctor`: look at everything that a run needs, and tell what is wrong with it."""

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer
from attrs import frozen

from entrypoints.cli.errors import explain
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.options import JsonOption
from entrypoints.cli.output import Output
from entrypoints.cli.packages import require_own_packages
from entrypoints.cli.rendering import Column, show_table
from entrypoints.cli.session import session_of
from entrypoints.settings import Settings
from ports.workflows import WorkflowCatalog

_OLDEST_PYTHON = (3, 11)
_SHOWN_VERSIONS = ("mlwright", "langgraph", "langgraph-checkpoint", "sqlalchemy", "aiosqlite", "psycopg", "alembic")


@frozen
class Check:
    """What was looked at, whether it is as it should be, and what was seen."""

    name: str
    ok: bool
    seen: str


class UnfitError(Exception):
    """Raised by a look that finds something wrong; the message says what, and what to do."""


def doctor(context: typer.Context, as_json: JsonOption = False) -> None:
    """Check Python, the installation, the database, the artifact store and every workflow."""
    out = Output(as_json)
    checks = examine(lambda: session_of(context).settings())
    versions = {name: _version(name) for name in _SHOWN_VERSIONS}
    healthy = all(check.ok for check in checks)
    if as_json:
        out.write_json({"healthy": healthy, "checks": checks, "versions": versions})
    else:
        rows: list[Sequence[object]] = [(one.name, "ok" if one.ok else "wrong", one.seen) for one in checks]
        show_table(out, (Column("check", whole=True), Column("result", whole=True), Column("seen")), rows)
        out.data.print()
        show_table(out, (Column("distribution", whole=True), Column("version")), versions.items())
    raise typer.Exit(ExitCode.OK if healthy else ExitCode.UNHEALTHY)


def examine(settings: Callable[[], Settings]) -> list[Check]:
    """Look at everything; what can't be looked at because of another fault is left out."""
    checks = [_look("python", _python), _look("packages", _packages)]
    found: list[Settings] = []

    def read() -> str:
        found.append(settings())
        return f"actor {found[0].actor}, queues {', '.join(found[0].queues)}"

    checks.append(_look("settings", read))
    if found:
        checks.append(_look("database", lambda: _database(found[0])))
        checks.append(_look("artifact store", lambda: _artifact_store(found[0])))
        checks += _workflows(found[0])
    return checks


def _look(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except Exception as error:
        return Check(name, False, str(error) if isinstance(error, UnfitError) else explain(error))


def _python() -> str:
    if sys.version_info < _OLDEST_PYTHON:
        raise UnfitError(f"Python {platform.python_version()} is too old; mlwright needs 3.11 or newer.")
    return f"{platform.python_implementation()} {platform.python_version()}"


def _packages() -> str:
    require_own_packages()
    return "all mlwright's own"


def _database(settings: Settings) -> str:
    if settings.database_url.startswith("memory:"):
        return "memory: nothing outlives the process"
    from entrypoints.bootstrap import check_schema

    state = check_schema(settings)
    if state.status == "empty" and settings.database_url.startswith("sqlite"):
        folder = Path(settings.database_url.partition(":///")[2]).expanduser().absolute().parent
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UnfitError(f"can't be made: {folder} is no folder that this user can write; correct the path.")
        return "not made yet; `mlwright design` or `mlwright migrate` makes it"
    if state.status != "current":
        raise UnfitError(
            f"reachable, but its schema is {state.status} (at {state.found or 'no revision'}, needed {state.head}):"
            f" {state.advice}"
        )
    return f"reachable, schema {state.found} is current"


def _artifact_store(settings: Settings) -> str:
    from entrypoints.bootstrap import check_artifact_store

    asyncio.run(check_artifact_store(settings))
    return "reachable and writable"


def _workflows(settings: Settings) -> list[Check]:
    from entrypoints.bootstrap import open_catalog

    try:
        catalog = open_catalog(settings)
        known = catalog.all()
    except Exception as error:
        return [Check("workflows", False, explain(error))]
    return [_look(f"workflow {one.name}", partial(_workflow, catalog, one.name)) for one in known]


def _workflow(catalog: WorkflowCatalog, name: str) -> str:
    return f"version {catalog.get(name).version}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
