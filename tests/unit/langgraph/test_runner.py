"""Running graphs: what is recorded, when, and how a run ends."""

import asyncio
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, RetryPolicy
from typing_extensions import TypedDict

from domain.model.agent_run import AgentRunStatus
from domain.model.errors import InvalidValueError, LeaseLostError, WorkflowLoadError
from domain.model.event_type import EventType
from domain.model.job import JobStatus
from ports.workflows import WorkflowEnd
from tests.unit.langgraph.graphs import EVERYTHING_ANSWERED, State, chain, everything, logs, side_by_side
from tests.unit.langgraph.rig import PROMPT, rig_of


async def test_a_chain_runs_to_its_end_and_returns_its_output() -> None:
    rig = await rig_of(chain(one=logs("one"), two=logs("two")))
    await rig.enqueue()
    outcome = await rig.step()
    assert outcome.end is WorkflowEnd.COMPLETED
    assert outcome.output == {"prompt": PROMPT, "log": ["one", "two"]}
    assert outcome.checkpoint_id == (await rig.checkpoints())[0].record.key.checkpoint_id


async def test_each_node_leaves_an_agent_run_with_its_input_and_its_update() -> None:
    rig = await rig_of(chain(one=logs("one"), two=logs("two")))
    job = await rig.enqueue()
    await rig.step()
    one, two = await rig.runs()
    assert (one.agent_name, two.agent_name) == ("one", "two")
    assert (two.input_data, two.output_data) == ({"prompt": PROMPT, "log": ["one"]}, {"log": ["two"]})
    assert (two.job_id, two.lease_token, two.status) == (job.id, 1, AgentRunStatus.COMPLETED)
    assert two.checkpoint_id == (await rig.checkpoints())[0].record.key.checkpoint_id


async def test_the_log_tells_of_each_agent_in_order() -> None:
    rig = await rig_of(everything())
    await rig.enqueue()
    await rig.finish(EVERYTHING_ANSWERED)
    told = [(event.event_type, event.event_data.get("agent")) for event in await rig.events()]
    assert told[:2] == [(EventType.AGENT_STARTED, "plan"), (EventType.AGENT_COMPLETED, "plan")]
    assert told[-4:] == [
        (EventType.AGENT_STARTED, "deliver"),
        ("report_written", "deliver"),
        (EventType.ARTIFACT_STORED, "deliver"),
        (EventType.AGENT_COMPLETED, "deliver"),
    ]


async def test_parallel_tasks_are_recorded_in_the_order_of_the_graph() -> None:
    rig = await rig_of(everything())
    await rig.enqueue()
    await rig.step()
    cards = [event.event_data["card"] for event in await rig.events(EventType.REASON_CARD_RECORDED)]
    assert cards == [{"choice": "part 0"}, {"choice": "part 1"}, {"choice": "part 2"}]


async def test_the_start_of_a_node_is_visible_while_it_runs_and_its_end_only_with_its_checkpoint() -> None:
    seen: list[Any] = []

    async def looking(state: State) -> dict[str, Any]:
        seen.append([(run.agent_name, run.status) for run in await rig.runs()])
        return {"log": ["looked"]}

    rig = await rig_of(chain(one=logs("one"), looking=looking))
    await rig.enqueue()
    await rig.step()
    assert seen == [[("one", AgentRunStatus.COMPLETED), ("looking", AgentRunStatus.RUNNING)]]


async def test_a_finished_branch_is_not_recorded_before_its_step_is() -> None:
    seen: list[Any] = []

    async def slow(state: State) -> dict[str, Any]:
        await asyncio.sleep(0.05)
        seen.extend(sorted((run.agent_name, str(run.status)) for run in await rig.runs()))
        return {}

    rig = await rig_of(side_by_side(quick=logs("quick"), slow=slow))
    await rig.enqueue()
    await rig.step()
    assert seen == [("quick", "running"), ("slow", "running")]


async def test_a_stored_file_is_in_the_store_and_its_row_commits_with_the_step() -> None:
    rig = await rig_of(everything())
    await rig.enqueue()
    await rig.finish(EVERYTHING_ANSWERED)
    (row,) = await rig.artifacts()
    assert row.filename == "report.txt"
    assert b"part 1" in await rig.artifact_store.get(row.storage_key)


async def test_an_error_of_a_node_surfaces_as_itself_and_its_run_is_failed_at_once() -> None:
    def breaks(state: State) -> dict[str, Any]:
        raise ZeroDivisionError("by nothing")

    rig = await rig_of(chain(one=logs("one"), breaks=breaks))
    await rig.enqueue()
    with pytest.raises(ZeroDivisionError):
        await rig.step()
    (failed,) = await rig.runs(AgentRunStatus.FAILED)
    assert (failed.agent_name, failed.error_message) == ("breaks", "ZeroDivisionError: by nothing")
    assert len(await rig.events(EventType.AGENT_FAILED)) == 1


