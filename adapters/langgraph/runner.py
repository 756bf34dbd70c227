"""Runs a compiled graph as a workflow, under a job's lease."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from attrs import frozen
from langchain_core.runnables import RunnableConfig
from langgraph._internal._constants import CONFIG_KEY_RUNTIME, CONFIG_KEY_STREAM
from langgraph.errors import GraphDrained
from langgraph.pregel import Pregel
from langgraph.pregel.protocol import StreamProtocol
from langgraph.runtime import RunControl, Runtime
from langgraph.types import StateSnapshot

from adapters.langgraph.catalog import GraphCatalog, Registration
from adapters.langgraph.checkpointer import StorageCheckpointer
from adapters.langgraph.context import NodeContext, accepts_context, current_namespace
from adapters.langgraph.fence import Fence
from adapters.langgraph.gates import breakpoint_approval, breakpoint_id
from adapters.langgraph.ledger import Ledger
from adapters.langgraph.observer import NodeObserver
from adapters.langgraph.plain import capped
from adapters.langgraph.recorder import Recorder
from adapters.langgraph.resuming import Invoke, checkpoint_id_of, plan_run
from adapters.langgraph.serializer import StrictSerializer, strict_serializer
from domain.model.approval import Approval
from domain.model.decision_set import DecisionSet
from domain.model.errors import NotFoundError
from domain.model.job import Job
from ports.artifacts import ArtifactStore
from ports.storage import Storage
from ports.system import Ids
from ports.workflows import Drain, WorkflowEnd, WorkflowOutcome

_CANCELLED = "cancelled"


@frozen
class LangGraphRunner:
    """Run decision sets' workflows as LangGraph graphs."""

    storage: Storage
    catalog: GraphCatalog
    artifact_store: ArtifactStore
    ids: Ids

    async def run(self, job: Job, decision_set: DecisionSet, drain: Drain) -> WorkflowOutcome:
        """Start or go on with the workflow from its last checkpoint, until it ends, waits or is drained.

        Each superstep's checkpoint, events, agent runs and artifact rows commit in one fenced transaction. Raises
        UnknownWorkflowError, WorkflowLoadError, LeaseLostError, StorageUnavailableError, InvalidValueError when there
        is no usable input, or what a node raised.
        """
        registration = self.catalog.registration(decision_set.workflow)
        graph = await self.catalog.graph(decision_set.workflow)
        run = await self._prepare(graph, registration, job, decision_set, drain)
        snapshot = await run.graph.aget_state(run.config)
        await run.recorder.recover()
        plan = plan_run(graph, snapshot, job, decision_set, await self._approvals(decision_set, snapshot))
        if isinstance(plan, Invoke):
            drained = await run.invoke(plan)
            await run.recorder.write_rest()
            snapshot = await run.graph.aget_state(run.config)
            if drained:
                return WorkflowOutcome(WorkflowEnd.DRAINED, checkpoint_id=checkpoint_id_of(snapshot))
        elif plan is WorkflowEnd.CANCELLED:
            stop = ", ".join(task.name for task in snapshot.tasks)
            return WorkflowOutcome(plan, f"going on with {stop} was declined", checkpoint_id=checkpoint_id_of(snapshot))
        return await self._outcome(run, snapshot, decision_set)

    async def _prepare(
        self,
        graph: Pregel[Any, Any, Any, Any],
        registration: Registration,
        job: Job,
        decision_set: DecisionSet,
        drain: Drain,
    ) -> "_Run":
        serializer = strict_serializer(registration.allowed_types, graph)
        fence = Fence(self.storage, job.lease)
        control = RunControl()

        def look_at_drain() -> None:
            if drain.requested:
                control.request_drain("the worker is shutting down")

        look_at_drain()
        recorder = Recorder(Ledger(job, decision_set.id, self.ids), fence, look_at_drain)
        checkpointer = StorageCheckpointer(self.storage, job.lease, recorder, serializer=serializer)
        context = await self._context(decision_set, recorder, serializer) if accepts_context(graph) else None
        return _Run(
            graph.copy({"checkpointer": checkpointer}),
            _config(job, decision_set, recorder),
            recorder,
            control,
            context,
            registration.outcome_key,
        )

    async def _context(
        self, decision_set: DecisionSet, recorder: Recorder, serializer: StrictSerializer
    ) -> NodeContext:
        async with self.storage.transaction(read_only=True) as uow:
            project = await uow.projects.get(decision_set.project_id)
        return NodeContext(
            decision_set, project.name, self.storage, self.artifact_store, recorder, serializer, self.ids
        )

    async def _approvals(self, decision_set: DecisionSet, snapshot: StateSnapshot) -> Mapping[str, Approval]:
        """Return the approvals of what the thread waits for now, by interrupt id; those not asked for yet are left out.

        By id, for a long thread has more approvals than one look shows.
        """
        asked = [interrupt.id for interrupt in snapshot.interrupts] or [breakpoint_id(checkpoint_id_of(snapshot) or "")]
        found = {}
        async with self.storage.transaction(read_only=True) as uow:
            for interrupt_id in asked:
                with suppress(NotFoundError):
                    found[interrupt_id] = await uow.approvals.get(decision_set.id, interrupt_id)
        return found

    async def _outcome(self, run: "_Run", snapshot: StateSnapshot, decision_set: DecisionSet) -> WorkflowOutcome:
        checkpoint_id = checkpoint_id_of(snapshot)
        if snapshot.tasks and checkpoint_id is not None:
            if not snapshot.interrupts:
                async with self.storage.transaction(read_only=True) as uow:
                    now = await uow.now()
                names = [task.name for task in snapshot.tasks]
                await run.recorder.ask(breakpoint_approval(decision_set.id, checkpoint_id, names, now))
            return WorkflowOutcome(WorkflowEnd.WAITING_APPROVAL, checkpoint_id=checkpoint_id)
        output = _output(run.graph, snapshot)
        told = (
            snapshot.values.get(run.outcome_key) if run.outcome_key and isinstance(snapshot.values, Mapping) else None
        )
        if isinstance(told, Mapping) and told.get("status") == _CANCELLED:
            reason = str(told.get("reason") or "") or None
            return WorkflowOutcome(WorkflowEnd.CANCELLED, reason, output, checkpoint_id)
        return WorkflowOutcome(WorkflowEnd.COMPLETED, None, output, checkpoint_id)


