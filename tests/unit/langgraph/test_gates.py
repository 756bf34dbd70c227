"""Interrupts become approvals, and answers go back to the very interrupt they belong to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from langgraph.config import get_stream_writer
from langgraph.types import Interrupt, interrupt
from pydantic import BaseModel

from adapters.langgraph.gates import approval_of
from domain.model.agent_run import AgentRunStatus
from domain.model.approval import ApprovalStatus, OnTimeout
from domain.model.errors import InvalidValueError
from domain.model.event_type import EventType
from ports.workflows import WorkflowEnd
from tests.unit.langgraph.graphs import State, asks, chain, logs, side_by_side
from tests.unit.langgraph.rig import Killed, MortalStorage, Rig, rig_of


async def _waiting(graph: Any) -> Rig:
    rig = await rig_of(graph)
    await rig.enqueue()
    assert (await rig.step()).end is WorkflowEnd.WAITING_APPROVAL
    return rig


async def test_a_question_opens_an_approval_with_what_it_says_of_its_answer() -> None:
    schema = {"type": "string"}
    rig = await _waiting(
        chain(gate=asks("ok?", response_schema=schema, defaults="yes", rejection="no", deadline_seconds=60))
    )
    (approval,) = await rig.approvals()
    assert (approval.gate, approval.prompt["question"]) == ("gate", "ok?")
    assert (approval.response_schema, approval.defaults, approval.rejection) == (schema, "yes", "no")
    assert approval.deadline == approval.created_at + timedelta(seconds=60)
    assert approval.on_timeout is OnTimeout.TAKE_DEFAULTS
    (asked,) = await rig.events(EventType.APPROVAL_REQUESTED)
    assert asked.event_data["interrupt_id"] == approval.interrupt_id


async def test_the_schema_that_langgraph_itself_takes_is_kept() -> None:
    class Decision(BaseModel):
        approve: bool

    def gate(state: State) -> dict[str, Any]:
        decision = interrupt("approve?", response_schema=Decision)
        return {"log": [f"{type(decision).__name__} {decision.approve}"]}

    rig = await _waiting(chain(gate=gate))
    (approval,) = await rig.approvals()
    assert approval.response_schema["required"] == ["approve"]
    await rig.answer({"gate": {"approve": True}})
    assert (await rig.step()).output["log"] == ["Decision True"]


async def test_a_run_that_asks_is_interrupted_and_runs_again_with_the_answer() -> None:
    rig = await _waiting(chain(gate=asks("ok?"), after=logs("after")))
    await rig.answer({"gate": "fine"})
    assert (await rig.step()).output["log"] == ["ok? fine", "after"]
    interrupted, completed, _ = await rig.runs()
    assert (interrupted.status, completed.status) == (AgentRunStatus.INTERRUPTED, AgentRunStatus.COMPLETED)
    assert interrupted.task_id == completed.task_id


async def test_what_an_agent_recorded_before_it_asked_is_recorded_once() -> None:
    def gate(state: State) -> dict[str, Any]:
        get_stream_writer()({"reason_card": {"choice": "ask"}})
        return {"log": [interrupt("ok?")]}

    rig = await _waiting(chain(gate=gate))
    assert await rig.events(EventType.REASON_CARD_RECORDED) == []
    await rig.answer({"gate": "fine"})
    await rig.step()
    assert len(await rig.events(EventType.REASON_CARD_RECORDED)) == 1


async def test_two_questions_of_one_node_are_two_approvals_answered_one_after_the_other() -> None:
    def gate(state: State) -> dict[str, Any]:
        return {"log": [interrupt("first?"), interrupt("second?")]}

    rig = await _waiting(chain(gate=gate))
    await rig.answer({"gate": "one"})
    assert (await rig.step()).end is WorkflowEnd.WAITING_APPROVAL
    await rig.answer({"gate": "two"})
    assert (await rig.step()).output["log"] == ["one", "two"]
    assert {approval.prompt: approval.answer for approval in await rig.approvals()} == {
        "first?": "one",
        "second?": "two",
    }


async def test_parallel_questions_wait_each_for_its_own_answer() -> None:
    rig = await _waiting(side_by_side(left=asks("left?"), right=asks("right?")))
    await rig.answer({"left": "L"})
    assert (await rig.step()).end is WorkflowEnd.WAITING_APPROVAL
    await rig.answer({"right": "R"})
    assert (await rig.step()).output["log"] == ["left? L", "right? R"]
    assert {one.gate: one.answer for one in await rig.approvals()} == {"left": "L", "right": "R"}


async def test_a_branch_that_finished_beside_a_question_waits_with_it_and_is_completed_once() -> None:
    rig = await _waiting(side_by_side(quick=logs("quick"), gate=asks("ok?")))
    assert {run.agent_name: run.status for run in await rig.runs()} == {
        "quick": AgentRunStatus.INTERRUPTED,
        "gate": AgentRunStatus.INTERRUPTED,
    }
    await rig.answer({"gate": "fine"})
    assert sorted((await rig.step()).output["log"]) == ["ok? fine", "quick"]
    assert sorted(run.agent_name for run in await rig.runs(AgentRunStatus.COMPLETED)) == ["gate", "quick"]
    assert sum(run.agent_name == "quick" for run in await rig.runs()) == 1


async def test_a_question_within_a_sub_graph_is_asked_once_under_the_name_of_its_node() -> None:
    rig = await _waiting(chain(outer=chain(inner=asks("ok?")).compile()))
    assert [approval.gate for approval in await rig.approvals()] == ["inner"]
    await rig.answer({"inner": "deep"})
    assert (await rig.step()).output["log"] == ["ok? deep"]


async def test_a_waiting_run_that_nobody_answered_goes_on_waiting_without_running_anything() -> None:
    rig = await _waiting(chain(gate=asks("ok?")))
    before = await rig.runs()
    await rig.answer({})
    assert (await rig.step()).end is WorkflowEnd.WAITING_APPROVAL
    assert await rig.runs() == before


async def test_a_gate_withdrawn_with_its_run_is_put_again_by_the_next_one() -> None:
    rig = await _waiting(chain(gate=asks("ok?")))
    async with rig.harness.transaction() as uow:
        (approval,) = await uow.approvals.find(decision_set_id=rig.decision_set.id)
        await uow.approvals.save(approval.cancelled(await uow.now()), expected_version=approval.version)
        for job in await uow.jobs.live_of(rig.decision_set.id):
            await uow.jobs.save(job.cancelled(await uow.now()), expected=job)
    await rig.enqueue()
    assert (await rig.step()).end is WorkflowEnd.WAITING_APPROVAL
    (again,) = await rig.approvals()
    assert (again.status, again.version) == (ApprovalStatus.OPEN, 3)
    await rig.answer({"gate": "late"})
    assert (await rig.step()).output["log"] == ["ok? late"]


async def test_the_gate_of_a_copied_thread_is_asked_again_for_the_copy() -> None:
    rig = await _waiting(chain(gate=asks("ok?")))
    original = rig.decision_set
    fork = await rig.harness.decision_set(workflow="tested", parent_id=original.id)
    async with rig.harness.transaction() as uow:
        await uow.checkpoints.copy_thread(original.thread_id, fork.thread_id)
    (asked,) = await rig.approvals()
    rig.decision_set = fork
    await rig.enqueue()
    assert (await rig.step()).end is WorkflowEnd.WAITING_APPROVAL
    (copied,) = await rig.approvals()
    assert (copied.interrupt_id, copied.decision_set_id) == (asked.interrupt_id, fork.id)
    await rig.answer({"gate": "in the copy"})
    assert (await rig.step()).output["log"] == ["ok? in the copy"]


async def test_a_graph_compiled_to_stop_before_a_node_waits_for_an_approval() -> None:
    graph = chain(one=logs("one"), two=logs("two")).compile(interrupt_before=["two"])
    rig = await _waiting(graph)
    (approval,) = await rig.approvals()
    assert (approval.gate, approval.defaults) == ("two", True)
    await rig.answer({"two": True})
    assert (await rig.step()).output["log"] == ["one", "two"]


async def test_a_graph_compiled_to_stop_after_a_node_waits_for_an_approval() -> None:
    graph = chain(one=logs("one"), two=logs("two")).compile(interrupt_after=["one"])
    rig = await _waiting(graph)
    await rig.answer({"two": True})
    assert (await rig.step()).output["log"] == ["one", "two"]


@pytest.mark.parametrize(
    "stated",
    [{"deadline_seconds": -1}, {"deadline_seconds": "soon"}, {"deadline_seconds": True}, {"on_timeout": "explode"}],
)
async def test_a_malformed_gate_fails_its_run_with_what_is_wrong(stated: dict[str, Any]) -> None:
    rig = await rig_of(chain(gate=asks("ok?", **stated)))
    await rig.enqueue()
    with pytest.raises(InvalidValueError, match=next(iter(stated))):
        await rig.step()
    assert await rig.approvals() == []


async def test_a_gate_may_reject_when_nobody_answers() -> None:
    rig = await _waiting(
        chain(gate=asks("ok?", deadline_seconds=1.5, rejection={"approve": False}, on_timeout="reject"))
    )
    (approval,) = await rig.approvals()
    expired = approval.expired(approval.created_at + timedelta(seconds=2))
    assert expired.answer == {"approve": False}


def test_a_prompt_of_any_python_value_becomes_json() -> None:
    odd = Interrupt(value={"when": datetime(2031, 1, 1, tzinfo=UTC), "which": {1, 2}}, id="a")
    approval = approval_of(UUID(int=1), "gate", odd, datetime(2031, 1, 1, tzinfo=UTC))
    assert approval.prompt == {"when": "2031-01-01T00:00:00+00:00", "which": [1, 2]}


async def test_answers_reach_the_right_gate_when_the_answered_run_dies_before_its_checkpoint() -> None:
    for dies_at in range(1, 12):
        rig = await _waiting(chain(first=asks("first?"), second=asks("second?")))
        await rig.answer({"first": "one"})
        try:
            outcome = await rig.step(MortalStorage(rig.harness.storage, dies_at, after_commit=True))
        except Killed:
            await rig.lose_worker()
            outcome = await rig.step()
        assert outcome.end is WorkflowEnd.WAITING_APPROVAL
        assert (await rig.state())["log"] == ["first? one"]
        assert [one.gate for one in await rig.approvals() if one.status is ApprovalStatus.OPEN] == ["second"]
