"""The files around the code keep their word: set-up, packaging, licence, import contracts and the README's commands."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
PACKAGES = ("domain", "ports", "adapters", "entrypoints", "migrations")
TARGETS = ("design", "test", "check", "bench", "storm", "migration", "clean")
SET_UP_FILES = ("pyproject.toml", "Makefile", ".ci/run", "alembic.ini", ".gitignore")
LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt")


def readme() -> str:
    return (ROOT / "README.md").read_text()


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def distribution_name(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def declared_distributions() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    requirements = PROJECT["dependencies"] + extras["http"] + extras["s3"] + extras["llm"]
    return {distribution_name(requirement) for requirement in requirements}


def imported_packages() -> dict[str, Path]:
    """Return the top-level packages that our own code imports, each with one file that does."""
    imported: dict[str, Path] = {}
    for path in (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            else:
                continue
            imported.update({name.partition(".")[0]: path for name in names})
    return imported


def test_dependencies_are_bounded_and_nothing_is_locked() -> None:
    requirements = PROJECT["dependencies"] + [
        requirement for extra in PROJECT["optional-dependencies"].values() for requirement in extra
    ]
    unbounded = [
        requirement
        for requirement in requirements
        if not requirement.startswith("mlwright[") and not re.search(r">=[\d.]+,<\d+$", requirement)
    ]
    assert unbounded == []
    assert [name for name in LOCK_FILES if (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", SET_UP_FILES)
def test_a_set_up_file_names_no_host_and_no_path_of_a_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert re.findall(r"https?://[^\s\"']+|index-url|find-links", text) == []
    assert re.findall(r"/(?:root|home|work|Users)/", text) == []


def test_every_import_of_the_code_is_a_declared_dependency() -> None:
    known = packages_distributions()
    declared = declared_distributions()
    undeclared = {
        package: str(path.relative_to(ROOT))
        for package, path in imported_packages().items()
        if package not in sys.stdlib_module_names
        and package not in PACKAGES
        and declared.isdisjoint(distribution_name(name) for name in known.get(package, [package]))
    }
    assert undeclared == {}


def test_the_makefile_has_the_promised_targets() -> None:
    assert makefile_targets() >= set(TARGETS)


def test_the_makefile_designs_the_prompt_of_the_readme() -> None:
    prompt = re.search(r"^prompt \?= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert prompt is not None
    assert prompt.group(1).replace("$$", "$") in " ".join(readme().replace("\\$", "$").split())


def test_ci_runs_the_checks() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!")
    assert "make check" in script.read_text()


def test_every_make_command_of_the_readme_is_a_target() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(code_of(readme()))))
    assert named
    assert named <= makefile_targets()


def test_every_mlwright_command_of_the_readme_explains_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module, _, function = PROJECT["scripts"]["mlwright"].partition(":")
    main = getattr(import_module(module), function)
    named = set(re.findall(r"\bmlwright ([a-z][a-z-]*)\b", "\n".join(code_of(readme()))))
    assert "design" in named
    for command in sorted(named):
        monkeypatch.setattr(sys, "argv", ["mlwright", command, "--help"])
        try:
            status = main()
        except SystemExit as end:
            status = end.code
        assert status in (0, None), f"mlwright {command}: {capsys.readouterr().err}"


def code_of(markdown: str) -> list[str]:
    """Return the code of a document: its fenced blocks and what stands between backticks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    return blocks + re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL))


def test_the_import_contracts_cover_every_package_of_the_wheel() -> None:
    assert tuple(PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    assert tuple(PYPROJECT["tool"]["importlinter"]["root_packages"]) == PACKAGES


@pytest.mark.slow
def test_the_wheel_holds_typed_packages_the_licence_and_the_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (info,) = {name.partition("/")[0] for name in names if ".dist-info/" in name}
        metadata = message_from_bytes(archive.read(f"{info}/METADATA"))
        commands = archive.read(f"{info}/entry_points.txt").decode()
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, info}
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {"migrations/env.py", "migrations/script.py.mako", f"{info}/licenses/LICENSE"} <= names
    assert any(re.fullmatch(r"migrations/versions/\w+\.py", name) for name in names)
    assert (metadata["Name"], metadata["Version"]) == (PROJECT["name"], PROJECT["version"]) == ("mlwright", "0.1.0")
    assert metadata["Requires-Python"] == ">=3.11"
    assert "mlwright = entrypoints.cli.main:main" in commands


def test_the_licence_is_the_whole_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["license"] == "Apache-2.0"
