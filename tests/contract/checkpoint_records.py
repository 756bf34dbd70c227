"""Checkpoints as the contract tests write them, and short ways to write and list them."""

from collections.abc import Mapping
from typing import Any

from ports.checkpoints import BlobRecord, CheckpointKey, CheckpointRecord, Packed, WriteRecord
from tests.contract.harness import Harness


def key(checkpoint_id: str, *, thread: str = "thread", namespace: str = "") -> CheckpointKey:
    """Name a checkpoint."""
    return CheckpointKey(thread, namespace, checkpoint_id)


def record(
    at: CheckpointKey,
    *,
    parent: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    versions: Mapping[str, str] | None = None,
) -> CheckpointRecord:
    """Return a checkpoint without values."""
    body = Packed("msgpack", at.checkpoint_id.encode())
    return CheckpointRecord(at, parent, body, metadata or {}, versions or {})


def blob(channel: str, version: str, data: bytes = b"value") -> BlobRecord:
    """Return a channel's value."""
    return BlobRecord(channel, version, Packed("msgpack", data))


def write(task: str, index: int, data: bytes = b"written") -> WriteRecord:
    """Return a pending write of a task."""
    return WriteRecord(task, index, "channel", Packed("msgpack", data), task_path=f"path/{task}")


async def put(harness: Harness, *records: CheckpointRecord) -> None:
    """Keep checkpoints."""
    async with harness.transaction() as work:
        for item in records:
            await work.checkpoints.put(item, [])


async def found(harness: Harness, **filters: Any) -> list[str]:
    """Return the ids of the checkpoints that a listing shows."""
    async with harness.reading() as work:
        return [stored.record.key.checkpoint_id for stored in await work.checkpoints.find(**filters)]
