"""Finding workflows by name and loading them from where settings say."""

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.langgraph.catalog import GraphCatalog, Registration, structure_version
from adapters.langgraph.langgraph_json import read_langgraph_json
from domain.model.errors import ConfigurationError, UnknownWorkflowError, WorkflowLoadError
from tests.unit.langgraph.graphs import chain, logs

GRAPH_FILE = textwrap.dedent(
    """
    from typing_extensions import TypedDict
    from langgraph.graph import START, StateGraph

    class State(TypedDict):
        prompt: str

    def node(state):
        return {}

    builder = StateGraph(State)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    compiled = builder.compile()

    def factory():
        return builder

    def with_config(config):
        return builder if config["configurable"] == {} else None

    async def later():
        return builder.compile()

    def broken():
        raise RuntimeError("no key")

    number = 7
    """
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with a file of graphs, forgotten by the interpreter afterwards."""
    (tmp_path / "agents.py").write_text(GRAPH_FILE)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("workflow_"):
            del sys.modules[name]


def _at(folder: Path, attribute: str) -> GraphCatalog:
    return GraphCatalog({"agent": Registration(f"agents.py:{attribute}", base=folder)})


@pytest.mark.parametrize("attribute", ["builder", "compiled", "factory", "with_config", "later"])
async def test_a_graph_is_loaded_from_a_file_however_it_is_given(folder: Path, attribute: str) -> None:
    graph = await _at(folder, attribute).graph("agent")
    assert "node" in graph.nodes


async def test_a_graph_is_loaded_once() -> None:
    built: list[Any] = []

    def build() -> Any:
        built.append(1)
        return chain(one=logs("one"))

    catalog = GraphCatalog({"agent": Registration("x:y", build=build)})
    assert await catalog.graph("agent") is await catalog.graph("agent")
    assert catalog.get("agent").version
    assert len(built) == 1


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("agents.py:missing", "no attribute"),
        ("agents.py:number", "int"),
        ("agents.py:broken", "no key"),
        ("gone.py:graph", "no file"),
        ("no_such_package.module:graph", "No module"),
        ("agents.py", "module:attribute"),
    ],
)
async def test_a_workflow_that_cannot_be_loaded_says_why(folder: Path, target: str, why: str) -> None:
    catalog = GraphCatalog({"agent": Registration(target, base=folder)})
    with pytest.raises(WorkflowLoadError, match=why):
        await catalog.graph("agent")
    with pytest.raises(WorkflowLoadError, match=why):
        catalog.get("agent")
    assert [info.version for info in catalog.all()] == ["unknown"]


def test_an_unknown_workflow_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownWorkflowError, match="design"):
        GraphCatalog({"design": "x:y"}).get("other")


def test_a_declared_version_is_taken_without_loading_anything() -> None:
    info = GraphCatalog({"agent": Registration("gone:graph", "An agent.", version="7")}).get("agent")
    assert (info.version, info.description) == ("7", "An agent.")


async def test_the_version_of_a_graph_follows_its_structure_alone() -> None:
    same = structure_version(chain(one=logs("a"), two=logs("b")).compile())
    assert same == structure_version(chain(one=logs("c"), two=logs("d")).compile())
    assert same != structure_version(chain(two=logs("b"), one=logs("a")).compile())
    assert same != structure_version(chain(one=logs("a"), two=chain(inner=logs("b")).compile()).compile())


async def test_a_version_is_known_inside_a_running_event_loop(folder: Path) -> None:
    assert len(_at(folder, "later").get("agent").version) == 12


def test_a_langgraph_json_is_read_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "src").mkdir()
    (folder / ".env").write_text("# comment\nexport MODEL_KEY='secret value'\nEMPTY=\n")
    (folder / "langgraph.json").write_text(
        '{"dependencies": [".", "langchain_openai"], "env": ".env", "python_version": "3.11",'
        ' "graphs": {"agent": "./agents.py:compiled", "other": {"path": "./agents.py:factory", "description": "Two."}}}'
    )
    registrations = read_langgraph_json(folder / "langgraph.json")
    agent = registrations["agent"]
    assert agent.import_paths == (folder.resolve(), folder.resolve() / "src")
    assert agent.environment == {"MODEL_KEY": "secret value", "EMPTY": ""}
    assert "secret" not in repr(registrations)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("MODEL_KEY", "set before")
    monkeypatch.setenv("EMPTY", "")
    catalog = GraphCatalog(registrations)
    assert [(info.name, info.description) for info in catalog.all()] == [("agent", ""), ("other", "Two.")]
    assert all(info.version != "unknown" for info in catalog.all())
    assert sys.path[:2] == [str(path) for path in agent.import_paths]
    assert os.environ["MODEL_KEY"] == "set before"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"graphs": {}}',
        '{"graphs": {"a": 7}}',
        '{"graphs": {"a": "x:y"}, "dependencies": "."}',
        '{"graphs": {"a": "x:y"}, "env": 7}',
        '{"graphs": {"a": "x:y"}, "env": "gone.env"}',
    ],
)
def test_a_malformed_langgraph_json_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "langgraph.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"langgraph\.json"):
        read_langgraph_json(path)


def test_a_missing_langgraph_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be read"):
        read_langgraph_json(tmp_path / "langgraph.json")
