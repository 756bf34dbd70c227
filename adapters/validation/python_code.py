"""Checks of Python files: they parse, and call nothing that runs data as code."""

import ast
from collections.abc import Iterator

from adapters.validation.problem import Files, Problem, named
from domain.mlops.plan import Plan

_BANNED = {
    "eval": "eval runs data as code",
    "exec": "exec runs data as code",
    "os.system": "os.system runs a shell",
    "os.popen": "os.popen runs a shell",
    "pickle.load": "pickle.load runs data as code; use skops",
    "pickle.loads": "pickle.loads runs data as code; use skops",
    "joblib.load": "joblib.load runs data as code; use skops",
    "yaml.load": "yaml.load builds arbitrary objects; use yaml.safe_load",
    "yaml.unsafe_load": "yaml.unsafe_load builds arbitrary objects; use yaml.safe_load",
}


def python_code(files: Files, plan: Plan) -> Iterator[Problem]:
    """Parse each Python file and refuse banned calls, under whatever name they were imported."""
    for path, _ in named(files, ".py"):
        try:
            tree = ast.parse(files[path], path)
        except SyntaxError as error:
            yield Problem(f"Python does not parse: {error.msg}", f"{path}:{error.lineno or 1}")
        except (ValueError, RecursionError, MemoryError) as error:
            yield Problem(f"Python does not parse: {type(error).__name__}: {error}", path)
        else:
            yield from _banned_calls(path, tree)


def _banned_calls(path: str, tree: ast.Module) -> Iterator[Problem]:
    aliases = dict(_imported_names(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _dotted(node.func, aliases)
        if name in _BANNED:
            yield Problem(_BANNED[name], f"{path}:{node.lineno}")
        for keyword in node.keywords:
            shell = keyword.arg == "shell" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            if shell:
                yield Problem("shell=True runs a shell", f"{path}:{node.lineno}")


def _imported_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    name = ".".join([aliases.get(node.id, node.id), *reversed(parts)])
    return name.removeprefix("builtins.")
