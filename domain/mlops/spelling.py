"""Recognise keywords that are slightly misspelt; numbers and the names of products or places are never touched."""

import re
from collections.abc import Mapping

from attrs import frozen


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


KEYWORDS = _words(
    """
    anomaly anonymous annual availability average batch budget cameras children churn classification classifier
    classify clinical compliance containers customers daily demand detection devices engineers events forecast
    forecasting fraud hourly images inference kubernetes latency maximum medical milliseconds million minutes
    monthly nightly offline online overnight patient patients people personal personalisation personalization
    photos predictions pricing quarterly ranking realtime recommendation recommendations recommender records
    regression requests residency retrain retraining retrained satellite second seconds sensors serverless
    streaming subscribers telemetry thousand transactions transcribe transcription uptime weekly
    """
)

CORRECT_WORDS = frozenset(
    _words(
        """
        anneal anomalies anonymously availabilities averages batched batches bath beverage budgets churned churning
        churns clarification classified classifiers classifies clinician clinicians complained compliant conference
        conferences contain contained container containerd contains costume costumers costumes critical customary
        customer dairy deletion detecting detections detective detectors device direction directions engineer evens
        event forecasted forecaster forecasters forecasts foremost frauds fraudster friday image inferences influence
        inline interference latencies maximus medial medically milestones millions minute minutely mobile monthlies
        moth mouth offlines oversight patent patents patience payment payments penalisation peoples person personalise
        personalised personalize personalized personally personas personnel persons photo photon photons prediction
        predictor predictors pricings priding printing prising production productions quarter racking raking ranging
        rankings recommend recommended recommenders recommending recommends record recorded recorder recorders
        reduction reductions refrain refraining region regions regressions relative remained remaining remand request
        requested requester requestor requestors reraised residence residences residencies resident residents
        resiliency restrain restraining retailing retain retained retaining retrains satellites scream screaming
        secondly sensor stealing steaming straining subscribe subscriber thousands transaction transactional
        transcribed transcribes transcript transcripts transition transitions translation translations weakly
        """
    )
)
"""Correct words near a keyword, left as they are."""

_TOKEN = re.compile(r"(?<![\w@/.-])[a-z]{5,18}(?![\w@]|[-.]\w)")


@frozen
class Spelling:
    """A text with its keywords spelt right; ``shifts`` map places in it back to the text as written."""

    text: str
    shifts: tuple[tuple[int, int], ...] = ((0, 0),)

    def origin(self, place: int) -> int:
        """Return where in the text as written the character at ``place`` stands."""
        low, high = 0, len(self.shifts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.shifts[middle][0] <= place else (low, middle)
        new, old = self.shifts[low]
        return old + place - new


def distance(left: str, right: str, most: int) -> int:
    """Return the edit distance of two words, at most ``most + 1``; a swap of neighbours counts once."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _by_first_letter() -> Mapping[str, tuple[str, ...]]:
    return {
        letter: tuple(word for word in KEYWORDS if word[0] == letter)
        for letter in sorted({word[0] for word in KEYWORDS})
    }


_CANDIDATES = _by_first_letter()
_KNOWN = CORRECT_WORDS | frozenset(KEYWORDS)


def keyword_for(word: str) -> str | None:
    """Return the keyword a lower-case word misspells, or None.

    One edit is forgiven from five letters of the keyword on, two from eight; the first letter must be right.
    """
    if word in _KNOWN:
        return None
    best: tuple[int, str] | None = None
    for keyword in _CANDIDATES.get(word[0], ()):
        most = 2 if min(len(keyword), len(word)) >= 8 else 1
        edits = distance(word, keyword, most)
        if edits <= most and (best is None or edits < best[0]):
            best = (edits, keyword)
    return None if best is None else best[1]


def spelt(text: str) -> Spelling:
    """Return a lower-case text with misspelt keywords put right."""
    fixes: dict[str, str | None] = {}
    pieces: list[str] = []
    shifts: list[tuple[int, int]] = [(0, 0)]
    done = length = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word not in fixes:
            fixes[word] = keyword_for(word)
        keyword = fixes[word]
        if keyword is None:
            continue
        pieces += (text[done : match.start()], keyword)
        length += match.start() - done + len(keyword)
        done = match.end()
        shifts.append((length, done))
    return Spelling("".join(pieces) + text[done:], tuple(shifts)) if pieces else Spelling(text)
