"""Tables and records of data, for people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen
from rich.table import Table
from rich.text import Text

from entrypoints.cli.output import Output, as_json, one_line, printable
from entrypoints.presenting import present

_STYLES = {
    "completed": "green",
    "passed": "green",
    "pass": "green",
    "ok": "green",
    "current": "green",
    "running": "cyan",
    "active": "cyan",
    "waiting_approval": "yellow",
    "open": "yellow",
    "warn": "yellow",
    "warned": "yellow",
    "skipped": "yellow",
    "failed": "red",
    "block": "red",
    "broken": "red",
    "wrong": "red",
    "cancelled": "magenta",
}


@frozen
class Column:
    """A column of a table. A ``whole`` one is never cut or wrapped, such as an id that will be copied."""

    title: str
    whole: bool = False
    right: bool = False


def show_table(out: Output, columns: Sequence[Column], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Write a table to stdout; each cell is data and never markup."""
    table = Table(box=None, pad_edge=False, title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(
            column.title.upper(),
            no_wrap=column.whole,
            overflow="fold",
            justify="right" if column.right else "left",
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.data.print(table)


def show_record(out: Output, value: Any) -> None:
    """Write an entity's fields to stdout, one a line."""
    fields: Mapping[str, Any] = present(value)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, item in fields.items():
        table.add_row(name, _value(item))
    out.data.print(table)


def show_list(
    out: Output, columns: Sequence[Column], entities: Sequence[Any], rows: Iterable[Sequence[object]]
) -> None:
    """Write entities: as one JSON array, or as a table; when there are none, say so on stderr."""
    if out.as_json:
        out.write_json(entities)
    elif entities:
        show_table(out, columns, rows)
    else:
        out.say("There are none.")


def show_one(out: Output, entity: Any) -> None:
    """Write one entity: as JSON, or its fields."""
    if out.as_json:
        out.write_json(entity)
    else:
        show_record(out, entity)


def _cell(value: object) -> Text:
    text = "" if value is None else one_line(_stamp(value))
    return Text(text, style=_STYLES.get(text, ""))


def _value(value: Any) -> Text:
    if isinstance(value, dict | list):
        return Text(as_json(value) if value else "")
    text = "" if value is None else printable(value)
    return Text(text, style=_STYLES.get(text, ""))


def _stamp(value: object) -> object:
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value
