"""One storage after another for every contract test, each with a clock that the test moves."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.memory.storage import MemoryStorage
from tests.contract.harness import NOW_IN_SQL, Harness, MemoryClock, PostgresClock, SqliteClock
from tests.support.s3_server import S3Server, running_s3_server

STORAGES = ("memory", "sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file at the newest schema version, made by the migrations, for copying only."""
    from adapters.sql.migrating import upgrade

    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=STORAGES)
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty, migrated storage of the test's own."""
    if request.param == "memory":
        return "memory://"
    if request.param == "sqlite":
        path = tmp_path / "mlwright.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def harness(storage_url: str) -> AsyncIterator[Harness]:
    """Yield an empty storage with the clock it goes by."""
    if storage_url == "memory://":
        memory_clock = MemoryClock()
        made = Harness(MemoryStorage(memory_clock), memory_clock)
    else:
        made = _sql_harness(storage_url)
    yield made
    await made.storage.close()


def _sql_harness(url: str) -> Harness:
    from adapters.sql.storage import open_sql_storage

    sqlite = url.startswith("sqlite")
    clock = SqliteClock.create(url.removeprefix("sqlite:///")) if sqlite else PostgresClock.create(url)
    return Harness(open_sql_storage(url, now=NOW_IN_SQL), clock)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Run a real S3 server for the session."""
    with running_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server
