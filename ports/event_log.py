"""The append-only event log."""

from collections.abc import Sequence
from typing import Protocol

from domain.model.event import Event, FeedPage, FeedPosition, NewEvent, Stream, StreamHead


class EventLog(Protocol):
    """The append-only log: nothing updates or deletes an entry."""

    async def append(self, events: Sequence[NewEvent]) -> list[Event]:
        """Append events, each at the end of its stream, in the order given; return them with sequence and hash.

        Locks the streams' heads until the transaction ends, in the order of their ids. Raises NotFoundError for a
        decision set that is not there.
        """
        ...

    async def read(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return a stream's events with a sequence above ``after``, in order."""
        ...

    async def head(self, stream: Stream) -> StreamHead:
        """Return where a stream ends; an unknown one is empty."""
        ...

    async def feed(self, *, after: FeedPosition | None = None, limit: int = 1000) -> FeedPage:
        """Return events of all streams after a place in the global feed, never past the oldest transaction still open.

        A reader that goes on from each page's ``next`` sees every event once.
        """
        ...
