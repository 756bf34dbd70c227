"""Backoff: exponential with full jitter, capped."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.errors import InvalidValueError
from domain.model.retry import RetryPolicy

DURATIONS = st.timedeltas(timedelta(milliseconds=1), timedelta(days=1))
POLICIES = st.builds(RetryPolicy, base=DURATIONS, factor=st.floats(1.0, 10.0), cap=DURATIONS)
FRACTIONS = st.floats(0.0, 1.0)


@given(POLICIES, st.integers(0, 10_000), FRACTIONS)
def test_the_wait_lies_between_zero_and_the_cap(policy: RetryPolicy, retry_count: int, fraction: float) -> None:
    assert timedelta(0) <= policy.backoff(retry_count, fraction) <= policy.cap


@given(POLICIES, st.integers(0, 100), FRACTIONS)
def test_the_longest_wait_never_shrinks_from_retry_to_retry(policy: RetryPolicy, retry: int, fraction: float) -> None:
    assert policy.backoff(retry, fraction) <= policy.backoff(retry + 1, fraction)


@given(POLICIES, st.integers(0, 100), FRACTIONS)
def test_jitter_spreads_the_wait_evenly_below_its_ceiling(policy: RetryPolicy, retry: int, fraction: float) -> None:
    ceiling = policy.backoff(retry, 1.0)
    assert policy.backoff(retry, 0.0) == timedelta(0)
    assert abs(policy.backoff(retry, fraction) - ceiling * fraction) <= timedelta(microseconds=2)


def test_the_ceiling_doubles_until_the_cap() -> None:
    policy = RetryPolicy(base=timedelta(seconds=1), factor=2.0, cap=timedelta(seconds=10))
    assert [policy.backoff(retry, 1.0).total_seconds() for retry in range(6)] == [1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_a_fraction_outside_zero_and_one_is_refused(fraction: float) -> None:
    with pytest.raises(InvalidValueError, match=r"\[0, 1\]"):
        RetryPolicy().backoff(0, fraction)


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=-1)])
def test_durations_are_longer_than_zero(duration: timedelta) -> None:
    with pytest.raises(InvalidValueError, match="base must be longer than zero"):
        RetryPolicy(base=duration)
    with pytest.raises(InvalidValueError, match="cap must be longer than zero"):
        RetryPolicy(cap=duration)
