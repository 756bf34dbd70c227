"""Artifacts in this process's memory."""

from attrs import define, field

from adapters.artifacts.keys import checked_hash
from domain.model.artifact import content_hash, storage_key
from domain.model.errors import ArtifactMissingError


@define(eq=False)
class MemoryArtifactStore:
    """The bytes of artifacts, gone when the process ends."""

    _contents: dict[str, bytes] = field(factory=dict, init=False, repr=False)

    async def put(self, content: bytes) -> str:
        """Keep bytes and return their storage key."""
        key = storage_key(content_hash(content))
        self._contents.setdefault(key, bytes(content))
        return key

    async def get(self, storage_key: str) -> bytes:
        """Return the bytes under a key; raises ArtifactMissingError."""
        checked_hash(storage_key)
        try:
            return self._contents[storage_key]
        except KeyError:
            raise ArtifactMissingError(storage_key) from None

    async def check(self) -> None:
        """Accept: memory is always there."""
