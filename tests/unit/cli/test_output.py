"""What is printed is data, never commands to the terminal or markup."""

import io
import json
from collections.abc import Mapping

import pytest
from rich.text import Text

from entrypoints.cli.output import Output, _console, as_json, one_line, printable
from entrypoints.cli.rendering import Column, show_record, show_table


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_on(stream: io.StringIO, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _console(stream).print(Text("completed", style="green"))
    return stream.getvalue()


@pytest.mark.parametrize("nasty", ["\x1b[2J", "\x07", "\x9b31m", "\u202egnp.exe", "\x00", "\udcff", "\r"])
def test_control_characters_are_shown_as_escapes(nasty: str) -> None:
    shown = printable(f"a{nasty}b")
    assert nasty[0] not in shown
    assert shown.startswith("a\\")
    shown.encode()


def test_json_stays_json_when_control_characters_are_escaped() -> None:
    value = {"text": "\x1b[2J \x9b \u202e é"}
    text = as_json(value)
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)
    assert "é" in text
    assert json.loads(text) == value


def test_markup_in_data_is_not_interpreted(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output()
    show_table(out, (Column("name"),), [("[bold]x[/bold] :smile: [link=file:///etc]y[/link]",)])
    show_record(out, {"name": "[red]z[/red]"})
    out.say("[blink]w[/blink]")
    captured = capsys.readouterr()
    assert "[bold]x[/bold] :smile: [link=file:///etc]y[/link]" in captured.out
    assert "[red]z[/red]" in captured.out
    assert "[blink]w[/blink]" in captured.err


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in shown_on(Terminal(), {"TERM": "xterm-256color"}, monkeypatch)


def test_a_file_gets_no_colour_even_when_it_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_on(io.StringIO(), {"FORCE_COLOR": "1"}, monkeypatch) == "completed\n"


def test_no_color_is_respected_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_on(Terminal(), {"NO_COLOR": "1", "TERM": "xterm"}, monkeypatch) == "completed\n"


def test_a_long_cell_is_not_cut_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(Output(), (Column("text"),), [("word " * 200,)])
    assert capsys.readouterr().out.count("word") == 200


def test_messages_mask_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    Output().say("postgresql://anna:hunter2@db/x")
    assert "hunter2" not in capsys.readouterr().err


def test_one_line_holds_no_line_break() -> None:
    assert one_line(" a\n\tb\r\n") == "a b\\x0d"
