"""The same brief on every storage gives the same decisions."""

from pathlib import Path

import pytest

from adapters.sql.migrating import upgrade
from entrypoints.bootstrap import application
from entrypoints.settings import load_settings
from tests.support.designing import FRAUD, VAGUE, design, made_by


async def decided_on(url: str, artifacts: Path, prompt: str) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """Return what a design made, and which agents ran with which end, on one storage."""
    async with application(load_settings(database_url=url, artifact_url=str(artifacts))) as app:
        decision_set = await design(app, prompt)
        runs = await app.list_agent_runs(decision_set.id)
        return await made_by(app, decision_set.id), sorted((run.agent_name, run.status.value) for run in runs)


@pytest.mark.slow
@pytest.mark.parametrize("prompt", [FRAUD, VAGUE])
async def test_memory_sqlite_and_postgresql_decide_alike(prompt: str, tmp_path: Path, postgres_url: str) -> None:
    sqlite = f"sqlite:///{tmp_path / 'mlwright.db'}"
    upgrade(sqlite)
    on_memory = await decided_on("memory://", tmp_path / "memory", prompt)
    assert await decided_on(sqlite, tmp_path / "sqlite", prompt) == on_memory
    assert await decided_on(postgres_url, tmp_path / "postgresql", prompt) == on_memory
