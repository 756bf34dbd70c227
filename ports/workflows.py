"""Workflows: which there are, and running one for a leased job."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from attrs import field, frozen

from domain.model.decision_set import DecisionSet
from domain.model.job import Job


@frozen
class WorkflowInfo:
    """What is known of a registered workflow.

    ``redacts_prompt``: secrets and personal data are taken out of a prompt before anything is stored.
    """

    name: str
    version: str
    description: str
    target: str
    redacts_prompt: bool = False


class WorkflowCatalog(Protocol):
    """The workflows that are registered here."""

    def all(self) -> Sequence[WorkflowInfo]:
        """Return the registered workflows by name."""
        ...

    def get(self, name: str) -> WorkflowInfo:
        """Return a workflow; raises UnknownWorkflowError, or WorkflowLoadError when it can't be imported."""
        ...


class WorkflowEnd(StrEnum):
    """How a run of a workflow ended: through, waiting for people, called off by the graph itself, or drained."""

    COMPLETED = "completed"
    WAITING_APPROVAL = "waiting_approval"
    CANCELLED = "cancelled"
    DRAINED = "drained"


@frozen
class WorkflowOutcome:
    """What a run of a workflow came to; ``reason`` says why it was cancelled, ``output`` is the graph's result."""

    end: WorkflowEnd
    reason: str | None = None
    output: Mapping[str, Any] = field(factory=dict)
    checkpoint_id: str | None = None


class Drain(Protocol):
    """A request to stop at the next barrier, which a run looks at."""

    @property
    def requested(self) -> bool:
        """Tell whether the run shall stop at its next checkpoint."""
        ...


class WorkflowRunner(Protocol):
    """Runs a decision set's workflow under a job's lease."""

    async def run(self, job: Job, decision_set: DecisionSet, drain: Drain) -> WorkflowOutcome:
        """Start or go on with the workflow from its last checkpoint, until it ends, waits or is drained.

        Each superstep's checkpoint, events, agent runs and artifact rows commit in one fenced transaction. Open
        interrupts are kept as approvals, answered ones handed to the graph by their id. The job and the decision set
        are the caller's to settle. Raises LeaseLostError, WorkflowLoadError, or what a node raised.
        """
        ...


@frozen
class StoredFile:
    """A file that a node has stored: what the graph's state keeps of it."""

    filename: str
    storage_key: str
    size_bytes: int
    content_hash: str


class WorkflowContext(Protocol):
    """What the runner offers a node through the graph's runtime context."""

    @property
    def decision_set_id(self) -> UUID: ...

    @property
    def project_name(self) -> str: ...

    async def store(
        self, artifact_type: str, filename: str, content: bytes, metadata: Mapping[str, Any] | None = None
    ) -> StoredFile:
        """Write bytes to the artifact store now; their row commits with the step that stores them."""
        ...

    async def fetch(self, stored: StoredFile) -> bytes:
        """Return a stored file's bytes, checked against its hash."""
        ...

    async def parent_state(self) -> Mapping[str, Any]:
        """Return the last state of the decision set forked from, else of the project's last completed one, else {}."""
        ...
