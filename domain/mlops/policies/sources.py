"""Generated files as text to be searched: lines by pattern, Terraform resources with their bodies."""

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

_RESOURCE = re.compile(r'^\s*(resource|data|module)\s+"([^"]+)"(?:\s+"([^"]+)")?\s*\{')
_COMMENT = re.compile(r"^\s*(#|//)")


@frozen
class Hit:
    """A place in a file: its path, the line counted from 1 and the line's text."""

    path: str
    line: int
    text: str

    @property
    def where(self) -> str:
        """Return the place as ``file:line``."""
        return f"{self.path}:{self.line}"


@frozen
class Block:
    """A Terraform block: its kind (resource, data or module), type, name, place and text without comment lines."""

    kind: str
    type: str
    name: str
    path: str
    line: int
    body: str

    @property
    def where(self) -> str:
        """Return the block's place as ``file:line``."""
        return f"{self.path}:{self.line}"

    def says(self, pattern: str) -> bool:
        """Tell whether the block's text matches a regular expression."""
        return re.search(pattern, self.body) is not None

    def sets(self, attribute: str, value: str = r"\S+") -> bool:
        """Tell whether the block sets an attribute to a value given as a regular expression."""
        return self.says(rf"\b{re.escape(attribute)}\s*=\s*(?:{value})")

    def number(self, attribute: str) -> float | None:
        """Return the number an attribute is set to, or None where it is not set to a literal number."""
        found = re.search(rf"\b{re.escape(attribute)}\s*=\s*(\d+(?:\.\d+)?)", self.body)
        return None if found is None else float(found.group(1))


@frozen
class Sources:
    """The generated files that are text, by path."""

    texts: Mapping[str, str]
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Sources":
        """Decode the files and find the Terraform blocks; files that are not UTF-8 are left out."""
        texts: dict[str, str] = {}
        for path in sorted(files):
            try:
                texts[path] = files[path].decode("utf-8")
            except UnicodeDecodeError:
                continue
        blocks = [block for path, text in texts.items() if path.endswith(".tf") for block in _blocks(path, text)]
        return cls(texts, tuple(blocks))

    def resources(self, *types: str) -> list[Block]:
        """Return the Terraform resources of these types."""
        return [block for block in self.blocks if block.kind == "resource" and block.type in types]

    def paths(self, *endings: str) -> list[str]:
        """Return the paths that end in one of these."""
        return [path for path in self.texts if path.endswith(endings)]

    def find(self, pattern: str, *endings: str, within: str = "") -> list[Hit]:
        """Return the lines that match a regular expression in files ending so, whose path contains ``within``."""
        wanted = re.compile(pattern, re.IGNORECASE)
        return [
            Hit(path, number, line.strip())
            for path, text in self.texts.items()
            if within in path and (not endings or path.endswith(endings))
            for number, line in enumerate(text.splitlines(), 1)
            if wanted.search(line)
        ]

    def says(self, pattern: str, *endings: str, within: str = "") -> bool:
        """Tell whether any line of such files matches."""
        return bool(self.find(pattern, *endings, within=within))


def _blocks(path: str, text: str) -> Iterator[Block]:
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        opening = _RESOURCE.match(lines[index])
        if opening is None:
            index += 1
            continue
        start, depth = index, 0
        body: list[str] = []
        while index < len(lines):
            line = "" if _COMMENT.match(lines[index]) else lines[index]
            body.append(line)
            depth += _depth_change(line)
            index += 1
            if depth <= 0:
                break
        kind, kind_type, name = opening.groups()
        yield Block(kind, kind_type, name or kind_type, path, start + 1, "\n".join(body))


def _depth_change(line: str) -> int:
    bare = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
    return bare.count("{") - bare.count("}")
