"""Edit distance, misspelt keywords and the tables of places."""

import pytest

from domain.mlops.placement import REGIONS
from domain.mlops.regions import AZURE_NAMES, CITIES, CLOUD_OF_REGION, country_of, inside, region_for, regions_within
from domain.mlops.spelling import KEYWORDS, distance, keyword_for, spelt


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [("fraud", "fraud", 0), ("fruad", "fraud", 1), ("fraudd", "fraud", 1), ("frad", "fraud", 1), ("frxxd", "fraud", 2)],
)
def test_distance_counts_edits_and_swaps(left: str, right: str, edits: int) -> None:
    assert distance(left, right, 2) == distance(right, left, 2) == edits


def test_distance_stops_past_the_most_that_matters() -> None:
    assert distance("fraud", "completely different", 2) == 3
    assert distance("abcdefgh", "stuvwxyz", 1) == 2


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword_is_not_corrected_into_another(keyword: str) -> None:
    assert keyword_for(keyword) is None


@pytest.mark.parametrize(
    ("word", "keyword"),
    [
        ("latncy", "latency"),
        ("clasification", "classification"),
        ("recomendtions", "recommendations"),
        ("aws", None),
        ("fruad", "fraud"),
    ],
)
def test_one_edit_is_forgiven_from_five_letters_and_two_from_eight(word: str, keyword: str | None) -> None:
    assert keyword_for(word) == keyword


def test_places_in_the_corrected_text_map_back() -> None:
    written = "low latncy and high availabilty wanted"
    spelling = spelt(written)
    assert spelling.text == "low latency and high availability wanted"
    start = spelling.text.index("wanted")
    assert written[spelling.origin(start) :] == "wanted"


def test_every_region_has_one_cloud_and_a_country() -> None:
    regions = [region for countries in REGIONS.values() for codes in countries.values() for region in codes]
    assert len(regions) == len(set(regions))
    assert all(country_of(region) and CLOUD_OF_REGION[region] for region in CLOUD_OF_REGION)
    assert set(AZURE_NAMES.values()) <= CLOUD_OF_REGION.keys()
    assert {region for _, region in CITIES.values() if region} <= CLOUD_OF_REGION.keys()


@pytest.mark.parametrize(
    ("cloud", "code", "region"),
    [
        ("aws", "DE", "eu-central-1"),
        ("gcp", "DE", "europe-west3"),
        ("azure", "CH", "switzerlandnorth"),
        ("gcp", "IE", None),
        ("aws", "NL", None),
        ("aws", "EU", "eu-west-1"),
    ],
)
def test_a_country_has_a_preferred_region_or_none(cloud: str, code: str, region: str | None) -> None:
    assert region_for(cloud, code) == region


def test_the_union_excludes_london_and_zurich() -> None:
    within = regions_within("aws", ("EU",))
    assert not {"eu-west-2", "eu-central-2"} & set(within)
    assert all(inside(region, ("EU",)) for region in within)
    assert inside("norwayeast", ("EU",))
    assert not inside("us-east4", ("EU",))
