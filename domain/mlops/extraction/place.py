"""Read where the system may run: the cloud, its regions, and where data must stay."""

import re
from collections.abc import Iterator
from itertools import pairwise

from domain.mlops.extraction.evidence import Evidence, derived, stated
from domain.mlops.lexicon import CLOUD_ANY, CLOUD_NAMES, CLOUD_PRODUCTS
from domain.mlops.placement import normal_code
from domain.mlops.reading import Reading, Standing
from domain.mlops.regions import (
    AZURE_NAMES,
    CITIES,
    CLOUD_OF_REGION,
    CLOUDS,
    CODES_WRITTEN_ALONE,
    COUNTRY_WORDS,
    region_for,
)

KNOWS = (
    r"\b(?:know\w*|skill\w*|familiar|experience\w*|fluent|proficient|expert\w*|comfortable|certified|background"
    r"|used to)\b"
)
_CHOICE = re.compile(r"\s*(?:,\s*)?(?:or|/)\s*(?:on\s|in\s|the\s)?\s*")

_REGIONS = "|".join(sorted((*CLOUD_OF_REGION, *AZURE_NAMES), key=lambda name: (-len(name), name)))
_REGION = rf"(?<![\w-])(?:{_REGIONS})(?![\w-])"
_PLACES = "|".join(re.escape(word) for word in sorted((*COUNTRY_WORDS, *CITIES), key=lambda name: (-len(name), name)))
_PLACE = rf"(?<![\w-])(?:{_PLACES})(?!\w)"
_CODE = re.compile(r"(?<![\w-])(?:" + "|".join(sorted(CODES_WRITTEN_ALONE)) + r")(?![\w]|-\w*\d)")

_STRICT = re.compile(
    r"(?<!not )\bonly\b|\bstrictly\b|\bsovereign\w*|\b(?:must|has to|have to|needs? to|should|shall"
    r"|will)\s(?:\w+\s){0,3}?(?:stay|remain|reside|be|live|run|kept)\b"
    r"|\b(?:stays?|staying|remains?|keep|kept|resides?)\b|\b(?:residency|localisation|localization)\b"
    r"|(?:not|never|can'?t|cannot|mustn'?t|won'?t|doesn'?t|don'?t|nothing|no data"
    r"|without)\s(?:\w+\s){0,3}?(?:leav\w+|exit|outside|transfer\w*|moved? out)"
    r"|\b(?:nothing|no data|not) outside\b"
)
_NO_RESIDENCY = (
    r"\bno (?:data )?residency(?: requirements?| constraints?| limits?)?|\bany region\b"
    r"|\banywhere(?: in the world)?\b|data (?:can|may) (?:go|be) anywhere"
)


def read_cloud(reading: Reading) -> Iterator[Evidence]:
    """Yield the cloud as stated, those to avoid, and what products or the team's knowledge imply."""
    named: list[tuple[str, int, int]] = []
    for cloud, pattern in CLOUD_NAMES:
        for match in reading.find(pattern, negated=True):
            yield stated(reading, "cloud_avoid", [cloud], *match.span())
        for match in reading.find(pattern):
            start, end = match.span()
            if reading.is_left(start):
                yield stated(reading, "cloud_avoid", [cloud], start, end)
            elif re.search(KNOWS + r"[^.;]{0,40}$", reading.before(start, 60)) or _is_known_after(reading, end):
                yield derived(reading, "cloud", cloud, start, end)
            else:
                named.append((cloud, start, end))
    for match in reading.find(CLOUD_ANY):
        yield stated(reading, "cloud", "any", *match.span())
    yield from _among(reading, sorted(named, key=lambda each: each[1]))
    for cloud, pattern in CLOUD_PRODUCTS:
        for match in reading.find(pattern):
            if not reading.is_left(match.start()):
                yield derived(reading, "cloud", cloud, *match.span())


def _is_known_after(reading: Reading, end: int) -> bool:
    return (
        re.match(r"\s(?:skills?|experience|knowledge|expertise|engineers?|certified)\b", reading.after(end, 16))
        is not None
    )


def _among(reading: Reading, named: list[tuple[str, int, int]]) -> Iterator[Evidence]:
    """Yield the named clouds; "A or B" leaves the choice open and avoids the rest."""
    chosen = list(dict.fromkeys(cloud for cloud, _, _ in named))
    pairs = pairwise(named)
    if len(chosen) > 1 and all(_CHOICE.fullmatch(reading.text[left[2] : right[1]]) for left, right in pairs):
        start, end = named[0][1], named[-1][2]
        yield stated(reading, "cloud", "any", start, end)
        yield derived(
            reading, "cloud_avoid", [cloud for cloud in (*CLOUDS, "onprem") if cloud not in chosen], start, end
        )
        return
    for cloud, start, end in named:
        confidence = 0.6 if reading.segment_at(start).preferred else 1.0
        yield stated(reading, "cloud", cloud, start, end, confidence=confidence)


