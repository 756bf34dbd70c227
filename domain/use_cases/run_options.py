"""How a run of a workflow is queued."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen

from domain.model.decision_set import DecisionSet
from domain.model.job import DEFAULT_QUEUE, WORKFLOW_JOB, NewJob
from ports.system import Ids


@frozen
class RunOptions:
    """How a run's job is queued. ``timeout`` bounds one attempt."""

    queue: str = DEFAULT_QUEUE
    priority: int = 0
    max_retries: int = 3
    timeout: timedelta | None = None

    def at(self, priority: int) -> "RunOptions":
        """Return the same options at another priority."""
        return evolve(self, priority=priority)


def new_run(
    ids: Ids,
    decision_set: DecisionSet,
    options: RunOptions | None,
    graph_input: Mapping[str, Any] | None,
    idempotency_key: str | None = None,
) -> NewJob:
    """Build the job that runs a decision set's workflow: at most one of them runs at a time."""
    chosen = options or RunOptions()
    return NewJob(
        id=ids.new(),
        job_type=WORKFLOW_JOB,
        payload={"input": dict(graph_input) if graph_input is not None else None},
        decision_set_id=decision_set.id,
        queue=chosen.queue,
        priority=chosen.priority,
        max_retries=chosen.max_retries,
        timeout=chosen.timeout,
        idempotency_key=idempotency_key,
        exclusive_key=str(decision_set.id),
    )