async def test_a_failing_branch_stops_the_others_and_no_run_is_left_running() -> None:
    async def waits(state: State) -> dict[str, Any]:
        await asyncio.sleep(30)
        return {}

    async def breaks(state: State) -> dict[str, Any]:
        await asyncio.sleep(0.02)
        raise ZeroDivisionError

    rig = await rig_of(side_by_side(waits=waits, breaks=breaks))
    await rig.enqueue()
    with pytest.raises(ZeroDivisionError):
        await rig.step()
    assert {run.agent_name: run.status for run in await rig.runs()} == {
        "waits": AgentRunStatus.FAILED,
        "breaks": AgentRunStatus.FAILED,
    }


async def test_each_attempt_of_a_node_with_a_retry_policy_is_a_run_of_the_same_task() -> None:
    attempts: list[int] = []

    def unsteady(state: State) -> dict[str, Any]:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("once")
        return {"log": ["held"]}

    builder = StateGraph(State)
    builder.add_node("unsteady", unsteady, retry_policy=RetryPolicy(initial_interval=0.01, jitter=False))
    builder.add_edge(START, "unsteady")
    rig = await rig_of(builder)
    await rig.enqueue()
    await rig.step()
    first, second = await rig.runs()
    assert (first.status, second.status) == (AgentRunStatus.FAILED, AgentRunStatus.COMPLETED)
    assert first.task_id == second.task_id


async def test_a_failed_run_goes_on_from_its_last_checkpoint_when_tried_again() -> None:
    attempts: list[int] = []

    def breaks_once(state: State) -> dict[str, Any]:
        attempts.append(1)
        if len(attempts) == 1:
            raise ZeroDivisionError
        return {"log": ["held"]}

    rig = await rig_of(chain(one=logs("one"), breaks_once=breaks_once))
    await rig.enqueue()
    with pytest.raises(ZeroDivisionError):
        await rig.step()
    await rig.lose_worker()
    outcome = await rig.step()
    assert outcome.output["log"] == ["one", "held"]
    assert [run.agent_name for run in await rig.runs()] == ["one", "breaks_once", "breaks_once"]


async def test_a_node_whose_routing_raised_after_its_update_runs_again_rather_than_being_taken_for_finished() -> None:
    attempts: list[int] = []

    def route(state: State) -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise ZeroDivisionError
        return "two"

    builder = StateGraph(State)
    builder.add_node("one", logs("one"))
    builder.add_node("two", logs("two"))
    builder.add_edge(START, "one")
    builder.add_conditional_edges("one", route, ["two"])
    rig = await rig_of(builder)
    await rig.enqueue()
    with pytest.raises(ZeroDivisionError):
        await rig.step()
    await rig.lose_worker()
    assert (await rig.step()).output["log"] == ["one", "two"]
    assert [run.agent_name for run in await rig.runs(AgentRunStatus.COMPLETED)] == ["one", "two"]


async def test_a_branch_stopped_just_after_its_update_runs_again_with_the_step() -> None:
    failing = asyncio.Event()
    attempts: list[int] = []

    async def breaks_once(state: State) -> dict[str, Any]:
        attempts.append(1)
        if len(attempts) == 1:
            await failing.wait()
            raise ZeroDivisionError
        return {"log": ["held"]}

    async def route(state: State) -> str:
        failing.set()
        await asyncio.sleep(1 if len(attempts) == 1 else 0)
        return END

    builder = StateGraph(State)
    builder.add_node("breaks", breaks_once)
    builder.add_node("routed", logs("routed"))
    builder.add_edge(START, "breaks")
    builder.add_edge(START, "routed")
    builder.add_conditional_edges("routed", route, [END])
    rig = await rig_of(builder)
    await rig.enqueue()
    with pytest.raises(ZeroDivisionError):
        await rig.step()
    await rig.lose_worker()
    assert sorted((await rig.step()).output["log"]) == ["held", "routed"]
    assert {run.agent_name for run in await rig.runs(AgentRunStatus.COMPLETED)} == {"breaks", "routed"}


async def test_a_worker_whose_lease_has_passed_on_writes_nothing_and_its_graph_is_stopped() -> None:
    reached: list[str] = []

    async def loses_its_lease(state: State) -> dict[str, Any]:
        await rig.lose_worker()
        (taken,) = await rig.harness.lease(worker="another")
        reached.append(str(taken.lease_token))
        return {"log": ["stale"]}

    async def after(state: State) -> dict[str, Any]:
        reached.append("after")
        return {}

    rig = await rig_of(chain(loses_its_lease=loses_its_lease, after=after))
    await rig.enqueue()
    with pytest.raises(LeaseLostError) as lost:
        await rig.step()
    assert lost.value.lease_token == 1
    assert reached == ["2"]
    assert [run.status for run in await rig.runs()] == [AgentRunStatus.RUNNING]
    assert "log" not in await rig.state()


