"""The event log: append, read, follow, verify."""

from collections.abc import Sequence
from uuid import UUID

from attrs import evolve, frozen

from domain.model.event import ChainReport, Event, FeedPage, FeedPosition, NewEvent, Stream, StreamHead, verify_entries
from domain.model.job import Lease
from ports.storage import Storage

_VERIFY_PAGE = 1000


@frozen
class AppendEvents:
    """Append events to the log."""

    storage: Storage

    async def __call__(self, events: Sequence[NewEvent], *, lease: Lease | None = None) -> list[Event]:
        """Append events in order, on behalf of a job when ``lease`` is given.

        Raises LeaseLostError for a stale lease, NotFoundError for a decision set that is not there.
        """
        async with self.storage.transaction() as work:
            if lease is not None:
                await work.jobs.fence([lease])
            return await work.events.append(events)


@frozen
class ReadEvents:
    """Read one stream of the log."""

    storage: Storage

    async def __call__(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return the stream's events with a sequence above ``after``: a reader resumes at the last one it saw."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.events.read(stream, after=after, limit=limit)


@frozen
class ReadDecisionSetEvents:
    """Read the events of a decision set."""

    storage: Storage

    async def __call__(self, decision_set_id: UUID, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return events with a sequence above ``after``; raises NotFoundError for an unknown decision set."""
        async with self.storage.transaction(read_only=True) as work:
            await work.decision_sets.get(decision_set_id)
            return await work.events.read(Stream.of_decision_set(decision_set_id), after=after, limit=limit)


@frozen
class ReadFeed:
    """Read the global feed."""

    storage: Storage

    async def __call__(self, *, after: FeedPosition | None = None, limit: int = 1000) -> FeedPage:
        """Return a page of the feed of all streams; going on from ``next`` shows every event once."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.events.feed(after=after, limit=limit)


@frozen
class VerifyEventLog:
    """Verify a stream's hash chain."""

    storage: Storage

    async def __call__(self, stream: Stream) -> ChainReport:
        """Check every entry of a stream against its hash, its predecessor, and the recorded end of the stream."""
        end, checked = StreamHead(), 0
        while True:
            async with self.storage.transaction(read_only=True) as work:
                recorded = await work.events.head(stream)
                entries = await work.events.read(stream, after=end.last_sequence, limit=_VERIFY_PAGE)
            report, end = verify_entries(entries, end)
            checked += report.checked
            if not report.intact:
                return evolve(report, checked=checked)
            if len(entries) < _VERIFY_PAGE:
                return _against_head(checked, end, recorded)


def _against_head(checked: int, end: StreamHead, recorded: StreamHead) -> ChainReport:
    if end.last_sequence < recorded.last_sequence:
        why = f"the stream should reach sequence {recorded.last_sequence}; its end is missing"
        return ChainReport(checked, end.last_sequence + 1, why)
    if end.last_sequence == recorded.last_sequence and end.last_hash != recorded.last_hash:
        return ChainReport(checked, end.last_sequence, "its hash is not the one recorded as the stream's last")
    return ChainReport(checked)
