"""The tests' own PostgreSQL: found or started, durable, private to each test, and gone afterwards."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import PostgresServer, PostgresSession, create_database_from_template
from tests.support.postgres_cluster import PostgresUnavailableError
from tests.support.postgres_sources import CHOICE_VARIABLE, URL_VARIABLE


@pytest.fixture
def session() -> Iterator[PostgresSession]:
    session = PostgresSession.begin()
    yield session
    session.end()


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def accepts_connections(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit"])
def test_the_server_never_trades_durability_for_speed(postgres_server: PostgresServer, name: str) -> None:
    assert setting(postgres_server.url, name) == "on"


def test_each_copy_of_a_template_starts_the_same_and_ends_with_its_block(postgres_server: PostgresServer) -> None:
    original = postgres_server.create_database()
    with psycopg.connect(original) as connection:
        connection.execute("CREATE TABLE marks (mark text)")
    template = postgres_server.seal_database(original)
    try:
        for _ in range(2):
            with create_database_from_template(postgres_server, template) as url:
                with psycopg.connect(url) as connection:
                    assert connection.execute("SELECT count(*) FROM marks").fetchone() == (0,)
                    connection.execute("INSERT INTO marks VALUES ('mine')")
                assert accepts_connections(url)
            assert not accepts_connections(url)
    finally:
        postgres_server.drop_database(original)


def test_a_database_is_dropped_under_the_feet_of_who_still_uses_it(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()
    with psycopg.connect(url) as connection:
        postgres_server.drop_database(url)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_a_session_migrates_its_template_once(session: PostgresSession) -> None:
    migrated: list[str] = []
    first = session.template(migrated.append)
    another_process = PostgresSession(session.directory, session.owner)
    assert another_process.template(migrated.append) == first
    assert len(migrated) == 1


@pytest.mark.slow
@pytest.mark.parametrize("source", ["binaries", "wheel"])
def test_a_server_starts_from_each_local_source_and_leaves_nothing(
    source: str, session: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, source)
    try:
        server = session.server()
    except PostgresUnavailableError as error:
        if source == "binaries" and "no initdb and postgres" in str(error):
            pytest.skip("this machine has no PostgreSQL server installed")
        raise
    assert server.source == source
    assert setting(server.url, "fsync") == "on"
    assert setting(server.url, "max_connections") == "200"
    session.end()
    assert not accepts_connections(server.url)
    assert not session.directory.exists()


def test_a_server_ends_when_the_process_that_wanted_it_is_killed(
    session: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, "wheel")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        server = PostgresSession(session.directory, owner.pid).server()
        assert accepts_connections(server.url)
        owner.kill()
    deadline = time.monotonic() + 30
    while session.directory.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not session.directory.exists()
    assert not accepts_connections(server.url)


def test_a_url_that_is_given_is_an_order(session: PostgresSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHOICE_VARIABLE, raising=False)
    monkeypatch.setenv(URL_VARIABLE, "postgresql://127.0.0.1:1/nowhere")
    with pytest.raises(PostgresUnavailableError, match="url: can't connect"):
        session.server()


def test_a_given_url_may_name_any_driver(
    postgres_server: PostgresServer, session: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CHOICE_VARIABLE, raising=False)
    monkeypatch.setenv(URL_VARIABLE, postgres_server.url.replace("postgresql://", "postgresql+psycopg://"))
    assert session.server() == PostgresServer("url", postgres_server.url)


def test_an_unknown_choice_is_refused_with_the_known_ones(
    session: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, "oracle")
    with pytest.raises(PostgresUnavailableError, match="url, docker, binaries, wheel"):
        session.server()


def test_a_migration_that_fails_leaves_no_template(session: PostgresSession) -> None:
    def fail(_url: str) -> None:
        raise RuntimeError("no such revision")

    with pytest.raises(RuntimeError, match="no such revision"):
        session.template(fail)
    assert not (Path(session.directory) / "template").exists()