@frozen
class _Run:
    """One run: the graph with its own checkpointer, and what observes and stops it."""

    graph: Pregel[Any, Any, Any, Any]
    config: RunnableConfig
    recorder: Recorder
    control: RunControl
    context: NodeContext | None
    outcome_key: str | None

    async def invoke(self, plan: Invoke) -> bool:
        """Run the graph to its next end; return whether it was drained.

        A write that failed stops the graph, whatever LangGraph or a node made of its error.
        """
        config = self.config
        if plan.checkpoint_id is not None:
            config = {**config, "configurable": {**config["configurable"], "checkpoint_id": plan.checkpoint_id}}
        fence = self.recorder.fence
        running = asyncio.ensure_future(
            self.graph.ainvoke(plan.graph_input, config, context=self.context, durability="sync", control=self.control)
        )
        fence.on_failure = running.cancel
        try:
            await running
        except GraphDrained:
            return True
        except BaseException as error:
            await self._close_after(error)
            raise
        finally:
            fence.on_failure = None
        if fence.failure is not None:
            raise fence.failure
        return False

    async def _close_after(self, error: BaseException) -> None:
        failure = self.recorder.fence.failure
        if failure is not None:
            raise failure from (error if error is not failure else None)
        if isinstance(error, Exception):
            await self.recorder.write_rest()


def _config(job: Job, decision_set: DecisionSet, recorder: Recorder) -> RunnableConfig:
    """Return the config of a run.

    The stream writer is set where LangGraph looks for that of a graph around this one: that one is called at once, in
    the node, while the public stream is read some time later and could miss the step's commit.
    """

    def write(chunk: Any) -> None:
        recorder.emit(current_namespace(), chunk)

    run_id = str(job.id)
    return {
        "configurable": {
            "thread_id": decision_set.thread_id,
            CONFIG_KEY_STREAM: StreamProtocol(lambda _: None, set()),
            CONFIG_KEY_RUNTIME: Runtime(stream_writer=write),
        },
        "metadata": {
            "run_id": run_id,
            "workflow": decision_set.workflow,
            "workflow_version": decision_set.workflow_version,
        },
        "callbacks": [NodeObserver(recorder)],
    }


def _output(graph: Pregel[Any, Any, Any, Any], snapshot: StateSnapshot) -> Mapping[str, Any]:
    shown = graph.output_channels
    if isinstance(snapshot.values, Mapping):
        keys = snapshot.values.keys() if isinstance(shown, str) else shown
        return {key: capped(snapshot.values[key]) for key in keys if key in snapshot.values}
    return {"output": capped(snapshot.values)}
