"""Approvals: being answered, expiring, being withdrawn."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.model.approval import Approval, ApprovalStatus, OnTimeout
from domain.model.errors import IllegalTransitionError, InvalidValueError, VersionConflictError
from tests.unit.model.entities import LATER, NOW, SOME_ID, make_approval

OVERDUE = make_approval(deadline=LATER, defaults={"budget": 100}, rejection={"approved": False})
DECISIONS: dict[ApprovalStatus, Callable[[Approval], Approval]] = {
    ApprovalStatus.ANSWERED: lambda approval: approval.answered({"budget": 5}, "ann", LATER),
    ApprovalStatus.EXPIRED: lambda approval: approval.expired(LATER),
    ApprovalStatus.CANCELLED: lambda approval: approval.cancelled(LATER),
}


@pytest.mark.parametrize("status", DECISIONS)
def test_an_approval_is_decided_once(status: ApprovalStatus) -> None:
    decided = DECISIONS[status](OVERDUE)
    assert (decided.status, decided.decided_at, decided.version) == (status, LATER, 2)
    for other, decide in DECISIONS.items():
        with pytest.raises(IllegalTransitionError) as caught:
            decide(decided)
        assert (caught.value.key, caught.value.status, caught.value.move) == (decided.key, status, other)


def test_an_answer_says_what_who_and_why() -> None:
    answered = make_approval().answered({"budget": 5}, "ann", LATER, comment="cheap", expected_version=1)
    assert (answered.answer, answered.decided_by, answered.comment) == ({"budget": 5}, "ann", "cheap")


def test_an_answer_to_an_older_version_is_refused() -> None:
    with pytest.raises(VersionConflictError) as caught:
        make_approval(version=3).answered(1, "ann", LATER, expected_version=2)
    error = caught.value
    assert (error.key, error.expected, error.actual) == (f"{SOME_ID}/interrupt", 2, 3)


@pytest.mark.parametrize(
    ("on_timeout", "answer"), [(OnTimeout.TAKE_DEFAULTS, {"budget": 100}), (OnTimeout.REJECT, {"approved": False})]
)
def test_a_deadline_decides_as_it_was_told_to(on_timeout: OnTimeout, answer: object) -> None:
    approval = make_approval(
        deadline=LATER, defaults={"budget": 100}, rejection={"approved": False}, on_timeout=on_timeout
    )
    expired = approval.expired(LATER)
    assert (expired.answer, expired.decided_by) == (answer, "system:deadline")


@pytest.mark.parametrize("deadline", [None, LATER + timedelta(microseconds=1)])
def test_an_approval_does_not_expire_before_its_deadline(deadline: object) -> None:
    with pytest.raises(InvalidValueError, match="has not passed"):
        make_approval(deadline=deadline).expired(LATER)


def test_the_graph_goes_on_after_an_answer_or_a_deadline_only() -> None:
    resumable = {status for status, decide in DECISIONS.items() if decide(OVERDUE).resumable}
    assert resumable == {ApprovalStatus.ANSWERED, ApprovalStatus.EXPIRED}
    assert not OVERDUE.resumable


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("interrupt_id", ""),
        ("gate", "x" * 256),
        ("prompt", float("nan")),
        ("response_schema", []),
        ("defaults", {"a": {1}}),
        ("comment", "x" * 10_001),
        ("deadline", NOW.replace(tzinfo=None)),
        ("version", 0),
    ],
)
def test_an_approval_that_no_storage_could_keep_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError) as caught:
        make_approval(**{field: value})
    assert caught.value.field == field
