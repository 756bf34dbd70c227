"""Artifact rows in memory."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from adapters.memory.decision_sets import require_decision_set
from adapters.memory.tables import Views
from domain.model.artifact import Artifact
from domain.model.errors import AlreadyExistsError, NotFoundError


@frozen
class MemoryArtifacts:
    """The artifact rows of one transaction."""

    views: Views

    async def add(self, artifacts: Sequence[Artifact]) -> list[Artifact]:
        """Keep rows and return them; one whose (decision set, filename, hash) is there already is left as it is."""
        return [self._kept(artifact) for artifact in artifacts]

    async def get(self, artifact_id: UUID) -> Artifact:
        """Return a row; raises NotFoundError."""
        artifact = self.views.artifacts.get(artifact_id)
        if artifact is None:
            raise NotFoundError("artifact", artifact_id)
        return artifact

    async def find(self, *, decision_set_id: UUID, limit: int = 1000, after: UUID | None = None) -> list[Artifact]:
        """Return a decision set's artifacts, oldest first."""
        return self.views.artifacts.select(
            "decision_set", [decision_set_id], limit=limit, after=None if after is None else (after.int,)
        )

    def _kept(self, artifact: Artifact) -> Artifact:
        require_decision_set(self.views, artifact.decision_set_id)
        content = (artifact.decision_set_id, artifact.filename, artifact.content_hash)
        there = self.views.artifacts.first("content", content)
        if there is not None:
            return there
        if self.views.artifacts.get(artifact.id) is not None:
            raise AlreadyExistsError("artifact", artifact.id)
        self.views.artifacts.put(artifact.id, artifact)
        return artifact
