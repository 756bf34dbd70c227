"""Read how available the system must be, who runs it, and how it should or must not be deployed."""

import re
from collections.abc import Iterator

from domain.mlops.extraction.evidence import Evidence, stated
from domain.mlops.extraction.place import KNOWS
from domain.mlops.lexicon import DEPLOY_WORDS, SKILL_WORDS
from domain.mlops.reading import Reading

_UPTIME = re.compile(r"\b(?:uptime|up ?time|availability|available|sla|slo|reliab\w+)\b")
_QUALITY = re.compile(
    r"\b(?:accura\w+|recall|precision|f1|auc|confidence|correct\w*|quality|cpu|utili[sz]ation|coverage|percentile"
    r"|detect\w*|of (?:the )?(?:users|traffic|requests))\b"
)
_PERCENT = re.compile(r"\s?(?:%|percent|per cent)")
_NINES = r"\b(?P<count>two|three|four|five|2|3|4|5) nines\b"
_COUNT_OF_NINES = {"two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4, "five": 5, "5": 5}

_TEAM_AFTER = re.compile(
    r"(?:\s|-)(?:(?:ml|mlops|data|software|platform|backend|full[- ]time|senior|junior|devops)\s){0,2}(?:people"
    r"|persons?|engineers?|developers?|devs?|data scientists?"
    r"|scientists?|ftes?|of us)\b|-(?:person|people|man|engineer)\b"
)
_TEAM_BEFORE = re.compile(
    r"\b(?:teams? (?:of|is|size(?: of| is)?|has)|we are|we're|staff of|crew of|group of)\s?(?:a |about |around "
    r"|only |just )?$"
)
_NOT_A_TEAM = re.compile(r"\b(?:used by|for|serv\w+|to|among|about|of (?:our )?customers)\s(?:about |around |up to )?$")
_SOLO = (
    r"\bjust me\b|\bonly me\b|\bby myself\b|\bon my own\b|\bsolo\b|\bone[- ](?:man|person|woman) (?:team|show"
    r"|shop)\b|\bi am alone\b|\bi'?m alone\b"
    r"|\bi (?:alone )?am the only\b|\bi'?m the only\b|\bsingle (?:developer|engineer)\b"
)

_AIR_GAPPED = (
    r"\bair[- ]?gapped?\b|\bno internet(?: access| connection)?\b|\bdisconnected (?:network|site|environment)"
    r"|\bisolated network\b|\bwithout internet\b"
)
_NO_EXTERNAL_LLM = (
    r"\b(?:no|without|never|not|don't|cannot|can't)\b[^.;,]{0,24}\b(?:third[- ]party|3rd[- ]party|external|hosted"
    r"|public|outside)\s(?:\w+\s){0,2}?(?:apis?|llms?|models?|vendors?)\b"
    r"|\b(?:no|without|not|never|avoid)\b[^.;,]{0,16}\b(?:openai|anthropic|chatgpt|bedrock|hosted llm\w*)\b"
    r"|\bself[- ]?hosted\b(?! (?:runner|gitlab|ci))"
)
_EXTERNAL_LLM = (
    r"\b(?:openai|anthropic|bedrock|hosted (?:llm|model)s?|external (?:llm|api)s?"
    r"|third[- ]party apis?)(?: \w+){0,2} (?:is|are) (?:ok|okay|fine|allowed|acceptable)\b"
    r"|\b(?:can|may|will) use (?:openai|anthropic|bedrock|gemini|claude|hosted (?:llm|model)s?|external (?:llm|api)s?)"
)
_COLD_OK = (
    r"\bcold[- ]starts? (?:\w+ ){0,2}?(?:ok|okay|fine|acceptable|allowed|no problem|tolerable)\b"
    r"|\baccepts? cold[- ]starts?|\bscale[- ]to[- ]zero (?:is )?(?:ok|fine|welcome)"
)
_NO_COLD = (
    r"\bno cold[- ]starts?\b|\bcold[- ]starts? (?:are |is )?(?:not|un)\s?(?:ok|acceptable|allowed)"
    r"|\bwithout cold[- ]starts?\b"
)
_GPU_OWNED = (
    r"\b(?:our|we own|we have|own|existing)\s(?:\w+\s){0,3}?(?:gpus?|gpu servers?|a100s?|h100s?|l40s?|v100s?)\b"
)


def read_availability(reading: Reading) -> Iterator[Evidence]:
    """Yield the availability in percent: named, bare from 99 on (less sure), or as a count of nines."""
    for quantity in reading.stated_numbers():
        percent = _PERCENT.match(reading.after(quantity.end, 9))
        if percent is None or not 90 <= quantity.value <= 99.999:
            continue
        segment = reading.segment_text(quantity.start)
        named = _UPTIME.search(segment) or _UPTIME.search(reading.after(quantity.end, 40))
        if _QUALITY.search(segment) and not _UPTIME.search(segment):
            continue
        if named or quantity.value >= 99:
            end = quantity.end + percent.end()
            confidence = 1.0 if named else 0.6
            yield stated(
                reading, "availability_pct", quantity.value, quantity.start, end, unit="%", confidence=confidence
            )
    for quantity in reading.stated_numbers():
        segment = reading.segment_text(quantity.start)
        if 99 <= quantity.value <= 99.999 and "." in reading.masked[quantity.start : quantity.end]:
            after = reading.after(quantity.end, 9)
            if (
                not _PERCENT.match(after)
                and re.match(r"\s?(?:$|[,;.)]|uptime|sla|slo|avail)", after)
                and not _QUALITY.search(segment)
            ):
                confidence = 1.0 if _UPTIME.search(segment) else 0.6
                yield stated(
                    reading,
                    "availability_pct",
                    quantity.value,
                    quantity.start,
                    quantity.end,
                    unit="%",
                    confidence=confidence,
                )
    for match in reading.find(_NINES):
        nines = _COUNT_OF_NINES[match.group("count")]
        yield stated(reading, "availability_pct", round(100 - 10 ** (2 - nines), 3), *match.span(), unit="%")


def read_team(reading: Reading) -> Iterator[Evidence]:
    """Yield the size of the team and what it knows."""
    for quantity in reading.stated_numbers():
        if not 1 <= quantity.value <= 1000:
            continue
        before = reading.before(quantity.start, 28)
        if _TEAM_BEFORE.search(before):
            yield stated(
                reading, "team_size", int(quantity.value), quantity.start, quantity.end, confidence=quantity.confidence
            )
            continue
        match = _TEAM_AFTER.match(reading.after(quantity.end, 50))
        if match and not _NOT_A_TEAM.search(before):
            end = quantity.end + match.end()
            yield stated(reading, "team_size", int(quantity.value), quantity.start, end, confidence=quantity.confidence)
    for match in reading.find(_SOLO):
        yield stated(reading, "team_size", 1, *match.span())
    for skill, pattern in SKILL_WORDS:
        for match in reading.find(pattern):
            before = reading.before(match.start(), 80)
            after = reading.after(match.end(), 24)
            if re.search(KNOWS + r"[^.;]{0,70}$", before) or re.match(
                r"\s(?:skills?|experience|knowledge|expertise|engineers?)\b", after
            ):
                yield stated(reading, "skills", [skill], *match.span())


def read_deployment(reading: Reading) -> Iterator[Evidence]:
    """Yield how it should be deployed and how it must not be."""
    for name, pattern in DEPLOY_WORDS:
        for match in reading.find(pattern, negated=True):
            yield stated(reading, "deploy_avoid", [name], *match.span())
        for match in reading.find(pattern):
            if reading.is_left(match.start()):
                yield stated(reading, "deploy_avoid", [name], *match.span())
                continue
            before = reading.before(match.start(), 80)
            if re.search(KNOWS + r"[^.;]{0,70}$", before):
                continue
            confidence = 0.5 if reading.segment_at(match.start()).preferred else 1.0
            yield stated(reading, "deploy_want", [name], *match.span(), confidence=confidence)


def read_flags(reading: Reading) -> Iterator[Evidence]:
    """Yield the yes-or-no facts: air-gapped, hosted models allowed, cold starts acceptable, own GPUs."""
    for match in re.finditer(_AIR_GAPPED, reading.text):
        segment = reading.segment_at(match.start())
        if segment.hedged:
            continue
        denied = reading.is_negated(match.start())
        yield stated(reading, "air_gapped", not denied, *match.span())
    for match in re.finditer(_NO_EXTERNAL_LLM, reading.text):
        if not reading.segment_at(match.start()).hedged:
            yield stated(reading, "external_llm_ok", False, *match.span())
    for pattern, name, value in (
        (_EXTERNAL_LLM, "external_llm_ok", True),
        (_COLD_OK, "cold_start_ok", True),
        (_GPU_OWNED, "gpu_owned", True),
    ):
        for match in reading.find(pattern):
            yield stated(reading, name, value, *match.span())
    for match in re.finditer(_NO_COLD, reading.text):
        yield stated(reading, "cold_start_ok", False, *match.span())
