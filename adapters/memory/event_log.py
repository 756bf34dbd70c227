"""The append-only event log in memory."""

from collections.abc import Sequence

from attrs import frozen

from adapters.memory.decision_sets import require_decision_set
from adapters.memory.tables import Views
from domain.model.event import Event, FeedPage, FeedPosition, NewEvent, Stream, StreamHead, StreamKind, chain
from ports.system import Clock

_LAST = "last"


@frozen
class MemoryEventLog:
    """The events of one transaction."""

    views: Views
    clock: Clock

    async def append(self, events: Sequence[NewEvent]) -> list[Event]:
        """Append events, each at the end of its stream, in the order given; return them with sequence and hash.

        Raises NotFoundError for a decision set that is not there.
        """
        for new in events:
            if new.stream.kind is StreamKind.DECISION_SET:
                require_decision_set(self.views, new.stream.id)
        now = self.clock.now()
        last = self.views.positions.get(_LAST) or 0
        appended = []
        for position, new in enumerate(events, start=last + 1):
            event = chain(new, await self.head(new.stream), position, now)
            self.views.events.put(position, event)
            self.views.heads.put(new.stream, StreamHead(event.sequence, event.hash))
            appended.append(event)
        self.views.positions.put(_LAST, last + len(appended))
        return appended

    async def read(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return a stream's events with a sequence above ``after``, in order."""
        return self.views.events.select("stream", [stream], after=(after,), limit=limit)

    async def head(self, stream: Stream) -> StreamHead:
        """Return where a stream ends; an unknown one is empty."""
        return self.views.heads.get(stream) or StreamHead()

    async def feed(self, *, after: FeedPosition | None = None, limit: int = 1000) -> FeedPage:
        """Return events of all streams after a place in the global feed; writers commit in the order of positions."""
        start = after or FeedPosition()
        events = self.views.events.select("all", after=(start.position,), limit=limit)
        end = FeedPosition(position=events[-1].position) if events else start
        return FeedPage(tuple(events), end)
