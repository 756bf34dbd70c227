"""Commands on the embedded database: what they write, print and refuse."""

import json
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from entrypoints.cli.exit_codes import ExitCode
from tests.unit.cli.conftest import Cli, Ended

ID = str(uuid4())
LISTS = (
    ("projects", "list"),
    ("decision-sets", "list"),
    ("jobs", "list"),
    ("jobs", "stats"),
    ("approvals", "list"),
)


def refused(ended: Ended, code: ExitCode) -> str:
    """Return the one line that a refused command wrote."""
    assert ended.code == code, ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    (line,) = ended.err.splitlines()
    return line


def test_a_project_is_created_listed_described_and_deleted(migrated: Cli) -> None:
    created = migrated("projects", "create", "shop", "--description", "recommends", "--json").json
    assert [one["id"] for one in migrated("projects", "list", "--json").json] == [created["id"]]
    described = migrated("projects", "describe", created["id"], "--expected-version", "1", "--name", "store", "--json")
    assert (described.json["name"], described.json["description"], described.json["version"]) == (
        "store",
        "recommends",
        2,
    )
    assert "store" in migrated("projects", "show", created["id"]).out
    deleted = migrated("projects", "delete", created["id"], "--expected-version", "2", "--json")
    assert deleted.json == {"deleted": created["id"]}
    assert migrated("projects", "list", "--json").json == []


def test_a_change_made_against_an_older_version_is_refused(migrated: Cli) -> None:
    project = migrated("projects", "create", "shop", "--json").json["id"]
    migrated("projects", "describe", project, "--expected-version", "1", "--name", "store")
    line = refused(
        migrated("projects", "describe", project, "--expected-version", "1", "--name", "mine"), ExitCode.CONFLICT
    )
    assert "is at version 2" in line


@pytest.mark.parametrize("command", LISTS)
def test_an_empty_list_is_an_empty_array_or_a_message(command: tuple[str, ...], migrated: Cli) -> None:
    assert migrated(*command, "--json").json == []
    ended = migrated(*command)
    assert (ended.code, ended.out, ended.err) == (ExitCode.OK, "", "There are none.\n")


@pytest.mark.parametrize(
    "command",
    [
        ("projects", "show", ID),
        ("projects", "delete", ID),
        ("decision-sets", "show", ID),
        ("decision-sets", "list", "--project", ID),
        ("decision-sets", "cancel", ID),
        ("decision-sets", "resume", ID),
        ("decision-sets", "fork", ID),
        ("jobs", "show", ID),
        ("jobs", "cancel", ID),
        ("jobs", "redrive", ID),
        ("events", "list", ID),
        ("events", "list", ID, "--follow"),
        ("events", "verify", ID),
        ("runs", "list", ID),
        ("runs", "show", ID),
        ("artifacts", "list", ID),
        ("artifacts", "get", ID),
        ("approvals", "list", "--decision-set", ID),
        ("approvals", "show", ID, "i1"),
        ("approve", ID, "--yes"),
        ("start", "mlops-design", "a prompt", "--project", ID),
        ("start", "nope", "a prompt", "--project", ID),
        ("run", "nope", "a prompt"),
    ],
)
def test_an_unknown_id_or_name_is_one_line_and_changes_nothing(command: tuple[str, ...], migrated: Cli) -> None:
    refused(migrated(*command), ExitCode.NOT_FOUND)
    assert migrated("projects", "list", "--json").json == []


