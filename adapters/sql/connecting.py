"""Connecting to PostgreSQL in tasks that may be cancelled at any moment."""

import asyncio
from typing import Any, TypeAlias

from attrs import define, field
from psycopg import AsyncConnection

Connecting: TypeAlias = asyncio.Future[AsyncConnection[Any]]


@define(eq=False)
class PostgresConnector:
    """Makes connections, and closes those whose caller was cancelled as soon as they have come to be.

    Left to itself, a connection abandoned in the middle of its login would hold a place on the server for a minute.
    """

    _abandoned: set[Connecting] = field(factory=set)

    async def connect(self, *arguments: Any, **options: Any) -> AsyncConnection[Any]:
        """Connect as ``psycopg.AsyncConnection.connect`` does."""
        connecting = asyncio.ensure_future(AsyncConnection.connect(*arguments, **options))
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            self._abandoned.add(connecting)
            connecting.add_done_callback(self._discard)
            raise

    async def close(self) -> None:
        """Wait until the abandoned connections are closed."""
        await asyncio.gather(*self._abandoned, return_exceptions=True)

    def _discard(self, connecting: Connecting) -> None:
        self._abandoned.discard(connecting)
        if not connecting.cancelled() and connecting.exception() is None:
            connecting.result().pgconn.finish()
