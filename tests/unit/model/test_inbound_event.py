"""Inbound events: what processing made of them."""

from typing import Any

import pytest

from domain.model.errors import IllegalTransitionError, InvalidValueError
from domain.model.inbound_event import InboundEventStatus
from tests.unit.model.entities import LATER, NOW, OTHER_ID, make_inbound_event


def test_a_processed_event_keeps_what_was_made_of_it() -> None:
    processed = make_inbound_event().processed({"steps": ("start",)}, LATER, decision_set_id=OTHER_ID)
    assert (processed.status, processed.task_context) == (InboundEventStatus.PROCESSED, {"steps": ["start"]})
    assert (processed.decision_set_id, processed.created_at, processed.updated_at) == (OTHER_ID, NOW, LATER)


def test_a_failed_event_can_be_processed_again() -> None:
    failed = make_inbound_event(decision_set_id=OTHER_ID).failed("no such project", LATER)
    assert (failed.status, failed.error_message) == (InboundEventStatus.FAILED, "no such project")
    processed = failed.failed("still none", LATER).processed({}, LATER)
    assert (processed.status, processed.error_message) == (InboundEventStatus.PROCESSED, None)
    assert processed.decision_set_id == OTHER_ID


def test_a_processed_event_is_done_with() -> None:
    processed = make_inbound_event().processed({}, LATER)
    with pytest.raises(IllegalTransitionError, match="can't be processed"):
        processed.processed({}, LATER)
    with pytest.raises(IllegalTransitionError, match="can't be failed"):
        processed.failed("late", LATER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", ""),
        ("external_id", "x" * 256),
        ("event_type", " "),
        ("data", float("nan")),
        ("task_context", []),
        ("error_message", "nul \x00"),
    ],
)
def test_an_event_that_no_storage_could_keep_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        make_inbound_event(**{field: value})
    assert caught.value.field == field