@pytest.mark.parametrize(
    "command",
    [
        ("projects", "show", "not-an-id"),
        ("projects", "create", " "),
        ("projects", "create", "a\udcffb"),
        ("projects", "describe", ID, "--expected-version", "1"),
        ("jobs", "list", "--limit", "0"),
        ("jobs", "list", "--status", "sleeping"),
        ("design",),
        ("design", ""),
        ("design", "a\x00b"),
        ("design", "a\udcffb"),
        ("design", "x" * 100_001),
        ("design", "a prompt", "--name", " "),
        ("design", "a prompt", "--file", "also.txt"),
        ("design", "--file", "missing.txt"),
        ("run", "mlops-design", "a prompt", "--input", "{"),
        ("run", "mlops-design", "a prompt", "--input", '{"a": NaN}'),
        ("run", "mlops-design", "a prompt", "--input", '{"a": 1, "a": 2}'),
        ("run", "mlops-design", "a prompt", "--input", "[1]"),
        ("run", "mlops-design", "a prompt", "--input", '{"a":' * 10_000 + "1" + "}" * 10_000),
        ("run", "mlops-design", "a prompt", "--project", ID, "--name", "both"),
        ("approve", ID, "--answer", "[" * 10_000),
        ("approve", ID, "--yes", "--reject"),
        ("migrate", "--check", "--sql"),
        ("migrate", "down", "nonsense"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(command: tuple[str, ...], migrated: Cli, tmp_path: Path) -> None:
    line = refused(migrated(*command), ExitCode.USAGE)
    assert len(line) < 500
    with sqlite3.connect(tmp_path / "mlwright.db") as database:
        assert database.execute("SELECT count(*) FROM projects").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM events").fetchone() == (0,)
    assert not (tmp_path / "designs").exists()


def test_bad_input_does_not_even_make_the_database(cli: Cli, tmp_path: Path) -> None:
    assert cli("design", "").code == ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_not_there_is_not_made_by_reading(cli: Cli, tmp_path: Path) -> None:
    line = refused(cli("projects", "list"), ExitCode.SCHEMA)
    assert "mlwright migrate" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:////no/such/folder/x.db", ExitCode.UNAVAILABLE),
        ("bogus://anna:hunter2@db/x", ExitCode.CONFIGURATION),
        ("postgresql://anna:hunter2@127.0.0.1:1/x", ExitCode.UNAVAILABLE),
        ("postgresql://anna:hun@ter2@127.0.0.1:1/x", ExitCode.CONFIGURATION),
    ],
)
@pytest.mark.parametrize("command", [("migrate",), ("design", "Fraud detection"), ("doctor",)])
def test_a_database_that_cannot_be_used_is_one_line_without_secrets(
    command: tuple[str, ...], url: str, code: ExitCode, cli: Cli
) -> None:
    ended = cli(*command, "--database-url", url)
    assert "hunter2" not in ended.out + ended.err
    assert "ter2@" not in ended.out + ended.err
    if command == ("doctor",):
        assert ended.code == ExitCode.UNHEALTHY
        assert "wrong" in ended.out
    else:
        refused(ended, code)


def test_a_file_that_is_no_database_is_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mlwright.db").write_text("these are not the tables you are looking for" * 100)
    refused(cli("projects", "list"), ExitCode.UNAVAILABLE)


def test_migrations_go_up_are_checked_and_go_down(cli: Cli) -> None:
    assert cli("migrate", "--check").code == ExitCode.SCHEMA
    up = cli("migrate")
    assert up.code == ExitCode.OK
    assert "applied 0001" in up.out
    assert cli("migrate", "--json").json["applied"] == []
    assert cli("migrate", "--check", "--json").json["status"] == "current"
    assert "undid 0001" in cli("migrate", "down", "base").out
    assert cli("migrate", "--check").code == ExitCode.SCHEMA


def test_the_sql_of_the_schema_reaches_no_database(cli: Cli, tmp_path: Path) -> None:
    ended = cli("migrate", "--sql", "--database-url", "postgresql://nobody@nowhere.invalid/x")
    assert "CREATE TABLE" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_a_healthy_installation_passes_the_doctor(migrated: Cli) -> None:
    ended = migrated("doctor", "--json")
    assert ended.code == ExitCode.OK, ended.out
    assert ended.json["healthy"] is True
    assert {"python", "packages", "database", "artifact store", "workflow mlops-design"} <= {
        check["name"] for check in ended.json["checks"]
    }


def test_the_doctor_finds_a_workflow_that_cannot_be_loaded(migrated: Cli, tmp_path: Path) -> None:
    (tmp_path / "langgraph.json").write_text(json.dumps({"dependencies": [], "graphs": {"gone": "./gone.py:graph"}}))
    ended = migrated("doctor", "--json")
    assert ended.code == ExitCode.UNHEALTHY
    assert [check["name"] for check in ended.json["checks"] if not check["ok"]] == ["workflow gone"]


def test_a_wrong_setting_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLWRIGHT_CONCURRENCY", "many")
    assert "concurrency" in refused(cli("projects", "list"), ExitCode.CONFIGURATION)


def test_a_traceback_is_shown_only_on_demand(migrated: Cli) -> None:
    assert "Traceback" in migrated("projects", "show", ID, "--debug").err


def test_serving_without_the_extra_names_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "entrypoints.http.serving", None)
    assert "mlwright[http]" in refused(cli("serve"), ExitCode.CONFIGURATION)
