"""Settings: where they come from, what wins, and what a wrong one says."""

import re
from pathlib import Path

import pytest

from domain.model.errors import ConfigurationError
from entrypoints.settings import Settings, load_settings

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MLWRIGHT_{name.upper()}", raising=False)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mlwright.toml").write_text('concurrency = 2\nport = 2\nhost = "127.0.0.2"\n')
    monkeypatch.setenv("MLWRIGHT_CONCURRENCY", "3")
    monkeypatch.setenv("MLWRIGHT_PORT", "3")
    settings = load_settings(concurrency=4, port=None)
    assert (settings.concurrency, settings.port, settings.host) == (4, 3, "127.0.0.2")


def test_workflows_are_read_from_a_table_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "mlwright.toml").write_text('[workflows]\ntriage = "team.graphs:triage"\n')
    assert load_settings().workflows == {"triage": "team.graphs:triage"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONCURRENCY", "0", "concurrency"),
        ("PORT", "web", "port"),
        ("WORKFLOWS", '{"a": "no-colon"}', "module:attribute"),
        ("WORKFLOWS", "{", "workflows"),
        ("LEASE_SECONDS", "nan", "lease_seconds"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MLWRIGHT_{name}", value)
    with pytest.raises(ConfigurationError, match=said):
        load_settings()


def test_a_file_that_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    (tmp_path / "mlwright.toml").write_text("= nonsense")
    with pytest.raises(ConfigurationError, match=re.escape("mlwright.toml")):
        load_settings()


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mlwright.toml").write_text("concurency = 2\n")
    with pytest.raises(ConfigurationError, match="concurency"):
        load_settings()


def test_no_secret_of_a_url_is_shown() -> None:
    settings = load_settings(database_url="postgresql://me:hunter2secret@db/x")
    assert "hunter2secret" not in repr(settings)


def test_the_readme_lists_every_setting() -> None:
    listed = set(re.findall(r"`MLWRIGHT_([A-Z_]+)`", README.read_text()))
    assert listed == {name.upper() for name in Settings.model_fields}
