"""Runs of a graph that does nothing: by LangGraph itself, and as leased jobs."""

from datetime import timedelta
from typing import Any, TypedDict
from uuid import uuid4

from attrs import define, field
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.pregel import Pregel

from adapters.artifacts.memory import MemoryArtifactStore
from adapters.langgraph.catalog import GraphCatalog, Registration
from adapters.langgraph.checkpointer import StorageCheckpointer
from adapters.langgraph.runner import LangGraphRunner
from adapters.system.ids import Uuid7Ids
from benchmarks.storages import WORKFLOW, keep_decision_sets
from domain.model.decision_set import DecisionSet
from domain.model.job import WORKFLOW_JOB, Job, JobStatus, NewJob, Settlement
from ports.storage import Storage
from ports.workflows import WorkflowEnd

NODES = 5
LEASE = timedelta(hours=1)
INPUT = {"prompt": "Do nothing.", "count": 0}
Graph = Pregel[Any, Any, Any, Any]


class State(TypedDict):
    """What the nodes pass on."""

    prompt: str
    count: int


def empty_graph() -> StateGraph[State, Any, Any, Any]:
    """Return a graph of nodes in a row that only count."""

    async def node(state: State) -> dict[str, int]:
        return {"count": state["count"] + 1}

    builder = StateGraph(State)
    before = START
    for number in range(NODES):
        builder.add_node(f"node_{number}", node)
        builder.add_edge(before, f"node_{number}")
        before = f"node_{number}"
    return builder


def require_counted(values: Any) -> None:
    """Raise when a run has not passed every node."""
    if values["count"] != NODES:
        raise RuntimeError(f"The run ended with {values}.")


class StockRuns:
    """Runs by LangGraph, each on a thread of its own."""

    def __init__(self, builder: StateGraph[State, Any, Any, Any], saver: BaseCheckpointSaver[Any] | None) -> None:
        self._graph = builder.compile(checkpointer=saver)
        self._options: dict[str, Any] = {} if saver is None else {"durability": "sync"}

    async def run(self, count: int) -> None:
        """Run the graph, once after another."""
        for _ in range(count):
            config: Any = {"configurable": {"thread_id": str(uuid4())}}
            require_counted(await self._graph.ainvoke(dict(INPUT), config, **self._options))


@define
class Quiet:
    """A drain that nobody asks for."""

    requested: bool = False


@define
class LeasedRuns:
    """Runs as jobs that are leased beforehand, each of a decision set of its own."""

    storage: Storage
    ids: Uuid7Ids = field(factory=Uuid7Ids)
    _leased: list[tuple[Job, DecisionSet]] = field(factory=list, init=False)
    _catalog: GraphCatalog = field(init=False)

    def __attrs_post_init__(self) -> None:
        registration = Registration("benchmarks.graph_runs:empty_graph", build=empty_graph)
        self._catalog = GraphCatalog({WORKFLOW: registration})

    async def lease(self, count: int) -> None:
        """Keep decision sets, and queue and lease a job of each."""
        decision_sets = {one.id: one for one in await keep_decision_sets(self.storage, count)}
        async with self.storage.transaction() as uow:
            await uow.jobs.enqueue(
                [NewJob(self.ids.new(), WORKFLOW_JOB, {"input": INPUT}, key) for key in decision_sets]
            )
        async with self.storage.transaction() as uow:
            jobs = await uow.jobs.lease("benchmark", limit=count, duration=LEASE)
        self._leased = [(job, decision_sets[job.decision_set_id]) for job in jobs if job.decision_set_id is not None]

    async def run(self) -> None:
        """Run the leased jobs by the runner: checkpoints, agent runs and events commit together under the fence."""
        runner = LangGraphRunner(self.storage, self._catalog, MemoryArtifactStore(), self.ids)
        for job, decision_set in self._leased:
            outcome = await runner.run(job, decision_set, Quiet())
            if outcome.end is not WorkflowEnd.COMPLETED:
                raise RuntimeError(f"The run ended {outcome.end}.")
            require_counted(outcome.output)

    async def run_bare(self) -> None:
        """Run the graph with the fenced checkpointer alone: no agent runs, no events."""
        graph = await self._catalog.graph(WORKFLOW)
        for job, decision_set in self._leased:
            checkpointed: Graph = graph.copy({"checkpointer": StorageCheckpointer(self.storage, job.lease)})
            config: Any = {"configurable": {"thread_id": decision_set.thread_id}}
            require_counted(await checkpointed.ainvoke(dict(INPUT), config, durability="sync"))

    async def settle(self) -> None:
        """Settle the leased jobs."""
        async with self.storage.transaction() as uow:
            await uow.jobs.settle([Settlement(job.lease, JobStatus.COMPLETED) for job, _ in self._leased])
