"""The machine's clock, ids and chance."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from adapters.system.randomness import SystemRandomness


def test_the_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


def test_ids_are_uuids_of_version_7_that_rise() -> None:
    ids = Uuid7Ids()
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {(type(identity), identity.version) for identity in made} == {(UUID, 7)}


def test_ids_rise_in_every_thread_and_none_comes_twice() -> None:
    def make(_: int) -> list[UUID]:
        return [Uuid7Ids().new() for _ in range(5_000)]

    with ThreadPoolExecutor(4) as threads:
        batches = list(threads.map(make, range(4)))
    assert all(batch == sorted(batch) for batch in batches)
    assert len({identity for batch in batches for identity in batch}) == 20_000


def test_chance_is_a_fraction_that_varies() -> None:
    fractions = [SystemRandomness().fraction() for _ in range(1000)]
    assert all(0 <= fraction < 1 for fraction in fractions)
    assert len(set(fractions)) > 900
