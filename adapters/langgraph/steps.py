"""What a task of a superstep leaves to be recorded, and its keeping beside the task's pending writes.

A task that has finished in a superstep that has not is not run again after a crash: LangGraph takes its writes from
the storage. What the recorder knew of it must then be there too. So it is kept as one more pending write, under a
channel that no graph sees.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from cattrs.preconf.json import make_converter

from domain.model.agent_run import AgentRun
from domain.model.artifact import Artifact
from ports.checkpoints import Packed, WriteRecord
from ports.system import Ids

RECORD_CHANNEL = "__recorded__"
_RECORD_INDEX = -100
_RECORD_TYPE = "record"
_converter = make_converter()
_converter.register_unstructure_hook(UUID, str)
_converter.register_structure_hook(UUID, lambda value, _: UUID(value))


@frozen
class TaskName:
    """Where a task runs: the namespace of its graph, the node's name, its own id, and its full namespace."""

    namespace: str
    node: str
    task_id: str
    full: str

    @classmethod
    def parse(cls, full: str) -> "TaskName":
        """Read a task's namespace as LangGraph writes it: ``parent:id|1|node:id``."""
        namespace, _, last = full.rpartition("|")
        node, _, task_id = last.rpartition(":")
        return cls(namespace, node, task_id, full)


@frozen
class NamedEvent:
    """An event that a task recorded: its type and data."""

    event_type: str
    data: Mapping[str, Any] = field(factory=dict)


@frozen
class FinishedTask:
    """A task that ended well, with all that it leaves; ``run`` is the agent run as it was started."""

    run: AgentRun
    output: Any
    usage: Mapping[str, Any]
    events: tuple[NamedEvent, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    ended_at: datetime | None = None

    def rebound(self, decision_set_id: UUID, job_id: UUID, lease_token: int, ids: Ids) -> "FinishedTask":
        """Return it as this decision set's own, when the thread it comes from was copied."""
        if self.run.decision_set_id == decision_set_id:
            return self
        run = evolve(self.run, id=ids.new(), decision_set_id=decision_set_id, job_id=job_id, lease_token=lease_token)
        artifacts = tuple(evolve(one, id=ids.new(), decision_set_id=decision_set_id) for one in self.artifacts)
        return evolve(self, run=run, artifacts=artifacts)


def packed_record(task_id: str, task_path: str, finished: Sequence[FinishedTask]) -> WriteRecord:
    """Return what a task leaves, its sub-graphs' unfinished steps included, as one more pending write of it."""
    text = _converter.dumps(list(finished), unstructure_as=list[FinishedTask])
    return WriteRecord(task_id, _RECORD_INDEX, RECORD_CHANNEL, Packed(_RECORD_TYPE, text.encode()), task_path)


def unpacked_record(write: WriteRecord) -> list[FinishedTask]:
    """Return what ``packed_record`` kept."""
    return _converter.loads(write.value.data, list[FinishedTask])


def is_record(write: WriteRecord) -> bool:
    """Tell whether a pending write is one of ours rather than the graph's."""
    return write.channel == RECORD_CHANNEL
