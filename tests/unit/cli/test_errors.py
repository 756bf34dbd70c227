"""Every failure has its exit code and one clear line."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain
import entrypoints.cli
from domain.model.errors import DomainError, InvalidValueError, NotFoundError, StorageUnavailableError
from entrypoints.cli.errors import EXIT_CODES, exit_code_of, explain
from entrypoints.cli.exit_codes import MEANINGS, ExitCode, as_markdown

DOCUMENT = Path(__file__).parents[3] / "docs" / "exit-codes.md"


def every_domain_error() -> Iterator[type[DomainError]]:
    for package in (domain, entrypoints.cli):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    waiting = list(DomainError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(("domain.", "entrypoints.cli.")):
            yield kind


def test_every_error_of_the_domain_has_an_exit_code_of_its_own_or_its_parents() -> None:
    without = [kind.__name__ for kind in every_domain_error() if not any(one in EXIT_CODES for one in kind.__mro__)]
    assert without == []


def test_every_exit_code_is_explained_in_the_document() -> None:
    assert set(MEANINGS) == set(ExitCode)
    assert DOCUMENT.read_text() == as_markdown()


def test_an_error_unknown_to_the_table_ends_as_unexpected() -> None:
    assert exit_code_of(ZeroDivisionError("x")) is ExitCode.UNEXPECTED
    assert "--debug" in explain(ZeroDivisionError("x"))


def test_a_system_error_is_not_called_a_bug() -> None:
    full = OSError(28, "No space left on device")
    assert exit_code_of(full) is ExitCode.UNAVAILABLE
    assert "No space left on device" in explain(full)


@pytest.mark.parametrize(
    "error",
    [
        StorageUnavailableError("connecting to postgresql://anna:hunter2@db/x\nfailed"),
        InvalidValueError("name", "password=hunter2 is not a name"),
        RuntimeError("postgresql://anna:hunter2@db"),
        NotFoundError("project", "x"),
    ],
)
def test_an_error_is_one_line_without_secrets(error: Exception) -> None:
    line = explain(error)
    assert "\n" not in line
    assert "hunter2" not in line
    assert line[0].isupper()
    assert line.endswith(".")
