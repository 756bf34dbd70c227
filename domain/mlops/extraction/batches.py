"""Read what is scored in runs: rows and media a run, how often, the series of a forecast, the documents of a corpus."""

import re
from collections.abc import Iterator

from domain.mlops.extraction.evidence import Evidence, derived, stated
from domain.mlops.extraction.nouns import BATCH_WORDS, DOCUMENTS, MEDIA, PLACES, ROWS, SERIES
from domain.mlops.extraction.rates import is_money
from domain.mlops.numbers import Quantity
from domain.mlops.reading import Reading

RUNS_A_DAY = {"hourly": 24.0, "daily": 1.0, "weekly": 1 / 7, "monthly": 1 / 30.4}
CHUNKS_A_DOCUMENT = 10

CADENCES: tuple[tuple[str, str], ...] = (
    ("hourly", r"\bhourly\b|\b(?:every|each|once an?) hour\b"),
    (
        "daily",
        r"\bnightly\b|\bovernight\b|\bdaily\b|\b(?:every|each|once a|by) (?:day|morning|evening)\b|\b(?:every|each"
        r"|per|a) night\b|\bat night\b|\bby morning\b",
    ),
    (
        "weekly",
        r"\bweekly\b|\b(?:every|each|once a) (?:week|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
        r"|weekend)\b",
    ),
    ("monthly", r"\bmonthly\b|\b(?:every|each|once a) month\b"),
)
QUARTERLY = r"\bquarterly\b|\b(?:every|each|once a) quarter\b"
RETRAIN = (
    r"\b(?:re-?train\w*|re-?fit\w*|(?:re)?train(?:ed|ing|s)?|fine-?tun\w+|(?:model )?updates?|model refresh(?:es)?"
    r"|refresh(?:es|ed)? the models?)\b"
)
_RUN = re.compile(
    r"\b(?:scor\w+|predict\w*|forecast\w*|batch\w*|runs?|jobs?|process\w*|classif\w+|segment\w*|comput\w+|rank\w*"
    r"|recommend\w*|transcrib\w+"
    r"|refresh\w*|nightly|overnight|every night|each night|a night|per night|inference)\b"
)
_NIGHT = re.compile(r"\bnightly\b|\bovernight\b|\b(?:every|each|a|per|at) night\b")
_NOT_A_RUN = re.compile(
    r"\b(?:back-?ups?|reports?|reporting|meetings?|active users|releases?|deploy\w*|budget|standup|sales of"
    r"|downtime|invoices? paid)\b"
)
_RATED = re.compile(
    r"\b(?:requests?|questions?|quer(?:y|ies)|calls?|predictions?|events?|transactions?|messages?|clicks?)\s?$"
)
_MONEY_NEAR = re.compile(r"[$€£₹¥]|\b(?:usd|eur|euros?|gbp|chf|inr|dollars?|budget|cost|spend|bill|pay)\b")

_CALL = re.compile(
    r"predictions?|transactions?|applications?|messages?|orders?|claims?|tickets?|e-?mails?|reviews?|notes?"
)
_COUNTED = re.compile(r"\s(?:[a-z][a-z-]{0,20}\s){0,2}?(?P<noun>[a-z][a-z-]{1,18})\b")
_SERIES = re.compile(rf"\s(?:[a-z][a-z/-]{{0,20}}\s){{0,2}}?(?:{SERIES})(?![\w-])")
_TIMES = re.compile(
    r"(?:\s(?:[a-z-]+\s){0,2}?[a-z-]+)?\s?(?:x|\u00d7|\*|times|across|in|at|by|over|for (?:each of )?)\s?(?:each of "
    r"|all )?(?:our |the )?$"
)
_PLACES = re.compile(rf"\s(?:[a-z-]+\s){{0,1}}?(?:{PLACES})\b")
_CHUNKS = re.compile(r"\s(?:[a-z-]+\s){0,2}?(?:chunks|passages|vectors|embeddings)\b")
_FORECAST = r"\bforecast\w*|\bpredict(?:ing|s)? (?:\w+ ){0,3}(?:demand|sales|load|consumption)"
_CORPUS = (
    r"\brag\b|\bq ?& ?a\b|question[- ]answering|questions? (?:about|over|on)|answers? |knowledge[- ]base|chat ?bot"
    r"|\bchat\b|semantic search"
)


