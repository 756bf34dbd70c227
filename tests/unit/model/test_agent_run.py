"""Agent runs: how they end."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.model.agent_run import AgentRun, AgentRunStatus
from domain.model.errors import IllegalTransitionError, InvalidValueError
from tests.unit.model.entities import LATER, NOW, make_agent_run

ENDINGS: dict[AgentRunStatus, Callable[[AgentRun], AgentRun]] = {
    AgentRunStatus.COMPLETED: lambda run: run.completed(LATER, {"plan": (1,)}),
    AgentRunStatus.FAILED: lambda run: run.failed(LATER, "out of tokens"),
    AgentRunStatus.INTERRUPTED: lambda run: run.interrupted(LATER),
}


@pytest.mark.parametrize("status", ENDINGS)
def test_a_running_run_ends_once(status: AgentRunStatus) -> None:
    ended = ENDINGS[status](make_agent_run())
    assert (ended.status, ended.completed_at) == (status, LATER)
    for other, end in ENDINGS.items():
        with pytest.raises(IllegalTransitionError) as caught:
            end(ended)
        assert (caught.value.status, caught.value.move) == (status, other)


def test_a_completed_run_keeps_its_output_usage_and_checkpoint() -> None:
    completed = make_agent_run().completed(LATER, {"plan": (1,)}, usage={"input_tokens": 7}, checkpoint_id="c1")
    assert (completed.output_data, completed.usage) == ({"plan": [1]}, {"input_tokens": 7})
    assert (completed.checkpoint_id, completed.error_message) == ("c1", None)


def test_a_failed_run_keeps_its_error() -> None:
    assert make_agent_run().failed(LATER, "out of tokens").error_message == "out of tokens"


def test_a_run_lasts_whole_milliseconds_from_start_to_end() -> None:
    assert make_agent_run().duration_ms is None
    assert make_agent_run().interrupted(NOW + timedelta(seconds=2, microseconds=999)).duration_ms == 2000


def test_a_clock_set_back_makes_no_negative_duration() -> None:
    assert make_agent_run().interrupted(NOW - timedelta(hours=1)).duration_ms == 0


@pytest.mark.parametrize("field", ["input_data", "output_data", "usage"])
def test_what_is_not_json_is_refused(field: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        make_agent_run(**{field: {"a": float("nan")}})
    assert caught.value.field == field
