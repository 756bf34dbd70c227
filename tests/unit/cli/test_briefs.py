"""Prompts are checked before anything is written."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from domain.model.errors import InvalidValueError
from domain.model.validation import MAX_PROMPT
from entrypoints.cli.briefs import name_from, read_prompt


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("x" * (MAX_PROMPT + 1), "at most"),
        ("a\x00b", "NUL"),
        ("a\ud800b", "surrogate"),
        ("a\udcffb", "not valid UTF-8"),
    ],
)
def test_an_unusable_prompt_is_refused_with_the_reason(prompt: str, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        read_prompt(prompt, None)


def test_a_prompt_may_come_from_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "brief.txt"
    file.write_bytes("\ufeffFraud detection\n".encode())
    assert read_prompt(None, file) == "Fraud detection"


def test_a_prompt_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO("Größe\n".encode())))
    assert read_prompt("-", None) == "Größe"


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "brief.txt"
    file.write_bytes(b"Gr\xf6\xdfe")
    with pytest.raises(InvalidValueError, match="byte 2"):
        read_prompt(None, file)


@pytest.mark.parametrize("name", [".", "missing.txt", "nul\x00"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="can't be read from"):
        read_prompt(None, tmp_path / name)


def test_a_megabyte_is_refused_without_being_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO(b"a" * 1_000_000)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    with pytest.raises(InvalidValueError, match="more than 100000 characters"):
        read_prompt("-", None)
    assert stream.tell() < 500_000


@pytest.mark.parametrize("given", [(None, None), ("a prompt", Path("brief.txt"))])
def test_a_prompt_is_given_exactly_once(given: tuple[str | None, Path | None]) -> None:
    with pytest.raises(InvalidValueError, match="must be given once"):
        read_prompt(*given)


def test_a_project_is_named_by_the_first_words() -> None:
    assert name_from("Recommend  products,\nin our web shop, nightly for everyone") == (
        "Recommend products, in our web shop, nightly for"
    )


def test_a_projects_name_is_short_and_never_empty() -> None:
    assert len(name_from("x" * 500)) == 60
    assert name_from("...") == "untitled"


def test_a_projects_name_holds_no_secret_of_the_prompt() -> None:
    assert "anna@example.com" not in name_from("Write to anna@example.com when churn rises")
