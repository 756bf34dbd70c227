"""Read what the system is for: task, use case, model, and what it does to people."""

import re
from collections.abc import Iterator

from domain.mlops.extraction.evidence import Evidence, derived, stated
from domain.mlops.lexicon import FAMILY_WORDS, TASK_WORDS, USE_CASE_WORDS
from domain.mlops.reading import Reading

_PARAMS = r"(?<![\w.$€£])(?P<size>\d{1,4}(?:\.\d{1,2})?)\s?b(?:illion)?\b"
_PARAMS_NEAR = re.compile(
    r"\b(?:llama|mistral|mixtral|qwen|gemma|phi|falcon|deepseek|model|llm|param\w*|instruct|self[- ]?hosted"
    r"|open[- ]weights?|quanti[sz]ed|chat)\b"
)
_MODELS = re.compile(r"\s(?:[a-z-]+\s){0,2}?models\b")
_ALONE = (
    r"\b(?:fully|completely) automat\w+|\bautomatically (?:rejects?|approves?|den(?:y|ies)|declines?|blocks?"
    r"|decid\w+|refuses?|accepts?)"
    r"|\b(?:decides?|decisions?) (?:\w+ ){0,2}(?:alone|automatically|without (?:a )?human)"
    r"|without (?:any )?(?:human|manual) (?:review|intervention|oversight)"
    r"|\bno human (?:review|in the loop|oversight)|\bauto-?(?:reject|declin|den)\w+"
)
_REVIEWED = (
    r"\bhuman[- ]in[- ]the[- ]loop|\b(?:reviewed|checked|confirmed|approved|decided) by (?:an? |our )?(?:human"
    r"|person|analyst|doctor|expert|agent|clinician|"
    r"underwriter|officer|recruiter|moderator)s?|\bhuman (?:review|oversight|decision)|manual(?:ly)? review\w*"
    r"|\b(?:analysts?|doctors?|clinicians?|recruiters?|underwriters?|agents?|moderators?|radiologists?) (?:reviews?"
    r"|decides?|checks?|confirms?|approves?)"
)
_ASSISTIVE = (
    r"\b(?:decision support|assist(?:s|ing|ive)?\b|suggestions? (?:to|for) (?:\w+ ){0,2}(?:agents?|staff|doctors?"
    r"|clinicians?|analysts?))"
)


def read_task(reading: Reading) -> Iterator[Evidence]:
    """Yield the main task: the first of the lexicon's order that the brief names."""
    for task, pattern in TASK_WORDS:
        match = reading.first(pattern)
        if match is not None:
            yield stated(reading, "task", task, *match.span())
            return


def read_use_case(reading: Reading) -> Iterator[Evidence]:
    """Yield the business use, where the lexicon knows one."""
    for use_case, pattern in USE_CASE_WORDS:
        match = reading.first(pattern)
        if match is not None:
            yield stated(reading, "use_case", use_case, *match.span())
            return


def read_model(reading: Reading) -> Iterator[Evidence]:
    """Yield the model family, its size in billions of parameters and how many models there are."""
    for family, pattern in FAMILY_WORDS:
        match = reading.first(pattern)
        if match is not None:
            yield stated(reading, "model_family", family, *match.span())
            break
    for match in reading.find(_PARAMS):
        near = reading.text[max(0, match.start() - 28) : match.end() + 24]
        size = float(match.group("size"))
        if 0 < size <= 2000 and _PARAMS_NEAR.search(near):
            yield stated(reading, "params_b", size, *match.span(), unit="billion")
            yield derived(reading, "model_family", "llm", *match.span())
            break
    for match in reading.find(r"(?<=[a-z\d]-)(?P<size>\d{1,3}(?:\.\d)?)b\b"):
        yield stated(reading, "params_b", float(match.group("size")), *match.span(), unit="billion")
    for quantity in reading.stated_numbers():
        models = _MODELS.match(reading.after(quantity.end, 40))
        if models and 1 <= quantity.value <= 1e6 and quantity.value == int(quantity.value):
            yield stated(reading, "n_models", int(quantity.value), quantity.start, quantity.end + models.end())


def read_impact(reading: Reading) -> Iterator[Evidence]:
    """Yield whether it decides about people alone, assists them, and whether a person reviews."""
    alone = re.search(_ALONE, reading.text)
    if alone is not None and not reading.segment_at(alone.start()).hedged:
        yield stated(reading, "impact", "automated_significant", *alone.span())
        yield stated(reading, "human_review", False, *alone.span())
        return
    reviewed = reading.first(_REVIEWED)
    if reviewed is not None:
        yield stated(reading, "human_review", True, *reviewed.span())
    assistive = reading.first(_ASSISTIVE)
    if assistive is not None:
        yield stated(reading, "impact", "assistive", *assistive.span())
    elif reviewed is not None:
        yield derived(reading, "impact", "assistive", *reviewed.span())
