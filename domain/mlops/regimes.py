"""The regimes that follow from what the data holds and where the people live."""

from collections.abc import Collection, Mapping

from domain.mlops.data_kinds import PERSONAL_KINDS
from domain.mlops.facts import Constraints
from domain.mlops.placement import EEA, normal_code
from domain.mlops.regions import country_of

AS_OF = "2026-01"

OWN_LAWS: Mapping[str, str] = {"CH": "FADP", "BR": "LGPD", "IN": "DPDP"}
_CARD_KINDS = frozenset({"pan", "card_token"})
_GDPR_KINDS = PERSONAL_KINDS | {"pseudonymous"}


def countries_of(constraints: Constraints) -> frozenset[str]:
    """Return the countries and blocs a design has to do with: of its residency and its regions, and those mentioned."""
    residency = constraints.value("residency") or {}
    mentioned = (*(residency.get("codes") or ()), *(constraints.value("countries") or ()))
    placed = (country_of(region) for region in constraints.value("regions") or ())
    return frozenset(normal_code(code) for code in (*mentioned, *filter(None, placed)))


def regimes_following(kinds: Collection[str], countries: Collection[str]) -> tuple[str, ...]:
    """Return the regimes that follow from the kinds of data and the countries.

    HIPAA for health data in the United States, PCI-DSS for cards, GDPR for personal data in the EEA or the United
    Kingdom, and the own laws of Switzerland, Brazil and India.
    """
    held, places = set(kinds), set(countries)
    personal = bool(held & _GDPR_KINDS) and "none" not in held
    following = [
        ("HIPAA", "health" in held and "US" in places),
        ("PCI-DSS", bool(held & _CARD_KINDS)),
        ("GDPR", personal and bool(places & {"EU", "UK", *EEA})),
        *((law, personal and code in places) for code, law in OWN_LAWS.items()),
    ]
    return tuple(regime for regime, applies in following if applies)
