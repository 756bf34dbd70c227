"""Approvals in SQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen
from sqlalchemy import ColumnElement, and_, select, update

from adapters.sql.dialect import spelled
from adapters.sql.rows import approval_of, approval_values
from adapters.sql.session import Session
from adapters.sql.tables import approvals as approval_table
from adapters.sql.tables import decision_sets
from adapters.sql.versioned import write_over
from domain.model.approval import Approval, ApprovalStatus
from domain.model.errors import NotFoundError

_OPEN = approval_table.c.status == spelled(ApprovalStatus.OPEN)
_KEY = (approval_table.c.decision_set_id, approval_table.c.interrupt_id)


@frozen
class SqlApprovals:
    """The approvals of one transaction."""

    session: Session

    async def open(self, approvals: Sequence[Approval]) -> list[Approval]:
        """Keep new approvals; one that is there already is left as it is. Return those that were new.

        Raises NotFoundError for a decision set that is not there.
        """
        if not approvals:
            return []
        result = await self.session.execute_referring(
            self.session.dialect.insert(approval_table).on_conflict_do_nothing().returning(*_KEY),
            [approval_values(approval) for approval in approvals],
            kind="decision set",
            parent=decision_sets,
            keys=[approval.decision_set_id for approval in approvals],
        )
        opened = {tuple(row) for row in result}
        firsts = {(approval.decision_set_id, approval.interrupt_id): approval for approval in reversed(approvals)}
        return [approval for key, approval in reversed(firsts.items()) if key in opened]

    async def get(self, decision_set_id: UUID, interrupt_id: str, *, for_update: bool = False) -> Approval:
        """Return an approval, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        found = select(approval_table).where(_is(decision_set_id, interrupt_id))
        row = await self.session.row(found.with_for_update() if for_update else found)
        if row is None:
            raise NotFoundError("approval", f"{decision_set_id}/{interrupt_id}")
        return approval_of(row)

    async def save(self, approval: Approval, *, expected_version: int) -> None:
        """Write a changed approval over version ``expected_version``; raises VersionConflictError or NotFoundError."""
        this = _is(approval.decision_set_id, approval.interrupt_id)
        unchanged = approval_table.c.version == expected_version
        await write_over(
            self.session,
            update(approval_table).where(this, unchanged).values(**approval_values(approval)),
            approval_table,
            (this,),
            kind="approval",
            key=approval.key,
            expected=expected_version,
        )

    async def find(
        self,
        *,
        limit: int = 1000,
        decision_set_id: UUID | None = None,
        status: ApprovalStatus | None = None,
    ) -> list[Approval]:
        """Return approvals, oldest first."""
        found = select(approval_table).order_by(approval_table.c.created_at, *_KEY).limit(limit)
        if decision_set_id is not None:
            found = found.where(approval_table.c.decision_set_id == decision_set_id)
        if status is not None:
            found = found.where(approval_table.c.status == spelled(status))
        return [approval_of(row) for row in await self.session.rows(found)]

    async def overdue(self, *, limit: int) -> list[Approval]:
        """Return open approvals whose deadline has passed by the storage's clock, oldest deadline first."""
        found = (
            select(approval_table)
            .where(_OPEN, approval_table.c.deadline <= self.session.dialect.now)
            .order_by(approval_table.c.deadline, *_KEY)
            .limit(limit)
        )
        return [approval_of(row) for row in await self.session.rows(found)]

    async def next_deadline(self) -> datetime | None:
        """Return the earliest deadline of an open approval, or None."""
        deadline = approval_table.c.deadline
        first = select(deadline).where(_OPEN, deadline.is_not(None)).order_by(deadline).limit(1)
        row = await self.session.row(first)
        return None if row is None else row.deadline


def _is(decision_set_id: UUID, interrupt_id: str) -> ColumnElement[bool]:
    return and_(approval_table.c.decision_set_id == decision_set_id, approval_table.c.interrupt_id == interrupt_id)
