"""Artifacts: store and fetch, with the hash checked on both ways."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from attrs import frozen

from domain.model.artifact import Artifact, content_hash
from domain.model.errors import ArtifactCorruptError
from domain.model.event import NewEvent, Stream
from domain.model.event_type import EventType
from domain.model.job import Lease
from ports.artifacts import ArtifactStore
from ports.storage import Storage
from ports.system import Ids


@frozen
class StoreArtifact:
    """Store a file with a decision set."""

    storage: Storage
    artifact_store: ArtifactStore
    ids: Ids

    async def __call__(
        self,
        decision_set_id: UUID,
        artifact_type: str,
        filename: str,
        content: bytes,
        *,
        actor: str,
        metadata: Mapping[str, Any] | None = None,
        lease: Lease | None = None,
    ) -> Artifact:
        """Write the bytes, read them back, and only then record the row that names them.

        Raises ArtifactCorruptError when the store does not return what it was given, LeaseLostError for a stale lease.
        """
        digest = content_hash(content)
        key = await self.artifact_store.put(content)
        actual = content_hash(await self.artifact_store.get(key))
        if actual != digest:
            raise ArtifactCorruptError(key, digest, actual)
        async with self.storage.transaction() as work:
            if lease is not None:
                await work.jobs.fence([lease])
            artifact = Artifact(
                id=self.ids.new(),
                decision_set_id=decision_set_id,
                artifact_type=artifact_type,
                filename=filename,
                storage_key=key,
                size_bytes=len(content),
                content_hash=digest,
                created_at=await work.now(),
                extra_metadata=metadata or {},
            )
            (kept,) = await work.artifacts.add([artifact])
            if kept.id == artifact.id:
                await work.events.append([stored_event(artifact, actor, lease.job_id if lease else None)])
        return kept


@frozen
class FetchArtifact:
    """Fetch a stored file."""

    storage: Storage
    artifact_store: ArtifactStore

    async def __call__(self, artifact_id: UUID) -> tuple[Artifact, bytes]:
        """Return an artifact with its bytes; raises NotFoundError, ArtifactMissingError or ArtifactCorruptError."""
        async with self.storage.transaction(read_only=True) as work:
            artifact = await work.artifacts.get(artifact_id)
        content = await self.artifact_store.get(artifact.storage_key)
        actual = content_hash(content)
        if actual != artifact.content_hash:
            raise ArtifactCorruptError(artifact.storage_key, artifact.content_hash, actual)
        return artifact, content


@frozen
class ListArtifacts:
    """List the files of a decision set."""

    storage: Storage

    async def __call__(self, decision_set_id: UUID, *, limit: int = 1000, after: UUID | None = None) -> list[Artifact]:
        """Return artifacts, oldest first; raises NotFoundError for an unknown decision set."""
        async with self.storage.transaction(read_only=True) as work:
            await work.decision_sets.get(decision_set_id)
            return await work.artifacts.find(decision_set_id=decision_set_id, limit=limit, after=after)


def stored_event(artifact: Artifact, actor: str, job_id: UUID | None) -> NewEvent:
    """Build the event that tells of a stored artifact."""
    stream = Stream.of_decision_set(artifact.decision_set_id)
    return NewEvent(stream, EventType.ARTIFACT_STORED, artifact.record, actor, job_id)