def cadence_of(text: str) -> str | None:
    """Return the first cadence a text names, or None."""
    found = [(match.start(), name) for name, pattern in CADENCES for match in [re.search(pattern, text)] if match]
    return min(found)[1] if found else None


def is_retrain(reading: Reading, start: int, end: int) -> bool:
    """Tell whether a training word stands within four words of a cadence, in its segment and nearer than a run word."""
    segment = reading.segment_at(start)
    before = " ".join(reading.text[segment.start : start].split()[-4:])
    after = " ".join(reading.text[end : segment.end].split()[:4])
    trained = _distances(re.compile(RETRAIN), before, after)
    if trained is None:
        return False
    scored = _distances(
        re.compile(r"\b(?:scor\w+|predict\w*|forecast\w*|classif\w+|batch\w*|inference)\b"), before, after
    )
    return scored is None or trained <= scored


def _distances(pattern: "re.Pattern[str]", before: str, after: str) -> int | None:
    """Return how many characters part the nearest match before or after a place from it, or None without a match."""
    gaps = [len(before) - match.end() for match in pattern.finditer(before)] + [
        match.start() for match in pattern.finditer(after)
    ]
    return min(gaps) if gaps else None


def read_cadence(reading: Reading) -> Iterator[Evidence]:
    """Yield how often a scoring run starts; a training cadence and the month of a budget are none."""
    for name, pattern in CADENCES:
        for match in reading.find(pattern):
            clause = reading.clause_text(match.start())
            segment = reading.segment_text(match.start())
            night = bool(_NIGHT.fullmatch(match.group()))
            if is_retrain(reading, *match.span()) or _NOT_A_RUN.search(segment) or _MONEY_NEAR.search(segment):
                continue
            if night or _is_run(clause, match.group()):
                yield stated(reading, "run_cadence", name, *match.span())


def _is_run(clause: str, cadence: str) -> bool:
    rest = clause.replace(cadence, " ")
    rated = _RATED.search(clause.split(cadence)[0])
    return bool(_RUN.search(rest)) and rated is None


def read_batches(reading: Reading) -> Iterator[Evidence]:
    """Yield rows or media a run where a number of them stands in a clause with a run cadence; a forecast has series."""
    if reading.first(_FORECAST) is not None:
        return
    for quantity in reading.stated_numbers():
        match = _COUNTED.match(reading.after(quantity.end, 70))
        if match is None or is_money(reading, quantity) or quantity.value < 2:
            continue
        clause = reading.clause_text(quantity.start)
        cadence = run_cadence_of(reading, quantity, clause)
        if cadence is None:
            continue
        end = quantity.end + match.end()
        words = reading.after(quantity.end, 70).split()[:4]
        words = [word.strip("(),.") for word in words]
        if any(MEDIA.fullmatch(word) for word in words):
            daily = round(quantity.value * RUNS_A_DAY[cadence], 2)
            yield stated(reading, "items_per_day", daily, quantity.start, end, unit="1/day")
        elif any(ROWS.fullmatch(word) or DOCUMENTS.fullmatch(word) for word in words[:3]) and not _is_call(
            words, clause
        ):
            yield stated(
                reading, "rows_per_run", int(quantity.value), quantity.start, end, confidence=quantity.confidence
            )


def _is_call(words: list[str], clause: str) -> bool:
    """Tell whether what is counted are single calls rather than the rows of a run."""
    return any(_CALL.fullmatch(word) for word in words[:3]) and BATCH_WORDS.search(clause) is None


