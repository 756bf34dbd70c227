"""Writes guarded by the version they were made against."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Table, select

from adapters.sql.session import Session
from domain.model.errors import NotFoundError, VersionConflictError


async def write_over(
    session: Session,
    write: Executable,
    table: Table,
    where: tuple[ColumnElement[bool], ...],
    *,
    kind: str,
    key: UUID | str,
    expected: int,
) -> None:
    """Run an UPDATE or DELETE that names its version; raise VersionConflictError or NotFoundError when it hit nothing.

    ``where`` finds the row whatever its version, to tell which of the two it is.
    """
    result: Any = await session.execute(write)
    if result.rowcount:
        return
    actual = await session.row(select(table.c.version).where(*where))
    if actual is None:
        raise NotFoundError(kind, key)
    raise VersionConflictError(kind, key, expected, actual.version)
