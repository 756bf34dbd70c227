"""Reads a project's existing ``langgraph.json`` as it is."""

from pathlib import Path
from typing import Any

from adapters.langgraph.catalog import Registration
from domain.model.errors import ConfigurationError, InvalidValueError
from domain.model.json_value import parse_json


def read_langgraph_json(path: Path) -> dict[str, Registration]:
    """Return the workflows that a ``langgraph.json`` names; paths in it are relative to its folder.

    Local dependencies become importable and the environment is set when a graph is loaded; values of the environment
    are never shown. Raises ConfigurationError when the file is missing or malformed.
    """
    try:
        content = parse_json(path.name, path.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read: {error.strerror}; give the path of a langgraph.json."
        ) from None
    except InvalidValueError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise _malformed(path, "it is not a JSON object")
    folder = path.resolve().parent
    import_paths = _import_paths(path, content.get("dependencies", []), folder)
    environment = _environment(path, content.get("env", {}), folder)
    graphs = content.get("graphs")
    if not isinstance(graphs, dict) or not graphs:
        raise _malformed(path, 'it names no graphs; add "graphs": {"name": "./file.py:graph"}')
    return {
        name: Registration(
            _target(path, name, entry),
            str(entry.get("description") or "") if isinstance(entry, dict) else "",
            base=folder,
            import_paths=import_paths,
            environment=environment,
        )
        for name, entry in graphs.items()
    }


def _target(path: Path, name: str, entry: Any) -> str:
    target = entry.get("path") if isinstance(entry, dict) else entry
    if not isinstance(target, str):
        raise _malformed(path, f'the graph {name!r} has no path such as "./file.py:graph"')
    return target


def _import_paths(path: Path, dependencies: Any, folder: Path) -> tuple[Path, ...]:
    if not isinstance(dependencies, list) or not all(isinstance(entry, str) for entry in dependencies):
        raise _malformed(path, '"dependencies" is not a list of texts')
    local = [(folder / entry).resolve() for entry in dependencies if entry.startswith(".")]
    return tuple(found for place in local for found in (place, place / "src") if found.is_dir())


def _environment(path: Path, stated: Any, folder: Path) -> dict[str, str]:
    if isinstance(stated, dict):
        return {name: str(value) for name, value in stated.items()}
    if not isinstance(stated, str):
        raise _malformed(path, '"env" is neither a file nor an object')
    file = folder / stated
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{path} names the environment file {stated!r}, which can't be read.") from None
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines)
    return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs if name and not name.startswith("#")}


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _malformed(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{path} is not a langgraph.json: {why}.")
