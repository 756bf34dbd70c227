"""Checks made by other programs where they are installed: terraform and ruff."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.validation.problem import Files, Problem
from domain.mlops.plan import Plan
from domain.mlops.repository import path_fault
from domain.mlops.validation import ValidationStatus

_TIME_LIMIT_S = 60


def terraform_format(files: Files, plan: Plan) -> Iterator[Problem]:
    """Run ``terraform fmt -check``; a file it would change is a warning."""
    yield from _terraform(files, ["fmt", "-check", "-recursive", "-no-color"], ValidationStatus.WARNED)


def terraform_validate(files: Files, plan: Plan) -> Iterator[Problem]:
    """Say why ``terraform validate`` was not run: it needs the providers, which are not downloaded here."""
    if not _terraform_files(files):
        yield _skipped("the repository has no Terraform")
    elif shutil.which("terraform") is None:
        yield _skipped("terraform is not installed")
    else:
        yield _skipped("terraform validate needs downloaded providers; the workflow ci runs it")


def python_lint(files: Files, plan: Plan) -> Iterator[Problem]:
    """Run ruff's error rules over the Python files; a finding is a warning."""
    found = shutil.which("ruff", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        yield _skipped("ruff is not installed")
        return
    chosen = {path: content for path, content in files.items() if path.endswith(".py")}
    command = [found, "check", "--isolated", "--no-cache", "--output-format", "concise", "--select", "F", "."]
    yield from _run(command, chosen, ValidationStatus.WARNED)


def _terraform(files: Files, arguments: list[str], status: ValidationStatus) -> Iterator[Problem]:
    found, chosen = shutil.which("terraform"), _terraform_files(files)
    if not chosen:
        yield _skipped("the repository has no Terraform")
    elif found is None:
        yield _skipped("terraform is not installed")
    else:
        yield from _run([found, *arguments], chosen, status)


def _terraform_files(files: Files) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.endswith((".tf", ".tfvars"))}


def _run(command: list[str], files: Files, status: ValidationStatus) -> Iterator[Problem]:
    with TemporaryDirectory() as folder:
        for path, content in files.items():
            if path_fault(path) is None:
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_TIME_LIMIT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            yield _skipped(f"{Path(command[0]).name} did not finish: {type(error).__name__}")
            return
    if done.returncode != 0:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        for line in lines[:20] or [f"it ended with code {done.returncode}"]:
            path = line.split(":")[0]
            yield Problem(f"{Path(command[0]).name}: {line}", path if path in files else None, status)


def _skipped(reason: str) -> Problem:
    return Problem(reason, None, ValidationStatus.SKIPPED)
