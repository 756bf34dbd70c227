"""Serve HTTP, and with ``up`` a worker beside it, until told to stop."""

import asyncio
import contextlib
from collections.abc import Iterator
from signal import SIGINT, SIGTERM

import uvicorn

from domain.model.errors import ConfigurationError
from entrypoints.bootstrap import Application, application
from entrypoints.http.app import LOOPBACK, create_app
from entrypoints.settings import Settings
from entrypoints.worker import Worker

_LOOPBACK_BINDS = ("127.0.0.1", "localhost", "::1")


class _Server(uvicorn.Server):
    """A server that leaves signals to us, so that one signal stops server and worker alike."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, *, with_worker: bool = False, create_schema: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; with a worker, let it drain on the first signal and stop it on the second.

    Raises ConfigurationError when the address can't be bound, and what opening the application raises.
    """
    async with application(settings, create_schema=create_schema) as app:
        server = _Server(_config(app, settings))
        worker = app.worker() if with_worker else None
        stop = _Stop(server, worker)
        with stop.on_signals():
            working = asyncio.create_task(worker.run()) if worker else None
            try:
                await _serve(server, settings)
            finally:
                if worker and working:
                    worker.drain()
                    await working


class _Stop:
    """Stops the server at the first signal, and cancels what the worker still runs at the second."""

    def __init__(self, server: uvicorn.Server, worker: Worker | None) -> None:
        self.server, self.worker, self.asked = server, worker, False

    def __call__(self) -> None:
        if self.asked and self.worker:
            self.worker.stop()
        self.server.force_exit = self.asked
        self.server.should_exit = self.asked = True
        if self.worker:
            self.worker.drain()

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM for as long as the block runs."""
        loop = asyncio.get_running_loop()
        for signal in (SIGINT, SIGTERM):
            loop.add_signal_handler(signal, self)
        try:
            yield
        finally:
            for signal in (SIGINT, SIGTERM):
                loop.remove_signal_handler(signal)


def _config(app: Application, settings: Settings) -> uvicorn.Config:
    hosts = LOOPBACK if settings.host in _LOOPBACK_BINDS else ("*",)
    return uvicorn.Config(
        create_app(app, allowed_hosts=hosts),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
    )


async def _serve(server: uvicorn.Server, settings: Settings) -> None:
    try:
        await server.serve()
    except SystemExit:
        raise ConfigurationError(
            f"Nothing can listen at {settings.host}:{settings.port}; free the port or choose another with --port."
        ) from None
