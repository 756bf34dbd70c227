"""Inbound events as the storage keeps them."""

from typing import Protocol
from uuid import UUID

from domain.model.inbound_event import InboundEvent, InboundEventStatus


class InboundEvents(Protocol):
    """The inbound events of a storage."""

    async def receive(self, event: InboundEvent) -> tuple[InboundEvent, bool]:
        """Keep an event once for its (source, external_id); return the kept one and whether it is this one."""
        ...

    async def get(self, inbound_event_id: UUID, *, for_update: bool = False) -> InboundEvent:
        """Return an event, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        ...

    async def save(self, event: InboundEvent) -> None:
        """Write a changed event that was read for update; raises NotFoundError."""
        ...

    async def find(
        self,
        *,
        limit: int,
        source: str | None = None,
        status: InboundEventStatus | None = None,
        before: UUID | None = None,
    ) -> list[InboundEvent]:
        """Return events newest first, those before the id ``before`` when given."""
        ...
