"""Generates a repository from a plan: which files it has, and what each is rendered from."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from attrs import frozen

from adapters.codegen.architecture import edges_of
from adapters.codegen.datasets import sample_csv
from adapters.codegen.infrastructure import InfrastructureView
from adapters.codegen.layout import decision_records, templates_of
from adapters.codegen.rendering import render
from domain.mlops.facts import Constraints
from domain.mlops.plan import Plan
from domain.mlops.repository import merge

_COPIED = ("requirements.lock", "requirements-dev.lock")


@frozen
class TemplateRepositoryGenerator:
    """Renders the packaged templates; implements ``ports.codegen.RepositoryGenerator``."""

    def generate(self, plan: Plan, constraints: Constraints) -> Mapping[str, bytes]:
        """Return every file of the repository, sorted by path; the same input gives the same bytes."""
        return merge(dict(_files(InfrastructureView(plan, constraints))), {})


def _files(view: InfrastructureView) -> Iterator[tuple[str, bytes]]:
    values = _values(view)
    for path, template in templates_of(view):
        yield path, render(template, path, values)
    for path, candidate in decision_records(view.plan):
        yield path, render("common/docs/adr.md.j2", path, {**values, "candidate": candidate})
    for name in _COPIED:
        yield name, files("adapters.codegen").joinpath("templates", "common", name).read_bytes()
    if view.family == "tabular":
        yield "data/sample.csv", sample_csv(view.dataset)


def _values(view: InfrastructureView) -> dict[str, Any]:
    return {
        "v": view,
        "plan": view.plan,
        "package": view.package,
        "slug": view.slug,
        "compact": view.compact,
        "dataset": view.dataset,
        "display_name": view.display_name,
        "components": view.components,
        "edges": edges_of(view.components),
    }
