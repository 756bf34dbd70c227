"""The machine's clock."""

from datetime import UTC, datetime

from attrs import frozen


@frozen
class SystemClock:
    """The time of the machine this process runs on."""

    def now(self) -> datetime:
        """Return the machine's time, timezone-aware UTC with microseconds."""
        return datetime.now(UTC)
