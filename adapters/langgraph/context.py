"""What a node may ask of the product, through LangGraph's runtime context."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from attrs import evolve, frozen
from langgraph.config import get_config
from langgraph.pregel import Pregel

from adapters.langgraph.recorder import OpenTask, Recorder
from adapters.langgraph.serializer import StrictSerializer
from domain.model.artifact import Artifact, content_hash
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.errors import ArtifactCorruptError, ConfigurationError
from ports.artifacts import ArtifactStore
from ports.storage import Storage, UnitOfWork
from ports.system import Ids
from ports.workflows import StoredFile, WorkflowContext

_UNTIL_COMMITTED = datetime(1970, 1, 1, tzinfo=UTC)
_LOOKED_AT = 20


@frozen
class NodeContext(WorkflowContext):
    """Serves the nodes of one run."""

    decision_set: DecisionSet
    project: str
    storage: Storage
    artifact_store: ArtifactStore
    recorder: Recorder
    serializer: StrictSerializer
    ids: Ids

    @property
    def decision_set_id(self) -> UUID:
        """Return the decision set this run belongs to."""
        return self.decision_set.id

    @property
    def project_name(self) -> str:
        """Return the name of its project."""
        return self.project

    async def store(
        self, artifact_type: str, filename: str, content: bytes, metadata: Mapping[str, Any] | None = None
    ) -> StoredFile:
        """Write bytes to the artifact store now; their row commits with the step that stores them.

        Raises InvalidValueError for an unsafe name, ConfigurationError outside a node, StorageUnavailableError.
        """
        task = self._task()
        digest = content_hash(content)
        row = Artifact(
            id=self.ids.new(),
            decision_set_id=self.decision_set_id,
            artifact_type=artifact_type,
            filename=filename,
            storage_key=digest,
            size_bytes=len(content),
            content_hash=digest,
            created_at=_UNTIL_COMMITTED,
            extra_metadata=metadata or {},
        )
        key = await self.artifact_store.put(content)
        task.artifacts.append(evolve(row, storage_key=key))
        return StoredFile(filename, key, len(content), digest)

    async def fetch(self, stored: StoredFile) -> bytes:
        """Return a stored file's bytes; raises ArtifactMissingError, or ArtifactCorruptError when the hash differs."""
        content = await self.artifact_store.get(stored.storage_key)
        actual = content_hash(content)
        if actual != stored.content_hash:
            raise ArtifactCorruptError(stored.storage_key, stored.content_hash, actual)
        return content

    async def parent_state(self) -> Mapping[str, Any]:
        """Return the last state of the decision set forked from, else of the project's last completed one, else {}."""
        async with self.storage.transaction(read_only=True) as uow:
            parent = await self._parent(uow)
            stored = await uow.checkpoints.get(parent.thread_id, "") if parent is not None else None
        if stored is None:
            return {}
        return {
            blob.channel: self.serializer.unpack(blob.value)
            for blob in stored.blobs
            if ":" not in blob.channel and not blob.channel.startswith("__")
        }

    async def _parent(self, uow: UnitOfWork) -> DecisionSet | None:
        own = self.decision_set
        if own.parent_id is not None:
            return await uow.decision_sets.get(own.parent_id)
        earlier = await uow.decision_sets.find(
            limit=_LOOKED_AT, project_id=own.project_id, status=DecisionSetStatus.COMPLETED
        )
        return next((one for one in earlier if one.id != own.id and one.workflow == own.workflow), None)

    def _task(self) -> OpenTask:
        task = self.recorder.task(current_namespace())
        if task is None:
            raise ConfigurationError("A file can only be stored from within a node of the workflow.")
        return task


def current_namespace() -> str:
    """Return the namespace of the task that the caller runs in, empty outside one."""
    try:
        return str(get_config()["configurable"].get("checkpoint_ns") or "")
    except (RuntimeError, KeyError):
        return ""


def accepts_context(graph: Pregel[Any, Any, Any, Any]) -> bool:
    """Tell whether a graph declares that it takes our context: the protocol, or a class that it is one of."""
    return graph.context_schema in NodeContext.__mro__[:-1]
