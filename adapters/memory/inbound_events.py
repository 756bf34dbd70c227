"""Inbound events in memory."""

from uuid import UUID

from attrs import frozen

from adapters.memory.decision_sets import require_decision_set
from adapters.memory.tables import Views
from domain.model.errors import AlreadyExistsError, NotFoundError
from domain.model.inbound_event import InboundEvent, InboundEventStatus


@frozen
class MemoryInboundEvents:
    """The inbound events of one transaction."""

    views: Views

    async def receive(self, event: InboundEvent) -> tuple[InboundEvent, bool]:
        """Keep an event once for its (source, external_id); return the kept one and whether it is this one."""
        there = self.views.inbound_events.first("external_id", (event.source, event.external_id))
        if there is not None:
            return there, False
        if self.views.inbound_events.get(event.id) is not None:
            raise AlreadyExistsError("inbound event", event.id)
        self._put(event)
        return event, True

    async def get(self, inbound_event_id: UUID, *, for_update: bool = False) -> InboundEvent:
        """Return an event; raises NotFoundError."""
        event = self.views.inbound_events.get(inbound_event_id)
        if event is None:
            raise NotFoundError("inbound event", inbound_event_id)
        return event

    async def save(self, event: InboundEvent) -> None:
        """Write a changed event that was read for update; raises NotFoundError."""
        await self.get(event.id)
        self._put(event)

    async def find(
        self,
        *,
        limit: int,
        source: str | None = None,
        status: InboundEventStatus | None = None,
        before: UUID | None = None,
    ) -> list[InboundEvent]:
        """Return events newest first, those before the id ``before`` when given."""
        return self.views.inbound_events.select(
            "all",
            where=lambda event: (
                (source is None or event.source == source) and (status is None or event.status is status)
            ),
            limit=limit,
            before=None if before is None else (before.int,),
            newest_first=True,
        )

    def _put(self, event: InboundEvent) -> None:
        if event.decision_set_id is not None:
            require_decision_set(self.views, event.decision_set_id)
        self.views.inbound_events.put(event.id, event)
