"""Serve HTTP, and with ``up`` a worker beside it, until told to stop."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Collection, Iterator
from ipaddress import ip_address
from signal import SIGINT, SIGTERM

import uvicorn

from domain.model.errors import ConfigurationError
from entrypoints.bootstrap import Application, application
from entrypoints.http.app import Closing, create_app
from entrypoints.http.edge import LOOPBACK
from entrypoints.settings import Settings
from entrypoints.worker import Worker

_GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    """A server that leaves signals to us, so that one signal stops server and worker alike, and tells when it is up."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    settings: Settings,
    *,
    with_worker: bool = False,
    create_schema: bool = False,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; with a worker, let it drain on the first signal and stop it on the second.

    ``announce`` is told the URL once requests are taken. Raises ConfigurationError when the address can't be bound,
    and what opening the application or the worker raises.
    """
    with contextlib.closing(listen(settings.host, settings.port)) as listener:
        async with application(settings, create_schema=create_schema) as app:
            closing = Closing()
            config = _config(app, allowed_hosts_of(settings.host, settings.allowed_hosts), closing)
            server = _Server(config, lambda: announce and announce(url_of(listener)))
            stop = _Stop(server, closing, app.worker() if with_worker else None)
            with stop.on_signals():
                await _run(server, listener, stop)


def listen(host: str, port: int) -> socket.socket:
    """Bind an address; raises ConfigurationError, saying why, when that can't be."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise ConfigurationError(
            f"Nothing can listen at {host}:{port}: {why}. Free the port, or choose another with --port and --host."
        ) from None


def url_of(listener: socket.socket) -> str:
    """Return the URL under which a bound socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


def allowed_hosts_of(host: str, named: Collection[str] = ()) -> Collection[str] | None:
    """Return the names that requests to a server bound to ``host`` may use: loopback's own and those ``named``.

    None, any, when it is bound to more than loopback and none is named.
    """
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    own = {*LOOPBACK, f"[{host}]" if ":" in host else host}
    return {*own, *(name.lower() for name in named)} if loopback or named else None


class _Stop:
    """Stops server and worker at the first signal, and what they still do at the second."""

    def __init__(self, server: uvicorn.Server, closing: Closing, worker: Worker | None) -> None:
        self.server, self.closing, self.worker = server, closing, worker

    def __call__(self) -> None:
        again = self.closing.requested
        self.server.should_exit = self.closing.requested = True
        self.server.force_exit = again
        if self.worker:
            self.worker.drain()
            if again:
                self.worker.stop()

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


async def _run(server: _Server, listener: socket.socket, stop: _Stop) -> None:
    """Run the server, and the worker beside it: when either ends or fails, the other ends too."""
    parts = [asyncio.create_task(server.serve(sockets=[listener]))]
    if stop.worker:
        parts.append(asyncio.create_task(stop.worker.run()))
    try:
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not stop.closing.requested:
            stop()
        ended = await asyncio.gather(*parts, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one


def _config(app: Application, allowed_hosts: Collection[str] | None, closing: Closing) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(app, allowed_hosts=allowed_hosts, closing=closing),
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
