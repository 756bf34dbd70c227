"""Checkpoints in SQL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Row, and_, cast, func, literal
from sqlalchemy.dialects.postgresql import JSONB

from adapters.sql import checkpoint_statements, checkpoint_threads
from adapters.sql.checkpoint_tables import BLOB, CHECKPOINT, delete_threads, encoded_keys
from adapters.sql.session import Session
from adapters.sql.tables import checkpoints
from adapters.sql.types import json_text
from domain.model.json_value import checked_object
from ports.checkpoints import (
    BlobRecord,
    CheckpointKey,
    CheckpointRecord,
    Packed,
    PruneStrategy,
    StoredCheckpoint,
    WriteRecord,
)


@frozen
class SqlCheckpoints:
    """The checkpoints of one transaction."""

    session: Session

    async def put(self, record: CheckpointRecord, blobs: Sequence[BlobRecord]) -> None:
        """Keep a checkpoint with the blobs that are new in it; the same again replaces the checkpoint, not blobs."""
        dialect = self.session.dialect
        await self.session.execute(checkpoint_statements.put(dialect), _checkpoint_values(record))
        if blobs:
            values = [_blob_values(record.key, blob) for blob in blobs]
            await self.session.execute(checkpoint_statements.put_blobs(dialect), values)

    async def put_writes(self, key: CheckpointKey, writes: Sequence[WriteRecord]) -> None:
        """Keep pending writes made after a checkpoint.

        By (task, index): a negative index marks a special channel and replaces what is there, others leave it.
        """
        special = [_write_values(key, write) for write in writes if write.index < 0]
        ordinary = [_write_values(key, write) for write in writes if write.index >= 0]
        if special:
            await self.session.execute(checkpoint_statements.replace_writes(self.session.dialect), special)
        if ordinary:
            await self.session.execute(checkpoint_statements.put_writes(self.session.dialect), ordinary)

    async def get(self, thread_id: str, namespace: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        """Return a checkpoint, the thread's latest in that namespace when no id is given, or None."""
        given = {"thread": thread_id, "space": namespace}
        if checkpoint_id is None:
            row = await self.session.row(checkpoint_statements.latest(), given)
        else:
            row = await self.session.row(checkpoint_statements.one(), {**given, "checkpoint": checkpoint_id})
        return None if row is None else (await self._with_values([_checkpoint_of(row)]))[0]

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
        given = {"thread_id": thread_id, "namespace": namespace, "checkpoint_id": checkpoint_id}
        conditions = [checkpoints.c[name] == value for name, value in given.items() if value is not None]
        if before is not None:
            conditions.append(checkpoints.c.checkpoint_id < before)
        if metadata:
            conditions.append(self._has(checked_object("metadata", metadata)))
        found = checkpoint_statements.newest_first().where(*conditions).limit(limit)
        return await self._with_values([_checkpoint_of(row) for row in await self.session.rows(found)])

    async def delete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints, blobs and writes."""
        await delete_threads(self.session, [thread_id])

    async def copy_thread(self, source: str, target: str, *, up_to: str | None = None) -> int:
        """Copy a thread's checkpoints, blobs and writes to another thread; return how many checkpoints.

        With ``up_to``, only the root checkpoint of that id, its ancestors, and the other namespaces' checkpoints that
        are not newer; raises NotFoundError when the source has no such checkpoint.
        """
        return await checkpoint_threads.copy(self.session, source, target, up_to)

    async def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints whose metadata has one of these ``run_id`` values, with their writes."""
        await checkpoint_threads.delete_for_runs(self.session, run_ids)

    async def prune(self, thread_ids: Sequence[str], strategy: PruneStrategy) -> None:
        """Delete what the strategy does not keep, with blobs no kept checkpoint shows."""
        if strategy is PruneStrategy.DELETE:
            await delete_threads(self.session, thread_ids)
        else:
            await checkpoint_threads.keep_latest(self.session, thread_ids)

    def _has(self, entries: Mapping[str, Any]) -> ColumnElement[bool]:
        if not self.session.dialect.is_postgresql:
            return func.mlwright_same_entries(checkpoints.c.metadata, json_text(entries)) == 1
        stored = cast(checkpoints.c.metadata, JSONB())
        return and_(*(stored[key] == cast(literal(json_text(value)), JSONB()) for key, value in entries.items()))

    async def _with_values(self, records: Sequence[CheckpointRecord]) -> list[StoredCheckpoint]:
        if not records:
            return []
        blobs, writes = await self._blobs(records), await self._writes(records)
        return [
            StoredCheckpoint(
                record,
                tuple(blobs[key] for key in blob_keys(record.key, record.channel_versions) if key in blobs),
                tuple(writes[record.key]),
            )
            for record in records
        ]

    async def _blobs(self, records: Sequence[CheckpointRecord]) -> dict[tuple[str, ...], BlobRecord]:
        keys = {key for record in records for key in blob_keys(record.key, record.channel_versions)}
        if not keys:
            return {}
        found = checkpoint_statements.blobs(self.session.dialect)
        rows = await self.session.rows(found, {"keys": encoded_keys(BLOB, keys)})
        return {
            (row.thread_id, row.namespace, row.channel, row.version): BlobRecord(
                row.channel, row.version, Packed(row.value_type, bytes(row.value))
            )
            for row in rows
        }

    async def _writes(self, records: Sequence[CheckpointRecord]) -> Mapping[CheckpointKey, list[WriteRecord]]:
        keys = {(record.key.thread_id, record.key.namespace, record.key.checkpoint_id) for record in records}
        found = checkpoint_statements.writes(self.session.dialect)
        writes: dict[CheckpointKey, list[WriteRecord]] = defaultdict(list)
        for row in await self.session.rows(found, {"keys": encoded_keys(CHECKPOINT, keys)}):
            value = Packed(row.value_type, bytes(row.value))
            write = WriteRecord(row.task_id, row.idx, row.channel, value, row.task_path)
            writes[CheckpointKey(row.thread_id, row.namespace, row.checkpoint_id)].append(write)
        return writes


