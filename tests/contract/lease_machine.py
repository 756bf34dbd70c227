"""A state machine that leads a storage and a model of it through the same steps and compares them after each."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import cast

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from domain.model.decision_set import DecisionSet
from domain.model.errors import LeaseLostError, VersionConflictError
from domain.model.event import Event, NewEvent
from domain.model.job import Job
from ports.storage import UnitOfWork
from tests.contract.harness import Harness
from tests.contract.lease_model import Model
from tests.contract.lease_steps import (
    JOB_TYPES,
    MICROSECOND,
    PLAIN,
    QUEUES,
    RELEASE,
    Draft,
    Outcome,
    batches,
    changed,
    drafts,
    durations,
    limits,
    named,
    narrowed,
    outcomes,
    workers,
)
from tests.contract.modelled_storage import EVERYTHING, ModelledStorage, compare_reaped


class RollBack(Exception):  # noqa: N818 - no error: the machine ends a transaction with it
    """Raised to undo a transaction."""


class LeaseMachine(RuleBasedStateMachine):
    """One storage's jobs, events and decision sets; what the bundles hold grows stale as the machine goes on.

    ``seen`` holds jobs as they once were, ``held`` jobs as they were leased, ``versions`` decision sets as read.
    """

    seen: Bundle[Job] = Bundle("seen")
    held: Bundle[Job] = Bundle("held")
    versions: Bundle[DecisionSet] = Bundle("versions")

    def __init__(self, open_harness: Callable[[], Harness]) -> None:
        super().__init__()
        self.storage = ModelledStorage(open_harness())
        self.drafted = 0

    @property
    def model(self) -> Model:
        return self.storage.model

    def teardown(self) -> None:
        self.storage.close()

    @initialize(target=versions)
    def read_the_decision_sets(self) -> MultipleResults[DecisionSet]:
        return multiple(*self.model.decision_sets.values())

    @initialize(targets=(seen, held), drafts=st.lists(drafts, max_size=3), duration=durations)
    def begin_with_current_and_stale_leases(
        self, drafts: list[Draft], duration: timedelta
    ) -> MultipleResults[Job] | Job:
        self.enqueue([PLAIN], None)
        self.enqueue([PLAIN, *drafts], None)
        return self.take_turns_in_one_transaction("ada", duration, [], commits=True)

    @rule(target=seen, drafts=st.lists(drafts, min_size=1, max_size=3), before=st.none() | seen)
    def enqueue(self, drafts: list[Draft], before: Job | None) -> MultipleResults[Job]:
        jobs = named(drafts, None if before is None else before.id, self.drafted, self.model.now)
        self.drafted += len(jobs)
        refusals = self.model.refusals_of_jobs(jobs)
        if refusals:
            with pytest.raises(refusals):
                self.storage.written(lambda work: work.jobs.enqueue(jobs))
            return multiple()
        enqueued = self.storage.written(lambda work: work.jobs.enqueue(jobs))
        assert enqueued == self.model.enqueue(jobs)
        return multiple(*(outcome.job for outcome in enqueued))

    @rule(
        targets=(seen, held),
        worker=workers,
        limit=limits,
        duration=durations,
        queues=narrowed(QUEUES),
        job_types=narrowed(JOB_TYPES),
    )
    def lease(
        self, worker: str, limit: int, duration: timedelta, queues: list[str] | None, job_types: list[str] | None
    ) -> MultipleResults[Job]:
        leased = self.storage.written(
            lambda work: work.jobs.lease(worker, limit=limit, duration=duration, queues=queues, job_types=job_types)
        )
        assert leased == self.model.lease(worker, limit=limit, duration=duration, queues=queues, job_types=job_types)
        return multiple(*leased)

    @rule(one=held, other=st.none() | held, duration=durations)
    def renew(self, one: Job, other: Job | None, duration: timedelta) -> None:
        leases = [job.lease for job in (one, other) if job is not None]
        renewed = self.storage.written(lambda work: work.jobs.renew(leases, duration=duration))
        assert renewed == self.model.renew(leases, duration)

    @rule(target=seen, one=held, outcome=outcomes, other=st.none() | held, another=outcomes)
    def settle(self, one: Job, outcome: Outcome, other: Job | None, another: Outcome) -> MultipleResults[Job]:
        settlements = [outcome.of(one.lease)] + ([] if other is None else [another.of(other.lease)])
        settled = self.storage.written(lambda work: work.jobs.settle(settlements))
        assert settled == self.model.settle(settlements)
        return multiple(*settled)

    @rule(target=seen, limit=limits)
    def reap(self, limit: int) -> MultipleResults[Job]:
        reaped = self.storage.written(lambda work: work.jobs.reap(limit=limit))
        compare_reaped(reaped, self.model, limit=limit)
        return multiple(*reaped)

    @rule(target=seen, read=seen, read_again=st.booleans(), call_off=st.booleans())
    def change_outside_a_lease(self, read: Job, read_again: bool, call_off: bool) -> MultipleResults[Job]:
        """Cancel, redrive or continue a job, over the state it was read in some time ago or just now."""
        expected = self.model.jobs[read.id] if read_again else read
        change = changed(expected, self.model.now, call_off=call_off)
        if change is None:
            return multiple()

        async def save(work: UnitOfWork) -> None:
            if read_again:
                assert await work.jobs.get(read.id, for_update=True) == expected
            await work.jobs.save(change, expected=expected)

        if not self.model.may_save(expected):
            with pytest.raises(LeaseLostError) as caught:
                self.storage.written(save)
            assert (caught.value.job_id, caught.value.lease_token) == (expected.id, expected.lease_token)
            return multiple()
        self.storage.written(save)
        self.model.save(change)
        return multiple(change)

    @rule(one=st.none() | held, other=st.none() | held, events=batches, fence_first=st.booleans())
    def append(self, one: Job | None, other: Job | None, events: list[NewEvent], fence_first: bool) -> None:
        """Append events, under the fence when there are leases: wherever in the transaction the fence is checked."""
        leases = [job.lease for job in (one, other) if job is not None]
        events = [evolve(new, job_id=None if one is None else one.id) for new in events]

        async def write(work: UnitOfWork) -> tuple[list[Job], list[Event]]:
            if fence_first:
                return await work.jobs.fence(leases), await work.events.append(events)
            appended = await work.events.append(events)
            return await work.jobs.fence(leases), appended

        stale = [(lease.job_id, lease.lease_token) for lease in leases if not self.model.valid(lease)]
        refusals = self.model.refusals_of_events(events)
        if stale or refusals:
            with pytest.raises((*refusals, LeaseLostError) if stale else refusals) as caught:
                self.storage.written(write)
            if isinstance(caught.value, LeaseLostError):
                assert (caught.value.job_id, caught.value.lease_token) in stale
            return
        fenced, appended = self.storage.written(write)
        assert fenced == [self.model.jobs[lease.job_id] for lease in leases]
        assert [event.sequence for event in appended] == self.model.append(events)

    @rule(target=versions, read=versions, note=st.integers(0, 9))
    def update_a_decision_set(self, read: DecisionSet, note: int) -> DecisionSet:
        actual = self.model.decision_sets[read.id]
        change = read.annotated({"note": note}, self.model.now)

        def save(work: UnitOfWork) -> Awaitable[None]:
            return work.decision_sets.save(change, expected_version=read.version)

        if read.version != actual.version:
            with pytest.raises(VersionConflictError) as caught:
                self.storage.written(save)
            assert (caught.value.expected, caught.value.actual) == (read.version, actual.version)
            return actual
        self.storage.written(save)
        self.model.decision_sets[read.id] = change
        return change

    @rule(targets=(seen, held), worker=workers, duration=durations, events=batches, commits=st.booleans())
    def take_turns_in_one_transaction(
        self, worker: str, duration: timedelta, events: list[NewEvent], commits: bool
    ) -> MultipleResults[Job]:
        """Reap, lease, release and lease once more, and tell of it, all or nothing."""
        after = self.model.copy()
        events = [new for new in events if not self.model.refusals_of_events([new])]

        async def take_turns(work: UnitOfWork) -> list[Job]:
            compare_reaped(await work.jobs.reap(limit=EVERYTHING), after, limit=EVERYTHING)
            leased = await work.jobs.lease(worker, limit=2, duration=duration)
            assert leased == after.lease(worker, limit=2, duration=duration)
            released = [RELEASE.of(job.lease) for job in leased]
            assert await work.jobs.settle(released) == after.settle(released)
            again = await work.jobs.lease(worker, limit=2, duration=duration)
            assert again == after.lease(worker, limit=2, duration=duration)
            assert [event.sequence for event in await work.events.append(events)] == after.append(events)
            if not commits:
                raise RollBack
            return [*leased, *again]

        try:
            leased = self.storage.written(take_turns)
        except RollBack:
            return multiple()
        self.storage.model = after
        return multiple(*leased)

    @rule(duration=st.none() | durations, early=st.booleans())
    def let_time_pass(self, duration: timedelta | None, early: bool) -> None:
        """Wait, or go to the time when something expires or becomes due, or to the last microsecond before."""
        if duration is None:
            moments = self.model.deadlines or [self.model.now]
            duration = max(moments[0] - self.model.now - early * MICROSECOND, timedelta(0))
        self.storage.advance(duration)

    @invariant()
    def the_storage_holds_what_the_model_says(self) -> None:
        self.storage.compare()


def run_lease_machine(open_harness: Callable[[], Harness], chosen: settings) -> None:
    """Lead the machine through drawn sequences of steps, each on an empty storage; raises what the first fault raised.

    ``open_harness`` opens the storage emptied, with its clock at the harness's start.
    """
    # Any factory will do at run time; the annotation asks for a class.
    factory = cast("type[RuleBasedStateMachine]", lambda: LeaseMachine(open_harness))
    run_state_machine_as_test(factory, settings=chosen)
