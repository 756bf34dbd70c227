"""The worker dies at every transaction of a run, before it or right after its commit; another one ends the run."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from langgraph.config import get_stream_writer

from domain.model.agent_run import AgentRunStatus
from domain.model.job import JobStatus
from ports.workflows import WorkflowEnd
from tests.unit.langgraph.graphs import EVERYTHING_ANSWERED, State, everything, side_by_side
from tests.unit.langgraph.rig import Killed, MortalStorage, Rig, rig_of

LASTING = ("agent_completed", "reason_card_recorded", "report_written", "artifact_stored", "approval_requested")


async def _runs_to_the_end(rig: Rig, storage: Any = None) -> None:
    for _ in range(10):
        try:
            outcome = await rig.step(storage)
        except Killed:
            storage = None
            await rig.lose_worker()
            continue
        if outcome.end is WorkflowEnd.COMPLETED:
            return
        await rig.answer(EVERYTHING_ANSWERED)
    raise AssertionError("the run does not end")


async def _remains(rig: Rig) -> dict[str, Any]:
    """Return what must not depend on how often the worker died."""
    events = await rig.events(*LASTING)
    return {
        "state": await rig.state(),
        "runs": Counter((run.agent_name, str(run.output_data)) for run in await rig.runs(AgentRunStatus.COMPLETED)),
        "events": Counter(
            (event.event_type, event.event_data.get("agent"), str(event.event_data.get("card"))) for event in events
        ),
        "artifacts": [(row.filename, row.content_hash) for row in await rig.artifacts()],
        "approvals": Counter((one.gate, one.status, str(one.answer)) for one in await rig.approvals()),
        "checkpoints": Counter(stored.record.key.namespace.partition(":")[0] for stored in await rig.checkpoints()),
    }


async def _undisturbed() -> tuple[dict[str, Any], int]:
    rig = await rig_of(everything())
    counted = MortalStorage(rig.harness.storage)
    await rig.enqueue()
    await _runs_to_the_end(rig, counted)
    return await _remains(rig), counted.opened


@pytest.mark.parametrize("after_commit", [False, True], ids=["before", "after"])
async def test_a_worker_lost_at_any_transaction_changes_nothing_that_lasts(after_commit: bool) -> None:
    expected, transactions = await _undisturbed()
    assert transactions > 40
    for dies_at in range(1, transactions + 1):
        rig = await rig_of(everything())
        await rig.enqueue()
        mortal = MortalStorage(rig.harness.storage, dies_at, after_commit)
        await _runs_to_the_end(rig, mortal)
        assert await _remains(rig) == expected, f"died at transaction {dies_at} of {transactions}"
        assert not await rig.runs(AgentRunStatus.RUNNING), f"died at transaction {dies_at} of {transactions}"
        assert await _history_is_one_line(rig), f"died at transaction {dies_at} of {transactions}"


async def _history_is_one_line(rig: Rig) -> bool:
    parents = Counter((one.record.key.namespace, one.record.parent_id) for one in await rig.checkpoints())
    return max(parents.values()) == 1


async def test_a_task_that_finished_in_an_unfinished_step_is_recorded_but_not_run_again() -> None:
    bodies: Counter[str] = Counter()

    async def quick(state: State) -> dict[str, Any]:
        bodies["quick"] += 1
        get_stream_writer()({"reason_card": {"choice": "quick"}})
        return {"log": ["quick"]}

    async def late(state: State) -> dict[str, Any]:
        bodies["late"] += 1
        await asyncio.sleep(0.05)
        if bodies["late"] == 1:
            raise Killed
        return {"log": ["late"]}

    rig = await rig_of(side_by_side(quick=quick, late=late))
    await rig.enqueue()
    with pytest.raises(Killed):
        await rig.step()
    assert await rig.events("agent_completed", "reason_card_recorded") == []
    await rig.lose_worker()
    await rig.step()
    assert bodies == {"quick": 1, "late": 2}
    completed = await rig.runs(AgentRunStatus.COMPLETED)
    assert [run.agent_name for run in completed] == ["quick", "late"]
    assert len(await rig.events("reason_card_recorded")) == 1


async def test_the_job_of_a_lost_worker_counts_a_retry_and_keeps_its_token_rising() -> None:
    rig = await rig_of(everything())
    job = await rig.enqueue()
    await _runs_to_the_end(rig, MortalStorage(rig.harness.storage, 12))
    ended = await rig.harness.stored_job(job.id)
    assert (ended.status, ended.retry_count) == (JobStatus.COMPLETED, 1)
    assert ended.lease_token == 4
