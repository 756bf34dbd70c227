from typing import Any

import pytest
from attrs import evolve

from adapters.memory.event_log import MemoryEventLog
from domain.model.event import Event, Stream, StreamHead
from tests.unit.http.conftest import Api, is_problem


async def test_pages_of_events_show_each_once_in_order(api: Api) -> None:
    links = (await api.started())["links"]
    await api.work()
    everything = (await api.get(f"{links['events']}?limit=1000"))["events"]
    seen: list[Any] = []
    after = 0
    while True:
        page = await api.get(f"{links['events']}?after={after}&limit=3")
        if not page["events"]:
            break
        seen, after = seen + page["events"], page["next_after"]
    assert seen == everything
    assert [event["sequence"] for event in seen] == list(range(1, len(seen) + 1))
    assert [seen[0]["event_type"], seen[-1]["event_type"]] == ["workflow_started", "job_completed"]
    assert page["next_after"] == after


async def test_a_chain_that_is_whole_is_told_so(api: Api) -> None:
    links = (await api.started())["links"]
    report = await api.get(f"{links['events']}/verification")
    assert report == {"checked": 2, "broken_sequence": None, "why": None, "intact": True}


async def test_a_chain_that_is_broken_is_told_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    links = (await api.started())["links"]
    read = MemoryEventLog.read

    async def forged(log: MemoryEventLog, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[Event]:
        first, second = await read(log, stream, after=after, limit=limit)
        return [first, evolve(second, actor="nobody")]

    monkeypatch.setattr(MemoryEventLog, "read", forged)
    report = await api.get(f"{links['events']}/verification")
    assert (report["intact"], report["broken_sequence"]) == (False, 2)
    assert report["why"] == "its content does not match its hash"


async def test_the_feed_shows_every_event_of_every_stream_once(api: Api) -> None:
    for _ in range(3):
        await api.started()
    everything = (await api.get("/v1/events?limit=1000"))["events"]
    assert len(everything) == 9
    seen: list[Any] = []
    query = "limit=4"
    while True:
        page = await api.get(f"/v1/events?{query}")
        if not page["events"]:
            break
        seen += page["events"]
        query = f"limit=4&after={page['next']}"
    assert seen == everything
    assert {event["stream_kind"] for event in seen} == {"project", "decision_set"}


async def test_the_feed_goes_on_where_it_was_left_when_more_has_happened(api: Api) -> None:
    await api.project()
    end = (await api.get("/v1/events"))["next"]
    assert (await api.get(f"/v1/events?after={end}"))["events"] == []
    await api.project("second")
    (event,) = (await api.get(f"/v1/events?after={end}"))["events"]
    assert event["event_data"]["name"] == "second"


async def test_a_place_in_the_feed_that_no_page_gave_is_refused(api: Api) -> None:
    for after in ("1", "-1-2", "a-b", "1-2-3", f"{'9' * 19}-1", "1-²", f"1-{'9' * 5000}", "1-1%0A"):
        is_problem(await api("GET", f"/v1/events?after={after}"), 422, "invalid_request")


async def test_a_sequence_that_no_storage_can_hold_is_refused(api: Api) -> None:
    links = (await api.started())["links"]
    for after in ("-1", "1.5", "NaN", str(2**63), "9" * 5000):
        is_problem(await api("GET", f"{links['events']}?after={after}"), 422, "invalid_request")
    assert (await api.get(f"{links['events']}?after={2**63 - 1}"))["events"] == []


async def test_hashes_are_shown_so_that_a_reader_can_check_the_chain(api: Api) -> None:
    events = (await api.get((await api.started())["links"]["events"]))["events"]
    assert events[0]["prev_hash"] == StreamHead().last_hash.hex()
    assert events[1]["prev_hash"] == events[0]["hash"]
