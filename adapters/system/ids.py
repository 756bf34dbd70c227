"""New ids from the machine's clock and its random source."""

from uuid import UUID

from attrs import frozen
from uuid_utils.compat import uuid7


@frozen
class Uuid7Ids:
    """UUIDv7s that rise within the process, from whichever thread and even when the clock is set back."""

    def new(self) -> UUID:
        """Return a UUIDv7 that sorts after those this process made before."""
        return uuid7()
