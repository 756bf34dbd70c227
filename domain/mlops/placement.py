"""Where a system may run: regions by country and cloud, blocs of countries, and the price level of each place."""

import re
from collections.abc import Iterable, Mapping

AS_OF = "2026-01"

EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
EEA = EU | {"IS", "LI", "NO"}

REGIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws": {
        "US": ("us-east-1", "us-east-2", "us-west-2"),
        "IE": ("eu-west-1",),
        "DE": ("eu-central-1",),
        "FR": ("eu-west-3",),
        "ES": ("eu-south-2",),
        "IT": ("eu-south-1",),
        "SE": ("eu-north-1",),
        "UK": ("eu-west-2",),
        "CH": ("eu-central-2",),
        "IN": ("ap-south-1", "ap-south-2"),
        "JP": ("ap-northeast-1", "ap-northeast-3"),
        "SG": ("ap-southeast-1",),
        "AU": ("ap-southeast-2", "ap-southeast-4"),
        "CA": ("ca-central-1", "ca-west-1"),
        "BR": ("sa-east-1",),
    },
    "gcp": {
        "US": ("us-central1", "us-east1", "us-west1"),
        "NL": ("europe-west4",),
        "BE": ("europe-west1",),
        "DE": ("europe-west3", "europe-west10"),
        "FR": ("europe-west9",),
        "ES": ("europe-southwest1",),
        "IT": ("europe-west8", "europe-west12"),
        "SE": ("europe-north2",),
        "FI": ("europe-north1",),
        "PL": ("europe-central2",),
        "UK": ("europe-west2",),
        "CH": ("europe-west6",),
        "IN": ("asia-south1", "asia-south2"),
        "JP": ("asia-northeast1", "asia-northeast2"),
        "SG": ("asia-southeast1",),
        "AU": ("australia-southeast1", "australia-southeast2"),
        "CA": ("northamerica-northeast1", "northamerica-northeast2"),
        "BR": ("southamerica-east1",),
    },
    "azure": {
        "US": ("eastus", "eastus2", "westus2", "centralus"),
        "NL": ("westeurope",),
        "IE": ("northeurope",),
        "DE": ("germanywestcentral",),
        "FR": ("francecentral",),
        "ES": ("spaincentral",),
        "IT": ("italynorth",),
        "SE": ("swedencentral",),
        "PL": ("polandcentral",),
        "UK": ("uksouth", "ukwest"),
        "CH": ("switzerlandnorth", "switzerlandwest"),
        "IN": ("centralindia", "southindia"),
        "JP": ("japaneast", "japanwest"),
        "SG": ("southeastasia",),
        "AU": ("australiaeast", "australiasoutheast"),
        "CA": ("canadacentral", "canadaeast"),
        "BR": ("brazilsouth",),
    },
}

ON_PREMISES = "on-premises"

_COUNTRY_OF = {
    region: country for clouds in REGIONS.values() for country, regions in clouds.items() for region in regions
}
_CLOUD_OF = {
    region: cloud for cloud, countries in REGIONS.items() for regions in countries.values() for region in regions
}
_SPELLING = {
    "aws": re.compile(r"[a-z]{2}(-gov)?-[a-z]+-\d"),
    "gcp": re.compile(r"[a-z]+-[a-z]+\d+"),
    "azure": re.compile(r"[a-z]+\d?"),
}
_ALIASES = {"GB": "UK", "USA": "US", "EEA": "EU", "UNITED KINGDOM": "UK"}
_COUNTRY_BY_CURRENCY = {
    "EUR": "EU",
    "GBP": "UK",
    "CHF": "CH",
    "INR": "IN",
    "JPY": "JP",
    "CAD": "CA",
    "AUD": "AU",
    "SGD": "SG",
    "BRL": "BR",
    "PLN": "PL",
    "SEK": "SE",
}
_EU_FIRST = {"aws": ("IE", "DE"), "gcp": ("BE", "NL"), "azure": ("NL", "IE")}
_PRICE_LEVEL = {"US": 1.0, "UK": 1.12, "CH": 1.18, "IN": 1.05, "SG": 1.18, "JP": 1.22, "AU": 1.2, "BR": 1.5, "CA": 1.07}


def normal_code(code: str) -> str:
    """Return the country or bloc code in the spelling of the tables (``GB`` becomes ``UK``, ``EEA`` becomes ``EU``)."""
    upper = code.strip().upper()
    return _ALIASES.get(upper, upper)


def country_of(region: str) -> str | None:
    """Return the country a cloud region lies in, or None where the table does not know it."""
    known = _COUNTRY_OF.get(region)
    if known is None and (region.startswith("us-") or "us" in region.rstrip("0123456789")[-2:]):
        return "US"
    return known


def price_level(region: str) -> float:
    """Return the factor on list prices of a region (US 1.0, EU 1.10, unknown places 1.2; 1.0 on premises)."""
    if region == ON_PREMISES:
        return 1.0
    country = country_of(region)
    if country is None:
        return 1.2
    return _PRICE_LEVEL.get(country, 1.1 if country in EEA else 1.2)


def lies_within(region: str, codes: Iterable[str]) -> bool:
    """Tell whether a region lies in one of the countries or blocs; what is on premises lies where its owner is."""
    if region == ON_PREMISES:
        return True
    country = country_of(region)
    wanted = {normal_code(code) for code in codes}
    return country is not None and (country in wanted or ("EU" in wanted and country in EEA))


def regions_of(cloud: str, code: str) -> tuple[str, ...]:
    """Return the regions of a cloud in a country or bloc, the preferred one first; empty where it has none."""
    countries = REGIONS.get(cloud, {})
    normal = normal_code(code)
    if normal == "EU":
        first = _EU_FIRST.get(cloud, ())
        rest = sorted(country for country in countries if country in EU and country not in first)
        return tuple(region for country in (*first, *rest) for region in countries.get(country, ()))
    return countries.get(normal, ())


def candidate_regions(
    cloud: str, *, stated: tuple[str, ...], codes: tuple[str, ...], strict: bool, currency: str | None
) -> tuple[str, ...]:
    """Return the regions the system may use, best first; never empty.

    A region named by the person comes first when the cloud has it (one of another cloud stands for its country), then
    those of the residency codes, then those of the budget's currency, then the United States. Under strict residency
    nothing outside the codes is offered as long as the cloud has a region inside.
    """
    if cloud == "onprem":
        return (ON_PREMISES,)
    inside = [region for code in codes for region in regions_of(cloud, code)]
    named = [region for region in stated if _belongs_to(cloud, region)]
    implied = [country for country in map(country_of, stated) if country]
    neighbours = [region for country in implied for region in regions_of(cloud, country)]
    home = _COUNTRY_BY_CURRENCY.get(currency or "", "US")
    if strict and inside:
        chosen = [region for region in named + neighbours if lies_within(region, codes)] + inside
    else:
        chosen = named + neighbours + inside
    if not chosen and codes and any(normal_code(code) in EEA for code in codes):
        chosen = list(regions_of(cloud, "EU"))
    if not chosen:
        chosen = list(regions_of(cloud, home) or regions_of(cloud, "US"))
    return tuple(dict.fromkeys(chosen))


def _belongs_to(cloud: str, region: str) -> bool:
    """Tell whether a region is the cloud's; one the table lacks is told by how the cloud spells its regions."""
    known = _CLOUD_OF.get(region)
    return known == cloud if known else cloud in _SPELLING and _SPELLING[cloud].fullmatch(region) is not None
