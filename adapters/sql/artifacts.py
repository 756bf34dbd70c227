"""Artifact rows in SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import Text, Uuid, and_, select
from sqlalchemy.types import TypeEngine

from adapters.sql.dialect import encoded
from adapters.sql.rows import artifact_of, artifact_values
from adapters.sql.session import Session
from adapters.sql.tables import artifacts as artifact_table
from adapters.sql.tables import decision_sets
from domain.model.artifact import Artifact
from domain.model.errors import AlreadyExistsError, NotFoundError

_CONTENT: dict[str, TypeEngine[Any]] = {"decision_set_id": Uuid(), "filename": Text(), "content_hash": Text()}


@frozen
class SqlArtifacts:
    """The artifact rows of one transaction."""

    session: Session

    async def add(self, artifacts: Sequence[Artifact]) -> list[Artifact]:
        """Keep rows and return them; one whose (decision set, filename, hash) is there already is left as it is.

        Raises AlreadyExistsError for a taken id, NotFoundError for a decision set that is not there.
        """
        if not artifacts:
            return []
        result = await self.session.execute_referring(
            self.session.dialect.insert(artifact_table).on_conflict_do_nothing().returning(artifact_table.c.id),
            [artifact_values(artifact) for artifact in artifacts],
            kind="decision set",
            parent=decision_sets,
            keys=[artifact.decision_set_id for artifact in artifacts],
        )
        if len(result.all()) == len(artifacts):
            return list(artifacts)
        kept = await self._kept(artifacts)
        for artifact in artifacts:
            if _content(artifact) not in kept:
                raise AlreadyExistsError("artifact", artifact.id)
        return [kept[_content(artifact)] for artifact in artifacts]

    async def get(self, artifact_id: UUID) -> Artifact:
        """Return a row; raises NotFoundError."""
        row = await self.session.row(select(artifact_table).where(artifact_table.c.id == artifact_id))
        if row is None:
            raise NotFoundError("artifact", artifact_id)
        return artifact_of(row)

    async def find(self, *, decision_set_id: UUID, limit: int = 1000, after: UUID | None = None) -> list[Artifact]:
        """Return a decision set's artifacts, oldest first."""
        found = select(artifact_table).where(artifact_table.c.decision_set_id == decision_set_id)
        if after is not None:
            found = found.where(artifact_table.c.id > after)
        rows = await self.session.rows(found.order_by(artifact_table.c.id).limit(limit))
        return [artifact_of(row) for row in rows]

    async def _kept(self, artifacts: Sequence[Artifact]) -> dict[tuple[UUID, str, str], Artifact]:
        wanted = self.session.dialect.batch("wanted", _CONTENT)
        same = and_(*(artifact_table.c[name] == wanted.c[name] for name in _CONTENT))
        keys = [dict(zip(_CONTENT, _content(artifact), strict=True)) for artifact in artifacts]
        rows = await self.session.rows(select(artifact_table).join(wanted, same), {"wanted": encoded(keys)})
        kept = (artifact_of(row) for row in rows)
        return {_content(artifact): artifact for artifact in kept}


def _content(artifact: Artifact) -> tuple[UUID, str, str]:
    return artifact.decision_set_id, artifact.filename, artifact.content_hash
