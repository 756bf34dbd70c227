"""The job queue, the event log and the decision sets under drawn sequences of steps, on every storage."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings

from adapters.memory.storage import MemoryStorage
from tests.contract.conftest import STORAGES
from tests.contract.harness import NOW_IN_SQL, START, Harness, MemoryClock, PostgresClock, SqliteClock
from tests.contract.lease_machine import run_lease_machine

OpenHarness: TypeAlias = Callable[[], Harness]
RUNS = {"memory": (60, 40), "sqlite": (15, 25), "postgresql": (15, 25)}
SLOW = [HealthCheck.too_slow]
# The log's triggers refuse even this.
EMPTY = """
    ALTER TABLE events DISABLE TRIGGER USER;
    TRUNCATE projects, jobs, event_streams CASCADE;
    ALTER TABLE events ENABLE TRIGGER USER;
"""


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest) -> str:
    """Return the name of a storage."""
    return str(request.param)


@pytest.fixture
def open_harness(storage: str, request: pytest.FixtureRequest, tmp_path: Path) -> OpenHarness:
    """Return a function that opens the storage emptied, its clock at the start."""
    if storage == "memory":
        return _memory
    if storage == "sqlite":
        return _sqlite_in(tmp_path, request.getfixturevalue("sqlite_template"))
    return _postgresql_at(request.getfixturevalue("postgres_url"))


def test_every_sequence_of_steps_leaves_a_storage_where_the_ports_say(storage: str, open_harness: OpenHarness) -> None:
    examples, steps = RUNS[storage]
    # The same sequences each time, so that what a change breaks shows on that change; the storm looks for the rest,
    # and takes the minutes it needs to reduce the steps of a fault to the fewest.
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=SLOW,
    )
    run_lease_machine(open_harness, chosen)


@pytest.mark.storm
def test_a_storm_of_steps_leaves_a_storage_where_the_ports_say(open_harness: OpenHarness) -> None:
    # Explaining a fault traces every line of the database drivers: it takes far longer than finding it.
    phases = [phase for phase in Phase if phase is not Phase.explain]
    run_lease_machine(
        open_harness,
        settings(max_examples=300, stateful_step_count=50, phases=phases, suppress_health_check=SLOW),
    )


def _memory() -> Harness:
    clock = MemoryClock()
    return Harness(MemoryStorage(clock), clock)


def _sqlite_in(directory: Path, template: Path) -> OpenHarness:
    from adapters.sql.storage import open_sql_storage

    paths = (directory / f"{number}.db" for number in range(1_000_000))

    def open_copy() -> Harness:
        path = shutil.copyfile(template, next(paths))
        return Harness(open_sql_storage(f"sqlite:///{path}", now=NOW_IN_SQL), SqliteClock.create(str(path)))

    return open_copy


def _postgresql_at(url: str) -> OpenHarness:
    from adapters.sql.storage import open_sql_storage

    clock = PostgresClock.create(url)

    def open_emptied() -> Harness:
        with psycopg.connect(url) as connection:
            connection.execute(EMPTY)
        clock.set(START)
        return Harness(open_sql_storage(url, now=NOW_IN_SQL), clock)

    return open_emptied
