"""The event log: appending to one decision set's stream on PostgreSQL."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from attrs import define, field, frozen
from psycopg import AsyncConnection

from benchmarks.databases import Databases
from benchmarks.measuring import Contender, Scale, compare
from benchmarks.report import Section, section_of
from benchmarks.storages import keep_decision_sets, open_storage
from domain.model.event import GENESIS, NewEvent, Stream, StreamHead, chained_hash
from ports.storage import Storage

ONE_BY_ONE = 50
BATCH = 100
BATCHES = 5
TYPE, ACTOR = "reason_card_recorded", "agent:planner"
DATA = {"agent": "planner", "choice": "gradient boosting", "confidence": 0.5, "why": "tabular data, few features"}

_NEW_STREAM = """
INSERT INTO event_streams (id, kind, decision_set_id, last_sequence, last_hash)
VALUES (%(id)s, 'decision_set', %(id)s, 0, %(hash)s) ON CONFLICT DO NOTHING"""
_INSERT = """
INSERT INTO events (stream_kind, stream_id, sequence, event_type, event_data, actor, prev_hash, hash, created_at)
VALUES ('decision_set', %s, %s, %s, %s, %s, %s, %s, clock_timestamp())"""
_INSERT_AT = _INSERT.replace("clock_timestamp()", "%s")
_LOCK_HEAD = "SELECT last_sequence, last_hash, clock_timestamp() FROM event_streams WHERE id = %s FOR UPDATE"
_MOVE_HEAD = "UPDATE event_streams SET last_sequence = %s, last_hash = %s WHERE id = %s"


@define
class BareEvents:
    """Events in plain psycopg: numbered by the caller, with neither a head to lock nor a chain."""

    connection: AsyncConnection[tuple[Any, ...]]
    stream_id: UUID
    _sequence: int = field(default=0, init=False)

    async def append(self, batches: int, size: int) -> None:
        """Insert batches of events, a transaction each; a single event needs no explicit one."""
        for _ in range(batches):
            if size == 1:
                await self.connection.execute(_INSERT, self._row())
                continue
            async with self.connection.transaction(), self.connection.cursor() as cursor:
                await cursor.executemany(_INSERT, [self._row() for _ in range(size)])

    def _row(self) -> tuple[Any, ...]:
        self._sequence += 1
        return (self.stream_id, self._sequence, TYPE, json.dumps(DATA), ACTOR, GENESIS, GENESIS)


@frozen
class ChainedEvents:
    """Events in plain psycopg with all that the log promises: the head locked, the sequence gapless, hashes chained."""

    connection: AsyncConnection[tuple[Any, ...]]
    stream_id: UUID

    async def append(self, batches: int, size: int) -> None:
        """Append batches of events, a transaction each."""
        for _ in range(batches):
            async with self.connection.transaction(), self.connection.cursor() as cursor:
                await cursor.execute(_LOCK_HEAD, [self.stream_id])
                ((sequence, last_hash, now),) = await cursor.fetchall()
                head, rows = StreamHead(sequence, last_hash), []
                for new in self._new(size):
                    sequence = head.last_sequence + 1
                    digest = chained_hash(head.last_hash, new.content_digest, sequence, now)
                    data = json.dumps(new.event_data)
                    rows.append((self.stream_id, sequence, TYPE, data, ACTOR, head.last_hash, digest, now))
                    head = StreamHead(sequence, digest)
                await cursor.executemany(_INSERT_AT, rows)
                await cursor.execute(_MOVE_HEAD, [head.last_sequence, head.last_hash, self.stream_id])

    def _new(self, size: int) -> list[NewEvent]:
        return new_events(self.stream_id, size)


@frozen
class StorageEvents:
    """Events through the Storage port."""

    storage: Storage
    stream_id: UUID

    async def append(self, batches: int, size: int) -> None:
        """Append batches of events, a transaction each."""
        for _ in range(batches):
            async with self.storage.transaction() as uow:
                await uow.events.append(new_events(self.stream_id, size))


def new_events(stream_id: UUID, count: int) -> list[NewEvent]:
    """Return events to append."""
    stream = Stream.of_decision_set(stream_id)
    return [NewEvent(stream, TYPE, DATA, ACTOR) for _ in range(count)]


async def measure(databases: Databases, scale: Scale) -> list[Section]:
    """Measure appending one at a time and in batches, beside psycopg without the chain and with it."""
    async with AsyncExitStack() as stack:
        bare = BareEvents(*await stack.enter_async_context(_stream(databases)))
        chained = ChainedEvents(*await stack.enter_async_context(_stream(databases)))
        storage = await stack.enter_async_context(open_storage(databases.postgresql()))
        (decision_set,) = await keep_decision_sets(storage, 1)
        ours = StorageEvents(storage, decision_set.id)
        sections = []
        for title, batches, size in (
            ("Events on PostgreSQL: append one at a time", scale.of(ONE_BY_ONE), 1),
            (f"Events on PostgreSQL: append in batches of {BATCH}", scale.of(BATCHES), BATCH),
        ):
            contenders = (
                Contender("psycopg, no chain", partial(bare.append, batches, size)),
                Contender("psycopg, chained", partial(chained.append, batches, size)),
                Contender("mlwright", partial(ours.append, batches, size)),
            )
            sections.append(section_of(await compare(title, "event", batches * size, contenders, scale=scale)))
        return sections


@asynccontextmanager
async def _stream(databases: Databases) -> AsyncIterator[tuple[AsyncConnection[tuple[Any, ...]], UUID]]:
    """Yield a connection to a fresh database, and the id of an empty stream in it."""
    url = databases.postgresql()
    async with open_storage(url) as storage:
        (decision_set,) = await keep_decision_sets(storage, 1)
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(_NEW_STREAM, {"id": decision_set.id, "hash": GENESIS})
        yield connection, decision_set.id