def blob_keys(key: CheckpointKey, channel_versions: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the keys of the blobs that a checkpoint shows, by channel."""
    return [(key.thread_id, key.namespace, *shown) for shown in sorted(channel_versions.items())]


def _checkpoint_values(record: CheckpointRecord) -> dict[str, Any]:
    metadata = checked_object("metadata", record.metadata)
    run_id = metadata.get("run_id")
    return {
        "thread_id": record.key.thread_id,
        "namespace": record.key.namespace,
        "checkpoint_id": record.key.checkpoint_id,
        "parent_id": record.parent_id,
        "body_type": record.body.type,
        "body": record.body.data,
        "metadata": metadata,
        "run_id": run_id if isinstance(run_id, str) else None,
        "channel_versions": dict(record.channel_versions),
    }


def _checkpoint_of(row: Row[Any]) -> CheckpointRecord:
    return CheckpointRecord(
        key=CheckpointKey(row.thread_id, row.namespace, row.checkpoint_id),
        parent_id=row.parent_id,
        body=Packed(row.body_type, bytes(row.body)),
        metadata=row.metadata,
        channel_versions=row.channel_versions,
    )


def _blob_values(key: CheckpointKey, blob: BlobRecord) -> dict[str, Any]:
    return {
        "thread_id": key.thread_id,
        "namespace": key.namespace,
        "channel": blob.channel,
        "version": blob.version,
        "value_type": blob.value.type,
        "value": blob.value.data,
    }


def _write_values(key: CheckpointKey, write: WriteRecord) -> dict[str, Any]:
    return {
        "thread_id": key.thread_id,
        "namespace": key.namespace,
        "checkpoint_id": key.checkpoint_id,
        "task_id": write.task_id,
        "idx": write.index,
        "channel": write.channel,
        "task_path": write.task_path,
        "value_type": write.value.type,
        "value": write.value.data,
    }
