"""Where a command's words go: data to stdout, messages to stderr, colour only on a terminal that wants it."""

import json
import os
import re
import sys
from typing import IO, Any

import typer
from attrs import define, field
from rich.console import Console
from rich.text import Text

from domain.model.secrets import mask_secrets
from entrypoints.presenting import present

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROLS_IN_JSON = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_WIDE = 10_000


def printable(value: object) -> str:
    """Return text that a terminal only shows: control characters, but line breaks and tabs, are written as escapes."""
    return _CONTROLS.sub(_escaped, str(value))


def one_line(value: object) -> str:
    """Return printable text on one line."""
    return " ".join(printable(value).split())


def as_json(value: object, *, indent: int | None = 2) -> str:
    """Return an entity, or anything made of entities, as a JSON document that a terminal only shows."""
    text = json.dumps(present(value), ensure_ascii=False, indent=indent)
    return _CONTROLS_IN_JSON.sub(_escaped, text)


class ClosedPipeError(Exception):
    """Raised when whoever read the output stopped reading; no OSError, which Typer would end the process for."""


class _PipeConsole(Console):
    """A console that lets a broken pipe be the program's business."""

    def on_broken_pipe(self) -> None:
        raise ClosedPipeError


def _console(stream: IO[str]) -> Console:
    terminal = stream.isatty()
    coloured = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return _PipeConsole(
        file=stream,
        force_terminal=terminal,
        color_system="auto" if coloured else None,
        width=None if terminal else _WIDE,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=not terminal,
    )


@define
class Output:
    """One command's output. With ``as_json``, stdout gets JSON and nothing else."""

    as_json: bool = False
    data: Console = field(factory=lambda: _console(sys.stdout))
    messages: Console = field(factory=lambda: _console(sys.stderr))

    def say(self, text: str, style: str = "") -> None:
        """Write a message to stderr; secrets masked."""
        self.messages.print(Text(printable(mask_secrets(text)), style=style), soft_wrap=True)

    def fail(self, text: str) -> None:
        """Write why a command failed to stderr, on one line."""
        self.messages.print(Text.assemble(("error: ", "bold red"), one_line(mask_secrets(text))), soft_wrap=True)

    def write_json(self, value: Any, *, indent: int | None = 2) -> None:
        """Write a JSON document to stdout; with no ``indent``, one line of a sequence of documents."""
        self.write(as_json(value, indent=indent))

    def write(self, text: str) -> None:
        """Write a line of data to stdout at once."""
        self.write_bytes(f"{text}\n".encode(errors="backslashreplace"))

    def write_bytes(self, content: bytes) -> None:
        """Write bytes to stdout at once, as they are; text is UTF-8 whatever the locale."""
        try:
            self.data.file.flush()
            binary = typer.get_binary_stream("stdout")
            binary.write(content)
            binary.flush()
        except BrokenPipeError:
            raise ClosedPipeError from None


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x80 and match.re is _CONTROLS else f"\\u{code:04x}"
