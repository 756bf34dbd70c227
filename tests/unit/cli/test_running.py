"""Runs in this process: they end, wait, fail, stop and go on, each with its exit code."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from domain.model.job import Job, NewJob
from entrypoints.bootstrap import application
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.settings import load_settings
from tests.unit.cli.conftest import Cli

GRAPHS = """
import asyncio
from pathlib import Path
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    prompt: str
    answer: str
    done: bool


def graph_of(node):
    graph = StateGraph(State)
    graph.add_node("node", node)
    graph.add_edge(START, "node")
    graph.add_edge("node", END)
    return graph


async def finish(state: State):
    return {"done": True}


async def fail(state: State):
    raise RuntimeError("no luck with postgresql://anna:hunter2@db/x\\nand more")


async def wait(state: State):
    while not Path("go").exists():
        await asyncio.sleep(0.02)
    return {"done": True}


async def ask(state: State):
    question = {"question": "Go on?", "defaults": "yes", "rejection": "no", "response_schema": {"enum": ["yes", "no"]}}
    return {"answer": interrupt(question)}


async def ask_openly(state: State):
    return {"answer": interrupt("What now?")}


finishing, failing, waiting, asking, open_asking = map(graph_of, (finish, fail, wait, ask, ask_openly))
"""
NAMES = ("finishing", "failing", "waiting", "asking", "open_asking")


@pytest.fixture
def graphs(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("MLWRIGHT_MAX_RETRIES", "0")
    (tmp_path / "cli_graphs.py").write_text(GRAPHS)
    graphs = {name: f"./cli_graphs.py:{name}" for name in NAMES}
    (tmp_path / "langgraph.json").write_text(json.dumps({"dependencies": ["."], "graphs": graphs}))
    return cli


def decision_set_of(cli: Cli) -> str:
    (one,) = cli("decision-sets", "list", "--json").json
    return str(one["id"])


def test_a_run_to_the_end_is_one_json_document(graphs: Cli) -> None:
    ended = graphs("run", "finishing", "a prompt", "--json")
    assert ended.code == ExitCode.OK
    assert ended.json["decision_set"]["status"] == "completed"
    assert ended.json["approvals"] == ended.json["artifacts"] == []
    assert "node" in ended.err


def test_a_run_can_join_a_project_with_an_input_of_its_own(graphs: Cli) -> None:
    graphs("migrate")
    project = graphs("projects", "create", "shop", "--json").json["id"]
    ended = graphs("run", "finishing", "a prompt", "--project", project, "--input", '{"prompt": "x"}', "--json")
    assert ended.json["decision_set"]["project_id"] == project


def test_a_run_in_memory_needs_no_database(graphs: Cli, tmp_path: Path) -> None:
    assert graphs("run", "finishing", "a prompt", "--database-url", "memory://").code == ExitCode.OK
    assert not (tmp_path / "mlwright.db").exists()


def test_a_graph_that_raises_fails_the_run_in_one_line_without_secrets(graphs: Cli) -> None:
    ended = graphs("run", "failing", "a prompt")
    assert ended.code == ExitCode.RUN_FAILED
    assert "hunter2" not in ended.err
    (line,) = [line for line in ended.err.splitlines() if line.startswith("error:")]
    assert "RuntimeError: no luck" in line
    (job,) = graphs("jobs", "list", "--json").json
    assert job["status"] == "failed"
    assert graphs("jobs", "redrive", job["id"], "--json").json["status"] == "queued"


def test_a_graph_that_never_ends_is_stopped_by_the_job_timeout(graphs: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLWRIGHT_JOB_TIMEOUT_SECONDS", "0.3")
    ended = graphs("run", "waiting", "a prompt")
    assert ended.code == ExitCode.RUN_FAILED
    assert "time limit of 0.3 s" in ended.err


def test_a_run_stopped_by_its_timeout_can_be_resumed(graphs: Cli, tmp_path: Path) -> None:
    stopped = graphs("run", "waiting", "a prompt", "--timeout", "0.5")
    own = decision_set_of(graphs)
    assert stopped.code == ExitCode.TIMED_OUT
    assert f"mlwright decision-sets resume {own} --work" in stopped.err
    queued = graphs("decision-sets", "resume", own)
    assert queued.code == ExitCode.OK
    assert "is queued" in queued.err
    (tmp_path / "go").touch()
    assert graphs("decision-sets", "resume", own, "--work").code == ExitCode.OK
    assert graphs("events", "verify", own).code == ExitCode.OK


def test_without_a_terminal_a_question_waits_for_approve(graphs: Cli) -> None:
    waiting = graphs("run", "asking", "a prompt", "--json")
    own = waiting.json["decision_set"]["id"]
    assert waiting.code == ExitCode.WAITING_APPROVAL
    assert [one["gate"] for one in waiting.json["approvals"]] == ["node"]
    assert f"mlwright approve {own}" in waiting.err
    assert graphs("approve", own).code == ExitCode.USAGE
    assert graphs("approve", own, "--answer", '"perhaps"').code == ExitCode.USAGE
    assert graphs("decision-sets", "resume", own).code == ExitCode.WAITING_APPROVAL
    assert graphs("approve", own, "--answer", '"no"').code == ExitCode.OK
    assert graphs("approve", own, "--yes").code == ExitCode.CONFLICT


@pytest.mark.parametrize(("flag", "answer"), [("--yes", "yes"), ("--reject", "no")])
def test_approve_takes_the_default_or_the_answer_that_says_no(flag: str, answer: str, graphs: Cli) -> None:
    graphs("run", "asking", "a prompt")
    own = decision_set_of(graphs)
    assert graphs("approve", own, flag, "--comment", "seen").code == ExitCode.OK
    (approval,) = graphs("approvals", "list", "--json").json
    assert (approval["answer"], approval["comment"], approval["status"]) == (answer, "seen", "answered")


def test_yes_takes_the_default_on_the_way(graphs: Cli) -> None:
    assert graphs("run", "asking", "a prompt", "--yes").code == ExitCode.OK


def test_yes_leaves_a_question_open_that_has_no_default(graphs: Cli) -> None:
    assert graphs("run", "open_asking", "a prompt", "--yes").code == ExitCode.WAITING_APPROVAL
    assert graphs("approve", decision_set_of(graphs), "--yes").code == ExitCode.USAGE


def test_an_approval_at_another_version_is_refused(graphs: Cli) -> None:
    graphs("run", "asking", "a prompt")
    own = decision_set_of(graphs)
    assert graphs("approve", own, "--yes", "--expected-version", "2").code == ExitCode.CONFLICT
    assert graphs("approve", own, "--yes", "--expected-version", "1").code == ExitCode.OK


def test_an_answer_alone_leaves_the_run_to_a_worker(graphs: Cli) -> None:
    graphs("run", "asking", "a prompt")
    own = decision_set_of(graphs)
    answered = graphs("approve", own, "--yes", "--no-work", "--json")
    assert answered.code == ExitCode.OK
    assert [one["status"] for one in answered.json] == ["answered"]
    assert graphs("decision-sets", "show", own, "--json").json["status"] == "active"
    assert graphs("work", "--until-idle").code == ExitCode.OK
    assert graphs("decision-sets", "show", own, "--json").json["status"] == "completed"


def test_a_worker_ends_when_idle_and_serves_only_its_queue(graphs: Cli) -> None:
    graphs("migrate")
    project = graphs("projects", "create", "shop", "--json").json["id"]
    started = graphs("start", "finishing", "a prompt", "--project", project, "--json").json
    assert graphs("work", "--until-idle", "--queue", "other").code == ExitCode.OK
    assert graphs("decision-sets", "show", started["id"], "--json").json["status"] == "active"
    assert graphs("work", "--until-idle", "--concurrency", "2").code == ExitCode.OK
    assert graphs("decision-sets", "show", started["id"], "--json").json["status"] == "completed"


def test_a_fork_runs_on_from_the_last_checkpoint(graphs: Cli) -> None:
    graphs("run", "asking", "a prompt")
    own = decision_set_of(graphs)
    fork = graphs("decision-sets", "fork", own, "--no-run", "--json").json
    assert (fork["parent_id"], fork["job"]) == (own, None)
    assert graphs("decision-sets", "resume", fork["id"], "--work", "--yes").code == ExitCode.OK
    assert graphs("decision-sets", "show", own, "--json").json["status"] == "waiting_approval"


def test_a_cancelled_decision_set_withdraws_its_question(graphs: Cli) -> None:
    graphs("run", "asking", "a prompt")
    own = decision_set_of(graphs)
    cancelled = graphs("decision-sets", "cancel", own, "--reason", "not now", "--json").json
    assert (cancelled["status"], cancelled["status_reason"]) == ("cancelled", "not now")
    assert graphs("approvals", "list", "--status", "open", "--json").json == []


def test_a_job_without_a_handler_fails_and_says_so(graphs: Cli) -> None:
    graphs("migrate")

    async def enqueue() -> Job:
        async with application(load_settings()) as app:
            (enqueued,) = await app.enqueue_jobs([NewJob(uuid4(), "unheard_of", max_retries=0)], actor="user:test")
            return enqueued.job

    job = asyncio.run(enqueue())
    assert graphs("work", "--until-idle").code == ExitCode.OK
    failed = graphs("jobs", "show", str(job.id), "--json").json
    assert failed["status"] == "failed"
    assert "unheard_of" in failed["error_message"]


def test_an_output_folder_that_cannot_be_made_stops_the_run_before_it_starts(graphs: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert graphs("run", "finishing", "a prompt", "--out", "file/out").code == ExitCode.OUTPUT
    assert not (tmp_path / "mlwright.db").exists()


def test_events_are_listed_in_order_from_a_sequence(graphs: Cli) -> None:
    graphs("run", "finishing", "a prompt")
    events = graphs("events", "list", decision_set_of(graphs), "--after", "2", "--limit", "3", "--json").json
    assert [event["sequence"] for event in events] == [3, 4, 5]


def test_agent_runs_are_listed_and_shown(graphs: Cli) -> None:
    graphs("run", "finishing", "a prompt")
    (run,) = graphs("runs", "list", decision_set_of(graphs), "--json").json
    assert (run["agent_name"], run["status"]) == ("node", "completed")
    assert graphs("runs", "show", run["id"], "--json").json == run
