"""Lets one writer at a time in, from any event loop of the process."""

import asyncio
import threading
from collections import deque
from types import TracebackType

from attrs import define

from domain.model.errors import DomainError


class NestedTransactionError(DomainError):
    """Raised when a task opens a second write transaction inside its first, which would wait for itself forever."""

    code = "nested_transaction"

    def __init__(self) -> None:
        super().__init__(
            "This task has a write transaction open already and the in-memory storage lets one writer in at a time;"
            " use the open one, or leave its block first."
        )


@define(eq=False)
class _Waiter:
    loop: asyncio.AbstractEventLoop
    turn: "asyncio.Future[None]"
    granted: bool = False


class WriterLock:
    """A lock that serves its waiters first come, first served, whichever event loop or thread they run on."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiters: deque[_Waiter] = deque()
        self._held = False
        self._owner: asyncio.Task[object] | None = None

    async def __aenter__(self) -> None:
        """Wait for the turn to write; raises NestedTransactionError when the caller's task has it already."""
        task = asyncio.current_task()
        if task is not None and task is self._owner:
            raise NestedTransactionError
        waiter = self._enter_or_queue()
        if waiter is not None:
            await self._wait(waiter)
        self._owner = task

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Hand the turn to whoever waited longest."""
        self._owner = None
        self._hand_on()

    def _enter_or_queue(self) -> _Waiter | None:
        with self._guard:
            if not self._held:
                self._held = True
                return None
            loop = asyncio.get_running_loop()
            waiter = _Waiter(loop, loop.create_future())
            self._waiters.append(waiter)
            return waiter

    async def _wait(self, waiter: _Waiter) -> None:
        try:
            await waiter.turn
        except asyncio.CancelledError:
            with self._guard:
                granted = waiter.granted
                if not granted:
                    self._waiters.remove(waiter)
            if granted:
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        with self._guard:
            while self._waiters:
                waiter = self._waiters.popleft()
                waiter.granted = True
                if _woken(waiter):
                    return
            self._held = False


def _woken(waiter: _Waiter) -> bool:
    try:
        waiter.loop.call_soon_threadsafe(_resolve, waiter.turn)
    except RuntimeError:  # the waiter's event loop was closed: nobody is there to take the turn
        return False
    return True


def _resolve(turn: "asyncio.Future[None]") -> None:
    if not turn.done():
        turn.set_result(None)
