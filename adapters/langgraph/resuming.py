"""Decides what a run hands to its graph: new input, answers, or nothing so that it goes on where it stopped."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel
from langgraph.types import Command, StateSnapshot

from adapters.langgraph.gates import breakpoint_id
from domain.model.approval import Approval, ApprovalStatus
from domain.model.decision_set import DecisionSet
from domain.model.errors import InvalidValueError
from domain.model.job import Job
from ports.workflows import WorkflowEnd

PROMPT_KEYS = ("prompt", "user_prompt", "question", "query", "input", "text")


@frozen
class Invoke:
    """What to invoke the graph with: input, a Command, or None to go on; from an earlier checkpoint if one is named."""

    graph_input: Any
    checkpoint_id: str | None = None


def plan_run(
    graph: Pregel[Any, Any, Any, Any],
    snapshot: StateSnapshot,
    job: Job,
    decision_set: DecisionSet,
    approvals: Mapping[str, Approval],
) -> Invoke | WorkflowEnd:
    """Return how to run on from a thread's last state, or the end it has reached already.

    The job's own checkpoints carry its id as ``run_id``: where there is one, the input was taken and the run goes on.
    A step whose tasks have all finished but whose checkpoint was not written is not the end: ``next`` leaves finished
    tasks out, ``tasks`` does not. Raises InvalidValueError when there is no input and none can be made from the prompt.
    """
    begun = snapshot.created_at is not None
    own = begun and (snapshot.metadata or {}).get("run_id") == str(job.id)
    stated = job.payload.get("input")
    if not own:
        checkpoint_id = job.payload.get("checkpoint_id")
        if stated is not None or checkpoint_id is not None:
            return Invoke(stated, checkpoint_id)
        if not begun:
            return Invoke(input_from_prompt(graph, decision_set.user_prompt))
    if not snapshot.tasks:
        return WorkflowEnd.COMPLETED
    if snapshot.interrupts:
        return _answer(snapshot, approvals)
    return _pass_breakpoint(graph, snapshot, approvals)


def _answer(snapshot: StateSnapshot, approvals: Mapping[str, Approval]) -> Invoke | WorkflowEnd:
    pending = {interrupt.id: approvals.get(interrupt.id) for interrupt in snapshot.interrupts}
    answers = {key: approval.answer for key, approval in pending.items() if approval is not None and approval.resumable}
    if answers:
        return Invoke(Command(resume=answers))
    open_ones = [approval for approval in pending.values() if approval and approval.status is ApprovalStatus.OPEN]
    others_done = all(task.interrupts or task.result is not None for task in snapshot.tasks)
    if others_done and len(open_ones) == len(pending):
        return WorkflowEnd.WAITING_APPROVAL
    return Invoke(None)


def _pass_breakpoint(
    graph: Pregel[Any, Any, Any, Any], snapshot: StateSnapshot, approvals: Mapping[str, Approval]
) -> Invoke | WorkflowEnd:
    approval = approvals.get(breakpoint_id(checkpoint_id_of(snapshot) or ""))
    if approval is not None and approval.resumable:
        return WorkflowEnd.CANCELLED if approval.answer is False else Invoke(None)
    before: Any = graph.interrupt_before_nodes
    stops_here = before == "*" or any(task.name in before for task in snapshot.tasks)
    waits = approval is not None and approval.status is ApprovalStatus.OPEN
    return WorkflowEnd.WAITING_APPROVAL if waits or stops_here else Invoke(None)


def checkpoint_id_of(snapshot: StateSnapshot) -> str | None:
    """Return the id of the checkpoint a snapshot shows, or None when the thread has none."""
    if snapshot.created_at is None:
        return None
    return snapshot.config["configurable"].get("checkpoint_id")


def input_from_prompt(graph: Pregel[Any, Any, Any, Any], prompt: str) -> Any:
    """Make a graph's input of a prompt: a user message, the first key that is known to take one, or the text itself.

    Raises InvalidValueError when the graph's input has none of these.
    """
    keys = _input_keys(graph)
    if keys is None:
        return prompt
    if "messages" in keys:
        return {"messages": [{"role": "user", "content": prompt}]}
    for key in PROMPT_KEYS:
        if key in keys:
            return {key: prompt}
    raise InvalidValueError(
        "input",
        f"is missing and can't be made of the prompt: the workflow's input has the keys {', '.join(keys) or '(none)'},"
        f" none of them messages, {', '.join(PROMPT_KEYS)}; state it as JSON",
    )


def _input_keys(graph: Pregel[Any, Any, Any, Any]) -> Sequence[str] | None:
    """Return the keys of a graph's input, or None when it is not an object."""
    builder = getattr(graph, "builder", None)
    if isinstance(builder, StateGraph):
        keys = list(builder.schemas[builder.input_schema])
        return None if keys == ["__root__"] else keys
    return None if isinstance(graph.input_channels, str) else list(graph.input_channels)
