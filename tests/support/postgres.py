"""A real PostgreSQL for a test session: one server for all its processes, one cloned database for each test."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from attrs import define, field, frozen
from psycopg import sql

from tests.support.postgres_cluster import STOP_SECONDS, PostgresUnavailableError, connect
from tests.support.postgres_keeper import OUTCOME

ROOT = Path(__file__).parents[2]


@frozen
class PostgresServer:
    """A running server: where it came from, and the URL of a user that may create databases."""

    source: str
    url: str = field(repr=False)

    def create_database(self, template: str | None = None) -> str:
        """Create a database, a copy of the template when one is named, and return its URL."""
        name = f"mlwright_{secrets.token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self._execute(statement)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def seal_database(self, url: str) -> str:
        """Close a database to connections, so that it can always be copied, and return its name."""
        name = _database_name(url)
        self._execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        return name

    def drop_database(self, url: str) -> None:
        """Drop a database with whatever is still connected to it."""
        name = _database_name(url)
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with connect(self.url) as connection:
            connection.execute(statement)


@define
class PostgresSession:
    """The server of one test session, started by the process that needs it first and shared with the others.

    ``directory`` holds what the processes share; ``owner`` is the id of the process whose end ends the server.
    """

    directory: Path
    owner: int
    _keeper: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def begin(cls) -> "PostgresSession":
        """Begin a session owned by this process; nothing is started yet."""
        directory = Path(tempfile.mkdtemp(prefix="mlwright-postgres-"))
        directory.chmod(0o711)
        return cls(directory, os.getpid())

    def server(self) -> PostgresServer:
        """Return the session's server, starting it when it does not run.

        Raises PostgresUnavailableError when there is none, to every caller alike.
        """
        with _exclusive(self.directory / "server.lock"):
            if not (self.directory / OUTCOME).exists():
                self._start()
            outcome = json.loads((self.directory / OUTCOME).read_text())
        if "error" in outcome:
            raise PostgresUnavailableError(outcome["error"])
        return PostgresServer(outcome["source"], outcome["url"])

    def template(self, migrate: Callable[[str], object]) -> str:
        """Return the name of the session's template database.

        The first call makes it, by calling ``migrate`` with the URL of an empty database.
        """
        server = self.server()
        record = self.directory / "template"
        with _exclusive(self.directory / "template.lock"):
            if not record.exists():
                url = server.create_database()
                try:
                    migrate(url)
                except BaseException:
                    server.drop_database(url)
                    raise
                record.write_text(server.seal_database(url))
            return record.read_text()

    def source(self) -> str | None:
        """Return where the server came from, or None when none was needed."""
        return self.server().source if (self.directory / OUTCOME).exists() else None

    def end(self) -> None:
        """Stop the server and remove what the session left."""
        if (self.directory / "template").exists():
            self.server().drop_database(f"//localhost/{(self.directory / 'template').read_text()}")
        pid_file = self.directory / "keeper.pid"
        if pid_file.exists():
            self._stop(int(pid_file.read_text()))
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self) -> None:
        with (self.directory / "keeper.log").open("wb") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.support.postgres_keeper", str(self.directory), str(self.owner)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while not (self.directory / OUTCOME).exists():
            if self._keeper.poll() is not None and not (self.directory / OUTCOME).exists():
                raise PostgresUnavailableError((self.directory / "keeper.log").read_text(errors="replace"))
            time.sleep(0.02)
        if "error" not in json.loads((self.directory / OUTCOME).read_text()):
            (self.directory / "keeper.pid").write_text(str(self._keeper.pid))

    def _stop(self, keeper: int) -> None:
        try:
            os.kill(keeper, signal.SIGTERM)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + STOP_SECONDS
        while self.directory.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._keeper is not None:
            self._keeper.wait(STOP_SECONDS)


@contextmanager
def create_database_from_template(server: PostgresServer, template: str) -> Iterator[str]:
    """Yield the URL of a fresh copy of the template; it is dropped when the block ends."""
    url = server.create_database(template)
    try:
        yield url
    finally:
        server.drop_database(url)


def _database_name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Let one process at a time into the block."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
