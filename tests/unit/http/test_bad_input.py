"""What a careless client or an attacker sends: each is refused at the edge, with its reason, and nothing is written."""

from collections.abc import AsyncIterator

import pytest

from domain.model.json_value import MAX_BYTES
from tests.unit.http.conftest import Api, is_problem


async def nothing_was_written(api: Api) -> bool:
    return not (await api.get("/v1/events"))["events"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is not valid JSON"),
        (b"   ", "is not valid JSON"),
        (b'{"name": "x"', "is not valid JSON"),
        (b'{"name": "x"} {}', "is not valid JSON"),
        (b"\xff\xfe\xfa", "is not valid JSON"),
        (b'{"name": "\xed\xa0\x80"}', "surrogate"),
        (b'{"name": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'{"name": "a\\u0000b"}', "NUL"),
        (b'{"name": NaN}', "NaN"),
        (b'{"name": -Infinity}', "-Infinity"),
        (b'{"name": 1e999}', "infinity"),
        (b'{"name": "x", "name": "y"}', "same key twice"),
        (b'{"a": {"b": 1, "b": 2}}', "same key twice"),
        (b"[" * 10_000 + b"]" * 10_000, "nests deeper"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "nests deeper"),
        (b"[" * 100 + b"]" * 100, "nests deeper"),
        (b'{"name": ' + b"9" * 5_000 + b"}", "is not valid JSON"),
    ],
)
async def test_a_body_that_no_storage_could_keep_is_malformed(api: Api, body: bytes, why: str) -> None:
    problem = is_problem(await api.raw(body), 400, "malformed_body")
    assert why in problem["detail"]
    assert await nothing_was_written(api)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"null", "body"),
        (b"[]", "body"),
        (b'"text"', "body"),
        (b"{}", "body.name"),
        (b'{"name": 1}', "body.name"),
        (b'{"name": null}', "body.name"),
        (b'{"name": ["x"]}', "body.name"),
        (b'{"name": "x", "owner": "me"}', "body.owner"),
        (b'{"name": "x", "description": 10' + b"0" * 300 + b"}", "body.description"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_told_where(api: Api, body: bytes, where: str) -> None:
    problem = is_problem(await api.raw(body), 422, "invalid_request")
    assert [fault["where"] for fault in problem["errors"]] == [where]
    assert await nothing_was_written(api)


async def test_faults_without_end_are_not_all_told(api: Api) -> None:
    body = b"{" + b",".join(b'"%d": 1' % number for number in range(20_000)) + b"}"
    answer = await api.raw(body)
    assert len(is_problem(answer, 422, "invalid_request")["errors"]) == 20
    assert len(answer.content) < 10_000


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"]
)
async def test_a_body_that_is_not_declared_as_json_is_refused(api: Api, content_type: str) -> None:
    answer = await api.raw(b'{"name": "x"}', Content_Type=content_type)
    is_problem(answer, 415, "unsupported_media_type")


async def test_a_compressed_body_is_refused(api: Api) -> None:
    is_problem(await api.raw(b'{"name": "x"}', Content_Encoding="gzip"), 415, "unsupported_media_type")


async def test_a_body_declared_with_its_charset_is_taken(api: Api) -> None:
    answer = await api.raw(b'{"name": "x"}', Content_Type="Application/JSON; charset=utf-8")
    assert answer.status_code == 201


async def test_a_large_body_is_refused_by_its_declared_length_without_reading_it(api: Api) -> None:
    answer = await api.raw(_never(), Content_Length="20000000")
    is_problem(answer, 413, "body_too_large")


async def test_a_large_body_of_unknown_length_is_read_no_further_than_the_limit(api: Api) -> None:
    chunks = _Chunks()
    is_problem(await api.raw(chunks.all()), 413, "body_too_large")
    assert chunks.read * chunks.size <= MAX_BYTES + 2 * chunks.size


async def test_a_body_just_below_the_limit_is_taken(api: Api) -> None:
    start = b'{"source": "s", "external_id": "1", "event_type": "t", "data": "'
    body = start + b"x" * (MAX_BYTES - len(start) - 2) + b'"}'
    assert (await api.raw(body, "/v1/inbound-events")).status_code == 201


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=1001",
        "limit=1e3",
        "limit=",
        f"limit={'9' * 5000}",
        "before=x",
        "before=",
        "before=%00",
        "before=%ED%A0%80",
        "before=01980000-0000-7000-8000-00000000000",
    ],
)
async def test_a_page_that_cannot_be_is_refused(api: Api, query: str) -> None:
    for path in ("/v1/projects", "/v1/decision-sets", "/v1/jobs"):
        is_problem(await api("GET", f"{path}?{query}"), 422, "invalid_request")


async def test_text_in_a_query_or_path_that_no_storage_could_ask_for_is_refused(api: Api) -> None:
    own = (await api.started())["links"]["self"]
    for path in ("/v1/jobs?queue=a%00b", f"/v1/jobs?queue={'q' * 101}", f"{own}/approvals/a%00b"):
        is_problem(await api("GET", path), 422, "invalid_request")
    assert (await api.get("/v1/jobs?queue=%ED%A0%80"))["jobs"] == []
    is_problem(await api("GET", f"{own}/approvals/%ED%A0%80"), 404, "not_found")


@pytest.mark.parametrize("key", ["x", "%00", "..", "%2e%2e", "1", "%F0%9F%98%80", "%ED%A0%80", "' OR 1=1 --"])
async def test_a_path_whose_id_is_no_id_is_refused(api: Api, key: str) -> None:
    for path in (f"/v1/jobs/{key}/redrive", f"/v1/jobs/{key}/cancel"):
        answer = await api("POST", path)
        assert answer.status_code in (404, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_an_actor_that_is_no_text_is_refused(api: Api) -> None:
    for actor in (b"\xed\xa0\x80", b"\xff", b"caf\xe9"):
        answer = await api("POST", "/v1/projects", {"name": "x"}, headers={"Mlwright-Actor": actor})
        is_problem(answer, 400, "malformed_header")
    answer = await api("POST", "/v1/projects", {"name": "x"}, headers={"Mlwright-Actor": "a" * 256})
    is_problem(answer, 422, "invalid_value")
    assert await nothing_was_written(api)


async def test_an_idempotency_key_that_cannot_be_kept_is_refused(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}/decision-sets"
    for key in ("", "k" * 201):
        answer = await api("POST", path, {"workflow": "chain", "prompt": "p"}, headers={"Idempotency-Key": key})
        is_problem(answer, 422, "invalid_request")


async def test_a_body_where_none_is_taken_is_not_looked_at(api: Api) -> None:
    job = (await api.started())["job"]["id"]
    await api("POST", f"/v1/jobs/{job}/cancel")
    answer = await api.raw(b"\xff" * 100, f"/v1/jobs/{job}/redrive")
    assert answer.status_code == 200


class _Chunks:
    """A body of 20 MB that counts what is read of it."""

    size = 65_536

    def __init__(self) -> None:
        self.read = 0

    async def all(self) -> AsyncIterator[bytes]:
        while self.read * self.size < 20_000_000:
            self.read += 1
            yield b"x" * self.size


async def _never() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""