async def test_a_lost_lease_surfaces_even_when_the_node_tries_again_by_itself() -> None:
    async def loses_its_lease(state: State) -> dict[str, Any]:
        await rig.lose_worker()
        await rig.harness.lease(worker="another")
        raise ConnectionError("tried again by the node's policy")

    builder = StateGraph(State)
    builder.add_node("loses", loses_its_lease, retry_policy=RetryPolicy(max_attempts=5, initial_interval=5))
    builder.add_edge(START, "loses")
    rig = await rig_of(builder)
    await rig.enqueue()
    with pytest.raises(LeaseLostError):
        await asyncio.wait_for(rig.step(), timeout=2)


async def test_the_next_worker_closes_the_runs_that_a_lost_one_left_and_ends_the_work() -> None:
    async def hangs(state: State) -> dict[str, Any]:
        if not hung:
            hung.append(1)
            await asyncio.sleep(30)
        return {"log": ["through"]}

    hung: list[int] = []
    rig = await rig_of(chain(hangs=hangs))
    await rig.enqueue()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rig.step(), timeout=0.1)
    await rig.lose_worker()
    assert (await rig.step()).end is WorkflowEnd.COMPLETED
    first, second = await rig.runs()
    assert (first.status, second.status) == (AgentRunStatus.FAILED, AgentRunStatus.COMPLETED)
    assert "worker was lost" in (first.error_message or "")


async def test_a_drain_stops_at_the_next_checkpoint_and_another_worker_goes_on() -> None:
    async def drains(state: State) -> dict[str, Any]:
        rig.drain.requested = True
        return {"log": ["one"]}

    rig = await rig_of(chain(drains=drains, two=logs("two")))
    job = await rig.enqueue()
    assert (await rig.step()).end is WorkflowEnd.DRAINED
    assert (await rig.state())["log"] == ["one"]
    rig.drain.requested = False
    assert (await rig.step()).output["log"] == ["one", "two"]
    assert (await rig.harness.stored_job(job.id)).status is JobStatus.COMPLETED


async def test_a_drain_within_a_sub_graph_leaves_no_run_running() -> None:
    async def drains(state: State) -> dict[str, Any]:
        rig.drain.requested = True
        return {"log": ["inner one"]}

    rig = await rig_of(chain(outer=chain(drains=drains, two=logs("inner two")).compile()))
    await rig.enqueue()
    assert (await rig.step()).end is WorkflowEnd.DRAINED
    assert not await rig.runs(AgentRunStatus.RUNNING)
    rig.drain.requested = False
    assert (await rig.step()).output["log"] == ["inner one", "inner two"]
    assert [run.agent_name for run in await rig.runs(AgentRunStatus.COMPLETED)] == ["drains", "outer", "two"]


async def test_a_graph_that_calls_itself_off_ends_cancelled_with_its_reason() -> None:
    class Outcome(State, total=False):
        outcome: dict[str, str]

    builder = StateGraph(Outcome)
    builder.add_node("off", lambda _: {"outcome": {"status": "cancelled", "reason": "too dear"}})
    builder.add_edge(START, "off")
    rig = await rig_of(builder, outcome_key="outcome")
    await rig.enqueue()
    outcome = await rig.step()
    assert (outcome.end, outcome.reason) == (WorkflowEnd.CANCELLED, "too dear")


async def test_a_command_to_the_graph_around_a_sub_graph_completes_the_agents_that_gave_it() -> None:
    def leaves(state: State) -> Any:
        return Command(graph=Command.PARENT, goto="after", update={"log": ["left"]})

    inner = StateGraph(State)
    inner.add_node("leaves", leaves)
    inner.add_edge(START, "leaves")
    outer = StateGraph(State)
    outer.add_node("inner", inner.compile(), destinations=("after",))
    outer.add_node("after", logs("after"))
    outer.add_edge(START, "inner")
    outer.add_edge("after", END)
    rig = await rig_of(outer)
    await rig.enqueue()
    assert (await rig.step()).output["log"] == ["left", "after"]
    assert {run.agent_name for run in await rig.runs(AgentRunStatus.COMPLETED)} == {"inner", "leaves", "after"}


async def test_a_synchronous_node_may_run_a_sub_graph_in_its_thread() -> None:
    inner = chain(deep=logs("deep")).compile()
    rig = await rig_of(chain(calls=lambda state: {"log": inner.invoke({"prompt": "x"})["log"]}))
    await rig.enqueue()
    assert (await rig.step()).output["log"] == ["deep"]
    assert [run.agent_name for run in await rig.runs(AgentRunStatus.COMPLETED)] == ["calls", "deep"]


