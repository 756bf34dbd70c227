"""The HTTP server as a process, on a real port: a workflow from start to download, bad clients, and signals."""

import asyncio
import hashlib
import io
import json
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

from entrypoints.http.serving import serve
from entrypoints.settings import load_settings

ROOT = Path(__file__).parents[2]
PROMPT = "Real-time fraud detection for a bank, 2k requests/s, p99 under 80 ms, PCI-DSS, EU only, about $4k a month."


@frozen
class Server:
    """A server's process, and a client of it."""

    process: "subprocess.Popen[str]"
    client: httpx.Client

    def get(self, path: str) -> Any:
        return self.client.get(path).raise_for_status().json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(path, json=body, headers=headers).raise_for_status().json()

    def started(self, workflow: str, prompt: str = PROMPT) -> dict[str, Any]:
        project = self.post("/v1/projects", {"name": "shop"})["id"]
        found: dict[str, Any] = self.post(
            f"/v1/projects/{project}/decision-sets", {"workflow": workflow, "prompt": prompt}
        )
        return found

    def ended(self) -> tuple[int, str]:
        """Return the exit code, and what was said, of a server that has been told to stop."""
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def serving(directory: Path, *, with_worker: bool = True) -> Iterator[Server]:
    """Run a server on SQLite in that directory, with a worker unless told otherwise; it is killed in the end."""
    settings = {
        "database_url": f"sqlite:///{directory}/mlwright.db",
        "artifact_url": str(directory / "artifacts"),
        "port": 0,
        "poll_seconds": 0.05,
        "workflows": {name: f"tests.support.graphs:{name}" for name in ("chain", "endless")},
    }
    command = [sys.executable, "-m", "tests.e2e.test_http", json.dumps(settings), "worker" if with_worker else ""]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, process.communicate()[1]
            with httpx.Client(base_url=url, timeout=30) as client:
                yield Server(process, client)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server without a worker, which tests of bad clients share."""
    with serving(tmp_path_factory.mktemp("quiet"), with_worker=False) as server:
        yield server


ENDS = ("workflow_completed", "workflow_failed", "decision_set_cancelled")


def events_of(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream, checking that ``id`` and ``event`` say what the data say."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif not line and fields:
            event: dict[str, Any] = json.loads(fields["data"])
            assert (fields["id"], fields["event"]) == (str(event["sequence"]), event["event_type"])
            yield event
            fields = {}


def test_a_prompt_becomes_a_downloaded_repository_over_http(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        links = server.started("mlops-design")["links"]
        seen = []
        with server.client.stream("GET", links["stream"]) as stream:
            for event in events_of(stream):
                seen.append(event)
                if event["event_type"] == "approval_requested":
                    answer_with_defaults(server, f"{links['approvals']}/{event['event_data']['interrupt_id']}")
                if event["event_type"] in ENDS:
                    break
        assert seen[-1]["event_type"] == "workflow_completed", seen[-1]
        assert [event["sequence"] for event in seen] == list(range(1, len(seen) + 1))
        assert [one["actor"] for one in seen if one["event_type"] == "approval_answered"] == ["ann", "ann"]
        assert server.get(links["self"])["status"] == "completed"
        assert server.get(f"{links['events']}/verification")["intact"] is True

        middle = len(seen) // 2
        with server.client.stream("GET", links["stream"], headers={"Last-Event-ID": str(middle)}) as stream:
            resumed = events_of(stream)
            assert [next(resumed) for _ in seen[middle:]] == seen[middle:]

        (artifact,) = [
            one for one in server.get(links["artifacts"])["artifacts"] if one["artifact_type"] == "repository"
        ]
        download = server.client.get(artifact["content"]).raise_for_status()
        assert hashlib.sha256(download.content).hexdigest() == artifact["content_hash"]
        with zipfile.ZipFile(io.BytesIO(download.content)) as repository:
            assert repository.testzip() is None
            assert any(name.endswith(".tf") for name in repository.namelist())


def answer_with_defaults(server: Server, path: str) -> None:
    found = server.client.get(path).raise_for_status()
    answer = {"answer": found.json()["defaults"]}
    server.post(f"{path}/answer", answer, **{"If-Match": found.headers["etag"], "Mlwright-Actor": "ann"})


def test_a_second_signal_gives_the_running_job_back_to_be_run_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        started = server.started("endless")
        with server.client.stream("GET", started["links"]["stream"]) as stream:
            events = events_of(stream)
            assert next(one for one in events if one["event_type"] == "agent_completed")
            server.process.send_signal(signal.SIGTERM)
            assert [event for event in events if event["event_type"] in ENDS] == []
        server.process.send_signal(signal.SIGTERM)
        assert server.ended() == (0, "")

    with serving(tmp_path, with_worker=False) as server:
        job = server.get(f"/v1/jobs/{started['job']['id']}")
        assert (job["status"], job["worker_id"], job["retry_count"]) == ("queued", None, 0)


def test_one_signal_ends_streams_and_an_idle_server_with_code_0_and_no_words(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        links = server.started("chain")["links"]
        with server.client.stream("GET", links["stream"]) as stream:
            events = events_of(stream)
            assert next(one for one in events if one["event_type"] == "job_completed")
            asked = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            assert list(events) == []
        assert server.ended() == (0, "")
        assert time.monotonic() - asked < 5


def test_a_large_upload_is_refused_while_it_is_sent(quiet: Server) -> None:
    for length in ("Content-Length: 20000000", "Transfer-Encoding: chunked"):
        answer, sent = upload(quiet.client.base_url, length)
        assert answer.startswith("HTTP/1.1 413 "), answer
        assert "body_too_large" in answer
        assert sent < 20_000_000
    assert quiet.get("/health") == {"status": "ok"}


def upload(url: httpx.URL, length: str) -> tuple[str, int]:
    """Send a body piece by piece until the server answers; return the answer and how much was sent."""
    head = f"POST /v1/projects HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    piece = b"x" * 65_536
    framed = b"%x\r\n%b\r\n" % (len(piece), piece) if "chunked" in length else piece
    with socket.create_connection((url.host, url.port or 0), timeout=10) as connection:
        connection.sendall(head.encode())
        connection.settimeout(0.05)
        sent, answer = 0, b""
        while not answer.endswith(b"}") and sent < 20_000_000:
            try:
                answer += connection.recv(65_536)
            except TimeoutError:
                connection.sendall(framed)
                sent += len(piece)
        return answer.decode(), sent


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /health HTTP/1.0\r\n\r\n",
        "GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: [\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
)
def test_a_request_that_does_not_name_this_server_gets_nothing(quiet: Server, request_text: str) -> None:
    url = quiet.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=10) as connection:
        connection.sendall(request_text.encode())
        answer = connection.recv(65_536).decode()
    assert answer.split()[1] in ("400", "421"), answer
    assert '"ok"' not in answer


def test_listeners_that_come_and_go_leave_a_server_well(quiet: Server) -> None:
    links = quiet.started("chain")["links"]
    for _ in range(3):
        streams = [quiet.client.stream("GET", links["stream"]) for _ in range(10)]
        opened = [stream.__enter__() for stream in streams]
        assert [next(events_of(response))["sequence"] for response in opened] == [1] * 10
        for stream in streams:
            stream.__exit__(None, None, None)
    assert quiet.get("/ready") == {"status": "ready"}


def _main(settings: str, worker: str) -> None:
    """Serve as ``mlwright up`` does, telling the URL on standard output."""

    def announce(url: str) -> None:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()

    given = load_settings(**json.loads(settings))
    asyncio.run(serve(given, with_worker=bool(worker), create_schema=True, announce=announce))


if __name__ == "__main__":
    _main(*sys.argv[1:])
