"""Writes values as literals of the language a template is in, so that no value can become code.

Every template expression passes through its language's function. Text comes out quoted; only a ``Verbatim``, which the
generator makes from checked names or finished fragments, is written as it is.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/-]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKDOWN = re.compile(r"([\\`*\[\]#|~$>]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_MERMAID = re.compile(r"[^A-Za-z0-9 .,:/_+-]+")


class Verbatim(str):
    """Text that is already in the language of the file it goes to."""

    __slots__ = ()


class UnquotableError(TypeError):
    """Raised when a template writes a value its language has no literal for; a fault of the template."""


def token(text: str) -> Verbatim:
    """Return a name that is inert in every language: letters, digits and ``_ . : / -``, starting with none of the last.

    Raises:
        UnquotableError: when the text holds anything else.
    """
    if _TOKEN.fullmatch(text) is None:
        raise UnquotableError(f"{text!r} is no plain name; slugify it first")
    return Verbatim(text)


def double_quoted(text: str) -> str:
    """Quote text so that YAML, TOML, JSON and Python read the same characters back; lone surrogates become U+FFFD."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if code < 0x20 or 0x7F <= code <= 0x9F or code in {0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF}:
        return f"\\u{code:04x}"
    return char


def hcl_text(text: str) -> str:
    r"""Quote text for HCL, where ``${`` and ``%{`` would otherwise start an interpolation or a directive.

    The brace is written as ``\u007b``: doubling the sign is ambiguous for text that holds a doubled one already.
    """
    return re.sub(r"([$%])\{", r"\1\\u007b", double_quoted(text))


def hcl(value: Any) -> str:
    """Write a value as an HCL expression."""
    return _literal(value, hcl_text, ("true", "false", "null"), " = ")


def yaml(value: Any) -> str:
    """Write a value as a YAML flow node; every text is double-quoted."""
    return _literal(value, double_quoted, ("true", "false", "null"), ": ")


def toml(value: Any) -> str:
    """Write a value as a TOML value; None has no literal there."""
    if value is None:
        raise UnquotableError("TOML has no null; leave the key out")
    return _literal(value, double_quoted, ("true", "false", ""), " = ")


def python(value: Any) -> str:
    """Write a value as a Python literal."""
    return _literal(value, double_quoted, ("True", "False", "None"), ": ")


def plain(value: Any) -> str:
    """Write only names and numbers, for files without a safe quoting of their own (Make, Dockerfile, workflows)."""
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, (int, float)):
        return _number(value) if not isinstance(value, bool) else str(value).lower()
    raise UnquotableError(f"{value!r} cannot be written into a file without quoting; pass a token")


def markdown(value: Any) -> str:
    """Write text on one line with every character Markdown or HTML would act on escaped."""
    if isinstance(value, Verbatim):
        return str(value)
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(markdown(item) for item in value) or "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{markdown(str(key))} {markdown(item)}" for key, item in sorted(value.items())) or "-"
    flat = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(_markdown_char(char) for char in _MARKDOWN.sub(r"\\\1", flat)) or "-"


def mermaid_label(text: str) -> Verbatim:
    """Write text as a quoted Mermaid label; whatever is no letter, digit or plain mark becomes a space."""
    return Verbatim('"' + (" ".join(_MERMAID.sub(" ", text).split())[:60] or "unnamed") + '"')


def cron(text: str) -> Verbatim:
    """Return a five-field schedule as it is.

    Raises:
        UnquotableError: when the text holds anything but digits, blanks and ``* , / -``.
    """
    if re.fullmatch(r"[0-9*,/-]+( [0-9*,/-]+){4}", text) is None:
        raise UnquotableError(f"{text!r} is no schedule of five fields")
    return Verbatim(text)


def aws_cron(text: str) -> Verbatim:
    """Return a five-field schedule as EventBridge writes it: six fields, ``?`` for the unused day, Monday as MON."""
    minute, hour, day, month, weekday = cron(text).split()
    names = {"1": "MON", "*": "?"}
    return Verbatim(" ".join((minute, hour, day if weekday == "*" else "?", month, names.get(weekday, weekday), "*")))


def _markdown_char(char: str) -> str:
    return "\ufffd" if 0xD800 <= ord(char) <= 0xDFFF or not (char.isprintable() or char == " ") else char


def _number(value: int | float) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnquotableError(f"{value} has no literal; check the plan's numbers")
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    return repr(value)


def _literal(value: Any, quote: Callable[[str], str], words: tuple[str, str, str], assign: str) -> str:
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, bool):
        return words[0] if value else words[1]
    if value is None:
        return words[2]
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, str):
        return quote(str(value))
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(item, quote, words, assign) for item in value) + "]"
    if isinstance(value, Mapping):
        pairs = (f"{quote(str(key))}{assign}{_literal(item, quote, words, assign)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    raise UnquotableError(f"a {type(value).__name__} has no literal; give plain values")
