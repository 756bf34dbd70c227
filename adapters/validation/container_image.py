"""Checks of Dockerfiles: the last stage runs as a plain user, no base image floats."""

import re
from collections.abc import Iterator

from adapters.validation.problem import Files, Problem, named
from domain.mlops.plan import Plan
from domain.mlops.validation import ValidationStatus

_ROOT = {"root", "0"}


def container_image(files: Files, plan: Plan) -> Iterator[Problem]:
    """Check each Dockerfile for root and for base images without a tag, with ``latest`` or without a digest."""
    for path, text in named(files, "Dockerfile"):
        instructions = list(_instructions(text))
        bases = [(line, arguments) for line, word, arguments in instructions if word == "FROM"]
        if not bases:
            yield Problem("the Dockerfile has no FROM", path)
            continue
        defaults = dict(_defaults(instructions))
        stages = {found.group(1).lower() for _, base in bases if (found := re.search(r"(?i)\sAS\s+(\S+)", base))}
        for line, base in bases:
            yield from _base_image(f"{path}:{line}", base, defaults, stages)
        users = [(line, user) for line, word, user in instructions if word == "USER" and line > bases[-1][0]]
        if not users:
            yield Problem("the image runs as root: the last stage sets no USER", f"{path}:{bases[-1][0]}")
        elif users[-1][1].split(":")[0] in _ROOT:
            yield Problem("the image runs as root", f"{path}:{users[-1][0]}")


def _base_image(where: str, base: str, defaults: dict[str, str], stages: set[str]) -> Iterator[Problem]:
    words = [word for word in base.split() if not word.startswith("--")]
    name = re.sub(r"\$\{?(\w+)\}?", lambda found: defaults.get(found.group(1), ""), words[0] if words else "")
    if name.lower() in stages or name == "scratch" or "@sha256:" in name:
        return
    tag = name.rsplit("/", 1)[-1].partition(":")[2]
    if tag in {"", "latest"}:
        yield Problem(f"the base image {name or words} has no fixed version", where)
    else:
        yield Problem(f"the base image {name} is not pinned by digest", where, ValidationStatus.WARNED)


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r"\s*([A-Za-z]+)\s+(.*\S)", line)
        if found is not None and not line.lstrip().startswith("#"):
            yield number, found.group(1).upper(), found.group(2)


def _defaults(instructions: list[tuple[int, str, str]]) -> Iterator[tuple[str, str]]:
    for _, word, arguments in instructions:
        if word == "ARG" and "=" in arguments:
            name, _, value = arguments.partition("=")
            yield name.strip(), value.strip().strip('"')
