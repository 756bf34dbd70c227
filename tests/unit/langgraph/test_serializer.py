"""Checkpoints revive allowed types only."""

import pickle
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

from adapters.langgraph.serializer import StrictSerializer, strict_serializer
from domain.model.errors import ConfigurationError
from ports.checkpoints import Packed


@dataclass
class Verdict:
    """A type of a graph's own."""

    score: float


def test_plain_values_messages_and_times_come_back_as_they_were() -> None:
    value = {"a": [1, None, "x"], "m": HumanMessage("hi"), "t": datetime(2031, 1, 1, tzinfo=UTC), "s": {1, 2}}
    serializer = strict_serializer()
    assert serializer.unpack(serializer.pack(value)) == value


def test_a_type_that_is_not_allowed_is_refused_by_name_rather_than_handed_out_as_a_dict() -> None:
    packed = strict_serializer().pack({"verdict": Verdict(0.5)})
    with pytest.raises(ConfigurationError, match=f"{Verdict.__module__}:Verdict"):
        strict_serializer().unpack(packed)


def test_a_type_that_the_registration_allows_comes_back() -> None:
    serializer = strict_serializer([f"{Verdict.__module__}:Verdict"])
    assert serializer.unpack(serializer.pack(Verdict(0.5))) == Verdict(0.5)


def test_the_types_of_a_graphs_own_schemas_are_allowed_those_of_its_sub_graphs_too() -> None:
    class State(TypedDict):
        verdict: Verdict

    class Outer(TypedDict):
        prompt: str

    inner = StateGraph(State).add_node("one", lambda _: {}).add_edge(START, "one").compile()
    outer = StateGraph(Outer).add_node("sub", inner).add_edge(START, "sub").compile()
    serializer = strict_serializer((), outer)
    assert serializer.unpack(serializer.pack(Verdict(0.5))) == Verdict(0.5)


def test_pickled_bytes_are_never_loaded() -> None:
    with pytest.raises(NotImplementedError):
        strict_serializer().unpack(Packed("pickle", pickle.dumps({"a": 1})))


def test_bytes_that_name_a_function_do_not_call_it(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr("os.system", called.append)

    class Command:
        __module__ = "os"

        def dict(self) -> dict[str, str]:
            return {"command": "true"}

    Command.__name__ = "system"
    packed = Packed(*JsonPlusSerializer().dumps_typed(Command()))
    with pytest.raises(ConfigurationError, match="os:system"):
        strict_serializer().unpack(packed)
    assert called == []


def test_an_environment_that_asks_for_the_permissive_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "false")
    with pytest.raises(ConfigurationError, match="LANGGRAPH_STRICT_MSGPACK"):
        strict_serializer()


def test_a_malformed_allowed_type_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"package\.module:Class"):
        strict_serializer(["Verdict"])


def test_widening_the_allowed_types_leaves_the_serializer_strict() -> None:
    widened = StrictSerializer().with_msgpack_allowlist([Verdict])
    assert isinstance(widened, StrictSerializer)
    assert widened.loads_typed(widened.dumps_typed(Verdict(1.0))) == Verdict(1.0)
