"""Storages to measure, and what they must hold before anything can be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.memory.storage import MemoryStorage
from adapters.sql.storage import open_sql_storage
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from domain.model.decision_set import DecisionSet
from domain.model.project import Project
from ports.storage import Storage

WORKFLOW = "measured"
_ids = Uuid7Ids()


@asynccontextmanager
async def open_storage(url: str) -> AsyncIterator[Storage]:
    """Open the storage that a URL names, ``memory://`` included, until the block ends."""
    storage: Storage = MemoryStorage(SystemClock()) if url == "memory://" else open_sql_storage(url)
    try:
        yield storage
    finally:
        await storage.close()


async def keep_decision_sets(storage: Storage, count: int) -> list[DecisionSet]:
    """Keep new decision sets, in a new project."""
    async with storage.transaction() as uow:
        now = await uow.now()
        project = Project(_ids.new(), "benchmark", None, 1, now, now)
        await uow.projects.add(project)
        decision_sets = []
        for _ in range(count):
            identity = _ids.new()
            decision_sets.append(
                DecisionSet(identity, project.id, str(identity), WORKFLOW, "1", "Do nothing.", now, now)
            )
            await uow.decision_sets.add(decision_sets[-1])
    return decision_sets
