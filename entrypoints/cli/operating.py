"""Workers and servers: `work`, `serve`, `up`, and the list of workflows they can run."""

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

import typer

from domain.model.errors import ConfigurationError
from entrypoints.cli.logs import log_to_stderr
from entrypoints.cli.options import JsonOption
from entrypoints.cli.output import Output
from entrypoints.cli.rendering import Column, show_list
from entrypoints.cli.running import draining_on_signals
from entrypoints.cli.session import session_of, with_application
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application
    from entrypoints.worker import Worker
    from ports.workflows import WorkflowInfo

workflows = typer.Typer(help="See which workflows are registered.", no_args_is_help=True)
HostOption = Annotated[str | None, typer.Option("--host", help="The address to listen at; loopback by default.")]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65_535, help="The port; 0 for any.")]
_COLUMNS = (Column("workflow", whole=True), Column("version"), Column("target"), Column("description"))
_IDLE_LOOKS_SECONDS = 0.2


@workflows.command("list")
def list_workflows(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the registered workflows; one that can't be loaded has the version "unknown"."""

    async def act(app: "Application") -> "list[WorkflowInfo]":
        return list(app.catalog.all())

    found = with_application(context, act)
    rows = [(one.name, one.version, one.target, one.description) for one in found]
    show_list(Output(as_json), _COLUMNS, found, rows)


def work(
    context: typer.Context,
    queue: Annotated[list[str] | None, typer.Option("--queue", help="A queue to serve; may be repeated.")] = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=1, max=1000, help="How many jobs at once.")
    ] = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing is due any more.")] = False,
) -> None:
    """Work: lease jobs, run them, settle them. SIGTERM drains, a second one gives back what runs and stops."""
    log_to_stderr(logging.INFO)
    out = Output()

    async def act(app: "Application") -> None:
        worker = app.worker(concurrency=concurrency)
        served = ", ".join(worker.options.queues)
        out.say(f"Worker {worker.options.worker_id} serves {served}; Ctrl-C drains it.")
        with draining_on_signals(worker, out):
            idling = asyncio.create_task(_drain_when_idle(app, worker)) if until_idle else None
            await worker.run()
            if idling:
                idling.cancel()
                await asyncio.gather(idling, return_exceptions=True)

    with_application(context, act, queues=queue or None)


def serve(context: typer.Context, host: HostOption = None, port: PortOption = None) -> None:
    """Serve HTTP until SIGINT or SIGTERM."""
    _serve(session_of(context).settings(host=host, port=port), with_worker=False)


def up(context: typer.Context, host: HostOption = None, port: PortOption = None) -> None:
    """Migrate, serve HTTP and work, all in this process."""
    settings = session_of(context).settings(host=host, port=port)
    if not settings.database_url.startswith("memory:"):
        from entrypoints.bootstrap import upgrade_schema

        report = upgrade_schema(settings)
        Output().say(f"The schema is at {report.after}; {len(report.applied)} revisions applied.")
    _serve(settings, with_worker=True)


async def _drain_when_idle(app: "Application", worker: "Worker") -> None:
    """Drain a worker once it has nothing in work and nothing is due in its queues."""
    while True:
        await asyncio.sleep(_IDLE_LOOKS_SECONDS)
        served = [one for one in await app.get_queue_statistics() if one.queue in worker.options.queues]
        if not worker.busy and not any(one.ready or one.expired_leases for one in served):
            worker.drain()
            return


def _serve(settings: Settings, *, with_worker: bool) -> None:
    try:
        from entrypoints.http.serving import serve as serve_http
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Serving HTTP needs the extra 'http' ({error.name} is missing); run: pip install 'mlwright[http]'"
        ) from error
    log_to_stderr(logging.INFO)

    def announce(url: str) -> None:
        Output().say(f"Serving at {url}; Ctrl-C stops.")

    asyncio.run(serve_http(settings, with_worker=with_worker, announce=announce))
