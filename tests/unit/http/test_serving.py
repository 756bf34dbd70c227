import asyncio
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from domain.model.errors import ConfigurationError
from entrypoints.http.serving import allowed_hosts_of, listen, serve, url_of
from entrypoints.settings import load_settings
from entrypoints.worker import Worker


def test_a_port_in_use_is_a_configuration_error_that_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"127\.0\.0\.1:{port}: .*in use.*--port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "a" * 70, "bad\x00host", "ho st"])
def test_an_address_that_is_not_this_machines_is_a_configuration_error(host: str) -> None:
    with pytest.raises(ConfigurationError, match="Nothing can listen at"):
        listen(host, 0)


def test_the_url_names_the_port_that_was_found_free() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_only_loopback_names_are_let_in_on_loopback() -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        assert allowed_hosts_of(host) == {"127.0.0.1", "localhost", "[::1]"}
    assert allowed_hosts_of("127.0.0.2") == {"127.0.0.1", "localhost", "[::1]", "127.0.0.2"}
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        assert allowed_hosts_of(host) is None


def test_beyond_loopback_only_the_names_that_the_settings_give_are_let_in() -> None:
    named = allowed_hosts_of("0.0.0.0", ["Designs.Example.org"])
    assert named == {"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "designs.example.org"}


async def test_a_signal_stops_a_server_that_has_announced_itself(tmp_path: Path) -> None:
    settings = load_settings(database_url="memory://", artifact_url=str(tmp_path / "artifacts"), port=0)
    urls: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.timeout(20):
        serving = asyncio.create_task(serve(settings, announce=urls.put_nowait))
        async with httpx.AsyncClient(base_url=await urls.get()) as client:
            assert (await client.get("/ready")).json() == {"status": "ready"}
        os.kill(os.getpid(), signal.SIGTERM)
        await serving


async def test_a_server_whose_worker_dies_stops_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(worker: Worker) -> None:
        raise RuntimeError("the worker is dead")

    monkeypatch.setattr(Worker, "run", die)
    settings = load_settings(database_url="memory://", artifact_url=str(tmp_path / "artifacts"), port=0)
    async with asyncio.timeout(20):
        with pytest.raises(RuntimeError, match="the worker is dead"):
            await serve(settings, with_worker=True)
