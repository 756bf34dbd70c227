"""Sees each node start and end, from inside the graph's run."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.outputs import LLMResult
from langgraph.constants import TAG_HIDDEN
from langgraph.errors import GraphBubbleUp, ParentCommand

from adapters.langgraph.recorder import ABANDONED, OpenTask, Recorder
from adapters.langgraph.steps import TaskName
from adapters.langgraph.usage import summed, usage_of_messages, usage_of_result

_TASK_TAG = "graph:step:"
_NAMESPACE = "langgraph_checkpoint_ns"


class NodeObserver(AsyncCallbackHandler):
    """Tells the recorder of every node that starts and ends.

    LangGraph awaits these calls before the node's body and before its writes are saved, so a start is committed before
    the node does anything, and an end is known before its superstep's checkpoint. When a start can't be written, the
    node does not run; the fence keeps what went wrong.
    """

    raise_error = True
    run_inline = True

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._tasks: dict[UUID, OpenTask] = {}
        self._callers: dict[UUID, OpenTask] = {}
        self._usage: dict[UUID, dict[str, int]] = {}

    async def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Record the start of a node, told apart from what it calls by LangGraph's tag of the step."""
        own = tags or []
        namespace = (metadata or {}).get(_NAMESPACE)
        if namespace and TAG_HIDDEN not in own and any(tag.startswith(_TASK_TAG) for tag in own):
            try:
                self._tasks[run_id] = await self._recorder.started(TaskName.parse(namespace), inputs)
            except Exception as error:
                # The fence keeps the error and is stopping the run; LangChain would log any other error than this.
                raise asyncio.CancelledError from error

    async def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Record the end of a node with its update."""
        task = self._tasks.pop(run_id, None)
        if task is not None:
            self._recorder.finished(task, outputs, self._used(task, outputs))

    async def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Record that a node raised, asked a person, was stopped, or ended by a command to the graph around it."""
        task = self._tasks.pop(run_id, None)
        if task is None or self._recorder.fence.failure is not None:
            return
        if isinstance(error, ParentCommand):
            self._recorder.finished(task, error.args[0], self._used(task, error.args[0].update))
        elif isinstance(error, GraphBubbleUp):
            self._recorder.stopped(task)
        elif isinstance(error, asyncio.CancelledError):
            self._recorder.stopped(task, ABANDONED)
        else:
            with suppress(Exception):
                await self._recorder.failed(task, f"{type(error).__name__}: {error}")

    async def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[Any]],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Remember which node calls a model."""
        task = self._recorder.task((metadata or {}).get(_NAMESPACE) or "")
        if task is not None:
            self._callers[run_id] = task

    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Add what a model call used to the node that made it."""
        task = self._callers.pop(run_id, None)
        if task is not None:
            used = self._usage.get(task.run.id, {})
            self._usage[task.run.id] = summed([used, usage_of_result(response)])

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Forget a model call that failed."""
        self._callers.pop(run_id, None)

    def _used(self, task: OpenTask, update: object) -> dict[str, int]:
        return self._usage.pop(task.run.id, None) or usage_of_messages(update)
