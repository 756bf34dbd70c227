"""Events over HTTP: as pages, and as a server-sent event stream straight from the log."""

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from domain.model.errors import NotFoundError
from domain.model.event import FeedPosition, Stream
from entrypoints.bootstrap import Application
from entrypoints.following import follow
from entrypoints.http.problems import UnusableBodyError
from entrypoints.http.requests import Served
from entrypoints.presenting import present

router = APIRouter(prefix="/v1", tags=["events"])
_PING_SECONDS = 15


@router.get("/decision-sets/{decision_set_id}/events")
async def list_events(
    decision_set_id: UUID,
    app: Served,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Any:
    """Return the events with a sequence above ``after``."""
    found = await app.read_decision_set_events(decision_set_id, after=after, limit=limit)
    return {"events": present(found), "next_after": found[-1].sequence if found else after}


@router.get("/decision-sets/{decision_set_id}/events/stream", response_class=EventSourceResponse)
async def stream_events(
    decision_set_id: UUID,
    app: Served,
    after: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Stream events as they are committed: ``id`` is the sequence, and Last-Event-ID goes on after it."""
    start = _sequence(last_event_id) if last_event_id else after
    await app.get_decision_set(decision_set_id)
    return EventSourceResponse(_sent(app, decision_set_id, start), ping=_PING_SECONDS)


@router.get("/decision-sets/{decision_set_id}/events/verification")
async def verify_events(decision_set_id: UUID, app: Served) -> Any:
    """Verify the decision set's hash chain."""
    await app.get_decision_set(decision_set_id)
    report = await app.verify_event_log(Stream.of_decision_set(decision_set_id))
    return {**present(report), "intact": report.intact}


@router.get("/events")
async def read_feed(app: Served, after: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Any:
    """Return a page of the global feed; ``next`` is the ``after`` of the page that follows."""
    page = await app.read_feed(after=_position(after) if after else None, limit=limit)
    return {"events": present(page.events), "next": f"{page.next.transaction}-{page.next.position}"}


async def _sent(app: Application, decision_set_id: UUID, after: int) -> AsyncIterator[ServerSentEvent]:
    poll = app.settings.poll_seconds
    try:
        async for event in follow(app.read_decision_set_events, decision_set_id, after=after, poll_seconds=poll):
            data = json.dumps(present(event), ensure_ascii=False)
            yield ServerSentEvent(data=data, id=str(event.sequence), event=event.event_type)
    except NotFoundError:
        return


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise UnusableBodyError(HTTPStatus.BAD_REQUEST, f"Last-Event-ID must be a sequence number, not {text!r}.")
    return int(text)


def _position(text: str) -> FeedPosition:
    transaction, _, position = text.partition("-")
    if not (transaction.isascii() and transaction.isdigit() and position.isascii() and position.isdigit()):
        raise UnusableBodyError(HTTPStatus.BAD_REQUEST, f"after must be the next of a page before, not {text!r}.")
    return FeedPosition(int(transaction), int(position))
