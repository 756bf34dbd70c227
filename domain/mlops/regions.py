"""Names of places as people write them, and the cloud regions they stand for."""

from collections.abc import Mapping

from domain.mlops.placement import EEA, REGIONS, lies_within, normal_code, regions_of
from domain.mlops.placement import country_of as _placed_in

AS_OF = "2026-01"

CLOUDS = ("aws", "gcp", "azure")

FURTHER_REGIONS: Mapping[str, Mapping[str, str]] = {
    "aws": {
        "us-west-1": "US",
        "af-south-1": "ZA",
        "ap-east-1": "HK",
        "ap-northeast-2": "KR",
        "ap-southeast-3": "ID",
        "il-central-1": "IL",
        "me-central-1": "AE",
        "mx-central-1": "MX",
        "us-gov-west-1": "US",
        "us-gov-east-1": "US",
    },
    "gcp": {
        "us-east4": "US",
        "us-east5": "US",
        "us-south1": "US",
        "us-west2": "US",
        "us-west4": "US",
        "asia-east1": "TW",
        "asia-east2": "HK",
        "asia-northeast3": "KR",
        "asia-southeast2": "ID",
        "me-west1": "IL",
        "africa-south1": "ZA",
    },
    "azure": {
        "westus": "US",
        "westus3": "US",
        "southcentralus": "US",
        "northcentralus": "US",
        "norwayeast": "NO",
        "koreacentral": "KR",
        "eastasia": "HK",
        "southafricanorth": "ZA",
        "uaenorth": "AE",
        "israelcentral": "IL",
    },
}

CLOUD_OF_REGION: Mapping[str, str] = {
    **{code: cloud for cloud in CLOUDS for codes in REGIONS[cloud].values() for code in codes},
    **{code: cloud for cloud in CLOUDS for code in FURTHER_REGIONS[cloud]},
}
_FURTHER_COUNTRY = {code: country for regions in FURTHER_REGIONS.values() for code, country in regions.items()}

AZURE_NAMES: Mapping[str, str] = {
    "west europe": "westeurope",
    "north europe": "northeurope",
    "east us 2": "eastus2",
    "east us": "eastus",
    "west us 2": "westus2",
    "west us 3": "westus3",
    "west us": "westus",
    "central us": "centralus",
    "uk south": "uksouth",
    "uk west": "ukwest",
    "france central": "francecentral",
    "germany west central": "germanywestcentral",
    "spain central": "spaincentral",
    "italy north": "italynorth",
    "sweden central": "swedencentral",
    "poland central": "polandcentral",
    "switzerland north": "switzerlandnorth",
    "switzerland west": "switzerlandwest",
    "central india": "centralindia",
    "south india": "southindia",
    "japan east": "japaneast",
    "japan west": "japanwest",
    "southeast asia": "southeastasia",
    "australia east": "australiaeast",
    "canada central": "canadacentral",
    "canada east": "canadaeast",
    "brazil south": "brazilsouth",
    "norway east": "norwayeast",
}

COUNTRY_WORDS: Mapping[str, str] = {
    "european union": "EU",
    "european economic area": "EU",
    "europe": "EU",
    "european": "EU",
    "eea": "EU",
    "eu": "EU",
    "united states": "US",
    "usa": "US",
    "u.s.": "US",
    "america": "US",
    "california": "US",
    "ireland": "IE",
    "irish": "IE",
    "germany": "DE",
    "german": "DE",
    "france": "FR",
    "french": "FR",
    "netherlands": "NL",
    "dutch": "NL",
    "belgium": "BE",
    "belgian": "BE",
    "spain": "ES",
    "spanish": "ES",
    "italy": "IT",
    "italian": "IT",
    "sweden": "SE",
    "swedish": "SE",
    "finland": "FI",
    "finnish": "FI",
    "poland": "PL",
    "austria": "AT",
    "austrian": "AT",
    "denmark": "DK",
    "danish": "DK",
    "portugal": "PT",
    "portuguese": "PT",
    "norway": "NO",
    "norwegian": "NO",
    "united kingdom": "UK",
    "great britain": "UK",
    "britain": "UK",
    "british": "UK",
    "england": "UK",
    "uk": "UK",
    "switzerland": "CH",
    "swiss": "CH",
    "india": "IN",
    "indian": "IN",
    "japan": "JP",
    "japanese": "JP",
    "singapore": "SG",
    "australia": "AU",
    "australian": "AU",
    "canada": "CA",
    "canadian": "CA",
    "brazil": "BR",
    "brazilian": "BR",
}

CODES_WRITTEN_ALONE = frozenset({"EU", "US", "UK", "DE", "FR", "NL", "ES", "CH", "JP", "SG", "AU", "BR", "PL", "IE"})

CITIES: Mapping[str, tuple[str, str | None]] = {
    "virginia": ("US", "us-east-1"),
    "ohio": ("US", "us-east-2"),
    "oregon": ("US", "us-west-2"),
    "iowa": ("US", "us-central1"),
    "dublin": ("IE", None),
    "frankfurt": ("DE", None),
    "berlin": ("DE", None),
    "munich": ("DE", None),
    "paris": ("FR", None),
    "amsterdam": ("NL", None),
    "madrid": ("ES", None),
    "milan": ("IT", None),
    "stockholm": ("SE", None),
    "helsinki": ("FI", None),
    "warsaw": ("PL", None),
    "london": ("UK", None),
    "zurich": ("CH", None),
    "zürich": ("CH", None),
    "geneva": ("CH", None),
    "mumbai": ("IN", "ap-south-1"),
    "hyderabad": ("IN", "ap-south-2"),
    "tokyo": ("JP", None),
    "osaka": ("JP", "ap-northeast-3"),
    "sydney": ("AU", None),
    "melbourne": ("AU", "ap-southeast-4"),
    "toronto": ("CA", None),
    "montreal": ("CA", None),
    "são paulo": ("BR", None),
    "sao paulo": ("BR", None),
}


def country_of(region: str) -> str | None:
    """Return the country code a cloud region lies in (``UK`` for Great Britain), or None where it is not known."""
    return _FURTHER_COUNTRY.get(region) or _placed_in(region)


def region_for(cloud: str, country: str) -> str | None:
    """Return the preferred region of a cloud in a country or in the ``EU``, or None where it has none."""
    regions = regions_of(cloud, country)
    return regions[0] if regions else None


def regions_within(cloud: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return every region of a cloud inside the countries or blocs, the preferred ones first, none twice."""
    return tuple(dict.fromkeys(region for code in codes for region in regions_of(cloud, code)))


def inside(region: str, codes: tuple[str, ...]) -> bool:
    """Tell whether a region lies in one of the countries or blocs."""
    country = country_of(region)
    if country is not None and region in _FURTHER_COUNTRY:
        wanted = {normal_code(code) for code in codes}
        return country in wanted or ("EU" in wanted and country in EEA)
    return lies_within(region, codes)
