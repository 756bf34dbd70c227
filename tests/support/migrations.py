"""Databases for the migrations' tests, rows to lose in them, and revisions beyond the product's own."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from alembic.script import ScriptDirectory

from adapters.sql import schema_version
from adapters.sql.schema_version import head_revision
from adapters.sql.tables import decision_sets, projects
from tests.support.schemas import connected

ROOT = Path(__file__).parents[2]
REVISIONS = [script.revision for script in ScriptDirectory(ROOT / "migrations").walk_revisions()][::-1]
MOMENT = datetime(2025, 3, 1, 12, tzinfo=UTC)

NEXT_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    with op.batch_alter_table("projects") as table:
        table.add_column(sa.Column("colour_{revision}", sa.Text()))
        table.alter_column("name", type_=sa.String(300))
    {then}


def downgrade():
    with op.batch_alter_table("projects") as table:
        table.alter_column("name", type_=sa.String(255))
        table.drop_column("colour_{revision}")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mlwright.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def own_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the test add revisions, to a copy of the migrations that is used in their place."""
    copy = tmp_path / "own" / "migrations"
    shutil.copytree(ROOT / "migrations", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema_version, "MIGRATIONS", copy)
    schema_version.known_revisions.cache_clear()
    yield copy
    schema_version.known_revisions.cache_clear()


@pytest.fixture
def add_revision(own_migrations: Path) -> Callable[[str], str]:
    """Return a function that adds a revision, which rebuilds a table and then runs a statement, and returns its id."""

    def add(then: str) -> str:
        before = head_revision()
        revision = f"{int(before) + 1:04d}"
        file = own_migrations / "versions" / f"{revision}_next.py"
        file.write_text(NEXT_REVISION.format(revision=revision, before=before, then=then))
        schema_version.known_revisions.cache_clear()
        return revision

    return add


def keep_a_project(url: str) -> None:
    with connected(url) as connection:
        connection.execute(
            projects.insert().values(id=UUID(int=1), name="Fraud", version=1, created_at=MOMENT, updated_at=MOMENT)
        )
        connection.execute(
            decision_sets.insert().values(
                id=UUID(int=2),
                project_id=UUID(int=1),
                thread_id="thread",
                workflow="mlops-design",
                workflow_version="1",
                user_prompt="Detect fraud",
                status="active",
                metadata={"a": 1},
                version=1,
                created_at=MOMENT,
                updated_at=MOMENT,
            )
        )


def kept(url: str) -> list[tuple[object, ...]]:
    with connected(url) as connection:
        joined = projects.join(decision_sets)
        columns = (projects.c.name, projects.c.created_at, decision_sets.c.user_prompt, decision_sets.c.metadata)
        return [tuple(row) for row in connection.execute(joined.select().with_only_columns(*columns))]
