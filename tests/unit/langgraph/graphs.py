"""Graphs to run: none of them knows the product, but for the one that stores a file."""

import operator
from typing import Annotated, Any, TypeAlias, cast

from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send, interrupt
from typing_extensions import TypedDict

from ports.workflows import WorkflowContext


class State(TypedDict, total=False):
    """What the test graphs pass on: the prompt, and a log of what ran."""

    prompt: str
    log: Annotated[list[str], operator.add]
    part: int


Node: TypeAlias = Any
CONTEXT = cast(Any, WorkflowContext)


def logs(text: str) -> Node:
    """Return a node that logs a text."""

    def node(state: State) -> dict[str, Any]:
        return {"log": [text]}

    return node


def asks(question: str, **stated: Any) -> Node:
    """Return a node that asks a person and logs the answer."""

    def node(state: State) -> dict[str, Any]:
        answer = interrupt({"question": question, **stated})
        return {"log": [f"{question} {answer}"]}

    return node


def chain(**nodes: Any) -> StateGraph[State, Any, Any, Any]:
    """Return a graph of these nodes, one after another."""
    builder = StateGraph(State)
    before = START
    for name, node in nodes.items():
        builder.add_node(name, node)
        builder.add_edge(before, name)
        before = name
    return builder


def side_by_side(**nodes: Any) -> StateGraph[State, Any, Any, Any]:
    """Return a graph of these nodes in one step."""
    builder = StateGraph(State)
    for name, node in nodes.items():
        builder.add_node(name, node)
        builder.add_edge(START, name)
    return builder


def work_part(state: State) -> dict[str, Any]:
    """Work one part of a fan-out."""
    get_stream_writer()({"reason_card": {"choice": f"part {state['part']}"}})
    return {"log": [f"part {state['part']}"]}


async def deliver(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
    """Store a file of what was logged."""
    stored = await runtime.context.store("report", "report.txt", "\n".join(state["log"]).encode())
    get_stream_writer()({"event": "report_written", "data": {"size": stored.size_bytes}})
    return {"log": [f"stored {stored.size_bytes} bytes"]}


def everything() -> StateGraph[State, Any, Any, Any]:
    """Return a graph with a fan-out, a gate, a sub-graph with a gate of its own, and a stored file."""
    builder = StateGraph(State, context_schema=CONTEXT)
    builder.add_node("plan", logs("plan"))
    builder.add_node("part", work_part)
    builder.add_node("gate", asks("go on?"))
    builder.add_node("review", chain(look=logs("look"), sign=asks("sign?")).compile())
    builder.add_node("deliver", deliver)
    builder.add_edge(START, "plan")
    builder.add_conditional_edges("plan", lambda _: [Send("part", {"part": n}) for n in range(3)], ["part"])
    builder.add_edge("part", "gate")
    builder.add_edge("gate", "review")
    builder.add_edge("review", "deliver")
    return builder


EVERYTHING_ANSWERED = {"gate": "yes", "sign": "signed"}
