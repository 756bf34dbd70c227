"""Prompts as people hand them over: an argument, standard input or a file, checked before anything is written."""

import sys
from pathlib import Path

from domain.mlops.redaction import redact
from domain.model.errors import InvalidValueError
from domain.model.json_value import checked_text
from domain.model.validation import MAX_PROMPT

STDIN = "-"
_MOST_BYTES = 4 * MAX_PROMPT
_NAME_WORDS = 8
_NAME_LENGTH = 60
_FIELD = "The prompt"


def read_prompt(argument: str | None, file: Path | None) -> str:
    """Return the prompt; raises InvalidValueError when it is missing, given twice, unreadable or no storable text."""
    if (argument is None) == (file is None):
        raise InvalidValueError(_FIELD, "must be given once: as an argument, as - for standard input, or with --file.")
    if file is not None:
        return _checked(_decoded(_file_bytes(file)))
    if argument == STDIN:
        return _checked(_decoded(sys.stdin.buffer.read(_MOST_BYTES + 1)))
    return _checked(argument or "")


def name_from(prompt: str) -> str:
    """Return a project's name made of a prompt's first words, without the secrets that it may hold."""
    words = redact(prompt).text.split()[:_NAME_WORDS]
    name = " ".join(words)
    if len(name) > _NAME_LENGTH:
        name = f"{name[: _NAME_LENGTH - 1].rstrip()}…"
    return name.rstrip(",;:.") or "untitled"


def checked_name(name: str) -> str:
    """Return a project's name; raises InvalidValueError."""
    return checked_text("The name", name, max_length=255, blank=False)


def _checked(text: str) -> str:
    if any("\udc80" <= char <= "\udcff" for char in text):
        raise InvalidValueError(_FIELD, "is not valid UTF-8; save or type it in that encoding.")
    return checked_text(_FIELD, text.strip(), max_length=MAX_PROMPT, blank=False)


def _file_bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InvalidValueError(_FIELD, f"can't be read from {file}: {why}; correct the path or its rights.") from None


def _decoded(content: bytes) -> str:
    if len(content) > _MOST_BYTES:
        raise InvalidValueError(_FIELD, f"has more than {MAX_PROMPT} characters; say it shorter.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValueError(
            _FIELD, f"is not valid UTF-8 (at byte {error.start}); save it in that encoding."
        ) from None
