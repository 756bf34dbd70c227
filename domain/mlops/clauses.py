"""Split a brief into clauses and the segments between their commas, and mark what is negated, hedged or left behind."""

import re
from bisect import bisect_right

from attrs import frozen

_ABBREVIATIONS = frozenset(
    {"e.g", "i.e", "approx", "max", "min", "vs", "ca", "etc", "incl", "resp", "no", "art", "u.s", "p.a", "p.m", "avg"}
)
_CLAUSE_END = re.compile(r"[.!?](?=\s|$)|[;\n•]|(?<=\s)[-*\u2013\u2014](?=\s)|\b(?:but|however|whereas|although)\b")
_SEGMENT_END = re.compile(r",(?!\d{3}(?!\d))|[()]|:(?=\s)")

_HEDGED = re.compile(
    r"\b(?:maybe|perhaps|possibly|potentially|eventually|someday|one day|might|in (?:the )?(?:near )?future|future"
    r"|phase (?:2|3|two|three)"
    r"|second phase|next year|down the (?:road|line)|at some point|stretch goal|longer[- ]term|long[- ]term"
    r"|may (?:later|also|one day|need|want|add|grow|move|expand|switch|go|become))\b"
    r"|(?<!no )(?<!or )(?<!results )(?<!result )(?<!minutes )(?<!hours )(?<!seconds )(?<!delivered )(?<!days "
    r")(?<!fetched )\blater\b(?! than)"
)
_PREFERRED = re.compile(
    r"\b(?:nice(?: to have)?|would like|prefer\w*|ideally|rather have|if possible|optional(?:ly)?|not required"
    r"|not mandatory)\b"
)
_CURRENT = re.compile(
    r"\b(?:today|currently|right now|at the moment|at present|presently|so far|as of now|nowadays|now|these days)\b"
)
_TARGET = re.compile(
    r"\b(?:target\w*|goal|aim\w*|want\w*|need\w*|must|should|expect\w*|growing to|grow to|rising to|plan(?:ned"
    r"|ning)? (?:for|to)|will)\b"
)
_CORRECTION = re.compile(
    r"\b(?:actually|correction|scratch that|make that|i mean|or rather|no wait|sorry|on second thought)\b"
)

_NEGATION = re.compile(
    r"\b(?:no|not|without|never|don'?t|do not|avoid(?:ing)?|nothing|except(?: for)?|excluding|instead of"
    r"|rather than|neither|nor"
    r"|cannot|can'?t|won'?t|doesn'?t|isn'?t|aren'?t|mustn'?t|shouldn'?t|free of)\b|\bnon-"
)
_NO_NEGATION = re.compile(
    r"(?:no|not|never|nothing|don'?t|do not|cannot|can'?t|won'?t|doesn'?t|mustn'?t|shouldn'?t"
    r"|must not)\s(?:\w+\s){0,3}?(?:more|less|later|longer|"
    r"fewer|slower|higher|greater|lower|worse|larger|bigger|older|over|above|beyond|below|under|exceed\w*)\b"
    r"|(?:not|no) (?:only|just|sure|certain|least|yet (?:sure|known|decided))\b|no (?:matter|wonder|problem"
    r"|doubt)\b|no hard\b"
    r"|don'?t (?:know|mind|care)\b|do not (?:know|mind|care)\b|without exceeding\b|not (?:required|mandatory|needed)\b"
    r"|(?:not|never|can'?t|cannot|mustn'?t|won'?t|doesn'?t|don'?t|nothing|no data)\s(?:\w+\s){0,3}?(?:leaves?"
    r"|leaving|exit|outside|transferred|moved out)\b"
)
_NEGATION_STOP = re.compile(
    r"[,;:.!?()\n]|\s[-\u2013\u2014]\s|\b(?:but|because|since|so|while|which|who|only|must|should|budget|need|with"
    r"|just|use|using|and (?:we|the|a|it|must|"
    r"should|need|run|runs|use|about|around|up|at|under|max|[$€£]?\d))\b"
)
_LONGEST = 400
"""Characters of a clause; prose without punctuation is cut, so that the work stays linear."""
_TOKENS_NEGATED = 6
_TOKEN = re.compile(r"\S+")

