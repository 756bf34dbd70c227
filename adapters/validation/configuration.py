"""Checks of HCL, YAML, TOML and JSON files: they parse; workflows and manifests have what their readers need."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import hcl2
import yaml

from adapters.validation.problem import Files, Problem, named
from domain.mlops.plan import Plan
from domain.mlops.validation import ValidationStatus

_PINNED = re.compile(r"@[0-9a-f]{40}$")


def hcl(files: Files, plan: Plan) -> Iterator[Problem]:
    """Parse Terraform files and their variables."""
    for path, text in named(files, ".tf", ".tfvars"):
        try:
            hcl2.loads(text)
        except Exception as error:  # the parser raises many kinds, some of them plain; all mean the same
            line = getattr(error, "line", None)
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            yield Problem(
                f"HCL does not parse: {first}", f"{path}:{line}" if isinstance(line, int) and line > 0 else path
            )


def yaml_documents(files: Files, plan: Plan) -> Iterator[Problem]:
    """Parse every document of YAML files; look into workflows and cluster manifests."""
    for path, text in named(files, ".yaml", ".yml"):
        try:
            documents = list(yaml.safe_load_all(text))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            yield Problem(f"YAML does not parse: {error.problem}", f"{path}:{mark.line + 1}" if mark else path)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            yield Problem(f"YAML does not parse: {type(error).__name__}", path)
        else:
            if path.startswith(".github/workflows/"):
                yield from _workflow(path, documents)
            elif path.startswith("k8s/"):
                yield from _manifests(path, documents)


def toml_documents(files: Files, plan: Plan) -> Iterator[Problem]:
    """Parse TOML files."""
    for path, text in named(files, ".toml"):
        try:
            tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            line = re.search(r"at line (\d+)", str(error))
            yield Problem(f"TOML does not parse: {error}", f"{path}:{line.group(1)}" if line else path)


def json_documents(files: Files, plan: Plan) -> Iterator[Problem]:
    """Parse JSON files."""
    for path, text in named(files, ".json"):
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            yield Problem(f"JSON does not parse: {error.msg}", f"{path}:{error.lineno}")
        except RecursionError:
            yield Problem("JSON does not parse: it is nested too deeply", path)


def _workflow(path: str, documents: list[Any]) -> Iterator[Problem]:
    if len(documents) != 1 or not isinstance(documents[0], dict):
        yield Problem("a workflow is one mapping", path)
        return
    workflow = documents[0]
    if not (workflow.get("on") or workflow.get(True)):  # YAML 1.1 reads the key `on` as true
        yield Problem("the workflow has no trigger (on)", path)
    permissions = workflow.get("permissions")
    if permissions is None:
        yield Problem("the workflow states no permissions", path)
    elif permissions == "write-all":
        yield Problem("the workflow takes every permission", path)
    jobs = workflow.get("jobs")
    if not isinstance(jobs, dict) or not jobs:
        yield Problem("the workflow has no jobs", path)
        return
    for name, job in jobs.items():
        yield from _job(path, str(name), job)


def _job(path: str, name: str, job: Any) -> Iterator[Problem]:
    steps = job.get("steps") if isinstance(job, dict) else None
    if not isinstance(job, dict) or "runs-on" not in job or not isinstance(steps, list) or not steps:
        yield Problem(f"job {name} lacks runs-on or steps", path)
        return
    for step in steps:
        action = str(step.get("uses", "")) if isinstance(step, dict) else ""
        if action and not action.startswith("./") and _PINNED.search(action) is None:
            yield Problem(f"action {action} is not pinned by commit", path, ValidationStatus.WARNED)


def _manifests(path: str, documents: list[Any]) -> Iterator[Problem]:
    for number, document in enumerate(documents, 1):
        if not isinstance(document, dict) or not document.get("apiVersion") or not document.get("kind"):
            yield Problem(f"document {number} has no apiVersion or kind", path)
