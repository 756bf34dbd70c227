"""Whatever the text, extraction ends, quotes what it read and says the same twice."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mlops.conflicts import find_conflicts
from domain.mlops.coverage import coverage
from domain.mlops.defaults import assume_defaults
from domain.mlops.extraction import extract
from domain.mlops.facts import Constraints
from domain.mlops.questions import apply_answers, next_questions
from domain.mlops.redaction import redact

VOCABULARY = """
fraud churn forecast recommendations photos RAG LLM nightly weekly real-time API Kafka Lambda k8s AWS Azure GCP
on-prem no not maybe later today but , . ; $ € EUR CHF 300 2k 1,200 p99 ms s rps requests/s a day per month
users each retrain PII patients cards GDPR HIPAA EU only Germany us-east-1 West Europe Frankfurt 99.99 % uptime
team of 3 people about max under from to between and 5 lakh million rows series devices every 10 seconds air-
gapped budget latency GB TB/day tokens RTO 8B Llama-3-8B actually or İstanbul ß ﬁ nghtly latncy
"""
HOSTILE = ("a", "1 ", "no ", "$5 ", "10 ms, ", "from 1 to ", "100 rps. ", "nightly ", "europe ", "1-", ",", "(", "p9")
briefs = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(VOCABULARY.split()), max_size=60).map(" ".join),
    st.lists(st.one_of(st.sampled_from(VOCABULARY.split()), st.text(max_size=6)), max_size=40).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(briefs)
def test_any_text_gives_storable_facts_that_quote_it(text: str) -> None:
    for name, fact in extract(text).facts.items():
        assert fact.name == name
        json.dumps(fact.value, allow_nan=False)
        if fact.span is not None:
            start, end = fact.span
            assert 0 <= start < end <= len(text)
            assert text[start:end] == fact.quote


@settings(max_examples=60, deadline=None)
@given(briefs)
def test_the_same_text_gives_the_same_facts_in_the_same_order(text: str) -> None:
    assert list(extract(text).facts.items()) == list(extract(text).facts.items())


@settings(max_examples=100, deadline=None)
@given(briefs)
def test_every_brief_can_be_asked_about_and_completed(text: str) -> None:
    constraints = extract(text)
    conflicts = find_conflicts(constraints)
    questions = next_questions(constraints, conflicts)
    answered = apply_answers(constraints, questions, {question.field: question.default for question in questions})
    complete = assume_defaults(answered)
    assert {"task", "serving", "cloud", "data_kinds", "availability_pct", "retrain"} <= set(complete.facts)
    assert 0 <= coverage(constraints, conflicts).score <= coverage(answered).score <= 1


@settings(max_examples=100, deadline=None)
@given(briefs)
def test_every_way_out_of_a_conflict_solves_it(text: str) -> None:
    constraints = extract(text)
    for conflict in find_conflicts(constraints):
        for option in conflict.options:
            left = find_conflicts(option.apply(constraints))
            assert conflict.key not in [each.key for each in left], option.label


@given(briefs)
@settings(max_examples=60, deadline=None)
def test_assuming_defaults_changes_nothing_that_is_known(text: str) -> None:
    constraints = extract(text)
    complete = assume_defaults(constraints)
    assert Constraints({name: complete.facts[name] for name in constraints.facts}) == constraints


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_anything_is_read_in_a_moment(piece: str) -> None:
    text = redact(piece * (1_000_000 // len(piece))).text
    started = time.process_time()
    extract(text)
    assert time.process_time() - started < 5.0
