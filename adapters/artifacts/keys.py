"""Storage keys, as every artifact store takes them."""

from domain.model.artifact import content_hash, storage_key
from domain.model.errors import ArtifactCorruptError, InvalidValueError

_HEXADECIMAL = frozenset("0123456789abcdef")
_SHA256_DIGITS = 64


def checked_hash(key: str) -> str:
    """Return the sha256 that a storage key names; raise InvalidValueError for any other text, paths above all."""
    digest = key.rpartition("/")[2]
    if len(digest) != _SHA256_DIGITS or not _HEXADECIMAL.issuperset(digest) or key != storage_key(digest):
        raise InvalidValueError("storage_key", f"{key[:100]!r} is not a key of an artifact store: sha256/ab/abcd…")
    return digest


def require_hash(key: str, content: bytes) -> None:
    """Raise ArtifactCorruptError when bytes that lie under a key are not those that the key names."""
    expected, actual = checked_hash(key), content_hash(content)
    if actual != expected:
        raise ArtifactCorruptError(key, expected, actual)
