"""Optimistic updates: a decision set written over the version it was read at, on PostgreSQL."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from attrs import define
from psycopg import AsyncConnection

from benchmarks.databases import Databases
from benchmarks.measuring import Contender, Scale, compare
from benchmarks.report import Section, section_of
from benchmarks.storages import keep_decision_sets, open_storage
from domain.model.decision_set import DecisionSet
from ports.storage import Storage

UPDATES = 50
_UPDATE = """
UPDATE decision_sets SET metadata = %s, version = version + 1, updated_at = %s WHERE id = %s AND version = %s"""


@define
class BareUpdates:
    """Updates in plain psycopg."""

    connection: AsyncConnection[tuple[Any, ...]]
    decision_set: DecisionSet

    async def one_statement(self, count: int) -> None:
        """Update, each statement its own transaction."""
        for _ in range(count):
            await self._update()

    async def in_transactions(self, count: int) -> None:
        """Update, each time between BEGIN and COMMIT, as a transaction of several statements must."""
        for _ in range(count):
            async with self.connection.transaction():
                await self._update()

    async def _update(self) -> None:
        now = datetime.now(UTC)
        changed = self.decision_set.annotated({"note": "measured"}, now)
        parameters = [json.dumps(changed.metadata), now, changed.id, self.decision_set.version]
        if (await self.connection.execute(_UPDATE, parameters)).rowcount != 1:
            raise RuntimeError("The reference lost an update.")
        self.decision_set = changed


@define
class StorageUpdates:
    """Updates through the Storage port."""

    storage: Storage
    decision_set: DecisionSet

    async def in_transactions(self, count: int) -> None:
        """Update, a transaction each."""
        for _ in range(count):
            changed = self.decision_set.annotated({"note": "measured"}, datetime.now(UTC))
            async with self.storage.transaction() as uow:
                await uow.decision_sets.save(changed, expected_version=self.decision_set.version)
            self.decision_set = changed


async def measure(databases: Databases, scale: Scale) -> list[Section]:
    """Measure updates beside psycopg without and with an explicit transaction."""
    count = scale.of(UPDATES)
    async with AsyncExitStack() as stack:
        single, explicit = [await stack.enter_async_context(_bare(databases)) for _ in range(2)]
        storage = await stack.enter_async_context(open_storage(databases.postgresql()))
        (decision_set,) = await keep_decision_sets(storage, 1)
        ours = StorageUpdates(storage, decision_set)
        contenders = (
            Contender("psycopg, UPDATE", partial(single.one_statement, count)),
            Contender("psycopg, BEGIN, UPDATE, COMMIT", partial(explicit.in_transactions, count)),
            Contender("mlwright", partial(ours.in_transactions, count)),
        )
        title = "Optimistic update of a decision set on PostgreSQL"
        return [section_of(await compare(title, "update", count, contenders, scale=scale))]


@asynccontextmanager
async def _bare(databases: Databases) -> AsyncIterator[BareUpdates]:
    url = databases.postgresql()
    async with open_storage(url) as storage:
        (decision_set,) = await keep_decision_sets(storage, 1)
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        yield BareUpdates(connection, decision_set)
