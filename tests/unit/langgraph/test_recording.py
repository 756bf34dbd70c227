"""What nodes record beside their updates, and what they are offered."""

from typing import Any

import pytest
from attrs import evolve
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime

from domain.model.decision_set import DecisionSetStatus
from domain.model.errors import ArtifactCorruptError, InvalidValueError
from domain.model.event_type import EventType
from ports.workflows import WorkflowEnd
from tests.unit.langgraph.graphs import CONTEXT, State, chain, logs
from tests.unit.langgraph.rig import Rig, rig_of


def _offered(node: Any) -> StateGraph[State, Any, Any, Any]:
    builder = StateGraph(State, context_schema=CONTEXT)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    return builder


async def _run(graph: Any) -> Rig:
    rig = await rig_of(graph)
    await rig.enqueue()
    assert (await rig.step()).end is WorkflowEnd.COMPLETED
    return rig


async def test_progress_that_is_no_event_is_not_kept() -> None:
    def node(state: State) -> dict[str, Any]:
        get_stream_writer()("half way")
        get_stream_writer()({"percent": 50})
        return {}

    rig = await _run(chain(node=node))
    assert {event.event_type for event in await rig.events()} == {EventType.AGENT_STARTED, EventType.AGENT_COMPLETED}


async def test_a_workflow_cannot_record_events_in_the_products_name() -> None:
    def node(state: State) -> dict[str, Any]:
        get_stream_writer()({"event": "approval_answered"})
        return {}

    with pytest.raises(InvalidValueError, match="approval_answered"):
        await _run(chain(node=node))


async def test_an_update_that_is_too_large_is_recorded_as_its_size_and_beginning() -> None:
    rig = await _run(chain(node=lambda _: {"log": ["x" * 100_000]}))
    (run,) = await rig.runs()
    assert run.output_data["truncated"] is True
    assert run.output_data["bytes"] > 100_000
    assert (await rig.state())["log"] == ["x" * 100_000]


async def test_an_update_that_is_no_json_is_recorded_as_near_as_json_gets() -> None:
    rig = await _run(chain(node=lambda _: {"log": [{"a": {2, 1}, "b": b"xyz", "c": float("nan"), "d": "\x00\ud800"}]}))
    (run,) = await rig.runs()
    assert run.output_data == {"log": [{"a": [1, 2], "b": {"bytes": 3}, "c": "nan", "d": "\ufffd\ufffd"}]}


async def test_a_node_learns_what_project_it_works_for() -> None:
    def node(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
        return {"log": [runtime.context.project_name, str(runtime.context.decision_set_id)]}

    rig = await _run(_offered(node))
    assert (await rig.state())["log"] == ["churn", str(rig.decision_set.id)]


async def test_a_graph_without_a_context_of_ours_gets_none() -> None:
    def node(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
        return {"log": [str(runtime.context)]}

    rig = await _run(chain(node=node))
    assert (await rig.state())["log"] == ["None"]


async def test_a_stored_file_is_fetched_back_and_a_changed_one_refused() -> None:
    async def node(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
        stored = await runtime.context.store("note", "notes/a.txt", b"first")
        other = await runtime.context.store("note", "notes/b.txt", b"other")
        with pytest.raises(ArtifactCorruptError):
            await runtime.context.fetch(evolve(stored, storage_key=other.storage_key))
        return {"log": [(await runtime.context.fetch(stored)).decode()]}

    rig = await _run(_offered(node))
    assert (await rig.state())["log"] == ["first"]
    assert [row.filename for row in await rig.artifacts()] == ["notes/a.txt", "notes/b.txt"]


async def test_a_file_with_an_unsafe_name_is_refused_before_its_bytes_are_kept() -> None:
    async def node(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
        await runtime.context.store("note", "../escape", b"bytes")
        return {}

    with pytest.raises(InvalidValueError, match="filename"):
        await _run(_offered(node))


async def _told_by_parent(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
    return {"log": [f"before: {dict(await runtime.context.parent_state()).get('log')}"]}


async def test_the_parent_state_of_the_first_design_is_empty() -> None:
    rig = await _run(_offered(_told_by_parent))
    assert (await rig.state())["log"] == ["before: None"]


async def test_the_parent_state_is_that_of_the_decision_set_forked_from() -> None:
    rig = await _run(_offered(_told_by_parent))
    rig.decision_set = await rig.harness.decision_set(workflow="tested", parent_id=rig.decision_set.id)
    await rig.enqueue()
    await rig.step()
    assert (await rig.state())["log"] == ["before: ['before: None']"]


async def test_the_parent_state_is_else_that_of_the_projects_last_completed_design() -> None:
    rig = await _run(_offered(_told_by_parent))
    async with rig.harness.transaction() as uow:
        done = rig.decision_set.moved(DecisionSetStatus.COMPLETED, await uow.now())
        await uow.decision_sets.save(done, expected_version=1)
        project = await uow.projects.get(done.project_id)
    rig.decision_set = await rig.harness.decision_set(project, workflow="tested")
    await rig.enqueue()
    await rig.step()
    assert (await rig.state())["log"] == ["before: ['before: None']"]


async def test_a_copied_threads_finished_tasks_are_recorded_as_the_copys_own() -> None:
    attempts: list[int] = []

    async def breaks_once(state: State) -> dict[str, Any]:
        if not attempts:
            attempts.append(1)
            raise ZeroDivisionError
        return {"log": ["held"]}

    builder = StateGraph(State)
    builder.add_node("done", logs("done"))
    builder.add_node("breaks", breaks_once)
    builder.add_edge(START, "done")
    builder.add_edge(START, "breaks")
    rig = await rig_of(builder)
    await rig.enqueue()
    with pytest.raises(ZeroDivisionError):
        await rig.step()
    fork = await rig.harness.decision_set(workflow="tested", parent_id=rig.decision_set.id)
    async with rig.harness.transaction() as uow:
        await uow.checkpoints.copy_thread(rig.decision_set.thread_id, fork.thread_id)
    rig.decision_set = fork
    await rig.enqueue()
    await rig.step()
    assert {run.agent_name: run.decision_set_id for run in await rig.runs()} == {"done": fork.id, "breaks": fork.id}
