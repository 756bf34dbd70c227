"""Graphs that tests register as workflows; they import nothing of the product, as a team's own graphs would."""

import asyncio
import operator
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

FLAG = "MLWRIGHT_TEST_FLAG"
Node: TypeAlias = Callable[["Steps"], Awaitable[dict[str, list[str]]]]


class Steps(TypedDict):
    """Which nodes have run."""

    prompt: str
    done: Annotated[list[str], operator.add]


def _step(name: str) -> Node:
    async def node(state: Steps) -> dict[str, list[str]]:
        return {"done": [name]}

    return node


async def _hold(state: Steps) -> dict[str, list[str]]:
    flag = Path(os.environ[FLAG])
    while not await asyncio.to_thread(flag.exists):  # noqa: ASYNC110  # another process makes the file
        await asyncio.sleep(0.01)
    return {"done": ["hold"]}


async def _broken(state: Steps) -> dict[str, list[str]]:
    raise RuntimeError("the node is broken; password=hunter2secret")


async def _endless(state: Steps) -> dict[str, list[str]]:
    await asyncio.sleep(3600)
    return {"done": ["endless"]}


async def _asking(state: Steps) -> dict[str, list[str]]:
    answer = interrupt({"question": "Which way?", "defaults": "left", "response_schema": {"enum": ["left", "right"]}})
    return {"done": [answer]}


def _line(**nodes: Any) -> StateGraph[Steps]:
    graph = StateGraph(Steps)
    before = START
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph


chain = _line(first=_step("first"), second=_step("second"), third=_step("third"))
holding = _line(first=_step("first"), hold=_hold, third=_step("third"))
broken = _line(first=_step("first"), broken=_broken)
endless = _line(first=_step("first"), endless=_endless)
asking = _line(first=_step("first"), asking=_asking, third=_step("third"))
