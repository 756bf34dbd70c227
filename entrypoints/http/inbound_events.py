"""Inbound events over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from domain.model.inbound_event import InboundEvent
from entrypoints.http.documenting import answers, ref
from entrypoints.http.requests import Actor, Served, StrictModel, documented, json_body
from entrypoints.presenting import present

router = APIRouter(prefix="/v1/inbound-events", tags=["inbound events"])


class NewInboundEvent(StrictModel):
    """An event from outside, known there by ``external_id``."""

    source: str = Field(max_length=100)
    external_id: str = Field(max_length=255)
    event_type: str = Field(max_length=100)
    data: Any = None


@router.post(
    "",
    status_code=201,
    openapi_extra=documented(NewInboundEvent),
    responses=answers({200: ref(InboundEvent), 201: ref(InboundEvent)}, 400, 413, 415, 422, headers=["Location"]),
)
async def receive_inbound_event(
    new: Annotated[NewInboundEvent, Depends(json_body(NewInboundEvent))], app: Served, actor: Actor, response: Response
) -> Any:
    """Receive an event once for its (source, external_id); 200 when it was here before."""
    event, created = await app.receive_inbound_event(new.source, new.external_id, new.event_type, new.data, actor=actor)
    response.status_code = 201 if created else 200
    response.headers["Location"] = f"{router.prefix}/{event.id}"
    return present(event)


@router.get("/{inbound_event_id}", responses=answers({200: ref(InboundEvent)}, 404, 422))
async def get_inbound_event(inbound_event_id: UUID, app: Served) -> Any:
    """Read an inbound event."""
    return present(await app.get_inbound_event(inbound_event_id))
