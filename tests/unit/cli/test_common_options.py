"""The options of `mlwright` itself may stand anywhere; what follows -- is left alone."""

from pathlib import Path

import pytest

from entrypoints.cli import packages
from entrypoints.cli.errors import ForeignPackageError
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.main import common_options_first
from tests.unit.cli.conftest import Cli


@pytest.mark.parametrize(
    ("given", "ordered"),
    [
        (["jobs", "list", "--debug"], ["--debug", "jobs", "list"]),
        (["jobs", "--actor", "me", "list"], ["--actor", "me", "jobs", "list"]),
        (["jobs", "list", "--database-url=memory://"], ["--database-url=memory://", "jobs", "list"]),
        (["design", "--", "--debug"], ["design", "--", "--debug"]),
        (["jobs", "list", "--actor"], ["--actor", "jobs", "list"]),
    ],
)
def test_common_options_are_moved_before_the_command(given: list[str], ordered: list[str]) -> None:
    assert common_options_first(given) == ordered


def test_the_version_is_shown(cli: Cli) -> None:
    assert cli("--version").out.startswith("mlwright 0.")


def test_a_command_that_is_not_there_is_a_usage_error_of_one_line(cli: Cli) -> None:
    ended = cli("desing", "x")
    assert ended.code == ExitCode.USAGE
    assert ended.out == ""
    assert len(ended.err.splitlines()) == 1


def test_a_foreign_package_in_the_place_of_ours_is_named(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    find = packages._folder
    monkeypatch.setattr(packages, "_folder", lambda name: Path("elsewhere/ports") if name == "ports" else find(name))
    with pytest.raises(
        ForeignPackageError, match=r"'ports' is not mlwright's own.*elsewhere/ports.*0001-flat-packages"
    ):
        packages.require_own_packages()
    ended = cli("projects", "list")
    assert ended.code == ExitCode.CONFIGURATION
    assert len(ended.err.splitlines()) == 1


def test_the_installed_packages_are_our_own() -> None:
    packages.require_own_packages()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_complete_commands(
    shell: str, cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_MLWRIGHT_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "mlwright dec")
    monkeypatch.setenv("COMP_WORDS", "mlwright dec")
    monkeypatch.setenv("COMP_CWORD", "1")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    with pytest.raises(SystemExit):
        cli()
    assert "decision-sets" in capsys.readouterr().out
