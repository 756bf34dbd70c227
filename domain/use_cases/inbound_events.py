"""Inbound events: receive once, process, keep what processing made of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from attrs import frozen

from domain.model.errors import IllegalTransitionError
from domain.model.event import NewEvent, Stream
from domain.model.event_type import EventType
from domain.model.inbound_event import InboundEvent, InboundEventStatus
from domain.model.secrets import mask_secrets, storable
from ports.storage import Storage, UnitOfWork
from ports.system import Ids

Processing: TypeAlias = Callable[[InboundEvent], Awaitable[Mapping[str, Any]]]


@frozen
class ReceiveInboundEvent:
    """Receive an event from outside."""

    storage: Storage
    ids: Ids

    async def __call__(
        self, source: str, external_id: str, event_type: str, data: object, *, actor: str
    ) -> tuple[InboundEvent, bool]:
        """Keep the event once for its (source, external_id); return the kept one and whether it is new."""
        async with self.storage.transaction() as work:
            now = await work.now()
            event = InboundEvent(self.ids.new(), source, external_id, event_type, data, now, now)
            kept, new = await work.inbound_events.receive(event)
            if new:
                await _record(work, EventType.INBOUND_EVENT_RECEIVED, kept, actor)
        return kept, new


@frozen
class ProcessInboundEvent:
    """Process a received event and keep its task context."""

    storage: Storage

    async def __call__(self, inbound_event_id: UUID, processing: Processing, *, actor: str) -> InboundEvent:
        """Run ``processing`` outside any transaction and store what it returns as the event's ``task_context``.

        An exception of the processing marks the event failed with its message, and is raised again; a failed event can
        be processed again. Raises IllegalTransitionError when it is processed already.
        """
        async with self.storage.transaction(read_only=True) as work:
            event = await work.inbound_events.get(inbound_event_id)
        if event.status is InboundEventStatus.PROCESSED:
            raise IllegalTransitionError("inbound event", event.id, event.status, "processed")
        try:
            task_context = await processing(event)
        except Exception as error:
            failure = mask_secrets(storable(str(error) or repr(error)))
            await self._settle(event.id, EventType.INBOUND_EVENT_FAILED, actor, failure=failure)
            raise
        return await self._settle(event.id, EventType.INBOUND_EVENT_PROCESSED, actor, task_context=task_context)

    async def _settle(
        self,
        inbound_event_id: UUID,
        event_type: EventType,
        actor: str,
        *,
        task_context: Mapping[str, Any] | None = None,
        failure: str = "",
    ) -> InboundEvent:
        async with self.storage.transaction() as work:
            event = await work.inbound_events.get(inbound_event_id, for_update=True)
            now = await work.now()
            settled = (
                event.failed(failure[:10_000], now) if task_context is None else event.processed(task_context, now)
            )
            await work.inbound_events.save(settled)
            await _record(work, event_type, settled, actor)
        return settled


@frozen
class GetInboundEvent:
    """Read an inbound event."""

    storage: Storage

    async def __call__(self, inbound_event_id: UUID) -> InboundEvent:
        """Return an event; raises NotFoundError."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.inbound_events.get(inbound_event_id)


@frozen
class ListInboundEvents:
    """List inbound events."""

    storage: Storage

    async def __call__(
        self,
        *,
        limit: int = 100,
        source: str | None = None,
        status: InboundEventStatus | None = None,
        before: UUID | None = None,
    ) -> list[InboundEvent]:
        """Return events newest first."""
        async with self.storage.transaction(read_only=True) as work:
            return await work.inbound_events.find(limit=limit, source=source, status=status, before=before)


async def _record(work: UnitOfWork, event_type: EventType, event: InboundEvent, actor: str) -> None:
    stream = (
        Stream.of_decision_set(event.decision_set_id)
        if event.decision_set_id
        else Stream.of_server(f"source:{event.source}")
    )
    data = {
        "inbound_event_id": str(event.id),
        "source": event.source,
        "external_id": event.external_id,
        "event_type": event.event_type,
        "status": event.status.value,
    }
    await work.events.append([NewEvent(stream, event_type, data, actor)])
