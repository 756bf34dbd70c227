"""Lays out HCL as ``terraform fmt`` does where templates cannot: aligned equals signs and no doubled blank lines."""

import re
from collections.abc import Iterator

_ATTRIBUTE = re.compile(r"^(?P<indent> *)(?P<name>\"?[A-Za-z0-9_.:-]+\"?|\"[^\"$]+\") += (?P<value>.+)$")


def format_hcl(text: str) -> str:
    """Align the equals signs of neighbouring one-line attributes of one depth and squeeze blank lines."""
    lines = re.sub(r"\n{3,}", "\n\n", re.sub(r"\n+(?=\n *[}\])])", "", text)).split("\n")
    return "\n".join(line for group in _groups(lines) for line in _aligned(group))


def _groups(lines: list[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for line in lines:
        if not (group and _joins(group[-1], line)):
            yield group
            group = []
        group.append(line)
    yield group


def _joins(before: str, line: str) -> bool:
    first, second = _one_line(before), _one_line(line)
    return first is not None and second is not None and first["indent"] == second["indent"]


def _one_line(line: str) -> re.Match[str] | None:
    found = _ATTRIBUTE.match(line)
    return None if found is None or found["value"][-1] in "{[(" else found


def _aligned(group: list[str]) -> Iterator[str]:
    found = [_one_line(line) for line in group]
    width = max((len(match["name"]) for match in found if match is not None), default=0)
    for line, match in zip(group, found, strict=True):
        if match is None:
            yield line
        else:
            yield f"{match['indent']}{match['name'].ljust(width)} = {match['value']}"
