"""Rows that name artifacts, and the store that keeps their bytes."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from domain.model.artifact import Artifact


class Artifacts(Protocol):
    """The artifact rows of a storage."""

    async def add(self, artifacts: Sequence[Artifact]) -> list[Artifact]:
        """Keep rows and return them; one whose (decision set, filename, hash) is there already is left as it is."""
        ...

    async def get(self, artifact_id: UUID) -> Artifact:
        """Return a row; raises NotFoundError."""
        ...

    async def find(self, *, decision_set_id: UUID, limit: int = 1000, after: UUID | None = None) -> list[Artifact]:
        """Return a decision set's artifacts, oldest first."""
        ...


class ArtifactStore(Protocol):
    """The bytes of artifacts, addressed by their sha256; nothing is ever overwritten."""

    async def put(self, content: bytes) -> str:
        """Keep bytes durably and return their storage key; bytes that are there already are left as they are.

        Raises StorageUnavailableError when they can't be kept.
        """
        ...

    async def get(self, storage_key: str) -> bytes:
        """Return the bytes under a key, as they lie there; raises ArtifactMissingError, StorageUnavailableError."""
        ...

    async def check(self) -> None:
        """Raise StorageUnavailableError when the store can't be reached or written."""
        ...
