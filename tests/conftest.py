"""What every test may ask for: a real PostgreSQL, started by the first test that does."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.postgres import PostgresServer, PostgresSession, create_database_from_template
from tests.support.postgres_cluster import PostgresUnavailableError

POSTGRES = pytest.StashKey[PostgresSession]()

# A shared two-core machine makes any single example slow now and then.
settings.register_profile("mlwright", settings(), deadline=None)
settings.load_profile("mlwright")


def pytest_configure(config: pytest.Config) -> None:
    shared = getattr(config, "workerinput", None)
    config.stash[POSTGRES] = (
        PostgresSession.begin()
        if shared is None
        else PostgresSession(Path(shared["postgres_directory"]), shared["postgres_owner"])
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    session = node.config.stash[POSTGRES]
    node.workerinput["postgres_directory"] = str(session.directory)
    node.workerinput["postgres_owner"] = session.owner


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    try:
        source = config.stash[POSTGRES].source()
    except PostgresUnavailableError as error:
        terminalreporter.section("PostgreSQL", red=True)
        terminalreporter.line(str(error))
    else:
        if source is not None:
            terminalreporter.line(f"PostgreSQL came from: {source}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and POSTGRES in config.stash:
        config.stash[POSTGRES].end()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> PostgresServer:
    """Return the session's real PostgreSQL; without one, the test fails and says how to get one."""
    try:
        return pytestconfig.stash[POSTGRES].server()
    except PostgresUnavailableError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def migrated_template(pytestconfig: pytest.Config, postgres_server: PostgresServer) -> str:
    """Return the name of a database at the newest schema version, made by the migrations, for copying only."""
    from adapters.sql.migrating import upgrade

    return pytestconfig.stash[POSTGRES].template(upgrade)


@pytest.fixture
def postgres_database_factory(postgres_server: PostgresServer, migrated_template: str) -> Iterator[Callable[[], str]]:
    """Return a function that creates a migrated database and returns its URL; all are dropped after the test."""
    with ExitStack() as databases:
        yield lambda: databases.enter_context(create_database_from_template(postgres_server, migrated_template))


@pytest.fixture
def postgres_url(postgres_database_factory: Callable[[], str]) -> str:
    """Return the URL of a migrated database of the test's own."""
    return postgres_database_factory()


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Return the URL of an empty database of the test's own."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)
