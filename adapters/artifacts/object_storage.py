"""Artifacts in object storage: S3, Google Cloud Storage or Azure."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from adapters.artifacts.keys import checked_hash, require_hash
from adapters.artifacts.locations import Location
from domain.model.artifact import content_hash, storage_key
from domain.model.errors import ArtifactMissingError, ConfigurationError, StorageUnavailableError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PROBE = ".check"
_CLIENT = {"connect_timeout": "5s", "timeout": "120s"}
_RETRY = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=60),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")


@frozen
class ObjectArtifactStore:
    """The bytes of artifacts as objects ``prefix/sha256/ab/abcd…`` of a bucket.

    An object is created only where there is none, which the service itself guarantees. Nothing that could hold a secret
    of the service's answers or of the configuration reaches an error.
    """

    location: Location
    store: "ObjectStore" = field(repr=False)

    @classmethod
    def at(cls, location: Location, options: Mapping[str, Any]) -> "ObjectArtifactStore":
        """Name a store without reaching for it; ``options`` are the service's settings, as obstore calls them.

        Raises ConfigurationError when the client library is not installed or a setting is unknown.
        """
        try:
            from obstore.exceptions import BaseError
            from obstore.store import from_url
        except ImportError:
            raise ConfigurationError(
                f"The artifact store {location.url} needs the client for object storage;"
                " install it with `pip install 'mlwright[s3]'`."
            ) from None
        config = {**location.settings, **options}
        client = {**_CLIENT, "allow_http": location.plain_http}
        try:
            store = from_url(location.url, config=config, client_options=client, retry_config=_RETRY)  # type: ignore[call-overload]  # the overloads want one service's keys
        except (BaseError, ValueError, TypeError) as error:
            raise ConfigurationError(f"The artifact store {location.url} can't be set up: {_reason(error)}.") from None
        return cls(location, store)

    async def put(self, content: bytes) -> str:
        """Keep bytes durably and return their storage key; bytes that are there already are left as they are.

        Raises StorageUnavailableError when they can't be kept, ArtifactCorruptError when other bytes lie there.
        """
        from obstore import put_async
        from obstore.exceptions import AlreadyExistsError, BaseError

        key = storage_key(content_hash(content))
        try:
            await put_async(self.store, key, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            require_hash(key, await self.get(key))
        except (BaseError, OSError) as error:
            raise self._unavailable("written", error) from None
        return key

    async def get(self, storage_key: str) -> bytes:
        """Return the bytes under a key, as they lie there; raises ArtifactMissingError, StorageUnavailableError."""
        from obstore import get_async
        from obstore.exceptions import BaseError

        checked_hash(storage_key)
        try:
            found = await get_async(self.store, storage_key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            if any(mark in str(error) for mark in _NO_BUCKET):
                raise self._unavailable("read", error) from None
            raise ArtifactMissingError(storage_key) from None
        except (BaseError, OSError) as error:
            raise self._unavailable("read", error) from None

    async def check(self) -> None:
        """Raise StorageUnavailableError when the bucket can't be reached or written."""
        from obstore import put_async
        from obstore.exceptions import BaseError

        try:
            await put_async(self.store, PROBE, b"", mode="overwrite", use_multipart=False)
        except (BaseError, OSError) as error:
            raise self._unavailable("written", error) from None

    def _unavailable(self, what: str, error: Exception) -> StorageUnavailableError:
        return StorageUnavailableError(
            f"The artifact store {self.location.url} can't be {what}: {_reason(error)};"
            " check its address, the bucket and the credentials."
        )


def _reason(error: Exception) -> str:
    """Return the error's first line without what the service answered and without query strings, which hold tokens."""
    first_line = (str(error) or type(error).__name__).splitlines()[0]
    code = re.search(r"<Code>(\w+)</Code>", str(error))
    line = re.sub(r"[?&]\S+", "", first_line.partition(": <")[0])
    return f"{line} ({code.group(1)})" if code else line.rstrip(".: ")
