"""Decision sets: how their status moves, and their own metadata."""

from typing import Any

import pytest

from domain.model.decision_set import DecisionSetStatus
from domain.model.errors import IllegalTransitionError, InvalidValueError
from tests.unit.model.entities import LATER, NOW, SOME_ID, make_decision_set

ACTIVE, WAITING, COMPLETED, FAILED, CANCELLED = DecisionSetStatus
REFUSED = [
    (COMPLETED, COMPLETED),
    (COMPLETED, WAITING),
    (COMPLETED, FAILED),
    (COMPLETED, CANCELLED),
    (FAILED, COMPLETED),
    (FAILED, WAITING),
    (FAILED, FAILED),
    (CANCELLED, CANCELLED),
    (CANCELLED, COMPLETED),
    (CANCELLED, WAITING),
    (CANCELLED, FAILED),
]
ALLOWED = [(old, new) for old in DecisionSetStatus for new in DecisionSetStatus if (old, new) not in REFUSED]


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_a_move_makes_the_next_version_and_tells_why(old: DecisionSetStatus, new: DecisionSetStatus) -> None:
    moved = make_decision_set(status=old, status_reason="before").moved(new, LATER, reason="because")
    assert (moved.status, moved.status_reason, moved.version) == (new, "because", 2)
    assert (moved.created_at, moved.updated_at) == (NOW, LATER)


@pytest.mark.parametrize(("old", "new"), REFUSED)
def test_a_move_that_makes_no_sense_is_refused(old: DecisionSetStatus, new: DecisionSetStatus) -> None:
    with pytest.raises(IllegalTransitionError) as caught:
        make_decision_set(status=old).moved(new, LATER)
    error = caught.value
    assert (error.kind, error.key, error.status, error.move) == ("decision set", SOME_ID, old, new)


def test_a_settled_decision_set_can_be_run_again_without_its_old_reason() -> None:
    for status in DecisionSetStatus:
        if status.settled:
            again = make_decision_set(status=status, status_reason="before").moved(ACTIVE, LATER)
            assert again.status_reason is None
    assert {status for status in DecisionSetStatus if status.settled} == {COMPLETED, FAILED, CANCELLED}


def test_metadata_is_merged_and_none_removes_an_entry() -> None:
    decision_set = make_decision_set(metadata={"keep": 1, "drop": 2, "change": 3})
    annotated = decision_set.annotated({"drop": None, "change": 4, "new": [5]}, LATER)
    assert annotated.metadata == {"keep": 1, "change": 4, "new": [5]}
    assert (annotated.version, annotated.updated_at) == (2, LATER)
    assert decision_set.metadata == {"keep": 1, "drop": 2, "change": 3}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_prompt", ""),
        ("user_prompt", "x" * 100_001),
        ("user_prompt", "nul \x00"),
        ("user_prompt", "half \ud83d"),
        ("thread_id", ""),
        ("thread_id", "x" * 256),
        ("workflow", "x" * 101),
        ("status_reason", "x" * 10_001),
        ("metadata", []),
        ("metadata", {"a": float("inf")}),
        ("version", 0),
        ("version", 2**63),
        ("created_at", NOW.replace(tzinfo=None)),
    ],
)
def test_a_decision_set_that_no_storage_could_keep_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        make_decision_set(**{field: value})
    assert caught.value.field == field