async def test_a_node_error_handler_ends_the_step_well_though_the_agent_failed() -> None:
    def breaks(state: State) -> dict[str, Any]:
        raise ValueError("broken")

    builder = StateGraph(State)
    builder.add_node("breaks", breaks, error_handler=lambda state: {"log": ["handled"]})
    builder.add_edge(START, "breaks")
    rig = await rig_of(builder)
    await rig.enqueue()
    assert (await rig.step()).output["log"] == ["handled"]
    assert [run.agent_name for run in await rig.runs(AgentRunStatus.FAILED)] == ["breaks"]
    assert not await rig.runs(AgentRunStatus.RUNNING)


async def test_a_chat_graph_gets_the_prompt_as_a_message_and_its_tokens_are_counted() -> None:
    usage = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
    model = GenericFakeChatModel(messages=iter([AIMessage("hello", usage_metadata=usage)]))

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    rig = await rig_of(builder)
    await rig.enqueue()
    outcome = await rig.step()
    assert [message["content"] for message in outcome.output["messages"]] == [PROMPT, "hello"]
    (run,) = await rig.runs()
    assert run.usage == usage


async def test_tokens_are_read_from_the_messages_of_an_update_when_no_model_reported_them() -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    builder = StateGraph(MessagesState)
    builder.add_node("answer", lambda _: {"messages": [AIMessage("by hand", usage_metadata=usage)]})
    builder.add_edge(START, "answer")
    rig = await rig_of(builder)
    await rig.enqueue()
    await rig.step()
    assert [run.usage for run in await rig.runs()] == [usage]


async def test_a_graph_whose_input_no_prompt_fits_says_which_keys_it_has() -> None:
    class Amount(TypedDict):
        amount: int

    builder = StateGraph(State, input_schema=Amount)
    builder.add_node("one", logs("one"))
    builder.add_edge(START, "one")
    rig = await rig_of(builder)
    await rig.enqueue()
    with pytest.raises(InvalidValueError, match="amount"):
        await rig.step()


async def test_new_input_on_a_completed_thread_starts_again_and_keeps_the_state() -> None:
    rig = await rig_of(chain(one=logs("one")))
    await rig.enqueue()
    await rig.step()
    await rig.enqueue({"log": ["more"]})
    assert (await rig.step()).output["log"] == ["one", "more", "one"]


async def test_a_run_may_start_from_an_earlier_checkpoint_of_its_thread() -> None:
    rig = await rig_of(chain(one=logs("one"), two=logs("two")))
    await rig.enqueue()
    await rig.step()
    after_one = next(
        stored.record.key.checkpoint_id for stored in await rig.checkpoints() if stored.record.metadata["step"] == 1
    )
    await rig.enqueue(checkpoint_id=after_one)
    assert (await rig.step()).output["log"] == ["one", "two"]
    assert [run.agent_name for run in await rig.runs(AgentRunStatus.COMPLETED)] == ["one", "two", "two"]


async def test_a_run_that_has_ended_already_is_not_run_again() -> None:
    rig = await rig_of(chain(one=logs("one")))
    await rig.enqueue()
    job = await rig.lease()
    await rig.runner().run(job, rig.decision_set, rig.drain)
    await rig.lose_worker()
    assert (await rig.step()).output["log"] == ["one"]
    assert len(await rig.runs()) == 1


async def test_checkpoints_carry_the_run_and_the_workflow_they_were_written_by() -> None:
    rig = await rig_of(chain(one=logs("one")))
    job = await rig.enqueue()
    await rig.step()
    for stored in await rig.checkpoints():
        assert stored.record.metadata["run_id"] == str(job.id)
        assert stored.record.metadata["workflow_version"] == rig.decision_set.workflow_version


async def test_a_workflow_that_is_no_graph_is_refused_by_name() -> None:
    rig = await rig_of({"not": "a graph"})
    await rig.enqueue()
    with pytest.raises(WorkflowLoadError, match="dict"):
        await rig.step()


async def test_a_cancelled_run_writes_nothing_more() -> None:
    async def hangs(state: State) -> dict[str, Any]:
        await asyncio.sleep(30)
        return {}

    rig = await rig_of(chain(hangs=hangs))
    await rig.enqueue()
    job = await rig.lease()
    running = asyncio.ensure_future(rig.runner().run(job, rig.decision_set, rig.drain))
    await asyncio.sleep(0.1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [run.status for run in await rig.runs()] == [AgentRunStatus.RUNNING]
    assert len(await rig.checkpoints()) == 2
