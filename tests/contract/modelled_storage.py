"""A storage under test beside the model of what it must hold, and the comparison of the two."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from attrs import evolve, frozen

from domain.model.decision_set import DecisionSet
from domain.model.event import Event, StreamHead, verify_entries
from domain.model.job import Job, JobStatus
from ports.job_queue import QueueStatistics
from ports.storage import UnitOfWork
from tests.contract.harness import Harness
from tests.contract.lease_model import Model
from tests.contract.lease_steps import DECISION_SETS, STREAMS

T = TypeVar("T")
EVERYTHING = 1_000


@frozen
class Stored:
    """All that a storage holds, as one transaction sees it: jobs newest first, decision sets by id, ``STREAMS``."""

    jobs: list[Job]
    statistics: list[QueueStatistics]
    decision_sets: list[DecisionSet]
    streams: list[tuple[list[Event], StreamHead]]

    @classmethod
    async def read(cls, work: UnitOfWork) -> "Stored":
        """Read everything."""
        return cls(
            await work.jobs.find(limit=EVERYTHING),
            await work.jobs.statistics(),
            [await work.decision_sets.get(key) for key in DECISION_SETS],
            [(await work.events.read(stream), await work.events.head(stream)) for stream in STREAMS],
        )


class ModelledStorage:
    """A storage driven from synchronous steps, by an event loop of its own."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.model = Model(harness.now)
        # A loop factory keeps the runner's hands off the thread's current event loop.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._highest_tokens: dict[UUID, int] = {}
        self._add_decision_sets()

    def close(self) -> None:
        """Close the storage and the event loop."""
        try:
            self._runner.run(self.harness.storage.close())
        finally:
            self._runner.close()

    def written(self, write: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Return what ``write`` returns in a transaction of its own."""

        async def transaction() -> T:
            async with self.harness.transaction() as work:
                return await write(work)

        return self._runner.run(transaction())

    def read(self, read: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Return what ``read`` returns in a transaction that reads."""

        async def transaction() -> T:
            async with self.harness.reading() as work:
                return await read(work)

        return self._runner.run(transaction())

    def advance(self, duration: timedelta) -> None:
        """Let time pass, for the storage and the model."""
        self.model.now = self._runner.run(self.harness.advance(duration))

    def compare(self) -> None:
        """Check that the storage holds what the model says, and keeps what it promises whatever the model says."""
        stored = self.read(Stored.read)
        self._compare_jobs(stored)
        assert stored.decision_sets == [self.model.decision_sets[key] for key in DECISION_SETS]
        for stream, (events, head) in zip(STREAMS, stored.streams, strict=True):
            report, end = verify_entries(events, StreamHead())
            assert report.intact, report.why
            assert end == head
            assert [
                (event.event_type, event.event_data, event.actor, event.job_id, event.created_at) for event in events
            ] == [
                (entry.new.event_type, entry.new.event_data, entry.new.actor, entry.new.job_id, entry.created_at)
                for entry in self.model.streams.get(stream, [])
            ]

    def _compare_jobs(self, stored: Stored) -> None:
        assert stored.jobs == sorted(self.model.jobs.values(), key=lambda job: job.id, reverse=True)
        assert stored.statistics == self.model.statistics
        for job in stored.jobs:
            assert job.lease_token >= self._highest_tokens.get(job.id, 0), "a fencing token went down"
            self._highest_tokens[job.id] = job.lease_token
        running = [job.exclusive_key for job in stored.jobs if job.status is JobStatus.RUNNING and job.exclusive_key]
        assert len(running) == len(set(running)), "two jobs of one exclusive key are running"

    def _add_decision_sets(self) -> None:
        project = self._runner.run(self.harness.project())
        made = {key: evolve(self.harness.new_decision_set(project.id), id=key) for key in DECISION_SETS}

        async def add(work: UnitOfWork) -> None:
            for decision_set in made.values():
                await work.decision_sets.add(decision_set)

        self.written(add)
        self.model.decision_sets.update(made)


def compare_reaped(reaped: Sequence[Job], model: Model, *, limit: int) -> None:
    """Check that as many expired jobs were taken back as the limit allows, whichever the storage chose."""
    ids = [job.id for job in reaped]
    assert len(set(ids)) == len(ids) == min(limit, len(model.expired))
    assert model.expired >= set(ids)
    assert list(reaped) == model.reap(ids)
