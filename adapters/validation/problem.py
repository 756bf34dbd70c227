"""What a check of generated files reports, before it becomes a validation result."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from attrs import frozen

from domain.mlops.plan import Plan
from domain.mlops.validation import ValidationStatus

Files: TypeAlias = Mapping[str, bytes]


@frozen
class Problem:
    """A fault in the files, or the reason a check could not be made."""

    message: str
    where: str | None = None
    status: ValidationStatus = ValidationStatus.FAILED


Check: TypeAlias = Callable[[Files, Plan], Iterable[Problem]]


def text_of(content: bytes) -> str | None:
    """Decode a file as UTF-8, or return None for one that is not text."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def named(files: Files, *endings: str) -> Iterable[tuple[str, str]]:
    """Yield path and text of the files with one of these endings; what is not UTF-8 becomes U+FFFD."""
    for path in sorted(files):
        if path.endswith(endings):
            yield path, files[path].decode(errors="replace")