def run_cadence_of(reading: Reading, quantity: Quantity, clause: str) -> str | None:
    """Return the cadence of the runs the clause speaks of, or None where it speaks of a rate or of training."""
    start = reading.segment_at(quantity.start).clause[0]
    for name, pattern in CADENCES:
        for match in re.finditer(pattern, clause):
            place = (start + match.start(), start + match.end())
            if is_retrain(reading, *place) or _MONEY_NEAR.search(reading.segment_text(place[0])):
                continue
            direct = not reading.masked[quantity.end : place[0]].strip().count(" ") > 2 and place[0] > quantity.end
            night = bool(_NIGHT.fullmatch(match.group()))
            adverbial = match.group() in ("daily", "hourly", "weekly", "monthly") or match.group().startswith(
                ("every", "each", "by")
            )
            if (
                night
                or (adverbial and _RUN.search(clause.replace(match.group(), " ")))
                or (direct and name in ("weekly", "monthly"))
            ):
                return name
    return None


def read_series(reading: Reading) -> Iterator[Evidence]:
    """Yield the series of a forecast; "items x places" multiplies."""
    if reading.first(_FORECAST) is None:
        return
    numbers = [quantity for quantity in reading.stated_numbers() if not is_money(reading, quantity)]
    used: set[int] = set()
    for index, quantity in enumerate(numbers):
        if quantity.start in used:
            continue
        after = reading.after(quantity.end, 60)
        following = numbers[index + 1] if index + 1 < len(numbers) else None
        if following is not None and following.start - quantity.end <= 40:
            between = reading.masked[quantity.end : following.start]
            places = _PLACES.match(reading.after(following.end, 40))
            if places and _TIMES.fullmatch(between):
                used.add(following.start)
                end = following.end + places.end()
                yield stated(reading, "series", int(quantity.value * following.value), quantity.start, end)
                continue
        match = _SERIES.match(after)
        if match:
            yield stated(reading, "series", int(quantity.value), quantity.start, quantity.end + match.end())


def read_corpus(reading: Reading) -> Iterator[Evidence]:
    """Yield the chunks of a corpus: as stated, or ten a document where questions are asked of documents."""
    asked = reading.first(_CORPUS) is not None
    for quantity in reading.stated_numbers():
        after = reading.after(quantity.end, 50)
        match = _CHUNKS.match(after)
        if match:
            yield stated(reading, "chunks", int(quantity.value), quantity.start, quantity.end + match.end())
            continue
        counted = _COUNTED.match(after)
        if asked and counted and _is_corpus_noun(counted.group("noun")) and not _is_rate(after[counted.end() :]):
            count = int(quantity.value) * CHUNKS_A_DOCUMENT
            end = quantity.end + counted.end()
            yield derived(reading, "chunks", count, quantity.start, end, confidence=0.5)


def _is_corpus_noun(noun: str) -> bool:
    return re.fullmatch(r"documents?|docs?|pdfs?|pages?|articles?|files?|contracts?|manuals?|papers?", noun) is not None


def _is_rate(after: str) -> bool:
    return re.match(r"\s?(?:/|per\b|an?\b|each\b|daily\b|hourly\b)", after) is not None


def read_retrain(reading: Reading) -> Iterator[Evidence]:
    """Yield how often the model is trained again."""
    patterns = (*CADENCES, ("quarterly", QUARTERLY))
    for name, pattern in patterns:
        for match in reading.find(pattern):
            if is_retrain(reading, *match.span()):
                yield stated(reading, "retrain", name, *match.span())
    fixed = (
        ("drift", r"\bre-?train\w* (?:\w+ ){0,3}(?:drift\w*|degrad\w+)|drift[- ]triggered"),
        ("continuous", r"continuous(?:ly)? (?:re-?)?train\w*|re-?train\w* continuously|online learning"),
        ("on_demand", r"re-?train\w* (?:on demand|manually|by hand|when (?:asked|needed))|manual retraining"),
    )
    for name, pattern in fixed:
        for match in reading.find(pattern):
            yield stated(reading, "retrain", name, *match.span())
    for match in reading.find(r"\bre-?train\w*", negated=True):
        yield stated(reading, "retrain", "none", *match.span())
