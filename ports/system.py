"""What the process gets from the machine it runs on: time, ids, chance."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """The time of a storage that has no clock of its own."""

    def now(self) -> datetime:
        """Return the time, timezone-aware UTC."""
        ...


class Ids(Protocol):
    """New ids."""

    def new(self) -> UUID:
        """Return a UUIDv7 that sorts after those this process made before."""
        ...


class Randomness(Protocol):
    """Chance, for jitter only."""

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        ...
