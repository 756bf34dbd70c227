"""The few questions that would tell most, what they offer, and what an answer becomes."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.mlops.answers import apply_answers
from domain.mlops.conflicts import find_conflicts
from domain.mlops.coverage import coverage
from domain.mlops.defaults import assume_defaults
from domain.mlops.errors import InvalidAnswerError
from domain.mlops.extraction import extract
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.question import Question, QuestionKind
from domain.mlops.questions import MOST_A_ROUND, next_questions

ALL_FIELDS = frozenset(
    {"serving", "load", "budget", "data", "cloud", "latency", "residency", "task", "compliance", "availability"}
)


def question(field: str, constraints: Constraints | None = None) -> Question:
    others = ALL_FIELDS - {field}
    return next(one for one in next_questions(constraints or Constraints(), (), asked=others) if one.field == field)


def answered(field: str, answer: object, constraints: Constraints | None = None) -> Constraints:
    start = constraints or Constraints()
    return apply_answers(start, (question(field, start),), {field: answer})


def test_the_weightiest_fields_are_asked_first_and_four_at_most() -> None:
    questions = next_questions(Constraints(), ())
    assert [one.field for one in questions] == ["serving", "load", "budget", "data"]
    assert len(questions) == MOST_A_ROUND


def test_conflicts_are_asked_before_anything_else() -> None:
    constraints = extract("Must be Lambda, 5,000 rps, p99 10 ms, below $500 a month.")
    conflicts = find_conflicts(constraints, cheapest_usd=3300.0)
    fields = [one.field for one in next_questions(constraints, conflicts)]
    assert fields[:2] == ["conflict:C1", "conflict:C3"]
    assert "load" not in fields


def test_what_was_asked_is_not_asked_again() -> None:
    again = next_questions(Constraints(), (), asked=frozenset({"serving", "budget"}))
    assert [one.field for one in again] == ["load", "data", "cloud", "latency"]


@pytest.mark.parametrize(
    ("brief", "unasked"),
    [
        ("Any cloud is fine", "cloud"),
        ("EKS cluster", "cloud"),
        ("Nightly batch", "latency"),
        ("Air-gapped", "residency"),
        ("No compliance requirements", "compliance"),
        ("No hard latency", "latency"),
    ],
)
def test_what_is_known_or_does_not_apply_is_never_asked(brief: str, unasked: str) -> None:
    constraints = extract(brief)
    rounds = next_questions(constraints, ()), next_questions(constraints, (), asked=ALL_FIELDS - {unasked})
    assert unasked not in [one.field for questions in rounds for one in questions]


def test_an_assumption_may_still_be_asked() -> None:
    assumed = assume_defaults(extract("Churn API"))
    assert "load" in [one.field for one in next_questions(assumed, ())]


def test_impact_is_asked_only_where_people_may_be_concerned() -> None:
    assert "impact" not in [one.field for one in next_questions(Constraints(), (), asked=ALL_FIELDS)]
    (impact,) = next_questions(extract("Credit scoring"), (), asked=ALL_FIELDS)
    assert (impact.field, impact.default) == ("impact", True)


@pytest.mark.parametrize(
    ("field", "brief", "default"),
    [
        ("serving", "Churn model", "batch"),
        ("serving", "Chess model", "online"),
        ("load", "API for 864,000 users", 300.0),
        ("load", "An API", 5.0),
        ("cloud", "An API, no AWS", "gcp"),
        ("latency", "RAG assistant", 5000.0),
        ("latency", "Kafka anomalies", 60_000.0),
        ("latency", "An API", 200.0),
        ("data", "Fraud", ["financial"]),
        ("residency", "Customers in Germany", "DE"),
        ("residency", "An API", "anywhere"),
        ("compliance", "Patient records in Japan", ["none"]),
        ("availability", "$100 a month", 99.5),
        ("availability", "$1,000 a month", 99.9),
    ],
)
def test_the_default_fits_the_brief(field: str, brief: str, default: Any) -> None:
    assert question(field, extract(brief)).default == default


@pytest.mark.parametrize(
    ("band", "default"), [(None, 2000.0), (40.0, 100.0), (800.0, 2000.0), (9000.0, 10_000.0), (20_000.0, 24_000.0)]
)
def test_the_budget_offers_the_band_above_the_cheapest_plan(band: float | None, default: float) -> None:
    asked = next_questions(Constraints(), (), asked=frozenset({"serving", "load"}), band_usd=band)
    assert next(one for one in asked if one.field == "budget").default == default


@pytest.mark.parametrize(
    ("brief", "sets"),
    [
        ("Nightly churn scoring", "rows_per_run"),
        ("Weekly forecast", "series"),
        ("On device", "devices"),
        ("An API", "peak_rps"),
    ],
)
def test_the_load_is_asked_in_the_unit_of_the_mode(brief: str, sets: str) -> None:
    assert question("load", extract(brief)).sets == sets


def test_every_default_is_an_answer_its_own_question_takes() -> None:
    for field in sorted(ALL_FIELDS):
        asked = question(field)
        apply_answers(Constraints(), (asked,), {field: asked.default})


@pytest.mark.parametrize(
    ("field", "answer", "facts"),
    [
        ("serving", "batch", {"serving": ["batch"]}),
        ("load", 20, {"peak_rps": 20.0}),
        ("load", "2k", {"peak_rps": 2000.0}),
        ("data", ["health", "pii"], {"data_kinds": ["health", "pii"], "data_class": "special"}),
        ("data", "health, pii", {"data_kinds": ["health", "pii"], "data_class": "special"}),
        ("cloud", "GCP", {"cloud": "gcp"}),
        ("latency", 300, {"latency_ms": 300.0, "latency_stat": "p95"}),
        ("residency", "EU strictly", {"residency": {"codes": ["EU"], "strict": True}}),
        ("residency", "EU", {"residency": {"codes": ["EU"], "strict": False}}),
        ("residency", "anywhere", {"residency": {"codes": [], "strict": False}}),
        ("task", "rank the offers", {"task": "ranking"}),
        ("task", "cv", {"task": "cv"}),
        ("compliance", ["none"], {"compliance": []}),
        ("compliance", ["GDPR", "SOC2"], {"compliance": ["GDPR", "SOC2"]}),
        ("availability", 99.95, {"availability_pct": 99.95}),
    ],
)
def test_an_answer_becomes_answered_facts(field: str, answer: object, facts: Mapping[str, Any]) -> None:
    constraints = answered(field, answer)
    assert {name: fact.value for name, fact in constraints.facts.items()} == facts
    assert {fact.how for fact in constraints.facts.values()} == {Provenance.ANSWERED}


def test_an_answered_budget_is_a_cap_in_dollars() -> None:
    assert answered("budget", "$1,500 a month").value("budget_usd_month") == {
        "target": None,
        "cap": 1500.0,
        "amount": 1500.0,
        "currency": "USD",
        "period": "month",
    }


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("serving", "sometimes"),
        ("serving", 3),
        ("serving", None),
        ("load", -1),
        ("load", True),
        ("load", "many"),
        ("load", float("nan")),
        ("load", float("inf")),
        ("load", 10**400),
        ("load", 1e7),
        ("budget", 0),
        ("data", []),
        ("data", ["none", "health"]),
        ("data", ["secrets"]),
        ("data", {"health": True}),
        ("cloud", "digitalocean"),
        ("latency", 0.5),
        ("task", ""),
        ("task", "something nice"),
        ("task", "x" * 3000),
        ("compliance", ["none", "GDPR"]),
        ("availability", 100),
    ],
)
def test_a_wrong_answer_is_refused_with_its_field_and_reason(field: str, answer: object) -> None:
    with pytest.raises(InvalidAnswerError) as refused:
        answered(field, answer)
    assert refused.value.field == field
    assert refused.value.why in str(refused.value)
    assert len(str(refused.value)) < 500


def test_an_answer_to_no_question_is_refused() -> None:
    with pytest.raises(InvalidAnswerError):
        apply_answers(Constraints(), (question("cloud"),), {"clout": "aws"})


def test_an_unanswered_question_changes_nothing() -> None:
    constraints = extract("Churn API")
    assert apply_answers(constraints, next_questions(constraints, ()), {}) == constraints


def test_an_answer_replaces_an_assumption() -> None:
    assumed = assume_defaults(extract("Churn API"))
    again = apply_answers(assumed, (question("load", assumed),), {"load": 70})
    assert (again.value("peak_rps"), coverage(again).assumed.count("load")) == (70.0, 0)


def test_a_conflict_is_settled_by_the_way_chosen() -> None:
    constraints = extract("Lambda, 5,000 rps, p99 10 ms")
    conflicts = find_conflicts(constraints)
    questions = next_questions(constraints, conflicts)
    settled = apply_answers(constraints, questions, {"conflict:C1": conflicts[0].options[0].label})
    assert find_conflicts(settled) == ()
    assert settled.value("deploy_want") == ["containers"]


def test_answered_data_brings_the_regimes_that_follow() -> None:
    assert answered("data", ["health"], extract("Churn in us-east-1")).value("compliance") == ["HIPAA"]
    kept = extract("No compliance requirements, us-east-1")
    assert answered("data", ["health"], kept).value("compliance") == []


def test_schemas_describe_the_answers() -> None:
    kinds = {field: question(field).schema()["type"] for field in ("serving", "load", "data", "task")}
    assert kinds == {"serving": "string", "load": "number", "data": "array", "task": "string"}
    boolean = Question("x", "x", "?", QuestionKind.BOOLEAN, (), True, "why")
    assert boolean.schema() == {"title": "?", "description": "why", "default": True, "type": "boolean"}
    assert question("load").schema()["minimum"] > 0
    assert question("budget").schema()["x-unit"] == "USD/month"


def test_defaults_complete_a_brief_and_never_cap_the_budget() -> None:
    complete = assume_defaults(extract("Churn API"))
    assert "budget_usd_month" not in complete
    assumed = {name for name, fact in complete.facts.items() if fact.how is Provenance.ASSUMED}
    assert {
        "peak_rps",
        "avg_rps",
        "latency_ms",
        "cloud",
        "regions",
        "data_kinds",
        "availability_pct",
        "retrain",
    } <= assumed
    assert "team_size" not in complete


@pytest.mark.parametrize(
    ("brief", "name", "expected"),
    [
        ("Patient data must stay in Germany, GCP", "regions", ["europe-west3"]),
        ("Air-gapped classifier", "cloud", "onprem"),
        ("Nightly churn", "run_cadence", "daily"),
        ("Nightly churn", "rows_per_run", 100_000),
        ("On device", "devices", 100),
        ("100 rps API", "avg_rps", 40.0),
        ("LLM", "retrain", "none"),
        ("CV screening for hiring", "impact", "automated_significant"),
    ],
)
def test_assumptions_follow_what_is_known(brief: str, name: str, expected: Any) -> None:
    assert assume_defaults(extract(brief)).value(name) == expected


def test_assuming_twice_changes_nothing() -> None:
    once = assume_defaults(extract("Forecast demand for 20 stores"))
    assert assume_defaults(once) == once


def test_a_fact_without_a_value_is_not_overwritten() -> None:
    kept = Constraints.of([Fact("latency_ms", None, Provenance.STATED)])
    assert assume_defaults(kept).get("latency_ms") == kept.get("latency_ms")