_MOVED = re.compile(
    r"\b(?:migrat\w*|mov\w+|switch\w*|chang\w+|shift\w*|port\w*|transition\w*|going|go|coming"
    r"|get)\s(?:\w+\s){0,4}?(?:away )?from\s"
    r"(?P<left>[^.;,\n]{1,60}?)\sto\s"
)
_LEFT = re.compile(
    r"\b(?:leaving|mov\w+ off|get\w* off|away from|replac\w+)\s(?P<left>[^.;,\n]{1,40}?)(?:\s(?:for|to|with|by"
    r"|towards?)\s|[,.;\n]|$)"
)

Span = tuple[int, int]


@frozen
class Segment:
    """A part of a clause between commas, with what its words say about how to take it."""

    start: int
    end: int
    clause: Span
    hedged: bool = False
    preferred: bool = False
    current: bool = False
    target: bool = False
    correction: bool = False


def _bounds(text: str, ends: list[Span], start: int, end: int) -> list[Span]:
    """Return the non-empty stretches of ``start:end`` between the separators, none longer than 400 characters."""
    found: list[Span] = []
    for stop, resume in (*ends, (end, end)):
        while stop - start > _LONGEST:
            space = text.rfind(" ", start + 1, start + _LONGEST)
            middle = space if space > start else start + _LONGEST
            found.append((start, middle))
            start = middle
        if text[start:stop].strip():
            found.append((start, stop))
        start = resume
    return found


def _is_abbreviation(text: str, dot: int) -> bool:
    word = re.search(r"[a-z.]{1,8}$", text[max(0, dot - 8) : dot])
    return word is not None and word.group() in _ABBREVIATIONS


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """Return the spans in order, those that overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def clauses(text: str) -> list[Span]:
    """Return the clauses of a lower-case text."""
    ends = [
        match.span()
        for match in _CLAUSE_END.finditer(text)
        if not (match.group() == "." and _is_abbreviation(text, match.start()))
    ]
    return _bounds(text, ends, 0, len(text))


def segments(text: str) -> tuple[Segment, ...]:
    """Return the segments of a lower-case text in order.

    A short opening segment ("Later, ...", "Today, ...") passes its mark on to the next one of its clause.
    """
    found: list[Segment] = []
    for clause in clauses(text):
        ends = [match.span() for match in _SEGMENT_END.finditer(text, *clause)]
        carried: Segment | None = None
        for start, end in _bounds(text, ends, *clause):
            words = text[start:end]
            segment = Segment(
                start,
                end,
                clause,
                hedged=bool(_HEDGED.search(words)) or (carried is not None and carried.hedged),
                preferred=bool(_PREFERRED.search(words)) or (carried is not None and carried.preferred),
                current=bool(_CURRENT.search(words)) or (carried is not None and carried.current),
                target=bool(_TARGET.search(words)),
                correction=bool(_CORRECTION.search(words)) or (carried is not None and carried.correction),
            )
            found.append(segment)
            carried = segment if len(words.split()) <= 2 else None
    return tuple(found)


def negated_spans(text: str) -> tuple[Span, ...]:
    """Return what negations reach: six words, or to a comma, a "but" or the start of a new statement."""
    spared = [match.span() for match in _NO_NEGATION.finditer(text)]
    starts = [start for start, _ in spared]
    found: list[Span] = []
    for match in _NEGATION.finditer(text):
        place = bisect_right(starts, match.start()) - 1
        if place >= 0 and match.start() < spared[place][1]:
            continue
        start = match.end()
        window = text[start : start + 120]
        stop = _NEGATION_STOP.search(window)
        reach = window[: stop.start()] if stop else window
        if match.group().startswith("except") and found and match.start() < found[-1][1]:
            found[-1] = (found[-1][0], match.start())
            continue
        tokens = list(_TOKEN.finditer(reach))[:_TOKENS_NEGATED]
        if tokens:
            found.append((start, start + tokens[-1].end()))
    return _merged(found)


def left_spans(text: str) -> tuple[Span, ...]:
    """Return what the brief says is being left: X in "from X to Y" after a verb of moving, or in "leaving X for Y"."""
    spans = [match.span("left") for pattern in (_MOVED, _LEFT) for match in pattern.finditer(text)]
    return _merged(spans)
