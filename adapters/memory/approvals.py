"""Approvals in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from adapters.memory.decision_sets import require_decision_set
from adapters.memory.table import ALL
from adapters.memory.tables import Views
from domain.model.approval import Approval, ApprovalStatus
from domain.model.errors import NotFoundError, VersionConflictError
from ports.system import Clock


@frozen
class MemoryApprovals:
    """The approvals of one transaction."""

    views: Views
    clock: Clock

    async def open(self, approvals: Sequence[Approval]) -> list[Approval]:
        """Keep new approvals; one that is there already is left as it is. Return those that were new."""
        opened = []
        for approval in approvals:
            require_decision_set(self.views, approval.decision_set_id)
            key = (approval.decision_set_id, approval.interrupt_id)
            if self.views.approvals.get(key) is None:
                self.views.approvals.put(key, approval)
                opened.append(approval)
        return opened

    async def get(self, decision_set_id: UUID, interrupt_id: str, *, for_update: bool = False) -> Approval:
        """Return an approval; raises NotFoundError."""
        approval = self.views.approvals.get((decision_set_id, interrupt_id))
        if approval is None:
            raise NotFoundError("approval", f"{decision_set_id}/{interrupt_id}")
        return approval

    async def save(self, approval: Approval, *, expected_version: int) -> None:
        """Write a changed approval over version ``expected_version``; raises VersionConflictError or NotFoundError."""
        actual = (await self.get(approval.decision_set_id, approval.interrupt_id)).version
        if actual != expected_version:
            raise VersionConflictError("approval", approval.key, expected_version, actual)
        self.views.approvals.put((approval.decision_set_id, approval.interrupt_id), approval)

    async def find(
        self,
        *,
        limit: int = 1000,
        decision_set_id: UUID | None = None,
        status: ApprovalStatus | None = None,
    ) -> list[Approval]:
        """Return approvals, oldest first."""
        return self.views.approvals.select(
            "all" if decision_set_id is None else "decision_set",
            [ALL if decision_set_id is None else decision_set_id],
            where=lambda approval: status is None or approval.status is status,
            limit=limit,
        )

    async def overdue(self, *, limit: int) -> list[Approval]:
        """Return open approvals whose deadline has passed by the storage's clock, oldest deadline first."""
        now = self.clock.now()
        waiting = self.views.approvals.select("deadline", limit=limit)
        return [approval for approval in waiting if approval.deadline is not None and approval.deadline <= now]

    async def next_deadline(self) -> datetime | None:
        """Return the earliest deadline of an open approval, or None."""
        first = self.views.approvals.first("deadline")
        return None if first is None else first.deadline
