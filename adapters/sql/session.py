"""One transaction's statements: run, with the drivers' errors turned into the domain's."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import CursorResult, Executable, Row, Table, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.sql.dialect import SqlDialect
from adapters.sql.errors import is_foreign_key_violation, missing_key, translated
from domain.model.errors import NotFoundError, TransactionConflictError

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@contextmanager
def domain_errors(url: str, *, read_only: bool = False) -> Iterator[None]:
    """Raise the domain's errors in place of the drivers'; ``url`` is the redacted one for their messages."""
    try:
        yield
    except SQLAlchemyError as error:
        told = translated(error, url, read_only=read_only)
        if told is None:
            raise
        raise told from error


@define(eq=False)
class Session:
    """The statements of one unit of work.

    A statement that fails spoils the whole transaction on PostgreSQL, which then answers COMMIT with a silent
    rollback: ``require_sound`` makes that loud, on both databases alike.
    """

    connection: AsyncConnection = field(repr=False)
    dialect: SqlDialect
    url: str
    read_only: bool = False
    _fault: Exception | None = None

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> CursorResult[Any]:
        """Run a statement, with several sets of parameters when they are a list; raises the domain's errors."""
        try:
            with domain_errors(self.url, read_only=self.read_only):
                return await self.connection.execute(statement, parameters)
        except Exception as error:
            self._fault = self._fault or error
            raise

    async def rows(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[Row[Any]]:
        """Run a statement and return its rows."""
        return (await self.execute(statement, parameters)).all()

    async def row(self, statement: Executable, parameters: Parameters | None = None) -> Row[Any] | None:
        """Run a statement and return its first row, or None."""
        return (await self.execute(statement, parameters)).first()

    async def execute_referring(
        self, statement: Executable, parameters: Parameters, *, kind: str, parent: Table, keys: Sequence[UUID]
    ) -> CursorResult[Any]:
        """Run an INSERT or UPDATE whose rows refer to ``keys`` of ``parent``.

        Raises NotFoundError, naming ``kind`` and the key that is not there.
        """
        try:
            return await self.execute(statement, parameters)
        except IntegrityError as error:
            if not is_foreign_key_violation(error):
                raise
            raise NotFoundError(kind, await self._absent(error, parent, keys)) from error

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo the block's statements, and no others, when it raises."""
        before = self._fault
        with domain_errors(self.url):
            async with self.connection.begin_nested():
                try:
                    yield
                finally:
                    self._fault = before

    def require_sound(self) -> None:
        """Raise TransactionConflictError when a statement has failed, so that nothing of the rest is committed."""
        if self._fault is not None:
            raise TransactionConflictError(
                f"Nothing was written to {self.url}: a statement of the transaction failed earlier; repeat it whole."
            ) from self._fault

    async def _absent(self, error: IntegrityError, parent: Table, keys: Sequence[UUID]) -> UUID:
        if self.dialect.is_postgresql:
            return missing_key(error) or keys[0]
        found = select(parent.c.id).where(self.dialect.among(parent.c.id, "ids"))
        present = {row.id for row in await self.connection.execute(found, {"ids": self.dialect.listed(keys)})}
        return next(key for key in keys if key not in present)
