"""LangGraph's checkpointer over the storage port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterator, Sequence
from typing import Any, TypeVar, cast
from uuid import uuid4

from langchain_core.runnables import RunnableConfig
from langgraph._internal._constants import ERROR_SOURCE_NODE
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT

from adapters.langgraph.fence import Fence
from adapters.langgraph.recorder import Recorder
from adapters.langgraph.serializer import StrictSerializer, strict_serializer
from adapters.langgraph.steps import is_record
from adapters.langgraph.stored import blobs_of, config_of, key_of, record_of, tuple_of, writes_of
from domain.model.errors import ConfigurationError
from domain.model.job import Lease
from ports.checkpoints import PruneStrategy
from ports.storage import Storage, UnitOfWork

T = TypeVar("T")


class StorageCheckpointer(BaseCheckpointSaver[str]):
    """Keep a graph's checkpoints in the storage: one object a run.

    With a ``lease`` every write is fenced; without one the checkpointer only reads, unless ``maintenance`` says that
    its caller is trusted to write unfenced. With a ``recorder``, a checkpoint commits together with all that its
    superstep leaves.
    """

    serde: StrictSerializer

    def __init__(
        self,
        storage: Storage,
        lease: Lease | None = None,
        recorder: Recorder | None = None,
        *,
        serializer: StrictSerializer | None = None,
        maintenance: bool = False,
    ) -> None:
        super().__init__()
        self.serde = serializer or strict_serializer()
        self._storage = storage
        self._recorder = recorder
        self._fence = recorder.fence if recorder else Fence(storage, lease)
        self._writable = recorder is not None or lease is not None or maintenance

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint a config names, the latest of its thread and namespace without an id, or None."""
        key = key_of(config)
        async with self._storage.transaction(read_only=True) as uow:
            stored = await uow.checkpoints.get(key.thread_id, key.namespace, key.checkpoint_id or None)
        if stored is None:
            return None
        if self._recorder is not None:
            for write in filter(is_record, stored.writes):
                self._recorder.restore(stored.record.key, write)
        return tuple_of(stored, self.serde)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield checkpoints, newest first; all of a filter's entries must equal those of the metadata."""
        configurable = (config or {}).get("configurable", {})
        async with self._storage.transaction(read_only=True) as uow:
            found = await uow.checkpoints.find(
                thread_id=configurable.get("thread_id"),
                namespace=configurable.get("checkpoint_ns"),
                checkpoint_id=configurable.get("checkpoint_id"),
                metadata=filter,
                before=key_of(before).checkpoint_id if before else None,
                limit=limit,
            )
        for stored in found:
            yield tuple_of(stored, self.serde)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Commit a checkpoint with what its superstep leaves, or nothing; raises LeaseLostError for a stale lease."""
        self._require_writable()
        recorder, parent = self._recorder, key_of(config)
        record = record_of(config, checkpoint, metadata, self.serde)
        blobs = blobs_of(checkpoint, new_versions, self.serde)
        ends_step = metadata.get("source") == "loop"

        async def work(uow: UnitOfWork) -> None:
            await uow.checkpoints.put(record, blobs)
            if recorder is not None and ends_step:
                await recorder.commit(uow, parent, record.key.checkpoint_id)

        await self._fence.write(work)
        if recorder is not None:
            if ends_step:
                recorder.committed(parent)
            recorder.at_barrier()
        return config_of(record.key)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep a task's writes until its superstep commits; an interrupt commits with the approvals it asks for."""
        self._require_writable()
        recorder, key = self._recorder, key_of(config)
        records = writes_of(writes, task_id, task_path, self.serde)
        asked = [value for channel, value in writes if channel == INTERRUPT]
        channels = {channel for channel, _ in writes}
        if recorder is not None and ERROR in channels and ERROR_SOURCE_NODE not in channels:
            # LangGraph takes a failed or cancelled task for finished if it wrote any output before, and would not run
            # it again: what it had written is dropped. (A node's error handler needs it.)
            records = [record for record in records if record.index < 0]
        done = not asked and ERROR not in channels

        async def work(uow: UnitOfWork) -> None:
            kept = await recorder.keep(uow, key, task_id, task_path) if recorder is not None and done else []
            await uow.checkpoints.put_writes(key, [*records, *kept])
            if recorder is not None:
                for value in asked:
                    await recorder.interrupt(uow, key, task_id, value)

        await self._fence.write(work)
        if recorder is not None and done:
            recorder.kept(key, task_id)
        if recorder is not None and asked:
            recorder.interrupted(key, task_id)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints, blobs and writes."""
        await self._maintain(lambda uow: uow.checkpoints.delete_thread(thread_id))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy a whole thread; interrupts keep their ids in the copy."""
        await self._maintain(lambda uow: uow.checkpoints.copy_thread(source_thread_id, target_thread_id))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints that these runs wrote."""
        await self._maintain(lambda uow: uow.checkpoints.delete_for_runs(run_ids))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Delete all but the latest checkpoint of each namespace, or, with ``delete``, all.

        A thread whose latest checkpoint needs its ancestors (LangGraph's delta channels) is left as it is by
        ``keep_latest``.
        """
        chosen = PruneStrategy(strategy)
        if chosen is PruneStrategy.KEEP_LATEST:
            thread_ids = [thread_id for thread_id in thread_ids if not await self._needs_ancestors(thread_id)]
        await self._maintain(lambda uow: uow.checkpoints.prune(thread_ids, chosen))

    def get_next_version(self, current: str | None, channel: None) -> str:
        """Return a version that sorts after ``current`` and that no other branch of the thread can reach."""
        number = 0 if current is None else int(str(current).partition(".")[0])
        return f"{number + 1:032}.{uuid4().hex[:16]}"

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> "StorageCheckpointer":
        """Return a clone of this checkpointer that also revives these types."""
        return cast(StorageCheckpointer, super().with_allowlist(extra_allowlist))

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Do as ``aget_tuple``, for a node that runs a sub-graph in a thread; so do the other synchronous methods."""
        return self._from_thread(self.aget_tuple(config))

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Do as ``alist``, from a thread."""

        async def collected() -> tuple[CheckpointTuple, ...]:
            return tuple([one async for one in self.alist(config, filter=filter, before=before, limit=limit)])

        yield from self._from_thread(collected())

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Do as ``aput``, from a thread."""
        return self._from_thread(self.aput(config, checkpoint, metadata, new_versions))

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Do as ``aput_writes``, from a thread."""
        self._from_thread(self.aput_writes(config, writes, task_id, task_path))

    def _from_thread(self, call: Coroutine[Any, Any, T]) -> T:
        home = self._fence.home
        try:
            running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if home is None or running is not None:
            call.close()
            raise ConfigurationError(
                "This checkpointer is asynchronous: run the graph with ainvoke or astream. Its synchronous methods"
                " serve only sub-graphs that a node runs in a thread."
            )
        return asyncio.run_coroutine_threadsafe(call, home).result()

    async def _maintain(self, work: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        self._require_writable()
        await self._fence.write(work)

    async def _needs_ancestors(self, thread_id: str) -> bool:
        async with self._storage.transaction(read_only=True) as uow:
            latest = await uow.checkpoints.get(thread_id, "")
        return latest is not None and bool(latest.record.metadata.get("counters_since_delta_snapshot"))

    def _require_writable(self) -> None:
        if not self._writable:
            raise ConfigurationError(
                "This checkpointer has no lease, so it only reads; work under a leased job, or ask for maintenance."
            )
