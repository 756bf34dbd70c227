"""The exit codes: the one table of how a command can end."""

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; scripts may rely on the numbers."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    WAITING_APPROVAL = 3
    CANCELLED = 4
    RUN_FAILED = 5
    NOT_FOUND = 6
    CONFLICT = 7
    UNAVAILABLE = 8
    SCHEMA = 9
    CONFIGURATION = 10
    CORRUPT = 11
    TIMED_OUT = 12
    OUTPUT = 13
    UNHEALTHY = 14
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.OK: "Done.",
    ExitCode.UNEXPECTED: "An error that nobody foresaw; `--debug` shows where.",
    ExitCode.USAGE: "Wrong arguments, or a value that is not accepted: a prompt, an answer, JSON.",
    ExitCode.WAITING_APPROVAL: "The run waits for an approval; `mlwright approve` continues it.",
    ExitCode.CANCELLED: "The run ended cancelled, such as by a rejected plan; nothing was generated.",
    ExitCode.RUN_FAILED: "The run failed for good.",
    ExitCode.NOT_FOUND: "There is nothing of that id or name.",
    ExitCode.CONFLICT: "What is there does not allow it now: another version, another status, a run in progress.",
    ExitCode.UNAVAILABLE: "Database, artifact store or system refused: unreachable, login, rights, full disk.",
    ExitCode.SCHEMA: "The database's schema is not the one this version needs.",
    ExitCode.CONFIGURATION: "A setting, a registered workflow or the installation is not usable.",
    ExitCode.CORRUPT: "Stored data is not what was stored: a missing or changed artifact, a broken event log.",
    ExitCode.TIMED_OUT: "The time given with `--timeout` is over; the run can be resumed.",
    ExitCode.OUTPUT: "A file could not be written, or was there already.",
    ExitCode.UNHEALTHY: "`mlwright doctor` found something wrong.",
    ExitCode.INTERRUPTED: "Stopped by Ctrl-C or SIGTERM.",
    ExitCode.BROKEN_PIPE: "Whoever read the output stopped reading.",
}


def as_markdown() -> str:
    """Return the table as ``docs/exit-codes.md`` shows it."""
    rows = [f"| {code.value} | {code.name.lower().replace('_', ' ')} | {MEANINGS[code]} |" for code in ExitCode]
    return "\n".join(["# Exit codes", "", "| Code | Name | Meaning |", "|---|---|---|", *rows]) + "\n"
