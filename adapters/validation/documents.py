"""Checks that documents agree with the plan: the diagram's nodes, the cost, and links between files."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from adapters.validation.problem import Files, Problem, named
from domain.mlops.plan import Plan
from domain.mlops.repository import component_ids
from domain.mlops.validation import ValidationStatus

_DIAGRAM = "docs/architecture.md"
_COST = "docs/cost.md"
_NODE = re.compile(r"^\s*(\w+)\[")
_EDGE = re.compile(r"^\s*(\w+)\s*-[-.]*>(?:\|[^|]*\|)?\s*(\w+)\s*$")
_BASE_COST = re.compile(r"Base monthly cost: \*\*\$([\d,]+\.\d\d)\*\*")
_LINK = re.compile(r"\]\(([^)\s#:]+)\)")


def diagram(files: Files, plan: Plan) -> Iterator[Problem]:
    """Compare the nodes of the architecture diagram with the plan's components, both ways."""
    if _DIAGRAM not in files:
        yield Problem("there is no architecture page to check", _DIAGRAM)
        return
    known, drawn = set(component_ids(plan)), set()
    for number, line in _mermaid_lines(files[_DIAGRAM].decode(errors="replace")):
        node, edge = _NODE.match(line), _EDGE.match(line)
        names = {node.group(1)} if node else set(edge.groups()) if edge else set()
        yield from (
            Problem(f"node {name} is no component of the plan", f"{_DIAGRAM}:{number}") for name in names - known
        )
        drawn |= names if node else set()
    yield from (Problem(f"component {name} of the plan is not drawn", _DIAGRAM) for name in sorted(known - drawn))


def cost(files: Files, plan: Plan) -> Iterator[Problem]:
    """Compare the base cost on the cost page with the plan's, to the cent."""
    text = files.get(_COST, b"").decode(errors="replace")
    found = _BASE_COST.search(text)
    if found is None:
        yield Problem("the page states no base monthly cost", _COST)
        return
    wanted = f"{plan.cost.base:,.2f}"
    if found.group(1) != wanted:
        line = text[: found.start()].count("\n") + 1
        yield Problem(f"the base monthly cost is ${found.group(1)} here and ${wanted} in the plan", f"{_COST}:{line}")


def links(files: Files, plan: Plan) -> Iterator[Problem]:
    """Warn of relative links to files or folders that do not exist."""
    folders = {path[: path.rindex("/")] for path in files if "/" in path}
    for path, text in named(files, ".md"):
        for number, line in enumerate(text.splitlines(), 1):
            for target in _LINK.findall(line):
                place = normpath(join(dirname(path), target))
                if place not in files and place not in folders:
                    yield Problem(f"the link to {target} leads nowhere", f"{path}:{number}", ValidationStatus.WARNED)


def _mermaid_lines(text: str) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```mermaid"
        elif inside:
            yield number, line
