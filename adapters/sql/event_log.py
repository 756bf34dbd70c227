"""The append-only event log in SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import BigInteger, Executable, bindparam, func, insert, literal_column, select, tuple_, update

from adapters.sql.dialect import SqlDialect
from adapters.sql.rows import event_of, event_values
from adapters.sql.session import Session
from adapters.sql.tables import decision_sets, event_streams
from adapters.sql.tables import events as event_table
from adapters.sql.types import TransactionId, current_transaction
from domain.model.event import (
    GENESIS,
    Event,
    FeedPage,
    FeedPosition,
    NewEvent,
    Stream,
    StreamHead,
    StreamKind,
    chain,
)

_READ = tuple(column for column in event_table.c if column.name != "transaction_id")


@frozen
class SqlEventLog:
    """The events of one transaction."""

    session: Session

    async def append(self, events: Sequence[NewEvent]) -> list[Event]:
        """Append events, each at the end of its stream, in the order given; return them with sequence and hash.

        Locks the streams' heads until the transaction ends, in the order of their ids. Raises NotFoundError for a
        decision set that is not there.
        """
        if not events:
            return []
        heads = await self._locked_heads({new.stream for new in events})
        now = max(head.now for head in heads.values())
        entries = []
        for new in events:
            head = heads[new.stream.id]
            entry = chain(new, head.end, 0, now)
            entries.append(entry)
            heads[new.stream.id] = evolve(head, end=StreamHead(entry.sequence, entry.hash))
        positions = await self._inserted(entries, heads)
        await self.session.execute(_MOVE_HEAD, [_moved(stream_id, heads[stream_id]) for stream_id in sorted(heads)])
        return [evolve(entry, position=positions[entry.stream.id, entry.sequence]) for entry in entries]

    async def read(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return a stream's events with a sequence above ``after``, in order."""
        parameters = {"stream": stream.id, "after": after, "limit": limit}
        return [event_of(row) for row in await self.session.rows(_READ_STREAM, parameters)]

    async def head(self, stream: Stream) -> StreamHead:
        """Return where a stream ends; an unknown one is empty."""
        found = select(event_streams.c.last_sequence, event_streams.c.last_hash).where(event_streams.c.id == stream.id)
        row = await self.session.row(found)
        return StreamHead() if row is None else StreamHead(row.last_sequence, bytes(row.last_hash))

    async def feed(self, *, after: FeedPosition | None = None, limit: int = 1000) -> FeedPage:
        """Return events of all streams after a place in the global feed, never past the oldest transaction still open.

        A reader that goes on from each page's ``next`` sees every event once.
        """
        start = after or FeedPosition()
        parameters = {"transaction": start.transaction, "position": start.position, "limit": limit}
        rows = await self.session.rows(_feed(self.session.dialect), parameters)
        end = FeedPosition(rows[-1].transaction_id, rows[-1].position) if rows else start
        return FeedPage(tuple(event_of(row) for row in rows), end)

    async def _locked_heads(self, streams: set[Stream]) -> dict[UUID, "_LockedHead"]:
        dialect = self.session.dialect
        ids = {"ids": dialect.listed(sorted(stream.id for stream in streams))}
        rows = await self.session.rows(_lock_heads(dialect), ids)
        missing = sorted(streams - {Stream(StreamKind(row.kind), row.id) for row in rows}, key=lambda stream: stream.id)
        if missing:
            await self.session.execute_referring(
                dialect.insert(event_streams).on_conflict_do_nothing(),
                [_new_stream(stream) for stream in missing],
                kind="decision set",
                parent=decision_sets,
                keys=[stream.id for stream in missing if stream.kind is StreamKind.DECISION_SET],
            )
            rows = await self.session.rows(_lock_heads(dialect), ids)
        return {
            row.id: _LockedHead(StreamHead(row.last_sequence, bytes(row.last_hash)), row.transaction, row.now)
            for row in rows
        }

    async def _inserted(
        self, entries: Sequence[Event], heads: Mapping[UUID, "_LockedHead"]
    ) -> Mapping[tuple[UUID, int], int]:
        values = [{**event_values(entry), "transaction_id": heads[entry.stream.id].transaction} for entry in entries]
        return {(row.stream_id, row.sequence): row.position for row in await self.session.rows(_INSERT, values)}


@frozen
class _LockedHead:
    """A stream's end under this transaction's lock, the transaction id its next entries get, and the time."""

    end: StreamHead
    transaction: int
    now: datetime


def _moved(stream_id: UUID, head: _LockedHead) -> dict[str, Any]:
    return {
        "stream": stream_id,
        "sequence": head.end.last_sequence,
        "hash": head.end.last_hash,
        "transaction": head.transaction,
    }


_INSERT = insert(event_table).returning(event_table.c.stream_id, event_table.c.sequence, event_table.c.position)

_MOVE_HEAD = (
    update(event_streams)
    .where(event_streams.c.id == bindparam("stream"))
    .values(
        last_sequence=bindparam("sequence"),
        last_hash=bindparam("hash"),
        last_transaction=bindparam("transaction", type_=TransactionId()),
    )
)

_READ_STREAM = (
    select(*_READ)
    .where(event_table.c.stream_id == bindparam("stream"), event_table.c.sequence > bindparam("after"))
    .order_by(event_table.c.sequence)
    .limit(bindparam("limit"))
)


@cache
def _lock_heads(dialect: SqlDialect) -> Executable:
    """Lock the streams' heads in the order of their ids; time and transaction id are read after each lock was got.

    Entries get this transaction's id, or that of the stream's last entry when it is higher: a transaction that began
    to write first may get a stream's lock last, and a stream's entries shall not change places in the feed. It stays
    safe, as the id is never below the transaction's own.
    """
    locked = (
        select(event_streams)
        .where(dialect.among(event_streams.c.id, "ids"))
        .order_by(event_streams.c.id)
        .with_for_update()
        .cte("locked")
    )
    own, last = current_transaction(), locked.c.last_transaction
    transaction = func.greatest(own, last, type_=TransactionId()) if dialect.is_postgresql else last
    return select(locked, transaction.label("transaction"), dialect.moving_now.label("now"))


@cache
def _feed(dialect: SqlDialect) -> Executable:
    """Read on from a place in the feed: transaction ids follow the order in which transactions began to write.

    One that is still open may yet add events before those of a later one that has ended, so nothing at or above the
    oldest open transaction is shown.
    """
    place = tuple_(event_table.c.transaction_id, event_table.c.position)
    start = tuple_(bindparam("transaction", type_=TransactionId()), bindparam("position", type_=BigInteger()))
    found = (
        select(event_table)
        .where(place > start)
        .order_by(event_table.c.transaction_id, event_table.c.position)
        .limit(bindparam("limit"))
    )
    if not dialect.is_postgresql:
        return found
    oldest_open = func.pg_snapshot_xmin(literal_column("pg_current_snapshot()"), type_=TransactionId())
    return found.where(event_table.c.transaction_id < oldest_open)


def _new_stream(stream: Stream) -> dict[str, Any]:
    return {
        "id": stream.id,
        "kind": stream.kind.value,
        "decision_set_id": stream.id if stream.kind is StreamKind.DECISION_SET else None,
        "last_sequence": 0,
        "last_hash": GENESIS,
    }
