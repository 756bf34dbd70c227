"""Approvals as the storage keeps them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.model.approval import Approval, ApprovalStatus


class Approvals(Protocol):
    """The approvals of a storage."""

    async def open(self, approvals: Sequence[Approval]) -> list[Approval]:
        """Keep new approvals; one that is there already is left as it is. Return those that were new."""
        ...

    async def get(self, decision_set_id: UUID, interrupt_id: str, *, for_update: bool = False) -> Approval:
        """Return an approval, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        ...

    async def save(self, approval: Approval, *, expected_version: int) -> None:
        """Write a changed approval over version ``expected_version``; raises VersionConflictError or NotFoundError."""
        ...

    async def find(
        self,
        *,
        limit: int = 1000,
        decision_set_id: UUID | None = None,
        status: ApprovalStatus | None = None,
    ) -> list[Approval]:
        """Return approvals, oldest first."""
        ...

    async def overdue(self, *, limit: int) -> list[Approval]:
        """Return open approvals whose deadline has passed by the storage's clock, oldest deadline first."""
        ...

    async def next_deadline(self) -> datetime | None:
        """Return the earliest deadline of an open approval, or None."""
        ...
