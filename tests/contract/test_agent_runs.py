"""Agent runs, on every storage."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.model.agent_run import AgentRun
from domain.model.errors import AlreadyExistsError, NotFoundError
from tests.contract.harness import Harness


def _run(harness: Harness, decision_set_id: UUID, **fields: Any) -> AgentRun:
    values = {"job_id": UUID(int=1), "agent_name": "planner", "task_id": "task", "lease_token": 1}
    return AgentRun(
        id=harness.ids.new(), decision_set_id=decision_set_id, started_at=harness.now, **{**values, **fields}
    )


async def test_runs_are_read_in_the_order_they_were_started(harness: Harness) -> None:
    owner, other = (await harness.decision_set()).id, (await harness.decision_set()).id
    runs = [_run(harness, owner, task_id=f"task {number}") for number in range(4)]
    async with harness.transaction() as work:
        await work.agent_runs.put([runs[2], runs[0], _run(harness, other)])
        await work.agent_runs.put([runs[3], runs[1]])
        await work.agent_runs.put([])
    async with harness.reading() as work:
        assert await work.agent_runs.find(decision_set_id=owner) == runs
        assert await work.agent_runs.find(decision_set_id=owner, limit=2, after=runs[0].id) == runs[1:3]
        assert await work.agent_runs.get(runs[1].id) == runs[1]


async def test_a_run_is_changed_by_its_id(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    first, second = _run(harness, owner, task_id="a"), _run(harness, owner, task_id="b")
    async with harness.transaction() as work:
        await work.agent_runs.put([first, second])
    now = await harness.advance(timedelta(milliseconds=1500))
    completed = first.completed(now, {"plan": [1, 2]}, usage={"input_tokens": 7}, checkpoint_id="c1")
    async with harness.transaction() as work:
        await work.agent_runs.put([completed, second.failed(now, "out of tokens")])
    async with harness.reading() as work:
        kept = await work.agent_runs.get(first.id)
        assert (await work.agent_runs.get(second.id)).error_message == "out of tokens"
    assert kept == completed
    assert kept.duration_ms == 1500


async def test_the_running_runs_of_a_job_are_those_not_ended(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    runs = [_run(harness, owner, task_id=f"task {number}") for number in range(3)]
    elsewhere = _run(harness, owner, job_id=UUID(int=2))
    async with harness.transaction() as work:
        await work.agent_runs.put([*runs, elsewhere])
        await work.agent_runs.put([runs[1].interrupted(harness.now)])
    async with harness.reading() as work:
        assert await work.agent_runs.running_of(UUID(int=1)) == [runs[0], runs[2]]
        assert await work.agent_runs.running_of(UUID(int=3)) == []


async def test_a_task_is_completed_once(harness: Harness) -> None:
    owner, other = (await harness.decision_set()).id, (await harness.decision_set()).id
    first, second = _run(harness, owner).completed(harness.now, 1), _run(harness, owner).completed(harness.now, 2)
    same_task_elsewhere = _run(harness, other).completed(harness.now, 3)
    crashed_before = _run(harness, owner).failed(harness.now, "crashed")
    async with harness.transaction() as work:
        await work.agent_runs.put([crashed_before, first, same_task_elsewhere])
        await work.agent_runs.put([first])
    with pytest.raises(AlreadyExistsError):
        async with harness.transaction() as work:
            await work.agent_runs.put([second])
    async with harness.reading() as work:
        assert await work.agent_runs.find(decision_set_id=owner) == sorted([first, crashed_before], key=lambda r: r.id)


async def test_of_twenty_completions_of_one_task_one_is_kept(harness: Harness) -> None:
    owner = (await harness.decision_set()).id

    async def complete(number: int) -> bool:
        try:
            async with harness.transaction() as work:
                await work.agent_runs.put([_run(harness, owner).completed(harness.now, number)])
        except AlreadyExistsError:
            return False
        return True

    won = await asyncio.gather(*(complete(number) for number in range(20)))
    async with harness.reading() as work:
        (kept,) = await work.agent_runs.find(decision_set_id=owner)
    assert sum(won) == 1
    assert kept.output_data == won.index(True)


async def test_a_run_needs_its_decision_set(harness: Harness) -> None:
    with pytest.raises(NotFoundError):
        async with harness.transaction() as work:
            await work.agent_runs.put([_run(harness, harness.ids.new())])


async def test_an_unknown_run_is_not_found(harness: Harness) -> None:
    unknown = harness.ids.new()
    async with harness.reading() as work:
        with pytest.raises(NotFoundError) as caught:
            await work.agent_runs.get(unknown)
    assert (caught.value.kind, caught.value.key) == ("agent run", unknown)
