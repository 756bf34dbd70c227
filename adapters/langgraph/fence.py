"""Transactions on behalf of a leased job."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.model.errors import TransactionConflictError
from domain.model.job import Lease
from ports.storage import Storage, UnitOfWork

T = TypeVar("T")
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.02


class Fence:
    """Opens the transactions of one run, one after another, each checking the lease before it does anything.

    LangGraph swallows errors of some writes, and a node's retry policy may swallow others. So the first failure is kept
    as ``failure``, every later write raises it again, and ``on_failure`` is called to stop the run.
    """

    def __init__(self, storage: Storage, lease: Lease | None) -> None:
        self._storage = storage
        self._lease = lease
        self._turn = asyncio.Lock()
        self._home: asyncio.AbstractEventLoop | None = None
        self.failure: Exception | None = None
        self.on_failure: Callable[[], object] | None = None

    @property
    def home(self) -> asyncio.AbstractEventLoop | None:
        """Return the event loop the storage is used from, once it was used."""
        return self._home

    async def write(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Run ``work`` in a fenced transaction; a conflict repeats it, so it must not change anything but the storage.

        Callable from another thread's event loop, as LangGraph does for nodes that run a sub-graph synchronously.
        Raises LeaseLostError when the lease is stale, and what ``work`` raises; nothing is written then.
        """
        loop = asyncio.get_running_loop()
        if self._home is None:
            self._home = loop
        if loop is not self._home:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._write(work), self._home))
        return await self._write(work)

    async def _write(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        async with self._turn:
            if self.failure is not None:
                raise self.failure
            try:
                return await self._repeated(work)
            except Exception as error:
                self.failure = error
                if self.on_failure is not None:
                    self.on_failure()
                raise

    async def _repeated(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        for attempt in range(_ATTEMPTS - 1):
            try:
                return await self._once(work)
            except TransactionConflictError:
                await asyncio.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        return await self._once(work)

    async def _once(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        async with self._storage.transaction() as uow:
            if self._lease is not None:
                await uow.jobs.fence([self._lease])
            return await work(uow)
