"""Inbound events in SQL."""

from uuid import UUID

from attrs import frozen
from sqlalchemy import select, update

from adapters.sql.dialect import spelled
from adapters.sql.rows import inbound_event_of, inbound_event_values
from adapters.sql.session import Session
from adapters.sql.tables import decision_sets, inbound_events
from domain.model.errors import AlreadyExistsError, NotFoundError
from domain.model.inbound_event import InboundEvent, InboundEventStatus


@frozen
class SqlInboundEvents:
    """The inbound events of one transaction."""

    session: Session

    async def receive(self, event: InboundEvent) -> tuple[InboundEvent, bool]:
        """Keep an event once for its (source, external_id); return the kept one and whether it is this one.

        Raises AlreadyExistsError for a taken id, NotFoundError for a decision set that is not there.
        """
        result = await self.session.execute_referring(
            self.session.dialect.insert(inbound_events).on_conflict_do_nothing().returning(inbound_events.c.id),
            inbound_event_values(event),
            kind="decision set",
            parent=decision_sets,
            keys=_referred(event),
        )
        if result.first() is not None:
            return event, True
        same = (inbound_events.c.source == event.source, inbound_events.c.external_id == event.external_id)
        row = await self.session.row(select(inbound_events).where(*same))
        if row is None:
            raise AlreadyExistsError("inbound event", event.id)
        return inbound_event_of(row), False

    async def get(self, inbound_event_id: UUID, *, for_update: bool = False) -> InboundEvent:
        """Return an event, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        found = select(inbound_events).where(inbound_events.c.id == inbound_event_id)
        row = await self.session.row(found.with_for_update() if for_update else found)
        if row is None:
            raise NotFoundError("inbound event", inbound_event_id)
        return inbound_event_of(row)

    async def save(self, event: InboundEvent) -> None:
        """Write a changed event that was read for update; raises NotFoundError."""
        result = await self.session.execute_referring(
            update(inbound_events).where(inbound_events.c.id == event.id).returning(inbound_events.c.id),
            inbound_event_values(event),
            kind="decision set",
            parent=decision_sets,
            keys=_referred(event),
        )
        if result.first() is None:
            raise NotFoundError("inbound event", event.id)

    async def find(
        self,
        *,
        limit: int,
        source: str | None = None,
        status: InboundEventStatus | None = None,
        before: UUID | None = None,
    ) -> list[InboundEvent]:
        """Return events newest first, those before the id ``before`` when given."""
        found = select(inbound_events).order_by(inbound_events.c.id.desc()).limit(limit)
        if source is not None:
            found = found.where(inbound_events.c.source == source)
        if status is not None:
            found = found.where(inbound_events.c.status == spelled(status))
        if before is not None:
            found = found.where(inbound_events.c.id < before)
        return [inbound_event_of(row) for row in await self.session.rows(found)]


def _referred(event: InboundEvent) -> list[UUID]:
    return [] if event.decision_set_id is None else [event.decision_set_id]
