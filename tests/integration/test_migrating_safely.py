"""No accident leaves a schema half made: upgrades at once, a failing revision, a database that is not ours or away."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from adapters.sql.migrating import downgrade, upgrade
from adapters.sql.schema_version import SchemaStatus, check, judge
from domain.model.errors import (
    InvalidValueError,
    SchemaVersionError,
    StorageUnavailableError,
    TransactionConflictError,
)
from tests.support.migrations import REVISIONS, ROOT, add_revision, empty_url, keep_a_project, kept, own_migrations
from tests.support.schemas import connected, schema_of

__all__ = ["add_revision", "empty_url", "own_migrations"]

LOCK_KEY = int.from_bytes(b"mlwright")

UPGRADE_IN_A_PROCESS = """
import sys
from adapters.sql.migrating import upgrade
print("started", flush=True)
print(len(upgrade(sys.argv[1]).applied), flush=True)
"""


@contextmanager
def migration_lock_held(url: str) -> Iterator[None]:
    if url.startswith("sqlite"):
        holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")
        holder.close()
    else:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
            yield


def test_upgrades_at_the_same_time_apply_each_revision_once(empty_url: str) -> None:
    command = [sys.executable, "-c", UPGRADE_IN_A_PROCESS, empty_url]
    with migration_lock_held(empty_url):
        racing = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        for process in racing:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
        with pytest.raises(subprocess.TimeoutExpired):
            racing[0].wait(0.5)

    applied = [int(process.communicate(timeout=60)[0]) for process in racing]

    assert [process.returncode for process in racing] == [0, 0, 0]
    assert sorted(applied) == [0, 0, len(REVISIONS)]
    assert check(empty_url).status is SchemaStatus.CURRENT


def test_an_upgrade_gives_up_when_another_one_does_not_end(empty_url: str) -> None:
    with migration_lock_held(empty_url), pytest.raises(TransactionConflictError):
        upgrade(empty_url, lock_wait=timedelta(seconds=0.2))
    assert check(empty_url).status is SchemaStatus.EMPTY


def test_an_empty_database_is_told_from_an_older_and_a_newer_one(
    empty_url: str, add_revision: Callable[[str], str]
) -> None:
    assert check(empty_url).status is SchemaStatus.EMPTY
    upgrade(empty_url)
    assert check(empty_url).status is SchemaStatus.CURRENT
    with connected(empty_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert check(empty_url).status is SchemaStatus.AHEAD
    for migrate in (upgrade, downgrade):
        with pytest.raises(SchemaVersionError, match="upgrade mlwright") as refusal:
            migrate(empty_url, REVISIONS[0])
        assert refusal.value.found == "9999"

    with connected(empty_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :last"), {"last": REVISIONS[-1]})
    newer = add_revision("pass")
    behind = check(empty_url)
    assert (behind.status, behind.found, behind.head) == (SchemaStatus.BEHIND, REVISIONS[-1], newer)


def test_tables_of_another_application_are_left_alone(empty_url: str) -> None:
    with connected(empty_url) as connection:
        connection.execute(text("CREATE TABLE jobs (id INTEGER)"))
    before = schema_of(empty_url)

    assert check(empty_url).status is SchemaStatus.UNKNOWN
    with pytest.raises(SchemaVersionError, match="a database of its own"):
        upgrade(empty_url)
    assert schema_of(empty_url) == before


@pytest.mark.parametrize(
    ("found", "status", "advice"),
    [
        (None, SchemaStatus.EMPTY, "run: mlwright migrate"),
        (REVISIONS[-1], SchemaStatus.CURRENT, "nothing to do"),
        ("9999", SchemaStatus.AHEAD, "upgrade mlwright"),
        ("0000", SchemaStatus.UNKNOWN, "database of its own"),
        ("ae1027a6acf", SchemaStatus.UNKNOWN, "database of its own"),
    ],
)
def test_a_schema_is_judged_by_its_revision(found: str | None, status: SchemaStatus, advice: str) -> None:
    state = judge(found)
    assert state.status is status
    assert advice in state.advice
    if status is SchemaStatus.CURRENT:
        state.require_current()
    else:
        with pytest.raises(SchemaVersionError, match=advice):
            state.require_current()


def test_looking_at_a_database_does_not_create_it(tmp_path: Path) -> None:
    assert check(f"sqlite:///{tmp_path / 'none.db'}").status is SchemaStatus.EMPTY
    assert not (tmp_path / "none.db").exists()


def test_a_revision_that_does_not_exist_is_refused(empty_url: str) -> None:
    with pytest.raises(InvalidValueError, match="7777"):
        upgrade(empty_url, "7777")
    with pytest.raises(InvalidValueError, match="revision"):
        downgrade(empty_url, "-5")


@pytest.mark.parametrize("go", [check, upgrade])
def test_a_server_that_is_down_is_named_without_its_password(go: Callable[[str], object]) -> None:
    with pytest.raises(StorageUnavailableError, match=r"127\.0\.0\.1") as refusal:
        go("postgresql://someone:hunter2@127.0.0.1:1/mlwright")
    assert "hunter2" not in str(refusal.value)


def test_a_path_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match=f"no folder {tmp_path / 'none'}"):
        upgrade(f"sqlite:///{tmp_path / 'none' / 'mlwright.db'}")
    with pytest.raises(StorageUnavailableError, match="is a folder"):
        upgrade(f"sqlite:///{tmp_path}")
    (tmp_path / "notes.txt").write_text("This is no database, however long it goes on." * 100)
    with pytest.raises(StorageUnavailableError, match="not a SQLite database"):
        upgrade(f"sqlite:///{tmp_path / 'notes.txt'}")


def test_a_revision_that_fails_leaves_nothing_behind_nor_of_those_before_it(
    empty_url: str, add_revision: Callable[[str], str]
) -> None:
    upgrade(empty_url)
    keep_a_project(empty_url)
    schema, rows = schema_of(empty_url), kept(empty_url)
    add_revision("pass")
    add_revision('raise RuntimeError("half way")')

    with pytest.raises(RuntimeError, match="half way"):
        upgrade(empty_url)

    assert check(empty_url).found == REVISIONS[-1]
    assert (schema_of(empty_url), kept(empty_url)) == (schema, rows)


def test_a_revision_that_breaks_a_reference_is_not_committed(
    tmp_path: Path, add_revision: Callable[[str], str]
) -> None:
    url = f"sqlite:///{tmp_path / 'mlwright.db'}"
    upgrade(url)
    keep_a_project(url)
    add_revision('op.execute("DELETE FROM projects")')

    with pytest.raises(Exception, match="decision_sets would refer to a row of projects"):
        upgrade(url)

    assert len(kept(url)) == 1


def test_migrations_of_the_folder_one_works_in_are_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "migrations" / "__init__.py").touch()
    (tmp_path / "migrations" / "env.py").write_text("raise SystemExit('not ours')")
    path = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", UPGRADE_IN_A_PROCESS, "sqlite:///mlwright.db"]
    done = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, ["started", str(len(REVISIONS))]), done.stderr
