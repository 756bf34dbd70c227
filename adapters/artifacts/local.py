"""Artifacts in a local folder."""

import asyncio
import errno
from pathlib import Path

from attrs import field, frozen

from adapters.artifacts import confined
from adapters.artifacts.keys import checked_hash, require_hash
from domain.model.artifact import content_hash, storage_key
from domain.model.errors import ArtifactMissingError, StorageUnavailableError

_ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space in the quota",
    errno.EROFS: "choose a folder that can be written",
    errno.EACCES: "give this user the right to it, or choose another folder",
    errno.EPERM: "give this user the right to it, or choose another folder",
    errno.ELOOP: "it may not hold symbolic links, which could lead out of it",
    errno.ENOTDIR: "it may hold only the store's own folders, and no symbolic links",
}


def _resolved(root: Path) -> Path:
    return root.expanduser().resolve()


@frozen
class LocalArtifactStore:
    """The bytes of artifacts in a folder, in the layout ``sha256/ab/abcd…``; made when first written to.

    ``root`` may be given through a symbolic link, which is resolved once; below it none is followed. A file appears
    whole under its name, after its bytes are on the disk.
    """

    root: Path = field(converter=_resolved)

    async def put(self, content: bytes) -> str:
        """Keep bytes durably and return their storage key; bytes that are there already are left as they are.

        Raises StorageUnavailableError when they can't be kept, ArtifactCorruptError when other bytes lie there.
        """
        return await asyncio.to_thread(self._put, content)

    async def get(self, storage_key: str) -> bytes:
        """Return the bytes under a key, as they lie there; raises ArtifactMissingError, StorageUnavailableError."""
        checked_hash(storage_key)
        return await asyncio.to_thread(self._get, storage_key)

    async def check(self) -> None:
        """Raise StorageUnavailableError when the folder can't be made or written."""
        await asyncio.to_thread(self._check)

    def _put(self, content: bytes) -> str:
        key = storage_key(content_hash(content))
        folders, name = _split(key)
        try:
            with confined.opened(self.root, folders, create=True) as folder:
                try:
                    confined.write_new(name, content, folder)
                except FileExistsError:
                    require_hash(key, confined.read(name, folder))
        except OSError as error:
            raise self._unavailable("written", error) from error
        return key

    def _get(self, key: str) -> bytes:
        folders, name = _split(key)
        try:
            with confined.opened(self.root, folders, create=False) as folder:
                return confined.read(name, folder)
        except FileNotFoundError:
            raise ArtifactMissingError(key) from None
        except OSError as error:
            raise self._unavailable("read", error) from error

    def _check(self) -> None:
        try:
            with confined.opened(self.root, (), create=True) as folder:
                confined.probe(folder)
        except OSError as error:
            raise self._unavailable("written", error) from error

    def _unavailable(self, what: str, error: OSError) -> StorageUnavailableError:
        reason = error.strerror or str(error)
        advice = _ADVICE.get(error.errno or 0, "check the folder and its disk")
        return StorageUnavailableError(f"The artifact store {self.root} can't be {what}: {reason}; {advice}.")


def _split(key: str) -> tuple[list[str], str]:
    *folders, name = key.split("/")
    return folders, name
