"""The command line as people and scripts meet it: real processes on a fresh folder."""

import ast
import io
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import frozen

from entrypoints.cli.exit_codes import ExitCode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FRAUD = (
    "Real-time fraud detection for a bank, 2k requests/s, p99 under 80 ms, PCI-DSS, EU only, about $4k a month,"
    " retrain daily, team of 3 who know AWS and Terraform."
)
SHOP = "Recommend products in our web shop, batch nightly for 2 million users, budget $800 a month on GCP"
HOPELESS = "Real-time fraud detection, 2000 requests/s, p99 under 80 ms, budget $20 a month, on AWS in the EU, PCI-DSS"
COMMAND = [sys.executable, "-m", "entrypoints.cli.main"]
WAITING_GRAPH = """
import asyncio
from pathlib import Path
from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    prompt: str
    done: bool


async def first(state: State):
    Path("started").touch()
    while not Path("go").exists():
        await asyncio.sleep(0.02)
    return {"done": True}


async def second(state: State):
    return {"done": True}


graph = StateGraph(State)
graph.add_node("first", first)
graph.add_node("second", second)
graph.add_edge(START, "first")
graph.add_edge("first", "second")
graph.add_edge("second", END)
"""


@frozen
class Shell:
    """Runs command lines in one folder, without a terminal and with the environment's own settings left out."""

    folder: Path

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLWRIGHT_", "_MLWRIGHT"))}
        return {**kept, "TERM": "xterm-256color", **variables}

    def run(self, *arguments: str | bytes, stdin: bytes = b"", **options: Any) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            timeout=240,
            check=False,
            **options,
        )

    def json(self, *arguments: str) -> Any:
        ended = self.run(*arguments, "--json")
        assert ended.returncode == ExitCode.OK, ended.stderr.decode()
        return json.loads(ended.stdout)

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def waiting_graph(shell: Shell) -> Shell:
    (shell.folder / "waiting.py").write_text(WAITING_GRAPH)
    named = {"dependencies": ["."], "graphs": {"waiting": "./waiting.py:graph"}}
    (shell.folder / "langgraph.json").write_text(json.dumps(named))
    return shell


@pytest.fixture(scope="module")
def fraud(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, dict[str, Any]]:
    """Return the one-command design of the fraud brief, and the shell it was made in."""
    shell = Shell(tmp_path_factory.mktemp("fraud"))
    ended = shell.run("design", FRAUD, "--yes", "--json")
    assert ended.returncode == ExitCode.OK, ended.stderr.decode()
    assert b"\x1b" not in ended.stdout + ended.stderr
    assert ended.stderr.count("✓ planner".encode()) >= 1
    return shell, json.loads(ended.stdout)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, str, "subprocess.CompletedProcess[bytes]"]:
    """Return the shop's design, stopped at its first question for want of a terminal, with its decision set's id."""
    shell = Shell(tmp_path_factory.mktemp("shop"))
    ended = shell.run("design", "-", stdin=SHOP.encode())
    (one,) = shell.json("decision-sets", "list")
    return shell, str(one["id"]), ended


def one_line(ended: "subprocess.CompletedProcess[bytes]", code: ExitCode) -> str:
    """Return the one line of a command that was refused."""
    told = ended.stderr.decode()
    assert ended.returncode == code, told
    assert ended.stdout == b""
    assert len(told.splitlines()) == 1, told
    return told


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_one_command_designs_checks_and_generates_a_system(fraud: tuple[Shell, dict[str, Any]]) -> None:
    shell, told = fraud
    design = told["design"]
    cost = design["cost_usd_month"]
    assert design["cloud"] == "aws"
    assert 0 < cost["low"] <= cost["base"] <= cost["high"]
    assert design["policies"]
    assert [one for one in design["validation"] if one["status"] == "failed"] == []
    files = {one["artifact_type"]: shell.folder / one["path"] for one in told["artifacts"]}
    assert files.keys() == {"repository", "report", "design"}
    assert design["pattern"] in files["report"].read_text()
    with zipfile.ZipFile(io.BytesIO(files["repository"].read_bytes())) as repository:
        assert repository.testzip() is None
        for name in repository.namelist():
            if name.endswith(".py"):
                ast.parse(repository.read(name))
    events = shell.run("events", "verify", told["decision_set"]["id"])
    assert events.returncode == ExitCode.OK


def test_the_artifacts_can_be_fetched_but_not_over_a_file(fraud: tuple[Shell, dict[str, Any]]) -> None:
    shell, told = fraud
    report = next(one for one in told["artifacts"] if one["artifact_type"] == "report")
    to_stdout = shell.run("artifacts", "get", report["id"], "-o", "-")
    assert to_stdout.stdout == (shell.folder / report["path"]).read_bytes()
    (shell.folder / "report.md").write_text("mine")
    assert shell.run("artifacts", "get", report["id"]).returncode == ExitCode.OUTPUT
    assert (shell.folder / "report.md").read_text() == "mine"
    assert shell.run("artifacts", "get", report["id"], "--force").returncode == ExitCode.OK
    assert (shell.folder / "report.md").read_bytes() == to_stdout.stdout


