from typing import Any

from tests.unit.http.conftest import NOBODY, Api, is_problem

PATH = "/v1/inbound-events"
PUSH = {"source": "github", "external_id": "d-1", "event_type": "push", "data": {"ref": "main", "n": 1}}


async def test_an_event_from_outside_is_received_once(api: Api) -> None:
    first = await api("POST", PATH, PUSH)
    again = await api("POST", PATH, {**PUSH, "data": {"ref": "other"}})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.headers["location"] == again.headers["location"]
    assert await api.get(first.headers["location"]) == first.json()
    types = [event["event_type"] for event in (await api.get("/v1/events"))["events"]]
    assert types == ["inbound_event_received"]


async def test_the_same_id_from_another_source_is_another_event(api: Api) -> None:
    answers = [await api("POST", PATH, {**PUSH, "source": source}) for source in ("github", "gitlab")]
    assert [answer.status_code for answer in answers] == [201, 201]


async def test_any_json_is_taken_as_data(api: Api) -> None:
    values: list[Any] = [None, [], "text", 0, 1.5, True, {"a": [{}]}, 10**300]
    for number, data in enumerate(values):
        answer = await api("POST", PATH, {**PUSH, "external_id": str(number), "data": data})
        assert answer.json()["data"] == data


async def test_an_event_without_source_or_id_is_refused(api: Api) -> None:
    for name in ("source", "external_id", "event_type"):
        lacking = {key: value for key, value in PUSH.items() if key != name}
        problem = is_problem(await api("POST", PATH, lacking), 422, "invalid_request")
        assert problem["errors"] == [{"where": f"body.{name}", "why": "Field required"}]
        is_problem(await api("POST", PATH, {**PUSH, name: " "}), 422, "invalid_value")
    is_problem(await api("GET", f"{PATH}/{NOBODY}"), 404, "not_found")
