"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to stdout and nothing else.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many to list at most.")]
DecisionSetArgument = Annotated[UUID, typer.Argument(metavar="DECISION_SET", help="The decision set's id.")]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why, for the event log.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="Folder for what was made; default ./designs/<end of the id>."),
]
TimeoutOption = Annotated[
    float | None, typer.Option("--timeout", min=0.1, metavar="SECONDS", help="Stop working on it after this time.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Take the default answer to every question.")]
