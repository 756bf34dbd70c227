"""The command `mlwright`: its commands, its options, and how each ending becomes an exit code."""

import contextlib
import io
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from typer.exceptions import TyperException

from entrypoints.cli import designing, operating
from entrypoints.cli.approvals import approvals, approve
from entrypoints.cli.artifacts import artifacts
from entrypoints.cli.decision_sets import decision_sets
from entrypoints.cli.doctor import doctor
from entrypoints.cli.errors import exit_code_of, explain, trace
from entrypoints.cli.events import events
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.jobs import jobs
from entrypoints.cli.logs import log_to_stderr
from entrypoints.cli.migrating import migrate
from entrypoints.cli.output import ClosedPipeError, Output
from entrypoints.cli.packages import require_own_packages
from entrypoints.cli.projects import projects
from entrypoints.cli.runs import runs
from entrypoints.cli.session import Session

DEBUG = "--debug"
_WITH_VALUE = ("--database-url", "--artifact-url", "--actor")

app = typer.Typer(
    name="mlwright",
    help="Turn a plain-language brief into a designed, checked and generated ML system.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        Output().write(f"mlwright {version('mlwright')}")
        raise typer.Exit(ExitCode.OK)


@app.callback()
def common(
    context: typer.Context,
    database_url: Annotated[
        str | None, typer.Option("--database-url", help="memory://, sqlite:///path or postgresql://…")
    ] = None,
    artifact_url: Annotated[
        str | None, typer.Option("--artifact-url", help="A folder, s3://…, gs://… or az://….")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Who the event log names; user:you by default.")] = None,
    debug: Annotated[bool, typer.Option(DEBUG, help="Show the traceback of an error.")] = False,
    version_wanted: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Turn a plain-language brief into a designed, checked and generated ML system.

    These options may stand before or after the command. Exit codes: docs/exit-codes.md.
    """
    log_to_stderr(logging.WARNING)
    context.obj = Session(database_url, artifact_url, actor)


app.command("design")(designing.design)
app.command("run")(designing.run)
app.command("start")(designing.start)
app.command("approve")(approve)
app.command("work")(operating.work)
app.command("serve")(operating.serve)
app.command("up")(operating.up)
app.command("doctor")(doctor)
app.add_typer(migrate, name="migrate")
app.add_typer(projects, name="projects")
app.add_typer(decision_sets, name="decision-sets")
app.add_typer(jobs, name="jobs")
app.add_typer(events, name="events")
app.add_typer(runs, name="runs")
app.add_typer(artifacts, name="artifacts")
app.add_typer(approvals, name="approvals")
app.add_typer(operating.workflows, name="workflows")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, the process's own by default, and return its exit code."""
    arguments = common_options_first(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except (BrokenPipeError, ClosedPipeError):
        _drop_stdout()
        return ExitCode.BROKEN_PIPE


def _run(arguments: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        require_own_packages()
        code = typer.main.get_command(app).main(args=arguments, prog_name="mlwright", standalone_mode=False)
        sys.stdout.flush()
        return int(code) if isinstance(code, int) else ExitCode.OK
    except (BrokenPipeError, ClosedPipeError):
        raise
    except TyperException as error:
        return _usage(error)
    except (typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except Exception as error:
        out = Output()
        if DEBUG in arguments:
            out.say(trace(error))
        out.fail(explain(error))
        if isinstance(error, OSError):
            _drop_stdout()
        return exit_code_of(error)


def _drop_stdout() -> None:
    """Send what stdout still holds nowhere: the interpreter flushes it at its end, which must not fail once more."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def common_options_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the options of ``mlwright`` itself moved before the command, wherever they stood."""
    moved: list[str] = []
    kept: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            kept += [argument, *rest]
        elif argument == DEBUG or argument.startswith(tuple(f"{name}=" for name in _WITH_VALUE)):
            moved.append(argument)
        elif argument in _WITH_VALUE:
            moved += [argument, *([value] if (value := next(rest, None)) is not None else [])]
        else:
            kept.append(argument)
    return moved + kept


def _usage(error: TyperException) -> int:
    message = error.format_message().strip()
    if message:
        Output().fail(f"{message.rstrip('.')}. Try the command with --help.")
    return ExitCode.USAGE


if __name__ == "__main__":
    sys.exit(main())
