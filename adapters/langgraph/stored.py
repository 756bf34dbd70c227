"""LangGraph's checkpoints to and from the records of the storage port."""

from collections.abc import Sequence
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_serializable_checkpoint_metadata,
    writes_sort_key,
)

from adapters.langgraph.plain import plain
from adapters.langgraph.serializer import StrictSerializer
from adapters.langgraph.steps import is_record
from ports.checkpoints import BlobRecord, CheckpointKey, CheckpointRecord, StoredCheckpoint, WriteRecord


def key_of(config: RunnableConfig) -> CheckpointKey:
    """Return what a config names; an absent checkpoint id is empty."""
    configurable = config["configurable"]
    thread_id = str(configurable["thread_id"])
    return CheckpointKey(thread_id, configurable.get("checkpoint_ns") or "", get_checkpoint_id(config) or "")


def config_of(key: CheckpointKey) -> RunnableConfig:
    """Return the config that names a checkpoint."""
    return {
        "configurable": {
            "thread_id": key.thread_id,
            "checkpoint_ns": key.namespace,
            "checkpoint_id": key.checkpoint_id,
        }
    }


def record_of(
    config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, serializer: StrictSerializer
) -> CheckpointRecord:
    """Return the record of a checkpoint; its channels' values are apart, as blobs."""
    parent = key_of(config)
    body = {name: value for name, value in checkpoint.items() if name != "channel_values"}
    versions = checkpoint["channel_versions"]
    shown = {channel: str(versions[channel]) for channel in checkpoint["channel_values"] if channel in versions}
    return CheckpointRecord(
        key=CheckpointKey(parent.thread_id, parent.namespace, checkpoint["id"]),
        parent_id=parent.checkpoint_id or None,
        body=serializer.pack(body),
        metadata=plain(get_serializable_checkpoint_metadata(config, metadata)),
        channel_versions=shown,
    )


def blobs_of(checkpoint: Checkpoint, new: ChannelVersions, serializer: StrictSerializer) -> list[BlobRecord]:
    """Return the values of the channels that have a new version here."""
    values = checkpoint["channel_values"]
    return [
        BlobRecord(channel, str(version), serializer.pack(values[channel]))
        for channel, version in new.items()
        if channel in values
    ]


def writes_of(
    writes: Sequence[tuple[str, Any]], task_id: str, task_path: str, serializer: StrictSerializer
) -> list[WriteRecord]:
    """Return a task's writes with the index that LangGraph's savers agree on: negative for special channels."""
    return [
        WriteRecord(task_id, WRITES_IDX_MAP.get(channel, index), channel, serializer.pack(value), task_path)
        for index, (channel, value) in enumerate(writes)
    ]


def tuple_of(stored: StoredCheckpoint, serializer: StrictSerializer) -> CheckpointTuple:
    """Return a stored checkpoint as LangGraph reads it."""
    record = stored.record
    values = {blob.channel: serializer.unpack(blob.value) for blob in stored.blobs}
    checkpoint = cast(Checkpoint, {**serializer.unpack(record.body), "channel_values": values})
    ordered = sorted(stored.writes, key=lambda write: writes_sort_key(write.task_path, write.task_id, write.index))
    parent = None
    if record.parent_id is not None:
        parent = config_of(CheckpointKey(record.key.thread_id, record.key.namespace, record.parent_id))
    return CheckpointTuple(
        config=config_of(record.key),
        checkpoint=checkpoint,
        metadata=cast(CheckpointMetadata, dict(record.metadata)),
        parent_config=parent,
        pending_writes=[
            (write.task_id, write.channel, serializer.unpack(write.value)) for write in ordered if not is_record(write)
        ],
    )
