"""Checkpoints: a thread's saved states, as opaque bytes that only the graph's adapter understands."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from attrs import field, frozen


@frozen
class Packed:
    """A serialised value: the serialiser's type tag and the bytes."""

    type: str
    data: bytes


@frozen
class CheckpointKey:
    """What names a checkpoint: its thread, the namespace (empty for the root graph) and its id, which sorts by age."""

    thread_id: str
    namespace: str
    checkpoint_id: str


@frozen
class CheckpointRecord:
    """A saved state without its channel values, which are blobs shared between checkpoints.

    ``channel_versions`` names, for each channel that has a value here, the blob's version. ``metadata`` is plain JSON
    that lists can be filtered by.
    """

    key: CheckpointKey
    parent_id: str | None
    body: Packed
    metadata: Mapping[str, Any]
    channel_versions: Mapping[str, str] = field(factory=dict)


@frozen
class BlobRecord:
    """One channel's value at one version, stored once however many checkpoints show it."""

    channel: str
    version: str
    value: Packed


@frozen
class WriteRecord:
    """One pending write of a task, made after a checkpoint and before the next."""

    task_id: str
    index: int
    channel: str
    value: Packed
    task_path: str = ""


@frozen
class StoredCheckpoint:
    """A checkpoint as read back, with its blobs and the pending writes made after it, ordered by task and index."""

    record: CheckpointRecord
    blobs: tuple[BlobRecord, ...]
    writes: tuple[WriteRecord, ...]


class PruneStrategy(StrEnum):
    """What pruning leaves of a thread: only the latest checkpoint of each namespace, or nothing."""

    KEEP_LATEST = "keep_latest"
    DELETE = "delete"


class Checkpoints(Protocol):
    """The checkpoints of a storage."""

    async def put(self, record: CheckpointRecord, blobs: Sequence[BlobRecord]) -> None:
        """Keep a checkpoint with the blobs that are new in it; the same again replaces the checkpoint, not blobs."""
        ...

    async def put_writes(self, key: CheckpointKey, writes: Sequence[WriteRecord]) -> None:
        """Keep pending writes made after a checkpoint.

        By (task, index): a negative index marks a special channel and replaces what is there, others leave it.
        """
        ...

    async def get(self, thread_id: str, namespace: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        """Return a checkpoint, the thread's latest in that namespace when no id is given, or None."""
        ...

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
        ...

    async def delete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints, blobs and writes."""
        ...

    async def copy_thread(self, source: str, target: str, *, up_to: str | None = None) -> int:
        """Copy a thread's checkpoints, blobs and writes to another thread; return how many checkpoints.

        With ``up_to``, only the root checkpoint of that id, its ancestors, and the other namespaces' checkpoints that
        are not newer; raises NotFoundError when the source has no such checkpoint.
        """
        ...

    async def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints whose metadata has one of these ``run_id`` values, with their writes."""
        ...

    async def prune(self, thread_ids: Sequence[str], strategy: PruneStrategy) -> None:
        """Delete what the strategy does not keep, with blobs no kept checkpoint shows."""
        ...
