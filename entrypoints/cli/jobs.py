"""Jobs: list, show, cancel, redrive, count."""

from typing import Annotated
from uuid import UUID

import typer

from domain.model.job import JobStatus
from entrypoints.cli.options import JsonOption, LimitOption, ReasonOption
from entrypoints.cli.output import Output
from entrypoints.cli.rendering import Column, show_list, show_one
from entrypoints.cli.session import with_application

jobs = typer.Typer(help="Work with jobs: what workers lease and run.", no_args_is_help=True)
JobArgument = Annotated[UUID, typer.Argument(metavar="JOB", help="The job's id.")]
_COLUMNS = (
    Column("job", whole=True),
    Column("type"),
    Column("queue"),
    Column("status"),
    Column("retries", right=True),
    Column("worker"),
    Column("error"),
)
_QUEUE_COLUMNS = (
    Column("queue"),
    *(Column(status.value.replace("_", " "), right=True) for status in JobStatus),
    Column("ready", right=True),
    Column("scheduled", right=True),
    Column("oldest ready (s)", right=True),
    Column("expired leases", right=True),
)
_ERROR_SHOWN = 80


@jobs.command("list")
def list_jobs(
    context: typer.Context,
    queue: Annotated[str | None, typer.Option("--queue", help="Only those of one queue.")] = None,
    status: Annotated[JobStatus | None, typer.Option("--status", help="Only those of one status.")] = None,
    decision_set: Annotated[UUID | None, typer.Option("--decision-set", help="Only those of one decision set.")] = None,
    limit: LimitOption = 100,
    before: Annotated[UUID | None, typer.Option("--before", help="Only those older than this job.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List jobs, newest first."""
    found = with_application(
        context,
        lambda app: app.list_jobs(queue=queue, status=status, decision_set_id=decision_set, limit=limit, before=before),
    )
    rows = [
        (
            one.id,
            one.job_type,
            one.queue,
            one.status,
            f"{one.retry_count}/{one.max_retries}",
            one.worker_id,
            (one.error_message or "")[:_ERROR_SHOWN],
        )
        for one in found
    ]
    show_list(Output(as_json), _COLUMNS, found, rows)


@jobs.command("show")
def show_job(context: typer.Context, job: JobArgument, as_json: JsonOption = False) -> None:
    """Show one job."""
    show_one(Output(as_json), with_application(context, lambda app: app.get_job(job)))


@jobs.command("cancel")
def cancel_job(
    context: typer.Context, job: JobArgument, reason: ReasonOption = None, as_json: JsonOption = False
) -> None:
    """Cancel a job that has not ended, and the decision set whose run it is."""
    cancelled = with_application(context, lambda app: app.cancel_job(job, actor=app.settings.actor, reason=reason))
    show_one(Output(as_json), cancelled)


@jobs.command("redrive")
def redrive_job(context: typer.Context, job: JobArgument, as_json: JsonOption = False) -> None:
    """Queue a failed or cancelled job afresh, with all its retries."""
    redriven = with_application(context, lambda app: app.redrive_job(job, actor=app.settings.actor))
    show_one(Output(as_json), redriven)


@jobs.command("stats")
def queue_statistics(context: typer.Context, as_json: JsonOption = False) -> None:
    """Count what lies in each queue."""
    found = with_application(context, lambda app: app.get_queue_statistics())
    rows = [
        (
            one.queue,
            *(one.counts.get(status, 0) for status in JobStatus),
            one.ready,
            one.scheduled,
            "" if one.oldest_ready_seconds is None else f"{one.oldest_ready_seconds:.1f}",
            one.expired_leases,
        )
        for one in found
    ]
    show_list(Output(as_json), _QUEUE_COLUMNS, found, rows)
