"""Decides which files a repository has: the spine of all, the program's family, and the target platform's."""

from collections.abc import Iterator

from adapters.codegen.view import PlanView
from domain.mlops.plan import Candidate, Plan

RUNNERS_UP = 2
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
_ROOT = ("README.md", "Makefile", "pyproject.toml", "Dockerfile", ".dockerignore", ".gitignore", "requirements.in")
_SOURCES = {
    "tabular": ("schema", "data", "features", "train", "serve", "batch", "stream"),
    "forecasting": ("schema", "data", "features", "train", "serve", "batch"),
    "retrieval": ("schema", "data", "features", "train", "serve", "chat"),
}
_TESTS = ("conftest", "test_features", "test_train", "test_serve", "test_monitor", "test_golden")
_DOCS = ("architecture", "cost", "runbook", "model_card", "datasheet")


def templates_of(view: PlanView) -> Iterator[tuple[str, str]]:
    """Yield each file's path and the template it is rendered from."""
    yield from ((name, f"common/{name.lstrip('.')}.j2") for name in _ROOT)
    yield from _workflows(view)
    yield from ((f"conf/{name}.yaml", f"common/conf/{name}.yaml.j2") for name in ("base", "prod"))
    yield from ((f"docs/{name}.md", f"common/docs/{name}.md.j2") for name in _DOCS)
    if view.personal:
        yield "docs/dpia.md", "common/docs/dpia.md.j2"
    yield from _program(view)
    yield from _platform(view)


def decision_records(plan: Plan) -> Iterator[tuple[str, Candidate]]:
    """Yield the path and the candidate of one record for each runner-up, the best two that were not chosen."""
    others = [candidate for candidate in plan.candidates if candidate.pattern != plan.pattern][:RUNNERS_UP]
    for number, candidate in enumerate(others, 1):
        stem = "".join(char if char.isalnum() and char.isascii() else "-" for char in candidate.pattern.lower())
        yield f"docs/adr/{number:04d}-not-{stem[:60]}.md", candidate


def _workflows(view: PlanView) -> Iterator[tuple[str, str]]:
    yield ".github/CODEOWNERS", "common/github/CODEOWNERS.j2"
    for name in ("ci", "train", "deploy"):
        yield f".github/workflows/{name}.yml", f"common/github/{name}.yml.j2"


def _program(view: PlanView) -> Iterator[tuple[str, str]]:
    source, family = f"src/{view.package}", view.family
    for name in ("__init__", "config", "registry", "guard", "monitor"):
        yield f"{source}/{name}.py", f"common/src/{name}.py.j2"
    for name in _SOURCES[family]:
        yield f"{source}/{name}.py", f"{family}/src/{name}.py.j2"
    for name in _TESTS:
        yield f"tests/{name}.py", f"{family}/tests/{name}.py.j2"
    if view.serve_kind == "edge":
        yield f"{source}/edge.py", "common/src/edge.py.j2"
        yield "tests/test_edge.py", "common/tests/test_edge.py.j2"
        yield "edge/device.yaml", "edge/device.yaml.j2"
        yield "edge/rollout.yaml", "edge/rollout.yaml.j2"
        yield "edge/README.md", "edge/README.md.j2"
    if family != "tabular":
        yield "data/sample.csv", f"{family}/sample.csv.j2"


def _platform(view: PlanView) -> Iterator[tuple[str, str]]:
    if view.cloud == "onprem":
        for name in ("compose", "monitoring"):
            yield f"onprem/{name}.yaml", f"onprem/{name}.yaml.j2"
        for name in ("namespace", "service", "train", "policy", "monitoring", "storage", "kustomization"):
            yield f"k8s/{name}.yaml", f"onprem/k8s/{name}.yaml.j2"
        yield "onprem/README.md", "onprem/README.md.j2"
        return
    for name in _TERRAFORM:
        yield f"terraform/{name}.tf", f"terraform/{view.cloud}/{name}.tf.j2"
    for name in ("dev", "prod"):
        yield f"terraform/envs/{name}.tfvars", f"terraform/{view.cloud}/{name}.tfvars.j2"
    if view.serve_kind == "k8s" or (view.serve_kind == "gpu_service" and view.cloud != "aws"):
        for name in ("namespace", "service", "policy", "kustomization"):
            yield f"k8s/{name}.yaml", f"onprem/k8s/{name}.yaml.j2"
