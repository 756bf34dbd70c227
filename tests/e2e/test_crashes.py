"""Workers are killed and paused; what the storage holds afterwards is whole."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select

from adapters.sql.tables import metadata
from adapters.sql.url import normalised
from domain.model.agent_run import AgentRunStatus
from domain.model.approval import ApprovalStatus
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import IllegalTransitionError
from domain.model.event import Stream
from entrypoints.bootstrap import Application, application
from tests.support.graphs import FLAG
from tests.support.working import Deployment, fork_context, start, work_forever, work_one

ACTOR = "user:test"
PROMPTS = (
    "Score 3 million subscribers for churn nightly, GCP europe-west1, weekly retraining, 2 people, max 300 EUR/month,"
    " no PII.",
    "Real-time fraud detection for a bank, 2k requests/s, p99 under 80 ms, PCI-DSS, EU only, about $4k a month,"
    " retrain daily, team of 3 who know AWS and Terraform.",
    "Plant diseases from photos, 200 requests a day, $20/month, cold starts ok, just me.",
)


@pytest.fixture
def deployment(shared_url: str, tmp_path: Path) -> Deployment:
    return Deployment(shared_url, str(tmp_path / "artifacts"))


@pytest.fixture
async def app(deployment: Deployment) -> AsyncIterator[Application]:
    async with application(deployment.settings) as opened:
        yield opened


async def started(app: Application, workflow: str, prompt: str) -> DecisionSet:
    project = await app.create_project("crashing", actor=ACTOR)
    decision_set, _ = await app.start_workflow(project.id, workflow, prompt, actor=ACTOR, options=app.run_options)
    return decision_set


async def answer_open(app: Application) -> None:
    """Take the defaults of whatever is asked, as ``--yes`` does."""
    for approval in await app.list_approvals(status=ApprovalStatus.OPEN):
        try:
            await app.answer_approval(
                approval.decision_set_id, approval.interrupt_id, approval.defaults, decided_by=ACTOR
            )
        except IllegalTransitionError:
            continue


async def settled(app: Application, identities: list[UUID]) -> bool:
    return all([(await app.get_decision_set(one)).status.settled for one in identities])


async def storm(app: Application, deployment: Deployment, workflows: int, kills: int, seconds: float) -> list[UUID]:
    """Start workflows, keep two workers on them, kill one at a random moment after another, and wait for the end."""
    chance = random.Random(kills)
    started_sets = [await started(app, "mlops-design", PROMPTS[n % len(PROMPTS)]) for n in range(workflows)]
    identities = [one.id for one in started_sets]
    workers = [start(work_forever, deployment) for _ in range(2)]
    deadline, next_kill = time.monotonic() + seconds, time.monotonic() + 1.0
    try:
        while kills or not await settled(app, identities):
            assert time.monotonic() < deadline, f"not settled in {seconds} s, {kills} kills to go"
            await answer_open(app)
            if kills and time.monotonic() >= next_kill:
                if await settled(app, identities):
                    identities.append((await started(app, "mlops-design", PROMPTS[kills % len(PROMPTS)])).id)
                victim = chance.randrange(len(workers))
                workers[victim].kill()
                workers[victim].join()
                workers[victim] = start(work_forever, deployment)
                kills, next_kill = kills - 1, time.monotonic() + chance.uniform(0.1, 1.0)
            await asyncio.sleep(0.05)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    return identities


async def assert_whole(app: Application, decision_set_id: UUID) -> None:
    decision_set = await app.get_decision_set(decision_set_id)
    assert decision_set.status is DecisionSetStatus.COMPLETED, decision_set.status_reason
    report = await app.verify_event_log(Stream.of_decision_set(decision_set_id))
    assert report.intact, report
    events = await app.read_decision_set_events(decision_set_id, limit=5000)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    runs = await app.list_agent_runs(decision_set_id)
    completed = Counter(run.task_id for run in runs if run.status is AgentRunStatus.COMPLETED)
    assert set(completed.values()) == {1}
    assert [run for run in runs if run.status is AgentRunStatus.RUNNING] == []
    told = Counter(event.event_data["task_id"] for event in events if event.event_type == "agent_completed")
    assert told == completed
    artifacts = await app.list_artifacts(decision_set_id)
    assert sorted(one.artifact_type for one in artifacts) == ["design", "report", "repository"]
    for artifact in artifacts:
        await app.fetch_artifact(artifact.id)


@pytest.mark.slow
async def test_workflows_whose_workers_are_killed_end_whole(app: Application, deployment: Deployment) -> None:
    for decision_set_id in await storm(app, deployment, workflows=4, kills=8, seconds=240):
        await assert_whole(app, decision_set_id)


@pytest.mark.storm
@pytest.mark.timeout(900)
async def test_twenty_workflows_outlive_fifty_kills(app: Application, deployment: Deployment) -> None:
    for decision_set_id in await storm(app, deployment, workflows=20, kills=50, seconds=600):
        await assert_whole(app, decision_set_id)


def everything_in(url: str) -> dict[str, list[Any]]:
    """Return every row of every table."""
    normal = normalised(url)
    engine = create_engine(normal.set(drivername=normal.drivername.replace("+aiosqlite", "")))
    try:
        with engine.connect() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(select(table)).all()))
                for table in metadata.sorted_tables
            }
    finally:
        engine.dispose()


async def overtaken(app: Application, deployment: Deployment, flag: Path, *, fenced: bool) -> tuple[Any, Any, str]:
    """Pause a worker in the middle of a run, let another finish the run, and wake the first.

    Returns all rows before it woke, all rows after it ended, and what it ended with.
    """
    decision_set = await started(app, "holding", "hold on")
    outcome = fork_context().Queue()
    stale = start(_work_one, deployment, outcome, str(flag), fenced)
    assert await asyncio.to_thread(outcome.get, timeout=60) == "leased"
    while "hold" not in [run.agent_name for run in await app.list_agent_runs(decision_set.id)]:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert stale.pid is not None
    os.kill(stale.pid, signal.SIGSTOP)
    await asyncio.to_thread(flag.touch)
    worker = app.worker()
    working = asyncio.create_task(worker.run())
    while not (await app.get_decision_set(decision_set.id)).status.settled:  # noqa: ASYNC110  # another process moves it
        await asyncio.sleep(0.05)
    worker.drain()
    await working
    before = everything_in(deployment.database_url)
    os.kill(stale.pid, signal.SIGCONT)
    ended = await asyncio.to_thread(outcome.get, timeout=60)
    stale.join(60)
    return before, everything_in(deployment.database_url), ended


def _work_one(deployment: Deployment, outcome: Any, flag: str, fenced: bool) -> None:
    os.environ[FLAG] = flag
    work_one(deployment, outcome, fenced=fenced)


@pytest.mark.slow
async def test_a_worker_paused_past_its_lease_writes_nothing(
    app: Application, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FLAG, str(tmp_path / "flag"))
    before, after, ended = await overtaken(app, deployment, tmp_path / "flag", fenced=True)
    assert ended == "lost"
    assert after == before


@pytest.mark.slow
async def test_without_the_fence_the_paused_worker_would_write(
    app: Application, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FLAG, str(tmp_path / "flag"))
    before, after, _ = await overtaken(app, deployment, tmp_path / "flag", fenced=False)
    assert after != before
