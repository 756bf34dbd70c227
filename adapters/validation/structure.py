"""Checks of the set of files: safe paths, nothing missing, nothing empty or unfinished."""

import re
from collections.abc import Iterator

from adapters.validation.problem import Files, Problem, text_of
from domain.mlops.plan import Plan
from domain.mlops.repository import package_name, path_fault

_REQUIRED = (
    "README.md",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "Dockerfile",
    ".github/CODEOWNERS",
    ".github/workflows/ci.yml",
    ".github/workflows/train.yml",
    ".github/workflows/deploy.yml",
    "conf/base.yaml",
    "conf/prod.yaml",
    "data/sample.csv",
    "docs/architecture.md",
    "docs/cost.md",
    "docs/runbook.md",
    "docs/model_card.md",
    "docs/datasheet.md",
)
_MODULES = ("config", "schema", "data", "features", "train", "registry", "serve", "monitor")
_TESTS = ("test_features", "test_train", "test_serve", "test_monitor", "test_golden")
_TERRAFORM = (
    "versions",
    "variables",
    "main",
    "network",
    "data",
    "compute",
    "iam",
    "monitoring",
    "budget",
    "outputs",
)
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def safe_paths(files: Files, plan: Plan) -> Iterator[Problem]:
    """Refuse paths that leave the repository, clash without regard to case, or are a file and a folder at once."""
    seen: dict[str, str] = {}
    folders = {"/".join(path.split("/")[:depth]).lower() for path in files for depth in range(1, path.count("/") + 1)}
    for path in sorted(files):
        fault = path_fault(path)
        if fault is not None:
            yield Problem(f"the path {fault}", path)
        if path.lower() in seen:
            yield Problem(f"the path clashes with {seen[path.lower()]} where case does not count", path)
        if path.lower() in folders:
            yield Problem("the path is a file and a folder at once", path)
        seen[path.lower()] = path


def complete(files: Files, plan: Plan) -> Iterator[Problem]:
    """Ask for every file the kind of plan needs."""
    source = f"src/{package_name(plan)}"
    wanted = [*_REQUIRED, *(f"{source}/{name}.py" for name in _MODULES), *(f"tests/{name}.py" for name in _TESTS)]
    if plan.cloud == "onprem" or plan.pattern == "onprem_airgap":
        wanted += ["k8s/kustomization.yaml", "k8s/service.yaml", "k8s/policy.yaml"]
    else:
        wanted += [f"terraform/{name}.tf" for name in _TERRAFORM]
        wanted += ["terraform/envs/dev.tfvars", "terraform/envs/prod.tfvars"]
    if plan.data_class in {"personal", "special"}:
        wanted.append("docs/dpia.md")
    yield from (Problem("the file is missing", path) for path in wanted if path not in files)


def finished(files: Files, plan: Plan) -> Iterator[Problem]:
    """Refuse empty files and marks of unfinished work."""
    for path in sorted(files):
        if not files[path].strip():
            yield Problem("the file is empty", path)
        for number, line in enumerate((text_of(files[path]) or "").splitlines(), 1):
            mark = _UNFINISHED.search(line)
            if mark is not None:
                yield Problem(f"{mark.group()} marks unfinished work", f"{path}:{number}")
