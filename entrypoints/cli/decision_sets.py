"""Decision sets: list, show, cancel, resume, fork."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.job import WORKFLOW_JOB, Job, JobStatus
from entrypoints.cli.answering import mode_of
from entrypoints.cli.continuing import carry_on
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.exporting import DESIGNS, require_writable
from entrypoints.cli.options import (
    DecisionSetArgument,
    JsonOption,
    LimitOption,
    OutOption,
    ReasonOption,
    TimeoutOption,
    YesOption,
)
from entrypoints.cli.output import Output
from entrypoints.cli.progress import Progress
from entrypoints.cli.rendering import Column, show_list, show_one
from entrypoints.cli.running import INTERACTIVE_PRIORITY, Watch
from entrypoints.cli.session import with_application
from entrypoints.presenting import present

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

decision_sets = typer.Typer(help="Work with decision sets: one is one run of a workflow.", no_args_is_help=True)
_COLUMNS = (
    Column("decision set", whole=True),
    Column("workflow"),
    Column("status"),
    Column("created (UTC)"),
    Column("prompt"),
)
_LIVE = (JobStatus.RUNNING, JobStatus.QUEUED, JobStatus.WAITING_APPROVAL)
_PROMPT_SHOWN = 60


@decision_sets.command("list")
def list_decision_sets(
    context: typer.Context,
    project: Annotated[UUID | None, typer.Option("--project", help="Only those of one project.")] = None,
    status: Annotated[DecisionSetStatus | None, typer.Option("--status", help="Only those of one status.")] = None,
    limit: LimitOption = 100,
    before: Annotated[UUID | None, typer.Option("--before", help="Only those older than this one.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List decision sets, newest first."""
    found = with_application(
        context, lambda app: app.list_decision_sets(project_id=project, status=status, limit=limit, before=before)
    )
    rows = [(one.id, one.workflow, one.status, one.created_at, one.user_prompt[:_PROMPT_SHOWN]) for one in found]
    show_list(Output(as_json), _COLUMNS, found, rows)


@decision_sets.command("show")
def show_decision_set(context: typer.Context, decision_set: DecisionSetArgument, as_json: JsonOption = False) -> None:
    """Show one decision set."""
    show_one(Output(as_json), with_application(context, lambda app: app.get_decision_set(decision_set)))


@decision_sets.command("cancel")
def cancel_decision_set(
    context: typer.Context,
    decision_set: DecisionSetArgument,
    reason: ReasonOption = None,
    expected_version: Annotated[
        int | None, typer.Option("--expected-version", min=1, help="Refuse when it is at another version.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel a decision set with its live jobs and open approvals."""
    cancelled = with_application(
        context,
        lambda app: app.cancel_decision_set(
            decision_set, actor=app.settings.actor, reason=reason, expected_version=expected_version
        ),
    )
    show_one(Output(as_json), cancelled)


@decision_sets.command("resume")
def resume_decision_set(
    context: typer.Context,
    decision_set: DecisionSetArgument,
    work: Annotated[bool, typer.Option("--work", help="Work it on in this process.")] = False,
    yes: YesOption = False,
    timeout: TimeoutOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a decision set on from its last checkpoint; one whose run is queued already is left to it."""
    output = Output(as_json)
    if work:
        require_writable(out or DESIGNS)

    async def act(app: "Application") -> ExitCode:
        watch = Watch(app, decision_set, Progress(output).show)
        await watch.skip()
        job = await _live_run(app, decision_set)
        if job is None:
            options = app.run_options.at(INTERACTIVE_PRIORITY if work else 0)
            job = await app.resume_decision_set(decision_set, actor=app.settings.actor, options=options)
        if work:
            return await carry_on(app, watch, output, mode_of(yes=yes), limit=timeout, folder=out)
        return _tell(job, output)

    raise typer.Exit(with_application(context, act))


@decision_sets.command("fork")
def fork_decision_set(
    context: typer.Context,
    decision_set: DecisionSetArgument,
    at: Annotated[
        str | None, typer.Option("--at", metavar="CHECKPOINT", help="The checkpoint's id; the last one by default.")
    ] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Queue the fork's run.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Copy a decision set up to a checkpoint into a new one, and queue its run from there."""

    async def act(app: "Application") -> tuple[DecisionSet, Job | None]:
        return await app.fork_decision_set(
            decision_set, actor=app.settings.actor, checkpoint_id=at, run=run, options=app.run_options
        )

    fork, job = with_application(context, act)
    out = Output(as_json)
    show_one(out, {**present(fork), "job": present(job)} if as_json else fork)
    out.say(f"Queued as job {job.id}." if job else f"Run it with: mlwright decision-sets resume {fork.id} --work")


async def _live_run(app: "Application", decision_set_id: UUID) -> Job | None:
    """Return the run that a decision set has queued, in work or waiting, if any."""
    await app.get_decision_set(decision_set_id)
    for status in _LIVE:
        for job in await app.list_jobs(decision_set_id=decision_set_id, status=status):
            if job.job_type == WORKFLOW_JOB:
                return job
    return None


def _tell(job: Job, out: Output) -> ExitCode:
    if out.as_json:
        out.write_json(job)
    if job.status is JobStatus.WAITING_APPROVAL:
        out.say(f"The run waits for an approval. Go on with: mlwright approve {job.decision_set_id}", "yellow")
        return ExitCode.WAITING_APPROVAL
    out.say(f"Its run, job {job.id}, is {job.status}; a worker goes on with it: mlwright work")
    return ExitCode.OK
