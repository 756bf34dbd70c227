"""The migrations make the schema that the tables describe, on both databases, and carry the data along."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from adapters.sql import schema_version
from adapters.sql.ddl import append_only_triggers
from adapters.sql.migrating import autogenerate, downgrade, upgrade, upgrade_sql
from adapters.sql.schema_version import SchemaStatus, check, head_revision
from adapters.sql.tables import metadata
from domain.model.errors import SchemaVersionError
from tests.support.migrations import (
    MOMENT,
    REVISIONS,
    ROOT,
    add_revision,
    empty_url,
    keep_a_project,
    kept,
    own_migrations,
)
from tests.support.schemas import connected, schema_of

__all__ = ["add_revision", "empty_url", "own_migrations"]


def alembic(*arguments: str, url: str | None = None, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "MLWRIGHT_DATABASE_URL"}
    if url is not None:
        environment["MLWRIGHT_DATABASE_URL"] = url
    command = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_can_be_applied_undone_and_applied_again(empty_url: str, revision: str) -> None:
    index = REVISIONS.index(revision)
    before = REVISIONS[index - 1] if index else "base"
    upgrade(empty_url, before) if index else None
    schema_before = schema_of(empty_url)
    upgrade(empty_url, revision)
    schema_after = schema_of(empty_url)

    downgrade(empty_url, before)
    assert schema_of(empty_url) == schema_before
    upgrade(empty_url, revision)
    assert schema_of(empty_url) == schema_after != schema_before


def test_the_migrated_schema_is_the_one_the_tables_describe(empty_url: str) -> None:
    with connected(empty_url) as connection:
        metadata.create_all(connection)
        for statement in append_only_triggers(connection.dialect.name):
            connection.execute(text(statement))
    described = schema_of(empty_url)
    with connected(empty_url) as connection:
        metadata.drop_all(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP FUNCTION refuse_event_change()"))

    upgrade(empty_url)

    assert schema_of(empty_url) == described
    assert "trigger events_refuse_delete" in described


def test_no_revision_is_generated_when_no_table_has_changed(empty_url: str, own_migrations: Path) -> None:
    upgrade(empty_url)
    files = sorted((own_migrations / "versions").glob("*.py"))
    assert autogenerate(empty_url, "Change nothing") is None
    assert sorted((own_migrations / "versions").glob("*.py")) == files


def test_what_the_tables_have_and_the_database_lacks_becomes_the_next_revision(
    empty_url: str, own_migrations: Path
) -> None:
    upgrade(empty_url)
    complete = schema_of(empty_url)
    with connected(empty_url) as connection:
        connection.execute(text("DROP INDEX ix_jobs_queue_id"))
        connection.execute(text("ALTER TABLE approvals DROP COLUMN rejection"))

    written = autogenerate(empty_url, "Add what is missing.")

    assert written is not None
    assert written.name == f"{int(REVISIONS[-1]) + 1:04d}_add_what_is_missing.py"
    assert "adapters" not in written.read_text()
    schema_version.known_revisions.cache_clear()
    report = upgrade(empty_url)
    assert [step.message for step in report.applied] == ["Add what is missing."]
    assert schema_of(empty_url).keys() == complete.keys()


def test_a_revision_is_not_generated_from_a_schema_that_is_behind(empty_url: str, own_migrations: Path) -> None:
    with pytest.raises(SchemaVersionError, match="run: mlwright migrate"):
        autogenerate(empty_url, "Add a column")


def test_an_upgrade_reports_what_it_applied_and_a_second_one_finds_nothing_to_do(empty_url: str) -> None:
    first = upgrade(empty_url)
    assert (first.before, first.after) == (None, head_revision())
    assert [step.revision for step in first.applied] == REVISIONS
    assert first.applied[0].message.startswith("Create the tables")

    second = upgrade(empty_url)
    assert (second.before, second.after, second.applied) == (head_revision(), head_revision(), ())


def test_data_survives_a_revision_that_rebuilds_its_table_in_both_directions(
    empty_url: str, add_revision: Callable[[str], str]
) -> None:
    upgrade(empty_url)
    keep_a_project(empty_url)
    before, schema = kept(empty_url), schema_of(empty_url)
    revision = add_revision("pass")

    assert upgrade(empty_url).after == revision
    assert kept(empty_url) == before == [("Fraud", MOMENT, "Detect fraud", {"a": 1})]
    downgrade(empty_url, "-1")
    assert kept(empty_url) == before
    assert schema_of(empty_url).keys() == schema.keys()
    upgrade(empty_url)
    assert kept(empty_url) == before


def test_the_sql_that_is_written_makes_the_same_schema(empty_url: str, tmp_path: Path) -> None:
    script = upgrade_sql(empty_url)
    if empty_url.startswith("sqlite"):
        connection = sqlite3.connect(empty_url.removeprefix("sqlite:///"))
        connection.executescript(script)
        connection.close()
    else:
        with psycopg.connect(empty_url, autocommit=True) as server:
            server.execute(script.encode())
    assert check(empty_url).status is SchemaStatus.CURRENT
    made_by_script = schema_of(empty_url)

    downgrade(empty_url, "base")
    upgrade(empty_url)
    assert schema_of(empty_url) == made_by_script


def test_writing_the_sql_reaches_no_database_and_shows_no_password(tmp_path: Path) -> None:
    assert "hunter2" not in upgrade_sql("postgresql://someone:hunter2@nowhere.invalid/none")
    assert "CREATE TABLE jobs" in upgrade_sql(f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()


def test_nothing_is_printed(empty_url: str, own_migrations: Path, capfd: pytest.CaptureFixture[str]) -> None:
    upgrade(empty_url)
    upgrade_sql(empty_url)
    autogenerate(empty_url, "Change nothing")
    downgrade(empty_url, "base")
    assert capfd.readouterr() == ("", "")


def test_the_alembic_command_does_the_same(empty_url: str) -> None:
    upgraded = alembic("upgrade", "head", url=empty_url)
    assert upgraded.returncode == 0, upgraded.stderr
    assert check(empty_url).status is SchemaStatus.CURRENT
    assert alembic("check", url=empty_url).returncode == 0
    with connected(empty_url) as connection:
        connection.execute(text("DROP INDEX ix_jobs_queue_id"))
    assert "ix_jobs_queue_id" in alembic("check", url=empty_url).stderr

    assert alembic("-x", f"url={empty_url}", "downgrade", "base").returncode == 0
    assert check(empty_url).status is SchemaStatus.EMPTY


def test_the_alembic_command_takes_the_common_spellings_of_a_url(empty_postgres_url: str) -> None:
    spelled = empty_postgres_url.replace("postgresql://", "postgres://", 1)
    assert alembic("-x", f"url={spelled}", "upgrade", "head").returncode == 0
    assert check(empty_postgres_url).status is SchemaStatus.CURRENT
    with connected(empty_postgres_url) as connection:
        assert "jobs" in inspect(connection).get_table_names()


def test_the_revisions_known_without_alembic_are_those_that_alembic_knows() -> None:
    scripts = ScriptDirectory(str(schema_version.MIGRATIONS)).walk_revisions()
    assert schema_version.known_revisions() == tuple(script.revision for script in scripts)
