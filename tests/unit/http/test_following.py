import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest
from attrs import define, field

from domain.model.event import Event, NewEvent, Stream, StreamHead, chain
from entrypoints import following
from entrypoints.following import follow, follow_pages
from tests.unit.http.test_presenting import ID, NOON


@define
class Log:
    """A log that grows by what each look is told to find before it."""

    events: list[Event] = field(factory=list)
    before_look: list[Callable[[], None]] = field(factory=list)
    looks: int = 0

    def add(self, count: int) -> None:
        for _ in range(count):
            head = StreamHead(self.events[-1].sequence, self.events[-1].hash) if self.events else StreamHead()
            self.events.append(chain(NewEvent(Stream.of_decision_set(ID), "x", {}, "me"), head, 0, NOON))

    async def __call__(self, decision_set_id: UUID, *, after: int = 0, limit: int = 1000) -> list[Event]:
        self.looks += 1
        if self.before_look:
            self.before_look.pop(0)()
        return [event for event in self.events if event.sequence > after][:limit]


async def test_a_follower_sees_each_event_once_in_order_over_pages_and_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAGE", 3)
    log = Log(before_look=[lambda: log.add(7), lambda: None, lambda: log.add(1), lambda: log.add(2)])
    seen = []
    async for event in follow(log, ID, poll_seconds=0.001):  # type: ignore[arg-type]  # stands for the use case
        seen.append(event.sequence)
        if event.sequence == 10:
            break
    assert seen == list(range(1, 11))


async def test_a_follower_starts_after_the_event_it_was_given() -> None:
    log = Log()
    log.add(5)
    following_on = follow(log, ID, after=3, ended=lambda: True)  # type: ignore[arg-type]  # stands for the use case
    assert [event.sequence async for event in following_on] == [4, 5]


async def test_the_last_look_is_made_after_the_end_so_that_nothing_is_missed() -> None:
    ended = False
    log = Log()

    def end() -> None:
        nonlocal ended
        ended = True

    log.before_look = [end, lambda: log.add(2)]
    events = follow(log, ID, poll_seconds=0.001, ended=lambda: ended)  # type: ignore[arg-type]  # stands for the use case
    assert [event.sequence async for event in events] == [1, 2]
    assert log.looks == 2


async def test_each_look_gives_its_page_even_an_empty_one() -> None:
    log = Log(before_look=[lambda: None, lambda: log.add(2)])
    pages = follow_pages(log, ID, poll_seconds=0.001)  # type: ignore[arg-type]  # stands for the use case
    assert [len(await anext(pages)) for _ in range(3)] == [0, 2, 0]
    await pages.aclose()


async def test_a_cancelled_follower_stops_at_once() -> None:
    log = Log()

    async def wait_for_more() -> None:
        async for _ in follow(log, ID, poll_seconds=60):  # type: ignore[arg-type]  # stands for the use case
            pass

    waiting = asyncio.create_task(wait_for_more())
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert log.looks == 1
