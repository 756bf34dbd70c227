"""Events over HTTP: as pages, and as a server-sent event stream straight from the log."""

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event

from domain.model.errors import DomainError
from domain.model.event import ChainReport, Event, FeedPosition, Stream
from domain.model.secrets import mask_secrets
from entrypoints.following import follow_pages
from entrypoints.http.documenting import TEXT, answers, having, listed, widened
from entrypoints.http.requests import Limit, Sequence, Served
from entrypoints.presenting import present

router = APIRouter(prefix="/v1", tags=["events"])
log = logging.getLogger("mlwright.http")

PING_SECONDS = 15.0
LONGEST_LOOK_SECONDS = 1.0

LastEventId = Annotated[str | None, Header(pattern="^[0-9]{0,18}$", description="the sequence of the last event seen")]
Position = Annotated[str | None, Query(pattern="^[0-9]{1,18}-[0-9]{1,18}$", description="the next of the page before")]


@router.get(
    "/decision-sets/{decision_set_id}/events",
    responses=answers({200: having(events=listed(Event), next_after={"type": "integer"})}, 404, 422),
)
async def list_events(
    decision_set_id: UUID,
    app: Served,
    after: Sequence = 0,
    limit: Limit = 100,
) -> Any:
    """Return the events with a sequence above ``after``; ``next_after`` is the ``after`` of the page that follows."""
    found = await app.read_decision_set_events(decision_set_id, after=after, limit=limit)
    return {"events": present(found), "next_after": found[-1].sequence if found else after}


@router.get(
    "/decision-sets/{decision_set_id}/events/stream",
    response_class=Response,
    responses=answers({200: TEXT}, 404, 422, media_type="text/event-stream"),
)
async def stream_events(
    decision_set_id: UUID, request: Request, app: Served, after: Sequence = 0, last_event_id: LastEventId = None
) -> EventSourceResponse:
    """Stream events as they are committed, until the client goes away.

    ``id`` is the sequence, ``event`` the event's type, ``data`` the event in JSON. A Last-Event-ID goes on after it.
    """
    await app.get_decision_set(decision_set_id)
    closing = request.app.state.closing
    pages = follow_pages(
        app.read_decision_set_events,
        decision_set_id,
        after=int(last_event_id) if last_event_id else after,
        poll_seconds=min(app.settings.poll_seconds, LONGEST_LOOK_SECONDS),
        ended=lambda: bool(closing.requested),
    )
    return EventSourceResponse(_sent(pages), headers={"X-Accel-Buffering": "no"})


@router.get(
    "/decision-sets/{decision_set_id}/events/verification",
    responses=answers({200: widened(ChainReport, intact={"type": "boolean"})}, 404, 422),
)
async def verify_events(decision_set_id: UUID, app: Served) -> Any:
    """Verify the decision set's hash chain."""
    await app.get_decision_set(decision_set_id)
    report = await app.verify_event_log(Stream.of_decision_set(decision_set_id))
    return {**present(report), "intact": report.intact}


@router.get("/events", responses=answers({200: having(events=listed(Event), next=TEXT)}, 422))
async def read_feed(app: Served, after: Position = None, limit: Limit = 100) -> Any:
    """Return a page of the global feed; ``next`` is the ``after`` of the page that follows."""
    page = await app.read_feed(after=_position(after) if after else None, limit=limit)
    return {"events": present(page.events), "next": f"{page.next.transaction}-{page.next.position}"}


async def _sent(pages: AsyncGenerator[list[Event], None]) -> AsyncGenerator[bytes, None]:
    """Yield events as a client reads them, and something now and then when there are none, so that no proxy hangs up.

    Ends without a word when the log can't be read any more: the client comes back and is told why.
    """
    spoken = monotonic()
    yield b": the events follow\n\n"
    try:
        async with aclosing(pages):
            async for page in pages:
                for event in page:
                    yield _encoded(event)
                if page:
                    spoken = monotonic()
                elif monotonic() - spoken >= PING_SECONDS:
                    yield b": still here\n\n"
                    spoken = monotonic()
    except DomainError as error:
        log.warning("an event stream ended: %s", mask_secrets(str(error)))


def _encoded(event: Event) -> bytes:
    data = json.dumps(present(event), ensure_ascii=False)
    name = " ".join(event.event_type.splitlines())
    return format_sse_event(data_str=data, id=str(event.sequence), event=name)


def _position(text: str) -> FeedPosition:
    transaction, _, position = text.partition("-")
    return FeedPosition(int(transaction), int(position))
