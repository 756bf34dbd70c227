from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from domain.model.agent_run import AgentRun
from domain.model.event import GENESIS, NewEvent, Stream, StreamHead, chain
from domain.model.job import Job, JobStatus
from entrypoints.presenting import present
from ports.job_queue import QueueStatistics

ID = UUID("01980000-0000-7000-8000-000000000001")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_times_are_utc_with_microseconds_wherever_they_come_from() -> None:
    assert present(NOON) == "2026-01-01T12:00:00.000000Z"
    assert present(NOON.astimezone(timezone(timedelta(hours=5)))) == "2026-01-01T12:00:00.000000Z"


def test_a_job_is_shown_field_by_field() -> None:
    job = Job(ID, "workflow", {"input": {"n": [1, 2.5, None]}}, NOON, NOON, timeout=timedelta(minutes=1.5))
    shown: dict[str, Any] = present(job)
    assert shown["id"] == str(ID)
    assert shown["status"] == "queued"
    assert shown["timeout"] == 90.0
    assert shown["payload"] == {"input": {"n": [1, 2.5, None]}}
    assert list(shown)[:4] == ["id", "job_type", "payload", "run_at"]


def test_an_event_names_its_stream_and_shows_its_hashes() -> None:
    shown = present(chain(NewEvent(Stream.of_decision_set(ID), "x", {}, "me"), StreamHead(), 7, NOON))
    assert "stream" not in shown
    assert (shown["stream_kind"], shown["stream_id"], shown["decision_set_id"]) == ("decision_set", str(ID), str(ID))
    assert shown["prev_hash"] == GENESIS.hex()
    project = present(chain(NewEvent(Stream.of_project(ID), "x", {}, "me"), StreamHead(), 8, NOON))
    assert (project["stream_id"], project["decision_set_id"]) == (str(ID), None)


def test_an_agent_run_tells_how_long_it_took() -> None:
    run = AgentRun(ID, ID, ID, "planner", "t", 1, NOON)
    assert present(run)["duration_ms"] is None
    assert present(run.completed(NOON + timedelta(milliseconds=42), {}))["duration_ms"] == 42


def test_keys_that_are_no_text_become_text() -> None:
    shown = present(QueueStatistics("default", {JobStatus.QUEUED: 3}, 3, 0, 1.5, 0))
    assert shown["counts"] == {"queued": 3}
    assert present({ID: (NOON,)}) == {str(ID): ["2026-01-01T12:00:00.000000Z"]}
