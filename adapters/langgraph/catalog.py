"""The workflows that are registered here, loaded when they are first needed."""

import asyncio
import hashlib
import importlib
import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from attrs import field, frozen
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from domain.model.errors import UnknownWorkflowError, WorkflowLoadError
from ports.workflows import WorkflowInfo

Graph: TypeAlias = Pregel[Any, Any, Any, Any]
_VERSION_LENGTH = 12
_UNLOADABLE = "unknown"


@frozen
class Registration:
    """A workflow as settings name it.

    ``target`` is ``module:attribute`` or ``path/file.py:attribute`` (the path relative to ``base``); with ``build``, it
    only says where that comes from. ``outcome_key`` is the state key in which the graph says that it called itself off:
    ``{"status": "cancelled", "reason": ...}``. ``allowed_types`` (``module:Class``) may be revived from checkpoints
    beside those of the graph's schemas. ``import_paths`` are made importable and ``environment`` is set, where it is
    not set yet, when the graph is loaded.
    """

    target: str
    description: str = ""
    version: str | None = None
    outcome_key: str | None = None
    redacts_prompt: bool = False
    allowed_types: tuple[str, ...] = ()
    base: Path | None = None
    build: Callable[..., Any] | None = None
    import_paths: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(factory=dict, repr=False)

    def prepare(self) -> None:
        """Make this process fit for loading the graph."""
        for path in reversed(self.import_paths):
            if str(path) not in sys.path:
                sys.path.insert(0, str(path))
        for name, value in self.environment.items():
            os.environ.setdefault(name, value)


class GraphCatalog:
    """Find workflows by name and load their graphs.

    An attribute may be a compiled graph, a StateGraph, or a factory of one: with no argument or taking a config, plain
    or async. A workflow's version is the declared one, else a hash of its graph's structure.
    """

    def __init__(self, registrations: Mapping[str, "str | Registration"]) -> None:
        self._registrations = {
            name: Registration(entry) if isinstance(entry, str) else entry for name, entry in registrations.items()
        }
        self._graphs: dict[str, Graph] = {}
        self._versions: dict[str, str] = {}

    def all(self) -> Sequence[WorkflowInfo]:
        """Return the registered workflows by name; one that can't be loaded has the version ``unknown``."""
        return [self._info(name, strict=False) for name in sorted(self._registrations)]

    def get(self, name: str) -> WorkflowInfo:
        """Return a workflow; raises UnknownWorkflowError, or WorkflowLoadError when it can't be imported."""
        self.registration(name)
        return self._info(name, strict=True)

    def registration(self, name: str) -> Registration:
        """Return how a workflow is registered; raises UnknownWorkflowError."""
        if name not in self._registrations:
            raise UnknownWorkflowError(name, sorted(self._registrations))
        return self._registrations[name]

    async def graph(self, name: str) -> Graph:
        """Return a workflow's compiled graph; raises UnknownWorkflowError, WorkflowLoadError."""
        if name not in self._graphs:
            registration = self.registration(name)
            made = await asyncio.to_thread(_make, name, registration)
            self._graphs[name] = await _compiled(name, registration, made)
        return self._graphs[name]

    def _info(self, name: str, *, strict: bool) -> WorkflowInfo:
        registration = self._registrations[name]
        try:
            version = registration.version or self._version(name)
        except WorkflowLoadError:
            if strict:
                raise
            version = _UNLOADABLE
        return WorkflowInfo(name, version, registration.description, registration.target, registration.redacts_prompt)

    def _version(self, name: str) -> str:
        if name not in self._versions:
            with ThreadPoolExecutor(1) as thread:
                graph = self._graphs.get(name) or thread.submit(asyncio.run, self.graph(name)).result()
            self._versions[name] = structure_version(graph)
        return self._versions[name]


def structure_version(graph: Graph) -> str:
    """Return a short sha256 of a graph's structure: its nodes, edges, branches, channels and sub-graphs."""
    text = json.dumps(_structure(graph), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_VERSION_LENGTH]


def _structure(graph: Graph) -> dict[str, Any]:
    builder = getattr(graph, "builder", None)
    shape: dict[str, Any] = {
        "nodes": {name: sorted(node.triggers) for name, node in graph.nodes.items()},
        "channels": {name: type(channel).__name__ for name, channel in graph.channels.items()},
        "subgraphs": {name: _structure(sub) for name, sub in graph.get_subgraphs() if isinstance(sub, Pregel)},
    }
    if isinstance(builder, StateGraph):
        shape["edges"] = sorted([source, target] for source, target in builder.edges)
        shape["joins"] = sorted([sorted(sources), target] for sources, target in builder.waiting_edges)
        shape["branches"] = {
            node: {name: sorted((branch.ends or {}).values()) for name, branch in branches.items()}
            for node, branches in builder.branches.items()
        }
    return shape


def _make(name: str, registration: Registration) -> Any:
    """Return what the registration names, a factory's result included; raise WorkflowLoadError."""
    registration.prepare()
    target = registration.build or _attribute(name, registration)
    if isinstance(target, Pregel | StateGraph) or not callable(target):
        return target
    try:
        required = [
            parameter
            for parameter in inspect.signature(target).parameters.values()
            if parameter.default is parameter.empty
            and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
        return target({"configurable": {}}) if required else target()
    except Exception as error:
        raise WorkflowLoadError(name, registration.target, f"its factory raised {_told(error)}") from error


async def _compiled(name: str, registration: Registration, made: Any) -> Graph:
    try:
        graph = await made if inspect.isawaitable(made) else made
        if isinstance(graph, StateGraph):
            graph = graph.compile(name=name)
    except Exception as error:
        raise WorkflowLoadError(name, registration.target, f"it can't be compiled: {_told(error)}") from error
    if not isinstance(graph, Pregel):
        raise WorkflowLoadError(
            name, registration.target, f"it is a {type(graph).__name__}, not a graph or a factory of one"
        )
    return graph


def _attribute(name: str, registration: Registration) -> Any:
    place, separator, attribute = registration.target.rpartition(":")
    if not separator or not place or not attribute:
        raise WorkflowLoadError(name, registration.target, "a target is written module:attribute or file.py:attribute")
    try:
        if place.endswith(".py"):
            module = _file_module(place, registration.base or Path.cwd())
        else:
            module = importlib.import_module(place)
    except Exception as error:
        raise WorkflowLoadError(name, registration.target, f"importing {place} raised {_told(error)}") from error
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise WorkflowLoadError(name, registration.target, f"{place} has no attribute {attribute!r}") from None


def _file_module(place: str, base: Path) -> ModuleType:
    """Import a file under a name that is the same on every machine, for checkpoints name the types it defines."""
    name = f"workflow_{Path(place).stem}_{hashlib.sha256(place.encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    path = (base / place).resolve()
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
