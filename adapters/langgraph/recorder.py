"""Records what the tasks of a superstep did, so that it commits with the superstep's checkpoint."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, evolve, field
from langgraph.types import Interrupt

from adapters.langgraph.fence import Fence
from adapters.langgraph.gates import approval_of, open_approvals
from adapters.langgraph.ledger import LOST, Ledger, Stopped
from adapters.langgraph.plain import capped
from adapters.langgraph.steps import FinishedTask, NamedEvent, TaskName, packed_record, unpacked_record
from domain.model.agent_run import AgentRun
from domain.model.approval import Approval
from domain.model.artifact import Artifact
from domain.model.errors import InvalidValueError
from domain.model.event_type import EventType
from ports.checkpoints import CheckpointKey, WriteRecord
from ports.storage import UnitOfWork

ABANDONED = "Stopped because another branch of the step failed."
_NOWHERE = TaskName.parse("")


@define
class OpenTask:
    """A task that is executing now, with what it has recorded so far."""

    name: TaskName
    run: AgentRun
    events: list[NamedEvent] = field(factory=list)
    artifacts: list[Artifact] = field(factory=list)


class Recorder:
    """Keeps what a run's tasks did until it may be written, and writes it.

    A start and a failure are written at once. The end of a task is kept: with the task's pending writes (so that a
    crash before the checkpoint loses nothing), and written for good with the checkpoint of its superstep. An interrupt
    is written with its pending write, together with the approval it asks for.
    """

    def __init__(self, ledger: Ledger, fence: Fence, at_barrier: Callable[[], object] = lambda: None) -> None:
        self.fence = fence
        self.at_barrier = at_barrier
        self._ledger = ledger
        self._running: dict[UUID, AgentRun] = {}
        self._open: dict[str, OpenTask] = {}
        self._finished: dict[str, tuple[TaskName, FinishedTask]] = {}
        self._stopped: dict[UUID, Stopped] = {}
        self._steps: dict[tuple[str, str], dict[tuple[str, str], list[FinishedTask]]] = {}
        self._lost: set[UUID] = set()

    async def started(self, name: TaskName, node_input: object) -> OpenTask:
        """Write that a task begins."""
        run_id = self._ledger.ids.new()
        run = await self.fence.write(lambda uow: self._ledger.start(uow, run_id, name, node_input))
        self._running[run.id] = run
        task = OpenTask(name, run)
        self._open[name.full] = task
        return task

    def finished(self, task: OpenTask, output: object, usage: Mapping[str, Any]) -> None:
        """Keep the end of a task until its superstep commits."""
        self._open.pop(task.name.full, None)
        done = FinishedTask(task.run, capped(output), dict(usage), tuple(task.events), tuple(task.artifacts))
        self._finished[task.name.full] = (task.name, done)

    def stopped(self, task: OpenTask, error: str | None = None) -> None:
        """Keep that a task stopped: to ask or to be drained, or, with an error, because another one failed.

        What it recorded is dropped, for it runs again.
        """
        self._open.pop(task.name.full, None)
        self._stopped[task.run.id] = Stopped(task.name, task.run, error)

    async def failed(self, task: OpenTask, error: str) -> None:
        """Write that a task raised."""
        self._open.pop(task.name.full, None)
        await self.fence.write(lambda uow: self._ledger.stop(uow, [Stopped(task.name, task.run, error)]))
        self._running.pop(task.run.id, None)

    async def recover(self) -> None:
        """Mark the runs failed that an earlier lease of this job left running, but those whose end was kept."""
        kept = self._kept_ids()

        async def work(uow: UnitOfWork) -> list[AgentRun]:
            running = await uow.agent_runs.running_of(self._ledger.job.id)
            await self._ledger.stop(uow, [Stopped(_NOWHERE, run, LOST) for run in running if run.id not in kept])
            return running

        running = await self.fence.write(work)
        self._running |= {run.id: run for run in running if run.id in kept}
        self._lost |= {run.id for run in running if run.id not in kept}

    async def write_rest(self) -> None:
        """Write, once the graph has ended, that nothing runs any more.

        A task whose end is kept until its step commits counts as interrupted: it waits for the others of the step.
        """
        kept = self._kept_ids()
        rest = [
            self._stopped.get(run.id) or Stopped(_NOWHERE, run, None if run.id in kept else ABANDONED)
            for run in self._running.values()
        ]
        if rest:
            await self.fence.write(lambda uow: self._ledger.stop(uow, rest))
            self._running.clear()
            self._stopped.clear()

    async def ask(self, approval: Approval) -> None:
        """Open an approval that no interrupt asks for."""

        async def work(uow: UnitOfWork) -> None:
            await self._ledger.request(uow, await open_approvals(uow, [approval]))

        await self.fence.write(work)

    def task(self, full: str) -> OpenTask | None:
        """Return the task that executes in a namespace, or in the nearest one around it."""
        while full:
            if full in self._open:
                return self._open[full]
            full = full.rpartition("|")[0]
        return None

    def emit(self, full: str, chunk: object) -> None:
        """Record what a node wrote to LangGraph's stream writer.

        ``{"reason_card": {...}}`` is a reason card, ``{"event": "name", "data": {...}}`` an event of the workflow's
        own; anything else is progress that nobody needs to keep. Raises InvalidValueError for an event name that is
        the product's own.
        """
        task = self.task(full)
        if task is None or not isinstance(chunk, Mapping):
            return
        if isinstance(chunk.get("reason_card"), Mapping):
            task.events.append(NamedEvent(EventType.REASON_CARD_RECORDED, {"card": capped(chunk["reason_card"])}))
        elif isinstance(chunk.get("event"), str):
            name = chunk["event"]
            if name in set(EventType):
                raise InvalidValueError("event", f"{name!r} is recorded by the product itself; choose another name")
            task.events.append(NamedEvent(name, {"data": capped(chunk.get("data"))}))

    def restore(self, key: CheckpointKey, write: WriteRecord) -> None:
        """Take back what was kept with the pending writes of a checkpoint."""
        step = self._steps.setdefault((key.namespace, key.checkpoint_id), {})
        place = (write.task_path, write.task_id)
        if place not in step:
            ledger = self._ledger
            token = ledger.job.lease_token
            step[place] = [
                one.rebound(ledger.decision_set_id, ledger.job.id, token, ledger.ids) for one in unpacked_record(write)
            ]

    async def keep(self, uow: UnitOfWork, key: CheckpointKey, task_id: str, task_path: str) -> list[WriteRecord]:
        """Return what a finished task leaves, its sub-graphs' loose ends included, as a pending write of it."""
        mine = [done for name, done in self._finished.values() if _of_task(name, key, task_id)]
        if not mine:
            return []
        now = await uow.now()
        stamped = [evolve(one, ended_at=now) for one in mine]
        self._steps.setdefault((key.namespace, key.checkpoint_id), {})[task_path, task_id] = stamped
        return [packed_record(task_id, task_path, stamped)]

    def kept(self, key: CheckpointKey, task_id: str) -> None:
        """Forget the loose ends that ``keep`` has written."""
        self._finished = {
            full: (name, done) for full, (name, done) in self._finished.items() if not _of_task(name, key, task_id)
        }

    async def interrupt(self, uow: UnitOfWork, key: CheckpointKey, task_id: str, value: object) -> None:
        """Write a task's interrupts as approvals, and its executions as interrupted."""
        asked = [one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, Interrupt)]
        mine = self._asking(key, task_id)
        gate = max((one.name for one in mine), key=lambda name: len(name.full), default=None)
        now = await uow.now()
        decision_set_id = self._ledger.decision_set_id
        approvals = [approval_of(decision_set_id, gate.node if gate else task_id, one, now) for one in asked]
        opened = await open_approvals(uow, approvals)
        await self._ledger.stop(uow, mine)
        await self._ledger.request(uow, opened)

    def interrupted(self, key: CheckpointKey, task_id: str) -> None:
        """Forget the executions that ``interrupt`` has written."""
        for one in self._asking(key, task_id):
            del self._stopped[one.run.id]
            del self._running[one.run.id]

    async def commit(self, uow: UnitOfWork, parent: CheckpointKey, checkpoint_id: str) -> None:
        """Write all that the superstep between two checkpoints leaves, in the transaction of the later one."""
        await self._ledger.complete(uow, self._step(parent), checkpoint_id, frozenset(self._lost))

    def committed(self, parent: CheckpointKey) -> None:
        """Forget what ``commit`` has written."""
        for one in self._step(parent):
            self._running.pop(one.run.id, None)
        self._steps.pop((parent.namespace, parent.checkpoint_id), None)
        self._finished = {
            full: (name, done)
            for full, (name, done) in self._finished.items()
            if not _below(name.namespace, parent.namespace)
        }

    def _step(self, parent: CheckpointKey) -> list[FinishedTask]:
        kept = self._steps.get((parent.namespace, parent.checkpoint_id), {})
        loose = [done for name, done in self._finished.values() if _below(name.namespace, parent.namespace)]
        return [one for place in sorted(kept) for one in kept[place]] + loose

    def _kept_ids(self) -> set[UUID]:
        return {one.run.id for step in self._steps.values() for tasks in step.values() for one in tasks}

    def _asking(self, key: CheckpointKey, task_id: str) -> Sequence[Stopped]:
        return [one for one in self._stopped.values() if one.error is None and _of_task(one.name, key, task_id)]


def _of_task(name: TaskName, key: CheckpointKey, task_id: str) -> bool:
    """Tell whether a task is that one, or runs in a sub-graph of it."""
    if name.namespace == key.namespace:
        return name.task_id == task_id
    return any(part.rpartition(":")[2] == task_id for part in name.namespace.split("|"))


def _below(namespace: str, top: str) -> bool:
    return not top or namespace == top or namespace.startswith(f"{top}|")
