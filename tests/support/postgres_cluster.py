"""A PostgreSQL cluster of our own: made fresh, started on a free loopback port under an ordinary account, stopped."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

MAX_CONNECTIONS = 200
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class PostgresUnavailableError(Exception):
    """No PostgreSQL for the tests can be reached or started; the message says why and what to do."""


def connect(url: str) -> psycopg.Connection:
    """Open a connection that commits each statement. Raises PostgresUnavailableError with the server's own words."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise PostgresUnavailableError(f"can't connect: {str(error).strip()}") from error


def server_account() -> pwd.struct_passwd | None:
    """Return the account a server must run under when we are root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailableError("running as root, and there is no account `postgres` or `nobody` to start it under")


def can_run(binary: Path, account: pwd.struct_passwd) -> bool:
    """Tell whether the account can reach the binary and run it."""
    try:
        return _run([str(binary), "--version"], account, cwd=Path("/")).returncode == 0
    except PermissionError:
        return False


def _run(command: list[str], account: pwd.struct_passwd | None, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


@contextmanager
def running_cluster(binaries: Path, directory: Path) -> Iterator[str]:
    """Make a fresh cluster and run it on a free loopback port until the block ends."""
    account = server_account()
    home = directory / "cluster"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    password = secrets.token_hex(16)
    (home / "password").write_text(password)
    if account is not None:
        os.chown(home / "password", account.pw_uid, account.pw_gid)
        os.chown(home, account.pw_uid, account.pw_gid)
    _make_cluster(binaries, home, account)
    port = _free_port()
    url = f"postgresql://mlwright:{password}@127.0.0.1:{port}/postgres"
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(home / "data"), "-p", str(port)],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
    try:
        _wait_until_ready(server, url, home / "server.log")
        yield url
    finally:
        _stop(server)


def _make_cluster(binaries: Path, home: Path, account: pwd.struct_passwd | None) -> None:
    command = [str(binaries / "initdb"), "-D", str(home / "data"), "-U", "mlwright", "--encoding=UTF8", "--locale=C"]
    command += ["--auth=scram-sha-256", f"--pwfile={home / 'password'}", "--no-sync"]
    try:
        made = _run(command, account, cwd=home)
    except OSError as error:
        raise PostgresUnavailableError(f"initdb can't be run: {error}") from error
    if made.returncode != 0:
        raise PostgresUnavailableError(f"initdb failed: {made.stdout.strip()}")
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(home),
        "max_connections": MAX_CONNECTIONS,
        "fsync": "on",
        "synchronous_commit": "on",
    }
    with (home / "data" / "postgresql.conf").open("a") as configuration:
        configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            connect(url).close()
            return
        except PostgresUnavailableError:
            time.sleep(0.05)
    raise PostgresUnavailableError(f"the server did not come up: {log.read_text(errors='replace')[-2000:].strip()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Shut down fast; when that hangs, at once."""
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(how)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return
