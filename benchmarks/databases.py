"""Fresh, migrated databases for the measures, on a PostgreSQL that is provisioned as the tests' is."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import define, field

from adapters.sql.migrating import upgrade
from tests.support.postgres import PostgresSession, create_database_from_template
from tests.support.postgres_cluster import connect

_DURABLE = ("fsync", "synchronous_commit")


class NotDurableError(Exception):
    """The server loses commits in a crash, so that its figures would flatter everyone."""


@define
class Databases:
    """Makes databases, each empty and at the newest schema; all are dropped at the end.

    ``directory`` holds the SQLite files.
    """

    directory: Path
    _session: PostgresSession
    _stack: ExitStack
    _files: int = field(default=0, init=False)

    def postgresql(self) -> str:
        """Return the URL of a fresh database; raises PostgresUnavailableError, NotDurableError."""
        server = self._session.server()
        _require_durable(server.url)
        template = self._session.template(upgrade)
        return self._stack.enter_context(create_database_from_template(server, template))

    def empty(self) -> str:
        """Return the URL of a fresh PostgreSQL database that holds nothing."""
        server = self._session.server()
        url = server.create_database()
        self._stack.callback(server.drop_database, url)
        return url

    def sqlite(self) -> Path:
        """Return the path of a fresh file in which the schema is."""
        template = self.directory / "template.db"
        if not template.exists():
            upgrade(f"sqlite:///{template}")
        self._files += 1
        path = self.directory / f"{self._files}.db"
        shutil.copyfile(template, path)
        return path

    def server(self) -> str:
        """Describe the PostgreSQL server."""
        server = self._session.server()
        with connect(server.url) as connection:
            number = connection.info.server_version
        settings = " and ".join(_DURABLE)
        return f"PostgreSQL {number // 10000}.{number % 10000} ({settings} on)"


@contextmanager
def open_databases() -> Iterator[Databases]:
    """Provide databases until the block ends; the server starts when the first measure asks for it."""
    session = PostgresSession.begin()
    try:
        with tempfile.TemporaryDirectory(prefix="mlwright-benchmarks-") as directory, ExitStack() as stack:
            yield Databases(Path(directory), session, stack)
    finally:
        session.end()


def _require_durable(url: str) -> None:
    with connect(url) as connection:
        rows = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_DURABLE)]
        ).fetchall()
    if any(setting != "on" for _, setting in rows):
        raise NotDurableError(f"The server runs with {dict(rows)}; switch both on, or the figures mean nothing.")
