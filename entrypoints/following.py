"""Follow a decision set's events as they are committed."""

import asyncio
from collections.abc import AsyncIterator, Callable
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
    while True:
        last_look = ended is not None and ended()
        page = await read(decision_set_id, after=after, limit=PAGE)
        for event in page:
            after = event.sequence
            yield event
        if len(page) == PAGE:
            continue
        if last_look:
            return
        await asyncio.sleep(poll_seconds)
