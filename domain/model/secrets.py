"""Keep secrets out of what is stored or shown: error messages quote what they were given."""

import re

_URL_CREDENTIALS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{1,30}://)[^\s/@:]{0,256}:[^\s/@]{1,512}@", re.IGNORECASE)
_ASSIGNMENT = re.compile(
    r"(?P<name>\b[\w-]{0,40}(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)\b[\"']?\s{0,4}[=:]\s{0,4})"
    r"(?:bearer\s+)?[\"']?[^\s\"',;&]{4,512}",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|sk-[A-Za-z0-9_-]{20,200}|AIza[\w-]{35}"
    r"|xox[baprs]-[A-Za-z0-9-]{10,200}|eyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,1000})"
)
MASK = "***"


def mask_secrets(text: str) -> str:
    """Return text with credentials in URLs, assigned passwords and keys, and well-known token shapes masked."""
    text = _URL_CREDENTIALS.sub(lambda match: f"{match['scheme']}{MASK}@", text)
    text = _ASSIGNMENT.sub(lambda match: f"{match['name']}{MASK}", text)
    return _KNOWN.sub(MASK, text)


def describe(error: BaseException) -> str:
    """Return an exception as one message fit to be stored: its type and text, secrets masked."""
    text = storable(str(error))
    return mask_secrets(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def storable(text: str) -> str:
    """Return text as every storage can keep it: without NUL, halves of surrogate pairs as question marks."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