def read_regions(reading: Reading) -> Iterator[Evidence]:
    """Yield the cloud regions named and the cloud that a region belongs to."""
    for match in reading.find(_REGION):
        name = match.group()
        if name in AZURE_NAMES and not (re.search(r"\bazure\b", reading.text) or " us" in name):
            continue
        code = AZURE_NAMES.get(name, name)
        if reading.is_left(match.start()):
            continue
        yield stated(reading, "regions", [code], *match.span())
        yield derived(reading, "cloud", CLOUD_OF_REGION[code], *match.span())


def _mentions(reading: Reading) -> Iterator[tuple[str, int, int]]:
    """Yield the places the brief names as country or bloc codes; two-letter codes count in capitals only."""
    taken = [match.span() for match in re.finditer(_REGION, reading.text)]

    def free(start: int, end: int) -> bool:
        return not any(first < end and start < last for first, last in taken)

    for match in re.finditer(_PLACE, reading.text):
        if free(*match.span()):
            word = match.group()
            yield (CITIES[word][0] if word in CITIES else COUNTRY_WORDS[word]), *match.span()
    letters = [char for char in reading.brief[:400] if char.isalpha()]
    shouting = bool(letters) and sum(char.isupper() for char in letters) > 0.6 * len(letters)
    for match in _CODE.finditer(reading.text.upper()):
        start, end = match.span()
        first, last = reading.origin(start, end)
        written = reading.brief[first:last]
        if not shouting and written == match.group() and match.group() not in ("EU", "UK") and free(start, end):
            yield normal_code(match.group()), start, end


def read_residency(reading: Reading) -> Iterator[Evidence]:
    """Yield where data must stay, strictly or not, and the countries named."""
    strict_codes: list[tuple[str, int, int, Standing]] = []
    loose: list[tuple[str, int, int, Standing]] = []
    for code, start, end in sorted(set(_mentions(reading)), key=lambda each: each[1]):
        segment = reading.segment_at(start)
        excluded = reading.is_negated(start) and not _STRICT.search(reading.text[segment.start : segment.end])
        if segment.hedged or excluded or reading.is_left(start):
            continue
        entry = (code, start, end, reading.standing(start))
        yield derived(reading, "countries", [code], start, end)
        if _is_strict(reading, start, end) and not segment.preferred:
            strict_codes.append(entry)
        elif segment.preferred or _is_where(reading, start, end):
            loose.append(entry)
    chosen, strict = (strict_codes, True) if strict_codes else (loose, False)
    if chosen:
        codes = list(dict.fromkeys(code for code, _, _, _ in chosen))
        value = {"codes": codes, "strict": strict}
        yield stated(reading, "residency", value, chosen[0][1], chosen[-1][2])
    else:
        for match in re.finditer(_NO_RESIDENCY, reading.text):
            yield stated(reading, "residency", {"codes": [], "strict": False}, *match.span())


def _is_strict(reading: Reading, start: int, end: int) -> bool:
    segment = reading.segment_at(start)
    before = reading.text[max(segment.start, start - 60) : start]
    after = reading.text[end : min(segment.end, end + 24)]
    leading = [match for match in _STRICT.finditer(before) if not _names_someone(before[match.end() :])]
    return (
        bool(leading)
        or re.match(
            r"[- ]?(?:only|residen\w+|sovereign\w*|data residency|locali[sz]ation)\b|\s(?:regions?"
            r"|data ?cent\w+) only\b",
            after,
        )
        is not None
    )


def _names_someone(text: str) -> bool:
    return re.search(r"\b(?:customers?|users?|clients?|subscribers?|patients?|market)\b", text) is not None


def _is_where(reading: Reading, start: int, end: int) -> bool:
    before = reading.text[max(reading.segment_at(start).start, start - 40) : start]
    after = reading.text[end : end + 16]
    near = re.search(
        r"\b(?:host\w*|stored?|located|deploy\w*|run(?:s|ning)?|regions?|aws|azure|gcp|google cloud)\s(?:\w+\s){0,2}?$",
        before,
    )
    return near is not None or re.match(r"\s(?:regions?|data ?cent(?:er|re)s?|hosting)\b", after) is not None


def regions_of_cities(reading: Reading, cloud: str) -> Iterator[Evidence]:
    """Yield the regions of the cities named as places to run, on a known cloud."""
    for match in reading.find(_PLACE):
        word = match.group()
        if word not in CITIES or not (_is_where(reading, *match.span()) or _is_strict(reading, *match.span())):
            continue
        country, usual = CITIES[word]
        region = usual if usual is not None and CLOUD_OF_REGION.get(usual) == cloud else region_for(cloud, country)
        if region is not None:
            yield derived(reading, "regions", [region], *match.span())
