"""How the SQL storage meets bad luck: what can't be reached or written, tasks cancelled anywhere, errors swallowed."""

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from adapters.sql.migrating import upgrade
from adapters.sql.storage import SqlStorage, open_sql_storage
from adapters.system.ids import Uuid7Ids
from domain.model.errors import (
    ConfigurationError,
    DomainError,
    NotFoundError,
    SchemaVersionError,
    StorageUnavailableError,
    TransactionConflictError,
)
from domain.model.event import NewEvent, Stream, StreamHead, verify_entries
from domain.model.job import NewJob

IDS = Uuid7Ids()
STREAM = Stream.of_server("test")


@pytest.fixture(params=["sqlite", "postgresql"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStorage]:
    """Yield an empty storage with few connections, which fails rather than waits for long."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/a.db"
        upgrade(url)
    else:
        url = str(request.getfixturevalue("postgres_url"))
    opened = open_sql_storage(url, pool_size=3, max_overflow=0, busy_timeout=2.0, pool_timeout=10.0)
    yield opened
    await opened.close()


def new_job(**fields: object) -> NewJob:
    return NewJob(id=IDS.new(), job_type="test", **fields)  # type: ignore[arg-type]  # any of its fields


async def refusal(url: str) -> DomainError:
    """Return what a read raises, having checked that the storage's own check raises a storage error as well."""
    storage = open_sql_storage(url, connect_timeout=3)
    with pytest.raises((StorageUnavailableError, SchemaVersionError)):
        await storage.check()
    with pytest.raises(DomainError) as refused:
        async with storage.transaction(read_only=True) as work:
            await work.projects.find(limit=1)
    await storage.close()
    assert "hunter2" not in str(refused.value)
    assert type(refused.value) is StorageUnavailableError
    return refused.value


async def test_a_server_that_is_down_is_named_with_what_to_do() -> None:
    assert "no server answers there" in str(await refusal("postgresql://me:hunter2@127.0.0.1:1/db"))


async def test_a_wrong_password_is_told_and_not_shown(postgres_url: str) -> None:
    url = urlsplit(postgres_url)
    wrong = url._replace(netloc=f"{url.username}:hunter2@{url.hostname}:{url.port}").geturl()
    assert "check user name and password" in str(await refusal(wrong))


async def test_a_database_that_is_not_there_is_told(postgres_url: str) -> None:
    assert "no database of that name" in str(await refusal(urlsplit(postgres_url)._replace(path="/nowhere").geturl()))


def test_a_mistyped_path_makes_no_empty_database(tmp_path: Path) -> None:
    assert "mlwright migrate" in str(asyncio.run(refusal(f"sqlite:///{tmp_path}/mistyped.db")))
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("not a database" * 100)
    assert "not a SQLite database" in str(await refusal(f"sqlite:///{tmp_path}/notes.db"))


async def test_after_the_server_dropped_the_connections_one_transaction_fails_and_the_next_works(
    postgres_url: str,
) -> None:
    storage = open_sql_storage(postgres_url)
    async with storage.transaction() as work:
        await work.jobs.enqueue([new_job()])
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(StorageUnavailableError):
        async with storage.transaction() as work:
            await work.jobs.find(limit=1)
    async with storage.transaction() as work:
        assert len(await work.jobs.find(limit=10)) == 1
    await storage.close()


async def test_a_failed_statement_that_is_swallowed_keeps_the_rest_from_being_half_written(
    storage: SqlStorage,
) -> None:
    with pytest.raises(TransactionConflictError):
        async with storage.transaction() as work:
            await work.jobs.enqueue([new_job()])
            with pytest.raises(NotFoundError):
                await work.jobs.enqueue([new_job(decision_set_id=uuid4())])
    async with storage.transaction() as work:
        assert await work.jobs.find(limit=10) == []


async def test_tasks_cancelled_at_any_moment_write_all_or_nothing_and_block_nobody(storage: SqlStorage) -> None:
    async def write() -> None:
        async with storage.transaction() as work:
            await work.jobs.enqueue([new_job()])
            await work.events.append([NewEvent(STREAM, "happened", {}, "test")])

    chance = random.Random(7)
    finished = 0
    await write()
    for _ in range(30):
        tasks = [asyncio.create_task(write()) for _ in range(4)]
        await asyncio.sleep(chance.random() * 0.06)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(outcome is None or isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        finished += outcomes.count(None)
    await write()
    async with storage.transaction(read_only=True) as work:
        events, jobs = await work.events.read(STREAM), await work.jobs.find(limit=1000)
    # A commit whose task was cancelled while it waited for the answer may have taken effect.
    assert len(events) == len(jobs) >= finished + 2
    assert verify_entries(events, StreamHead())[0].intact


async def test_another_process_that_closes_the_file_takes_nothing_from_this_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    upgrade(url)
    storage = open_sql_storage(url)
    async with storage.transaction() as work:
        await work.jobs.enqueue([new_job()])
    async with storage.transaction(read_only=True) as work:
        assert len(await work.jobs.find(limit=9)) == 1
    # The last connection to close a file removes its write-ahead log; this process still holds two connections.
    elsewhere = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM jobs'); c.commit(); c.close()"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", elsewhere, f"{tmp_path}/a.db"], check=True)
    assert await asyncio.to_thread((tmp_path / "a.db-wal").exists)
    async with storage.transaction(read_only=True) as work:
        assert await work.jobs.find(limit=9) == []
    await storage.close()


def test_a_sqlite_too_old_to_return_rows_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    with pytest.raises(ConfigurationError, match=r"needs 3\.35\.0"):
        open_sql_storage(f"sqlite:///{tmp_path}/a.db")