def test_without_a_terminal_it_waits_and_other_processes_go_on(
    shop: tuple[Shell, str, "subprocess.CompletedProcess[bytes]"], fraud: tuple[Shell, dict[str, Any]]
) -> None:
    shell, own, waiting = shop
    assert waiting.returncode == ExitCode.WAITING_APPROVAL
    assert f"mlwright approve {own}" in waiting.stderr.decode()
    assert not (shell.folder / "designs").exists()
    final = shell.run("approve", own, "--yes")
    assert final.returncode == ExitCode.WAITING_APPROVAL, final.stderr.decode()
    ended = shell.run("approve", own, "--yes", "--out", "made", "--json")
    assert ended.returncode == ExitCode.OK, ended.stderr.decode()
    told = json.loads(ended.stdout)
    assert (shell.folder / "made" / "report.md").is_file()
    other = fraud[1]["design"]
    assert told["design"]["cloud"] == "gcp"
    assert told["design"]["pattern"] != other["pattern"]
    assert told["design"]["cost_usd_month"]["base"] != other["cost_usd_month"]["base"]


def test_a_rejected_plan_generates_nothing_and_keeps_the_reason(shell: Shell) -> None:
    assert shell.run("design", FRAUD).returncode == ExitCode.WAITING_APPROVAL
    (one,) = shell.json("decision-sets", "list")
    rejected = shell.run("approve", one["id"], "--reject", "--comment", "too dear for us")
    assert rejected.returncode == ExitCode.CANCELLED
    assert "too dear for us" in rejected.stderr.decode()
    ended = shell.json("decision-sets", "show", one["id"])
    assert (ended["status"], ended["status_reason"]) == ("cancelled", "too dear for us")
    assert shell.json("artifacts", "list", one["id"]) == []
    assert not (shell.folder / "designs").exists()


def test_the_default_answer_to_a_blocked_plan_is_to_reject_it(shell: Shell) -> None:
    ended = shell.run("design", HOPELESS, "--yes")
    assert ended.returncode == ExitCode.CANCELLED, ended.stderr.decode()
    assert b"nothing was generated" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "why"),
    [
        (["design", ""], b"", "is empty"),
        (["design", "-"], b" \n ", "is empty"),
        (["design", "-"], b"a" * 1_000_000, "more than 100000 characters"),
        (["design", "-"], b"a\0b", "NUL"),
        (["design", "-"], b"\xff\xfe", "not valid UTF-8"),
        (["design", b"caf\xe9"], b"", "not valid UTF-8"),
        (["design", "-"], "\ud800".encode("utf-8", "surrogatepass"), "not valid UTF-8"),
        (["design", "--file", "missing.txt"], b"", "missing.txt"),
        (["run", "mlops-design", "x", "--input", '{"a":' * 10_000], b"", "nests deeper"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing_behind(
    arguments: list[str | bytes], stdin: bytes, why: str, shell: Shell
) -> None:
    assert why in one_line(shell.run(*arguments, stdin=stdin), ExitCode.USAGE)
    assert list(shell.folder.iterdir()) == []


@pytest.mark.parametrize("option", ["--database-url=sqlite:////proc/nowhere/x.db", "--artifact-url=/dev/null/x"])
def test_an_unwritable_path_is_one_line_and_starts_nothing(option: str, shell: Shell) -> None:
    one_line(shell.run("design", FRAUD, "--yes", option), ExitCode.UNAVAILABLE)
    if (shell.folder / "mlwright.db").exists():
        assert shell.json("projects", "list") == []


def test_a_full_disk_is_one_line(shell: Shell) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    line = one_line(shell.run("design", FRAUD, "--yes", preexec_fn=limit), ExitCode.UNAVAILABLE)
    assert "disk" in line


def test_a_full_disk_under_the_output_is_one_line(shell: Shell) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, "--version"], cwd=shell.folder, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False
        )
    assert ended.returncode == ExitCode.UNAVAILABLE
    assert len(ended.stderr.splitlines()) == 1


def test_a_wrong_password_is_one_line_that_does_not_repeat_it(shell: Shell, postgres_url: str) -> None:
    parts = urlsplit(postgres_url)
    wrong = parts._replace(netloc=f"{parts.username}:hunter2@{parts.hostname}:{parts.port}").geturl()
    line = one_line(shell.run("design", FRAUD, "--yes", "--database-url", wrong), ExitCode.UNAVAILABLE)
    assert "hunter2" not in line
    assert "password" in line


def test_a_server_that_is_down_is_one_line(shell: Shell) -> None:
    url = "postgresql://anna:hunter2@127.0.0.1:1/mlwright"
    line = one_line(shell.run("projects", "list", "--database-url", url), ExitCode.UNAVAILABLE)
    assert "hunter2" not in line
    assert "start it" in line


