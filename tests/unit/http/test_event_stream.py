"""The event stream, driven as a server drives it: the response is open while events are committed."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import define, field
from fastapi import FastAPI

from domain.model.errors import StorageUnavailableError
from domain.model.event import NewEvent, Stream
from entrypoints.bootstrap import Application
from entrypoints.http import events as events_module
from tests.unit.http.conftest import Api, uuid_of


@define
class Listener:
    """One open response: what has been sent, and the means to hang up."""

    sent: "asyncio.Queue[MutableMapping[str, Any]]" = field(factory=asyncio.Queue)
    gone: asyncio.Event = field(factory=asyncio.Event)
    _text: str = ""

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.sent.put(message)

    async def chunk(self) -> str:
        async with asyncio.timeout(5):
            return str((await self.sent.get()).get("body", b"").decode())

    async def event(self) -> dict[str, str]:
        """Return the fields of the next event, passing over comments."""
        while True:
            while "\n\n" not in self._text:
                self._text += await self.chunk()
            block, _, self._text = self._text.partition("\n\n")
            lines = [line.partition(": ") for line in block.splitlines() if not line.startswith(":")]
            if lines:
                return {name: value for name, _, value in lines}

    async def until(self, event_type: str) -> list[dict[str, str]]:
        """Return the events up to one of that type."""
        found = [await self.event()]
        while found[-1]["event"] != event_type:
            found.append(await self.event())
        return found


@asynccontextmanager
async def listening(app: FastAPI, path: str, query: str = "", **headers: str) -> AsyncIterator[Listener]:
    listener = Listener()
    sent = {"host": "127.0.0.1", **{name.lower().replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    serving = asyncio.ensure_future(app(scope, listener.receive, listener.send))
    try:
        yield listener
    finally:
        listener.gone.set()
        async with asyncio.timeout(5):
            await serving


async def test_a_stream_shows_what_was_and_then_what_comes(api: Api, app: FastAPI) -> None:
    links = (await api.started())["links"]
    async with listening(app, links["stream"]) as listener:
        start = await listener.sent.get()
        assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
        assert (b"cache-control", b"no-store") in start["headers"]
        assert [one["id"] for one in await listener.until("job_enqueued")] == ["1", "2"]
        await api.work()
        rest = await listener.until("job_completed")
    logged = (await api.get(f"{links['events']}?limit=1000"))["events"]
    assert [json.loads(one["data"]) for one in rest] == logged[2:]
    assert [one["id"] for one in rest] == [str(event["sequence"]) for event in logged[2:]]


async def test_a_stream_resumes_exactly_after_the_last_event_seen(api: Api, app: FastAPI) -> None:
    links = (await api.started())["links"]
    await api.work()
    for query, headers in (("", {"Last_Event_ID": "5"}), ("after=5", {}), ("after=1", {"Last_Event_ID": "5"})):
        async with listening(app, links["stream"], query, **headers) as listener:
            assert (await listener.event())["id"] == "6"


async def test_an_empty_last_event_id_starts_at_the_beginning(api: Api, app: FastAPI) -> None:
    async with listening(app, (await api.started())["links"]["stream"], Last_Event_ID="") as listener:
        assert (await listener.event())["id"] == "1"


@pytest.mark.parametrize("seen", ["-1", "x", "1.0", "9" * 19, "²"])
async def test_a_last_event_id_that_is_no_sequence_is_refused(api: Api, app: FastAPI, seen: str) -> None:
    async with listening(app, (await api.started())["links"]["stream"], Last_Event_ID=seen) as listener:
        assert (await listener.sent.get())["status"] == 422


async def test_many_listeners_each_see_every_event_once(api: Api, app: FastAPI) -> None:
    links = (await api.started())["links"]
    streams = [listening(app, links["stream"]) for _ in range(20)]
    listeners = [await stream.__aenter__() for stream in streams]
    await api.work()
    seen = [[one["id"] for one in await listener.until("job_completed")] for listener in listeners]
    for stream in streams:
        await stream.__aexit__(None, None, None)
    assert seen == [[str(number) for number in range(1, len(seen[0]) + 1)]] * 20


async def test_a_listener_that_goes_away_leaves_nothing_running(api: Api, app: FastAPI) -> None:
    links = (await api.started())["links"]
    before = asyncio.all_tasks()
    for _ in range(5):
        async with listening(app, links["stream"]) as listener:
            await listener.event()
    assert asyncio.all_tasks() == before


async def test_a_closing_server_ends_its_streams_after_the_last_event(api: Api, app: FastAPI) -> None:
    links = (await api.started())["links"]
    async with listening(app, links["stream"]) as listener:
        await listener.event()
        app.state.closing.requested = True
        async with asyncio.timeout(5):
            while (await listener.sent.get()).get("more_body", True):
                pass


async def test_a_quiet_stream_says_something_now_and_then(
    api: Api, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "PING_SECONDS", 0.02)
    async with listening(app, (await api.started())["links"]["stream"]) as listener:
        await listener.until("job_enqueued")
        assert [await listener.chunk() for _ in range(2)] == [": still here\n\n"] * 2


async def test_a_stream_whose_project_is_deleted_ends(api: Api, app: FastAPI) -> None:
    started = await api.started()
    async with listening(app, started["links"]["stream"]) as listener:
        await listener.until("job_enqueued")
        await api("DELETE", started["links"]["project"], version=1)
        async with asyncio.timeout(5):
            while (await listener.sent.get()).get("more_body", True):
                pass


async def test_a_stream_that_can_no_longer_be_read_ends_with_one_line_in_the_log(
    api: Api, app: FastAPI, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    started = await api.started()
    async with listening(app, started["links"]["stream"]) as listener:
        await listener.until("job_enqueued")
        await application.storage.close()
        async with asyncio.timeout(5):
            while (await listener.sent.get()).get("more_body", True):
                pass
    (record,) = [one for one in caplog.records if one.name == "mlwright.http"]
    assert str(StorageUnavailableError("The in-memory storage was closed; open a new one.")) in record.message


async def test_an_event_type_cannot_forge_fields_of_the_stream(
    api: Api, app: FastAPI, application: Application
) -> None:
    links = (await api.started())["links"]
    stream = Stream.of_decision_set(uuid_of(links["self"]))
    forged = NewEvent(stream, "x\nid: 99\n\ndata: forged", {"text": "a\n\nid: 7"}, "me")
    await application.append_events([forged])
    async with listening(app, links["stream"], Last_Event_ID="2") as listener:
        event = await listener.event()
    assert event["id"] == "3"
    assert json.loads(event["data"])["event_type"] == "x\nid: 99\n\ndata: forged"
