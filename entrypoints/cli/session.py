"""What every command starts from: the options before it, the settings they make, and the application."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from attrs import frozen

from entrypoints.settings import Settings, load_settings

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

T = TypeVar("T")


@frozen
class Session:
    """The options that stand before a command; each one that is None leaves the setting as it is."""

    database_url: str | None = None
    artifact_url: str | None = None
    actor: str | None = None

    def settings(self, **overrides: Any) -> Settings:
        """Read the settings with these options, and a command's own, on top; raises ConfigurationError."""
        return load_settings(
            database_url=self.database_url, artifact_url=self.artifact_url, actor=self.actor, **overrides
        )


def session_of(context: typer.Context) -> Session:
    """Return the options that stand before a command."""
    session: Session = context.obj
    return session


def with_application(
    context: typer.Context,
    action: "Callable[[Application], Awaitable[T]]",
    *,
    create_schema: bool = False,
    **overrides: Any,
) -> T:
    """Open the application, do something with it, and close it again; ``overrides`` are settings of the command."""
    settings = session_of(context).settings(**overrides)

    async def act() -> T:
        # Imported here, as graphs and databases take a second to load, which --help and completion need not wait for.
        from entrypoints.bootstrap import application

        async with application(settings, create_schema=create_schema) as app:
            return await action(app)

    return asyncio.run(act())
