"""Run the shipped workflow in this process, as ``mlwright design`` does, with answers from the test."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.model.approval import Approval, ApprovalStatus
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from entrypoints.bootstrap import MLOPS_DESIGN, Application

ACTOR = "user:test"
FRAUD = (
    "Real-time fraud detection for a bank, 2k requests/s, p99 under 80 ms, PCI-DSS, EU only, about $4k a month,"
    " retrain daily, team of 3 who know AWS and Terraform."
)
CHURN = (
    "Score 3 million subscribers for churn nightly, GCP europe-west1, weekly retraining, 2 people, max 300 EUR/month,"
    " no PII."
)
VAGUE = "Predict something useful for our shop."

Answering = Callable[[Approval], object]


def take_defaults(approval: Approval) -> object:
    """Answer as ``--yes`` does."""
    return approval.defaults


async def design(
    app: Application, prompt: str, *, answering: Answering = take_defaults, workflow: str = MLOPS_DESIGN
) -> DecisionSet:
    """Run a design to its end and return its decision set."""
    project = await app.create_project("a design", actor=ACTOR)
    decision_set, _ = await app.start_workflow(project.id, workflow, prompt, actor=ACTOR, options=app.run_options)
    worker = app.worker(poll_seconds=0.01)
    working = asyncio.create_task(worker.run())
    try:
        while not (decision_set := await app.get_decision_set(decision_set.id)).status.settled:
            if decision_set.status is DecisionSetStatus.WAITING_APPROVAL:
                await _answer(app, decision_set.id, answering)
            await asyncio.sleep(0.01)
    finally:
        worker.drain()
        await working
    return decision_set


async def _answer(app: Application, decision_set_id: UUID, answering: Answering) -> None:
    for approval in await app.list_approvals(decision_set_id=decision_set_id, status=ApprovalStatus.OPEN):
        answer = answering(approval)
        await app.answer_approval(decision_set_id, approval.interrupt_id, answer, decided_by=ACTOR)


async def made_by(app: Application, decision_set_id: UUID) -> dict[str, bytes]:
    """Return the bytes of a decision set's artifacts by their type."""
    found = await app.list_artifacts(decision_set_id)
    return {one.artifact_type: (await app.fetch_artifact(one.id))[1] for one in found}


async def design_of(app: Application, decision_set_id: UUID) -> dict[str, Any]:
    """Return what a finished design decided."""
    decided: dict[str, Any] = json.loads((await made_by(app, decision_set_id))["design"])
    return decided
