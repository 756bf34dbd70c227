"""Entities for the model's tests, each with what the test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.model.agent_run import AgentRun
from domain.model.approval import Approval
from domain.model.decision_set import DecisionSet
from domain.model.inbound_event import InboundEvent
from domain.model.job import Job
from domain.model.project import Project

NOW = datetime(2031, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SOME_ID = UUID("018f0000-0000-7000-8000-000000000001")
OTHER_ID = UUID("018f0000-0000-7000-8000-000000000002")


def make_project(**fields: Any) -> Project:
    """Return a project."""
    values = {"id": SOME_ID, "name": "churn", "description": None, "version": 1, "created_at": NOW, "updated_at": NOW}
    return Project(**{**values, **fields})


def make_decision_set(**fields: Any) -> DecisionSet:
    """Return an active decision set."""
    values = {
        "id": SOME_ID,
        "project_id": OTHER_ID,
        "thread_id": "thread",
        "workflow": "mlops-design",
        "workflow_version": "1",
        "user_prompt": "Predict churn.",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return DecisionSet(**{**values, **fields})


def make_job(**fields: Any) -> Job:
    """Return a queued job."""
    values = {"id": SOME_ID, "job_type": "count", "payload": {}, "run_at": NOW, "created_at": NOW}
    return Job(**{**values, **fields})


def make_agent_run(**fields: Any) -> AgentRun:
    """Return a running agent run."""
    values = {
        "id": SOME_ID,
        "decision_set_id": OTHER_ID,
        "job_id": OTHER_ID,
        "agent_name": "planner",
        "task_id": "task",
        "lease_token": 1,
        "started_at": NOW,
    }
    return AgentRun(**{**values, **fields})


def make_approval(**fields: Any) -> Approval:
    """Return an open approval."""
    values = {
        "decision_set_id": SOME_ID,
        "interrupt_id": "interrupt",
        "gate": "input",
        "prompt": {"ask": "budget?"},
        "created_at": NOW,
    }
    return Approval(**{**values, **fields})


def make_inbound_event(**fields: Any) -> InboundEvent:
    """Return an event just received."""
    values = {
        "id": SOME_ID,
        "source": "github",
        "external_id": "1",
        "event_type": "push",
        "data": {"ref": "main"},
        "created_at": NOW,
        "updated_at": NOW,
    }
    return InboundEvent(**{**values, **fields})
