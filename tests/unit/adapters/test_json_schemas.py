"""JSON Schema as approvals use it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from adapters.system.json_schemas import JsonSchemas
from domain.model.errors import InvalidValueError


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server of schemas, and what it was asked for."""
    paths: list[str] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()


def test_a_schema_that_refers_to_another_server_is_refused_and_nothing_is_fetched(
    asked: tuple[str, list[str]],
) -> None:
    address, paths = asked
    with pytest.raises(InvalidValueError, match="response_schema"):
        JsonSchemas().faults({"$ref": f"{address}/schema.json"}, 1)
    assert paths == []


def test_a_reference_that_leads_nowhere_is_the_schemas_fault() -> None:
    with pytest.raises(InvalidValueError, match=r"response_schema.*refers to"):
        JsonSchemas().faults({"$ref": "#/$defs/missing"}, 1)


def test_a_reference_within_the_schema_is_followed() -> None:
    schema = {"$ref": "#/$defs/count", "$defs": {"count": {"type": "integer"}}}
    assert JsonSchemas().faults(schema, 1) == ()
    assert JsonSchemas().faults(schema, "one") == ("$: 'one' is not of type 'integer'",)
