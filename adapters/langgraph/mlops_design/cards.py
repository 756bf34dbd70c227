"""Every agent leaves a reason card: with its step in the state, and in the live stream."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeAlias

from langgraph.runtime import Runtime

from adapters.langgraph.mlops_design.conversion import to_state
from adapters.langgraph.mlops_design.state import DesignState
from domain.mlops.reason_card import ReasonCard

Step: TypeAlias = tuple[dict[str, Any], ReasonCard]
Agent: TypeAlias = Callable[[DesignState, Runtime[Any]], Awaitable[Step]]
Node: TypeAlias = Callable[[DesignState, Runtime[Any]], Awaitable[dict[str, Any]]]


def carded(agent: Agent) -> Node:
    """Make a graph node of an agent that returns its update and its reason card."""

    @wraps(agent)
    async def node(state: DesignState, runtime: Runtime[Any]) -> dict[str, Any]:
        update, card = await agent(state, runtime)
        plain = to_state(card)
        runtime.stream_writer({"reason_card": plain})
        return {**update, "reason_cards": {card.agent: plain}}

    node.__annotations__ = {"state": DesignState, "runtime": Runtime[Any], "return": dict[str, Any]}
    return node
