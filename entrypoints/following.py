"""Follow a decision set's events as they are committed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from uuid import UUID

from domain.model.event import Event
from domain.use_cases.event_log import ReadDecisionSetEvents

PAGE = 500


async def follow(
    read: ReadDecisionSetEvents,
    decision_set_id: UUID,
    *,
    after: int = 0,
    poll_seconds: float = 0.5,
    ended: Callable[[], bool] | None = None,
) -> AsyncIterator[Event]:
    """Yield the events after a sequence, each once and in order, and wait for more.

    Ends when ``ended`` says so and every event committed by then has been yielded; without it, never.
    """
    looks = follow_pages(read, decision_set_id, after=after, poll_seconds=poll_seconds, ended=ended)
    async with aclosing(looks) as pages:
        async for page in pages:
            for event in page:
                yield event


async def follow_pages(
    read: ReadDecisionSetEvents,
    decision_set_id: UUID,
    *,
    after: int = 0,
    poll_seconds: float = 0.5,
    ended: Callable[[], bool] | None = None,
) -> AsyncGenerator[list[Event], None]:
    """Yield what each look at the log finds, an empty page when nothing is new; ends as ``follow`` does."""
    while True:
        last_look = ended is not None and ended()
        page = await read(decision_set_id, after=after, limit=PAGE)
        yield page
        if page:
            after = page[-1].sequence
        if len(page) == PAGE:
            continue
        if last_look:
            return
        await asyncio.sleep(poll_seconds)
