"""Clean a brief before anything is stored: the log cannot forget a secret that it was given."""

import re
import unicodedata
from collections.abc import Callable

from attrs import frozen

from domain.mlops.injection import injected_spans

MAX_BRIEF = 20_000
_MARGIN = 4_000
"""Characters read past the cap, so that a secret that straddles it is still seen whole."""

_MOST_PASSES = 10
"""Taking one secret out can lay bare another that it was glued to."""

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
_KEPT_CONTROLS = frozenset("\n\t")


@frozen
class Redaction:
    """How many passages of one kind were taken out of a brief."""

    kind: str
    count: int


@frozen
class RedactedBrief:
    """A brief that may be stored.

    ``text`` is at most 20,000 characters of NFKC text without control or invisible characters, each secret or personal
    identifier replaced with ``[REDACTED:kind]``; ``injected`` holds the sentences aimed at the assistant, which stay in
    the text and yield no facts.
    """

    text: str
    redactions: tuple[Redaction, ...] = ()
    injected: tuple[str, ...] = ()


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def _is_card(passage: str) -> bool:
    digits = re.sub(r"\D", "", passage)
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and len(set(digits)) > 1 and _luhn(digits)


def _is_phone(passage: str) -> bool:
    digits = re.sub(r"\D", "", passage)
    return 9 <= len(digits) <= 15


_Rule = tuple[str, re.Pattern[str], Callable[[str], bool]]


def _rule(kind: str, pattern: str, check: Callable[[str], bool] = bool) -> _Rule:
    return kind, re.compile(pattern), check


_RULES: tuple[_Rule, ...] = (
    _rule("private_key", r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:.*?-----END [A-Z0-9 ]{0,40}-----|.*)"),
    _rule("url_password", r"(?<=://)(?!\[REDACTED)[^\s/:@]{0,128}:[^\s/@]{1,256}(?=@)"),
    _rule("jwt", r"(?<![A-Za-z0-9])eyJ[\w-]{5,2000}\.[\w-]{5,4000}\.[\w-]{0,2000}"),
    _rule("cloud_key", r"(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}"),
    _rule("cloud_key", r"AIza[\w-]{35}"),
    _rule("cloud_key", r"(?<=AccountKey=)[\w+/]{20,200}={0,2}"),
    _rule("api_key", r"\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,255}|hf_[A-Za-z0-9]{20,255})"),
    _rule("api_key", r"\b(?:xox[abeoprs]-[\w-]{10,255}|[sr]k_(?:live|test)_\w{10,255}|sk-[\w-]{20,255})"),
    _rule(
        "password",
        r"(?i)(?:password|passwd|passphrase|pwd)[\"']?(?: is\b"
        r"|\s{0,3}[=:]{1,2})\s{0,3}(?P<secret>(?!\[REDACTED)[^\s,;]{3,255})",
    ),
    _rule(
        "secret",
        r"(?i)(?:secret|token|api[_ -]?key|access[_ -]?key|client[_ -]?secret)[\w-]{0,24}[\"']?\s{0,3}[=:]\s{0,3}"
        r"(?P<secret>(?!\[REDACTED)(?![\d.,]{1,30}(?:\W|$))[^\s,;]{8,512})",
    ),
    _rule("email", r"(?<![\w.%+-])[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"),
    _rule("card", r"(?<![\w.,])\d(?:[ -]?\d){12,18}(?![\w]|[.,]\d)", _is_card),
    _rule("phone", r"(?<![\w.,])(?:\+|00)[1-9](?:[ ().-]{0,2}\d){7,14}(?!\d)", _is_phone),
    _rule("phone", r"(?<![\w.,])\(?\d{3}\)?[ .-]\d{3}[.-]\d{4}(?![\d.,-])"),
    _rule(
        "phone",
        r"(?i)\b(?:phone|tel|telephone|mobile|call me(?: at"
        r"| on)?)(?: number)?[ .:]{1,3}(?P<secret>\d(?:[ ().-]{0,2}\d){7,14})(?!\d)",
    ),
)


def _replace(text: str, rule: _Rule) -> tuple[str, int]:
    kind, pattern, check = rule
    pieces: list[str] = []
    done = count = 0
    group = "secret" if "secret" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        if not check(match.group(group)):
            continue
        start, end = match.span(group)
        pieces += (text[done:start], f"[REDACTED:{kind}]")
        done, count = end, count + 1
    return "".join(pieces) + text[done:] if count else text, count


def clean(text: str) -> str:
    """Return NFKC text without invisible, control, unassigned or surrogate characters, with plain newlines."""
    normal = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        char
        for char in normal
        if char in _KEPT_CONTROLS or (char not in _INVISIBLE and unicodedata.category(char)[0] != "C")
    )


def _cleaned_head(text: str) -> str:
    """Clean as much of the text as the cap asks for, reading on where a stretch held nothing visible."""
    kept: list[str] = []
    size = 0
    for start in range(0, len(text), _MARGIN):
        piece = clean(text[start : start + _MARGIN])
        kept.append(piece)
        size += len(piece)
        if size >= MAX_BRIEF + _MARGIN:
            break
    return "".join(kept)[: MAX_BRIEF + _MARGIN]


def redact(text: str) -> RedactedBrief:
    """Return the brief as it may be stored, what was taken out of it, and which sentences of it are inert.

    Any text is taken: lone surrogates and NUL vanish with the other invisible characters. The work is linear in the
    length and bounded by the cap.
    """
    cleaned = _cleaned_head(text)
    counts: dict[str, int] = {}
    for _ in range(_MOST_PASSES):
        before = sum(counts.values())
        for rule in _RULES:
            cleaned, count = _replace(cleaned, rule)
            if count:
                counts[rule[0]] = counts.get(rule[0], 0) + count
        if sum(counts.values()) == before:
            break
    capped = cleaned[:MAX_BRIEF]
    return RedactedBrief(
        text=capped,
        redactions=tuple(Redaction(kind, counts[kind]) for kind in sorted(counts)),
        injected=tuple(capped[start:end].strip() for start, end in injected_spans(capped)),
    )
