"""A repository as plain data: confined paths mapped to bytes, and the archive made of them."""

import io
import keyword
import re
import sys
import zipfile
from collections.abc import Mapping

from domain.mlops.plan import Component, Plan
from domain.model.errors import DomainError

MAX_PATH_LENGTH = 200
_SEGMENT = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LIBRARIES = frozenset(
    {"fastapi", "numpy", "pydantic", "pytest", "sklearn", "skops", "starlette", "tests", "uvicorn", "yaml"}
)
_REGULAR_FILE = 0o100644 << 16


class UnsafePathError(DomainError):
    """Raised when a generated file's path would leave the repository or upset a file system."""

    code = "unsafe_path"

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(f"path {path!r} {fault}; use a relative path of plain names inside the repository")
        self.path = path
        self.fault = fault


def path_fault(path: str) -> str | None:
    """Say what makes a path unsafe inside a repository, or return None for a safe one.

    Safe is a relative POSIX path of at most ``MAX_PATH_LENGTH`` characters whose names are ASCII letters, digits,
    ``_``, ``.`` and ``-``, none of them ``..``, ``.git`` or starting with ``-``.
    """
    if not path or len(path) > MAX_PATH_LENGTH:
        return f"is empty or longer than {MAX_PATH_LENGTH} characters"
    if path.startswith("/"):
        return "is absolute"
    for name in path.split("/"):
        if name in {"", ".", ".."}:
            return "has an empty, '.' or '..' part"
        if name.lower() == ".git":
            return "reaches into .git"
        if _SEGMENT.fullmatch(name) is None:
            return f"has the unsafe part {name!r}"
    return None


def merge(files: Mapping[str, bytes], extra: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return both sets of files sorted by path; of two with one path the extra one stays.

    Raises:
        UnsafePathError: when a path of either set is not confined to the repository.
    """
    merged = {**files, **extra}
    for path in merged:
        fault = path_fault(path)
        if fault is not None:
            raise UnsafePathError(path, fault)
    return {path: merged[path] for path in sorted(merged)}


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack files into a zip whose bytes depend on nothing but paths and contents.

    Members are sorted, dated 1980-01-01 (the format's earliest), regular files of mode 0644, and deflated.

    Raises:
        UnsafePathError: when a path is not confined to the repository.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for path, content in merge(files, {}).items():
            member = zipfile.ZipInfo(path, _EPOCH)
            member.create_system = 3
            member.external_attr = _REGULAR_FILE
            member.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(member, content)
    return buffer.getvalue()


def component_ids(plan: Plan) -> dict[str, Component]:
    """Name each component for diagrams: its role in lower case, numbered from the second of that role on."""
    named: dict[str, Component] = {}
    for component in plan.components:
        stem = re.sub(r"[^a-z0-9]+", "_", component.role.lower()).strip("_") or "component"
        name, number = stem, 1
        while name in named:
            number += 1
            name = f"{stem}_{number}"
        named[name] = component
    return named


def package_name(plan: Plan) -> str:
    """Return the Python package of the generated repository: the plan's name as an identifier of at most 40 letters.

    A name without any ASCII letter or digit gives ``ml_system``; one that starts with a digit or would hide a module
    is prefixed with ``ml_``.
    """
    stem = re.sub(r"[^a-z0-9]+", "_", plan.name.lower()).strip("_")[:40].strip("_") or "ml_system"
    taken = keyword.iskeyword(stem) or stem in sys.stdlib_module_names or stem in _LIBRARIES
    return stem if stem[0].isalpha() and not taken else f"ml_{stem}"