def test_a_reader_that_goes_away_is_no_error(fraud: tuple[Shell, dict[str, Any]]) -> None:
    shell, told = fraud
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [*COMMAND, "events", "list", told["decision_set"]["id"], "--json"],
        cwd=shell.folder,
        env=shell.environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (ExitCode.BROKEN_PIPE, b"")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_drains_the_run_and_tells_how_to_resume(sent: signal.Signals, waiting_graph: Shell) -> None:
    shell = waiting_graph
    running = shell.start("run", "waiting", "a prompt")
    wait_for((shell.folder / "started").exists)
    running.send_signal(sent)
    time.sleep(0.3)
    (shell.folder / "go").touch()
    _, told = running.communicate(timeout=60)
    (one,) = shell.json("decision-sets", "list")
    assert running.returncode == ExitCode.INTERRUPTED, told.decode()
    assert f"mlwright decision-sets resume {one['id']} --work" in told.decode()
    resumed = shell.run("decision-sets", "resume", one["id"], "--work")
    assert resumed.returncode == ExitCode.OK, resumed.stderr.decode()
    runs = shell.json("runs", "list", one["id"])
    assert [run["agent_name"] for run in runs if run["status"] == "completed"] == ["first", "second"]


def test_a_second_signal_gives_the_job_back_at_once(waiting_graph: Shell) -> None:
    shell = waiting_graph
    running = shell.start("run", "waiting", "a prompt")
    wait_for((shell.folder / "started").exists)
    running.send_signal(signal.SIGINT)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == ExitCode.INTERRUPTED, told.decode()
    (job,) = shell.json("jobs", "list")
    assert (job["status"], job["retry_count"]) == ("queued", 0)


def test_a_killed_run_is_taken_back_and_resumed(waiting_graph: Shell) -> None:
    shell = waiting_graph
    running = shell.start("run", "waiting", "a prompt", MLWRIGHT_LEASE_SECONDS="1")
    wait_for((shell.folder / "started").exists)
    running.kill()
    running.communicate()
    (shell.folder / "go").touch()
    (one,) = shell.json("decision-sets", "list")
    resumed = shell.run("decision-sets", "resume", one["id"], "--work")
    assert resumed.returncode == ExitCode.OK, resumed.stderr.decode()


def test_a_worker_drains_on_a_signal(waiting_graph: Shell) -> None:
    shell = waiting_graph
    shell.run("migrate")
    project = shell.json("projects", "create", "shop")["id"]
    shell.run("start", "waiting", "a prompt", "--project", project)
    worker = shell.start("work")
    wait_for((shell.folder / "started").exists)
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    (shell.folder / "go").touch()
    out, told = worker.communicate(timeout=60)
    assert (worker.returncode, out) == (ExitCode.OK, b""), told.decode()
    (job,) = shell.json("jobs", "list")
    assert job["status"] == "queued"


@frozen
class Terminal:
    """A command running on a terminal of its own."""

    process: "subprocess.Popen[bytes]"
    end: int
    screen: bytearray

    def read_until(self, words: str, seconds: float = 90) -> str:
        """Read what the command shows until some words stand there; return all of it so far."""
        deadline = time.monotonic() + seconds
        while words.encode() not in self.screen:
            assert time.monotonic() < deadline, self.screen.decode()
            ready, _, _ = select.select([self.end], [], [], 0.2)
            if ready:
                self.screen.extend(os.read(self.end, 65_536))
        return self.screen.decode()

    def type(self, line: str) -> None:
        """Type a line, and forget what the screen showed before."""
        self.screen.clear()
        os.write(self.end, f"{line}\n".encode())


@pytest.fixture
def on_terminal(shell: Shell) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*arguments: str, **variables: str) -> Terminal:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=shell.folder,
            env=shell.environment(**variables),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        opened.append(Terminal(process, ours, bytearray()))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.end)


def test_on_a_terminal_the_gate_asks_with_its_default(on_terminal: Callable[..., Terminal], shell: Shell) -> None:
    terminal = on_terminal("design", FRAUD, NO_COLOR="1")
    shown = terminal.read_until("answer [approve]:")
    assert "Generate this system?" in shown
    assert "pattern:" in shown
    assert "\x1b" not in shown
    terminal.type("perhaps")
    terminal.read_until("must be one of: approve, reject")
    terminal.read_until("answer [approve]:")
    terminal.type("reject")
    terminal.read_until("comment [none]:")
    terminal.type("not this quarter")
    terminal.read_until("Cancelled, nothing was generated: not this quarter")
    assert terminal.process.wait(timeout=60) == ExitCode.CANCELLED


def test_leaving_a_question_leaves_the_run_waiting(on_terminal: Callable[..., Terminal], shell: Shell) -> None:
    terminal = on_terminal("design", SHOP)
    shown = terminal.read_until("answer [")
    assert re.search(r"\x1b\[[\d;]*m", shown), "a terminal is given colour"
    os.write(terminal.end, b"\x04")
    terminal.read_until("mlwright approve")
    assert terminal.process.wait(timeout=60) == ExitCode.WAITING_APPROVAL
    assert [one["status"] for one in shell.json("decision-sets", "list")] == ["waiting_approval"]
