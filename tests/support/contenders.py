"""Processes that work one storage at the same time: ``python -m tests.support.contenders TASK URL …``."""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from adapters.sql.storage import open_sql_storage
from domain.model.errors import TransactionConflictError, VersionConflictError
from domain.model.event import FeedPosition, NewEvent, Stream
from domain.use_cases.decision_sets import GetDecisionSet, UpdateDecisionSet
from domain.use_cases.event_log import AppendEvents, ReadFeed
from ports.storage import Storage

_IDLE_SECONDS = 0.02


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Storage]:
    storage = open_sql_storage(url, pool_size=1, max_overflow=1)
    try:
        yield storage
    finally:
        await storage.close()


async def increment(url: str, decision_set_id: str, times: str) -> None:
    """Raise a counter in a decision set's metadata, each time against the version that was read, until it took."""
    async with _opened(url) as storage:
        get, update = GetDecisionSet(storage), UpdateDecisionSet(storage)
        for _ in range(int(times)):
            while True:
                found = await get(UUID(decision_set_id))
                counter = {"count": found.metadata.get("count", 0) + 1}
                try:
                    await update(found.id, counter, expected_version=found.version, actor="user:contender")
                    break
                except (VersionConflictError, TransactionConflictError):
                    await asyncio.sleep(random.uniform(0, 0.1))


async def append(url: str, writer: str, events: str, *decision_set_ids: str) -> None:
    """Append numbered events in batches of changing size to the decision sets in turn."""
    chance, streams = random.Random(writer), [Stream.of_decision_set(UUID(one)) for one in decision_set_ids]
    async with _opened(url) as storage:
        append_events, number = AppendEvents(storage), 0
        while number < int(events):
            batch = min(chance.randint(1, 20), int(events) - number)
            new = [
                NewEvent(chance.choice(streams), "tick", {"writer": writer, "number": number + index}, "user:contender")
                for index in range(batch)
            ]
            try:
                await append_events(new)
            except TransactionConflictError:
                continue
            number += batch


async def follow(url: str, expected: str, seconds: str) -> None:
    """Follow the global feed until that many ticks were seen or the time is up, and print each as it was seen."""
    seen: list[tuple[str, int, str, int]] = []
    async with _opened(url) as storage:
        read, after = ReadFeed(storage), FeedPosition()
        async with asyncio.timeout(float(seconds)):
            while len(seen) < int(expected):
                page = await read(after=after, limit=500)
                after = page.next
                seen += [
                    (str(one.stream.id), one.sequence, one.event_data["writer"], one.event_data["number"])
                    for one in page.events
                    if one.event_type == "tick"
                ]
                if not page.events:
                    await asyncio.sleep(_IDLE_SECONDS)
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    tasks: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
        "increment": increment,
        "append": append,
        "follow": follow,
    }
    asyncio.run(tasks[sys.argv[1]](*sys.argv[2:]))
