"""Checkpoints in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from adapters.memory.table import ALL
from adapters.memory.tables import BlobKey, Views
from domain.model.errors import NotFoundError
from domain.model.json_value import canonical_json, checked_object
from ports.checkpoints import (
    BlobRecord,
    CheckpointKey,
    CheckpointRecord,
    PruneStrategy,
    StoredCheckpoint,
    WriteRecord,
)


@frozen
class MemoryCheckpoints:
    """The checkpoints of one transaction."""

    views: Views

    async def put(self, record: CheckpointRecord, blobs: Sequence[BlobRecord]) -> None:
        """Keep a checkpoint with the blobs that are new in it; the same again replaces the checkpoint, not blobs."""
        metadata = checked_object("metadata", record.metadata)
        kept = evolve(record, metadata=metadata, channel_versions=dict(record.channel_versions))
        self.views.checkpoints.put(record.key, kept)
        for blob in blobs:
            key = (record.key.thread_id, record.key.namespace, blob.channel, blob.version)
            if self.views.blobs.get(key) is None:
                self.views.blobs.put(key, blob)

    async def put_writes(self, key: CheckpointKey, writes: Sequence[WriteRecord]) -> None:
        """Keep pending writes made after a checkpoint.

        By (task, index): a negative index marks a special channel and replaces what is there, others leave it.
        """
        for write in writes:
            place = (key, write.task_id, write.index)
            if write.index < 0 or self.views.writes.get(place) is None:
                self.views.writes.put(place, write)

    async def get(self, thread_id: str, namespace: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        """Return a checkpoint, the thread's latest in that namespace when no id is given, or None."""
        if checkpoint_id is not None:
            record = self.views.checkpoints.get(CheckpointKey(thread_id, namespace, checkpoint_id))
            return None if record is None else self._stored(record)
        latest = self.views.checkpoints.select("namespace", [(thread_id, namespace)], limit=1, newest_first=True)
        return self._stored(latest[0]) if latest else None

    async def find(
        self,
        *,
        thread_id: str | None = None,
        namespace: str | None = None,
        checkpoint_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        before: str | None = None,
        limit: int | None = None,
    ) -> list[StoredCheckpoint]:
        """Return checkpoints, newest first; ``metadata`` entries must all be equal, ``before`` is a checkpoint id."""
        matches = _matching(metadata or {})
        records = self.views.checkpoints.select(
            "all" if thread_id is None else "thread",
            [ALL if thread_id is None else thread_id],
            where=lambda record: (
                (namespace is None or record.key.namespace == namespace)
                and (checkpoint_id is None or record.key.checkpoint_id == checkpoint_id)
                and matches(record)
            ),
            limit=limit,
            before=None if before is None else (before,),
            newest_first=True,
        )
        return [self._stored(record) for record in records]

    async def delete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints, blobs and writes."""
        for key in self.views.checkpoints.keys("thread", thread_id):
            self.views.checkpoints.delete(key)
        for blob_key in self.views.blobs.keys("thread", thread_id):
            self.views.blobs.delete(blob_key)
        for write_key in self.views.writes.keys("thread", thread_id):
            self.views.writes.delete(write_key)

    async def copy_thread(self, source: str, target: str, *, up_to: str | None = None) -> int:
        """Copy a thread's checkpoints, blobs and writes to another thread; return how many checkpoints.

        With ``up_to``, only the root checkpoint of that id, its ancestors, and the other namespaces' checkpoints that
        are not newer; raises NotFoundError when the source has no such checkpoint.
        """
        records = self.views.checkpoints.select("thread", [source])
        if up_to is not None:
            line = self._line_of(source, up_to)
            records = [record for record in records if _belongs(record.key, line, up_to)]
        for record in records:
            key = evolve(record.key, thread_id=target)
            await self.put(evolve(record, key=key), self._blobs_of(record))
            await self.put_writes(key, self._writes_of(record.key))
        return len(records)

    async def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints whose metadata has one of these ``run_id`` values, with their writes."""
        for run_id in run_ids:
            keys = self.views.checkpoints.keys("run", run_id)
            self._delete(keys)
            for thread_id in sorted({key.thread_id for key in keys}):
                self._drop_unshown_blobs(thread_id)

    async def prune(self, thread_ids: Sequence[str], strategy: PruneStrategy) -> None:
        """Delete what the strategy does not keep, with blobs no kept checkpoint shows."""
        for thread_id in thread_ids:
            if strategy is PruneStrategy.DELETE:
                await self.delete_thread(thread_id)
                continue
            latest: dict[str, CheckpointKey] = {}
            keys = self.views.checkpoints.keys("thread", thread_id)
            for key in keys:
                latest[key.namespace] = key
            self._delete([key for key in keys if key != latest[key.namespace]])
            self._drop_unshown_blobs(thread_id)

    def _stored(self, record: CheckpointRecord) -> StoredCheckpoint:
        return StoredCheckpoint(record, self._blobs_of(record), self._writes_of(record.key))

    def _blobs_of(self, record: CheckpointRecord) -> tuple[BlobRecord, ...]:
        found = (self.views.blobs.get(key) for key in _blob_keys(record))
        return tuple(blob for blob in found if blob is not None)

    def _writes_of(self, key: CheckpointKey) -> tuple[WriteRecord, ...]:
        return tuple(self.views.writes.select("checkpoint", [key]))

    def _line_of(self, thread_id: str, checkpoint_id: str) -> set[str]:
        record = self.views.checkpoints.get(CheckpointKey(thread_id, "", checkpoint_id))
        if record is None:
            raise NotFoundError("checkpoint", checkpoint_id)
        line: set[str] = set()
        while record is not None and record.key.checkpoint_id not in line:
            line.add(record.key.checkpoint_id)
            parent = record.parent_id
            record = None if parent is None else self.views.checkpoints.get(CheckpointKey(thread_id, "", parent))
        return line

    def _delete(self, keys: Sequence[CheckpointKey]) -> None:
        for key in keys:
            self.views.checkpoints.delete(key)
            for write_key in self.views.writes.keys("checkpoint", key):
                self.views.writes.delete(write_key)

    def _drop_unshown_blobs(self, thread_id: str) -> None:
        shown = {key for record in self.views.checkpoints.select("thread", [thread_id]) for key in _blob_keys(record)}
        for key in self.views.blobs.keys("thread", thread_id):
            if key not in shown:
                self.views.blobs.delete(key)


def _blob_keys(record: CheckpointRecord) -> list[BlobKey]:
    thread_id, namespace = record.key.thread_id, record.key.namespace
    return [(thread_id, namespace, channel, version) for channel, version in sorted(record.channel_versions.items())]


def _belongs(key: CheckpointKey, line: set[str], up_to: str) -> bool:
    return key.checkpoint_id in line if key.namespace == "" else key.checkpoint_id <= up_to


def _matching(metadata: Mapping[str, Any]) -> Callable[[CheckpointRecord], bool]:
    wanted = {key: canonical_json(value) for key, value in checked_object("metadata", metadata).items()}

    def matches(record: CheckpointRecord) -> bool:
        return all(
            key in record.metadata and canonical_json(record.metadata[key]) == value for key, value in wanted.items()
        )

    return matches
