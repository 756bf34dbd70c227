"""How much is known: what was said counts whole, what follows half, what is assumed nothing."""

from typing import Any

import pytest

from domain.mlops.coverage import FACTS, WEIGHTS, coverage
from domain.mlops.defaults import assume_defaults
from domain.mlops.extraction import extract
from domain.mlops.facts import Constraints, Fact, Provenance

READY = (
    "Fraud API on AWS us-east-1, 200 rps, p99 80 ms, card tokens only, PCI-DSS, 99.9 % uptime, $4,000 a month,"
    " retrain daily"
)


def known(how: Provenance, **values: Any) -> Constraints:
    return Constraints.of(Fact(name, value, how) for name, value in values.items())


def test_the_weights_add_up_to_one_and_each_has_its_facts() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    assert WEIGHTS.keys() == FACTS.keys()


def test_nothing_known_is_nothing_covered() -> None:
    report = coverage(Constraints())
    assert (report.score, report.ready, report.missing) == (0.0, False, tuple(WEIGHTS))


@pytest.mark.parametrize(
    ("how", "worth"),
    [(Provenance.STATED, 1.0), (Provenance.ANSWERED, 1.0), (Provenance.DERIVED, 0.5), (Provenance.ASSUMED, 0.0)],
)
def test_a_fact_counts_by_how_it_is_known(how: Provenance, worth: float) -> None:
    assert coverage(known(how, cloud="aws")).score == pytest.approx(0.10 * worth)


def test_the_surest_fact_of_a_field_counts() -> None:
    sure = known(Provenance.DERIVED, avg_rps=1.0).having(Fact("peak_rps", 3.0, Provenance.STATED))
    assert coverage(sure).score == pytest.approx(0.12)


def test_latency_does_not_apply_to_runs_without_a_deadline() -> None:
    assert "latency" not in coverage(known(Provenance.STATED, serving=["batch"])).missing
    assert "latency" in coverage(known(Provenance.STATED, serving=["batch", "online"])).missing


def test_residency_does_not_apply_behind_an_air_gap() -> None:
    assert "residency" not in coverage(known(Provenance.STATED, air_gapped=True)).missing


def test_money_without_a_period_leaves_the_budget_open() -> None:
    assert "budget" in coverage(extract("We have $5,000")).missing


def test_a_brief_that_says_enough_is_ready() -> None:
    report = coverage(extract(READY))
    assert report.score >= 0.75
    assert report.ready


def test_an_open_conflict_is_never_ready() -> None:
    assert not coverage(extract(READY), ["a conflict"]).ready
    assert not coverage(extract(READY), ["a conflict"], accepted=True).ready


@pytest.mark.parametrize("name", ["serving", "peak_rps", "budget_usd_month", "cloud", "data_kinds"])
def test_an_assumed_field_that_decides_is_never_ready(name: str) -> None:
    constraints = extract(READY)
    value = constraints.value(name)
    assumed = constraints.without("data_class", "avg_rps").having(Fact(name, value, Provenance.ASSUMED))
    assert not coverage(assumed).ready
    assert coverage(assumed, accepted=True).ready


def test_defaults_add_nothing_to_the_score() -> None:
    constraints = extract("Churn API, 20 rps")
    assert coverage(assume_defaults(constraints)).score == coverage(constraints).score
