"""Nodes that raise, people who say no, and threads with a long history of questions."""

from datetime import timedelta
from typing import Any

import pytest

from domain.model.agent_run import AgentRunStatus
from domain.model.approval import Approval
from ports.workflows import WorkflowEnd
from tests.unit.langgraph.graphs import State, asks, chain, logs
from tests.unit.langgraph.rig import rig_of


def _raises(message: str) -> Any:
    def node(state: State) -> dict[str, Any]:
        raise ValueError(message)

    return node


async def test_a_secret_in_a_nodes_error_reaches_neither_its_run_nor_the_log() -> None:
    rig = await rig_of(chain(broken=_raises("postgres://ann:hunter2secret@db/x refused, api_key=abcdef123456")))
    await rig.enqueue()
    with pytest.raises(ValueError, match="refused"):
        await rig.step()
    (run,) = await rig.runs(AgentRunStatus.FAILED)
    (event,) = await rig.events("agent_failed")
    for told in (run.error_message or "", event.event_data["error"]):
        assert "refused" in told
        assert "hunter2secret" not in told
        assert "abcdef123456" not in told


@pytest.mark.parametrize("odd", ["NUL \x00 inside", "half \ud800 a pair"])
async def test_an_error_whose_text_no_storage_can_keep_is_still_the_nodes_own(odd: str) -> None:
    rig = await rig_of(chain(broken=_raises(odd)))
    await rig.enqueue()
    with pytest.raises(ValueError, match=r"inside|pair"):
        await rig.step()
    (run,) = await rig.runs()
    assert run.status is AgentRunStatus.FAILED


async def test_a_person_who_says_no_where_a_graph_stops_by_itself_ends_it() -> None:
    rig = await rig_of(chain(one=logs("one"), two=logs("two")).compile(interrupt_before=["two"]))
    await rig.enqueue()
    assert (await rig.step()).end is WorkflowEnd.WAITING_APPROVAL
    (approval,) = await rig.approvals()
    assert approval.response_schema == {"type": "boolean"}
    await rig.answer({"two": False})
    outcome = await rig.step()
    assert outcome.end is WorkflowEnd.CANCELLED
    assert "two" in (outcome.reason or "")
    assert (await rig.state())["log"] == ["one"]


@pytest.mark.parametrize("stops", [{}, {"interrupt_before": ["gate"]}])
async def test_an_answer_reaches_a_thread_that_has_asked_a_thousand_times_before(stops: dict[str, Any]) -> None:
    rig = await rig_of(chain(gate=asks("ok?")).compile(**stops))
    harness = rig.harness
    earlier = harness.now - timedelta(days=1)
    async with harness.transaction() as uow:
        asked = [Approval(rig.decision_set.id, f"old-{number}", "old", "?", earlier) for number in range(1000)]
        await uow.approvals.open([approval.answered(True, "ann", earlier) for approval in asked])
    await rig.enqueue()
    outcome = await rig.finish({"gate": True}, most=4)
    assert outcome.output["log"] == ["ok? True"]
