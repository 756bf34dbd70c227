"""An artifact: a produced file, addressed by its content."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen

from domain.model.errors import InvalidValueError
from domain.model.json_value import checked_object
from domain.model.validation import at_least, aware, text

_SHA256 = re.compile(r"[0-9a-f]{64}")


def _extra_metadata(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return checked_object("extra_metadata", value)


def content_hash(content: bytes) -> str:
    """Return the sha256 of the bytes in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def storage_key(content_hash: str) -> str:
    """Return the key under which every artifact store keeps bytes of that hash."""
    return f"sha256/{content_hash[:2]}/{content_hash}"


def _safe_filename(_: object, __: object, value: str) -> None:
    parts = value.split("/")
    if value.startswith("/") or "\\" in value or any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
        raise InvalidValueError(
            "filename", f"{value!r} is not a plain relative path; use names like 'report.md' or 'docs/a.md'"
        )
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise InvalidValueError("filename", "contains a control character")


def _sha256(_: object, __: object, value: str) -> None:
    if not _SHA256.fullmatch(value):
        raise InvalidValueError("content_hash", f"{value!r} is not a sha256 in lower-case hexadecimal")


@frozen
class Artifact:
    """A produced file of a decision set; its bytes lie in the artifact store under ``storage_key``."""

    id: UUID
    decision_set_id: UUID
    artifact_type: str = field(validator=text(100))
    filename: str = field(validator=[text(255), _safe_filename])
    storage_key: str = field(validator=text(512))
    size_bytes: int = field(validator=at_least(0))
    content_hash: str = field(validator=_sha256)
    created_at: datetime = field(validator=aware)
    extra_metadata: Mapping[str, Any] = field(factory=dict, converter=_extra_metadata)

    @property
    def record(self) -> dict[str, Any]:
        """Return what the event that tells of the artifact says of it, as plain JSON."""
        return {
            "artifact_id": str(self.id),
            "artifact_type": self.artifact_type,
            "filename": self.filename,
            "size_bytes": self.size_bytes,
            "content_hash": self.content_hash,
        }
