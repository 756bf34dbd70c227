"""Draw what follows from the facts read: modes, cloud, class of data, regimes."""

from typing import Any

from attrs import evolve

from domain.mlops.data_kinds import class_of
from domain.mlops.extraction.budget import read_unit_price
from domain.mlops.extraction.evidence import resolve
from domain.mlops.extraction.modes import serving_of
from domain.mlops.extraction.place import regions_of_cities
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.reading import Reading
from domain.mlops.regimes import countries_of, regimes_following
from domain.mlops.regions import CLOUDS

Facts = dict[str, Fact]


def _from(source: Fact, name: str, value: Any) -> Fact:
    return Fact(name, value, Provenance.DERIVED, span=source.span, quote=source.quote)


def derive(reading: Reading, facts: Facts) -> Facts:
    """Return the facts with what follows from them; nothing the brief states is changed."""
    known = dict(facts)
    known.update({fact.name: fact for fact in serving_of(reading, known)})
    if known.get("air_gapped") is not None and known["air_gapped"].value and "cloud" not in known:
        known["cloud"] = _from(known["air_gapped"], "cloud", "onprem")
    cloud = known.get("cloud")
    if "regions" not in known and cloud is not None and cloud.value in CLOUDS:
        known.update(resolve(reading, regions_of_cities(reading, cloud.value)))
    known.update(_budget_of_price(reading, known))
    known.update(_data_class(known))
    known.update(_compliance(known))
    if "cloud" in known and "cloud_avoid" in known:
        avoided = [name for name in known["cloud_avoid"].value if name != known["cloud"].value]
        known["cloud_avoid"] = evolve(known["cloud_avoid"], value=avoided)
    return {name: fact for name, fact in known.items() if name != "cloud_avoid" or fact.value}


def _budget_of_price(reading: Reading, known: Facts) -> Facts:
    if "budget_usd_month" in known:
        return {}
    average = known.get("avg_rps")
    peak = known.get("peak_rps")
    rate = average.value if average is not None else None if peak is None else 0.4 * peak.value
    return resolve(reading, read_unit_price(reading, rate))


def _data_class(known: Facts) -> Facts:
    kinds = known.get("data_kinds")
    if kinds is None:
        return {}
    stated = known.get("data_class")
    public = stated is not None and stated.value == "public"
    return {"data_class": _from(kinds, "data_class", class_of(kinds.value, public=public))}


def _compliance(known: Facts) -> Facts:
    """Return the regimes with those that follow from the data and the places; none where the brief rules them out."""
    stated, kinds = known.get("compliance"), known.get("data_kinds")
    if stated is not None and not stated.value:
        return {}
    countries = countries_of(Constraints(known))
    following = regimes_following(kinds.value if kinds is not None else (), countries)
    outside_us = bool(countries) and "US" not in countries
    named = [regime for regime in (stated.value if stated else ()) if not (regime == "HIPAA" and outside_us)]
    values = list(dict.fromkeys((*named, *following)))
    if stated is not None:
        return {"compliance": evolve(stated, value=values)}
    return {"compliance": _from(kinds, "compliance", values)} if values and kinds is not None else {}
