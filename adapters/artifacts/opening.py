"""Chooses the artifact store that an address means."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from adapters.artifacts.local import LocalArtifactStore
from adapters.artifacts.locations import OBJECT_SCHEMES, parse_location
from adapters.artifacts.memory import MemoryArtifactStore
from adapters.artifacts.object_storage import ObjectArtifactStore
from domain.model.errors import ConfigurationError
from ports.artifacts import ArtifactStore


def open_artifact_store(url_or_path: str, **options: Any) -> ArtifactStore:
    """Return the store of a folder (a path or ``file://``), a bucket (``s3://``, ``gs://``, ``az://``) or ``memory://``.

    Nothing is reached or made yet; ``check`` does that. ``options`` are a bucket's further settings, such as
    ``access_key_id`` and ``secret_access_key``; without them the service's usual environment variables count. Raises
    ConfigurationError for an address that means none of these.
    """
    if not url_or_path.strip():
        raise ConfigurationError("The artifact store has no address; give a folder, or a bucket such as s3://bucket.")
    scheme, separator, _ = url_or_path.partition("://")
    if separator and scheme in OBJECT_SCHEMES:
        return ObjectArtifactStore.at(parse_location(url_or_path), options)
    if options:
        raise ConfigurationError(f"Only a bucket takes the settings {', '.join(sorted(options))}; leave them out.")
    if not separator:
        return LocalArtifactStore(Path(url_or_path))
    if scheme == "file":
        return LocalArtifactStore(_path_of(url_or_path))
    if scheme == "memory":
        return MemoryArtifactStore()
    raise ConfigurationError(
        f"No artifact store is known for {scheme}:// addresses; use a folder, file://, s3://, gs://, az:// or memory://."
    )


def _path_of(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise ConfigurationError("A file:// address has three slashes and a path: file:///var/lib/mlwright/artifacts.")
    return Path(unquote(parts.path))
