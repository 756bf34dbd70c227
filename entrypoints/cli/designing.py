"""Start workflows: `design` and `run` work in this process, `start` only enqueues."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer
from attrs import frozen

from domain.model.errors import InvalidValueError
from domain.model.json_value import checked_object, parse_json
from entrypoints.cli.answering import mode_of
from entrypoints.cli.briefs import checked_name, name_from, read_prompt
from entrypoints.cli.continuing import carry_on
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.exporting import DESIGNS, require_writable
from entrypoints.cli.options import JsonOption, OutOption, TimeoutOption, YesOption
from entrypoints.cli.output import Output
from entrypoints.cli.progress import Progress
from entrypoints.cli.rendering import show_one
from entrypoints.cli.running import INTERACTIVE_PRIORITY, Watch
from entrypoints.cli.session import with_application

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

MLOPS_DESIGN = "mlops-design"

PromptArgument = Annotated[
    str | None, typer.Argument(metavar="PROMPT", help="What the system shall do, in plain words; - reads stdin.")
]
FileOption = Annotated[Path | None, typer.Option("--file", "-f", metavar="PATH", help="Read the prompt from a file.")]
NameOption = Annotated[
    str | None, typer.Option("--name", help="The new project's name; the prompt's first words by default.")
]
WorkflowArgument = Annotated[str, typer.Argument(metavar="WORKFLOW", help="A registered workflow's name.")]
ProjectOption = Annotated[
    UUID | None, typer.Option("--project", help="The project it belongs to; a new one if not given.")
]
InputOption = Annotated[
    str | None, typer.Option("--input", metavar="JSON", help="The graph's input, in place of the one from the prompt.")
]


@frozen
class Start:
    """What is to be started, checked before anything is written."""

    workflow: str
    prompt: str
    name: str
    project_id: UUID | None = None
    graph_input: dict[str, Any] | None = None

    async def __call__(self, app: "Application", *, priority: int = 0) -> UUID:
        """Start the workflow, in a new project unless one is named, and return the decision set's id."""
        app.catalog.get(self.workflow)
        project_id = self.project_id
        if project_id is None:
            project_id = (await app.create_project(self.name, actor=app.settings.actor)).id
        decision_set, _ = await app.start_workflow(
            project_id,
            self.workflow,
            self.prompt,
            actor=app.settings.actor,
            graph_input=self.graph_input,
            options=app.run_options.at(priority),
        )
        return decision_set.id


def design(
    context: typer.Context,
    prompt: PromptArgument = None,
    file: FileOption = None,
    name: NameOption = None,
    yes: YesOption = False,
    timeout: TimeoutOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Design, check and generate an ML system from a prompt, in this process."""
    _run(context, _checked_start(MLOPS_DESIGN, prompt, file, name, None, None), yes, timeout, out, as_json)


def run(
    context: typer.Context,
    workflow: WorkflowArgument,
    prompt: PromptArgument = None,
    file: FileOption = None,
    graph_input: InputOption = None,
    project: ProjectOption = None,
    name: NameOption = None,
    yes: YesOption = False,
    timeout: TimeoutOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run any registered workflow in this process."""
    _run(context, _checked_start(workflow, prompt, file, name, project, graph_input), yes, timeout, out, as_json)


def start(
    context: typer.Context,
    workflow: WorkflowArgument,
    project: Annotated[UUID, typer.Option("--project", help="The project it belongs to.")],
    prompt: PromptArgument = None,
    file: FileOption = None,
    graph_input: InputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Queue a registered workflow for the workers; print its decision set."""
    new = _checked_start(workflow, prompt, file, None, project, graph_input)

    async def act(app: "Application") -> None:
        own = await new(app)
        show_one(Output(as_json), await app.get_decision_set(own))

    with_application(context, act)


def _checked_start(
    workflow: str,
    prompt: str | None,
    file: Path | None,
    name: str | None,
    project_id: UUID | None,
    graph_input: str | None,
) -> Start:
    if name is not None and project_id is not None:
        raise InvalidValueError("--name", "names a new project; leave it out with --project.")
    text = read_prompt(prompt, file)
    parsed = checked_object("The input", parse_json("The input", graph_input)) if graph_input is not None else None
    return Start(workflow, text, name_from(text) if name is None else checked_name(name), project_id, parsed)


def _run(
    context: typer.Context, new: Start, yes: bool, timeout: float | None, folder: Path | None, as_json: bool
) -> None:
    require_writable(folder or DESIGNS)
    out = Output(as_json)

    async def act(app: "Application") -> ExitCode:
        await app.artifact_store.check()
        own = await new(app, priority=INTERACTIVE_PRIORITY)
        out.say(f"Decision set {own}", "bold")
        watch = Watch(app, own, Progress(out).show)
        return await carry_on(app, watch, out, mode_of(yes=yes), limit=timeout, folder=folder)

    raise typer.Exit(with_application(context, act, create_schema=True))
