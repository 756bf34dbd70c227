"""The checkpointer on every storage: LangGraph's own conformance suite, and who may write."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability

from adapters.langgraph.checkpointer import StorageCheckpointer
from domain.model.errors import ConfigurationError, LeaseLostError
from domain.model.job import Lease
from tests.contract.harness import MINUTE, Harness

THREAD = {"configurable": {"thread_id": "thread", "checkpoint_ns": ""}}


@pytest.mark.parametrize("capability", [capability.value for capability in Capability])
async def test_the_checkpointer_conforms(harness: Harness, capability: str) -> None:
    @checkpointer_test(name=f"storage-{capability}")
    async def checkpointer() -> AsyncIterator[StorageCheckpointer]:
        yield StorageCheckpointer(harness.storage, maintenance=True)

    result = (await validate(checkpointer, capabilities={capability})).results[capability]
    assert result.failures in (None, [])
    assert result.passed, f"{capability} is not detected"
    assert result.tests_passed


@pytest.mark.parametrize("capability", ["put", "put_writes", "get_tuple", "list"])
async def test_the_checkpointer_conforms_under_a_lease(harness: Harness, capability: str) -> None:
    lease = (await harness.leased_job()).lease

    @checkpointer_test(name=f"leased-{capability}")
    async def checkpointer() -> AsyncIterator[StorageCheckpointer]:
        yield StorageCheckpointer(harness.storage, lease)

    result = (await validate(checkpointer, capabilities={capability})).results[capability]
    assert result.failures in (None, [])
    assert result.passed


async def _put(saver: StorageCheckpointer, parent: dict[str, Any] | None = None, **values: Any) -> Any:
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = values
    checkpoint["channel_versions"] = {name: saver.get_next_version(None, None) for name in values}
    metadata = {"source": "loop", "step": 1, "parents": {}}
    return await saver.aput(parent or THREAD, checkpoint, metadata, checkpoint["channel_versions"])  # type: ignore[arg-type]


async def test_the_stale_one_of_two_writers_is_refused_and_history_stays_one_line(harness: Harness) -> None:
    stale: Lease = (await harness.leased_job()).lease
    first = StorageCheckpointer(harness.storage, stale)
    begun = await _put(first, a=1)
    await harness.advance(2 * MINUTE)
    async with harness.transaction() as work:
        await work.jobs.reap(limit=1)
    (taken,) = await harness.lease()
    second = StorageCheckpointer(harness.storage, taken.lease)
    continued = await _put(second, begun, a=2)
    with pytest.raises(LeaseLostError):
        await _put(first, begun, a=3)
    with pytest.raises(LeaseLostError):
        await first.aput_writes(begun, [("a", 4)], "task")
    history = [one async for one in second.alist(THREAD)]  # type: ignore[arg-type]
    assert [one.checkpoint["channel_values"] for one in history] == [{"a": 2}, {"a": 1}]
    assert history[0].config == continued
    assert history[1].pending_writes == []


async def test_without_a_lease_it_reads_and_does_not_write(harness: Harness) -> None:
    await _put(StorageCheckpointer(harness.storage, maintenance=True), a=1)
    reader = StorageCheckpointer(harness.storage)
    found = await reader.aget_tuple(THREAD)  # type: ignore[arg-type]
    assert found is not None
    assert found.checkpoint["channel_values"] == {"a": 1}
    with pytest.raises(ConfigurationError, match="lease"):
        await _put(reader, a=2)
    with pytest.raises(ConfigurationError, match="lease"):
        await reader.adelete_thread("thread")


async def test_a_value_that_did_not_change_is_stored_once(harness: Harness) -> None:
    saver = StorageCheckpointer(harness.storage, maintenance=True)
    large = "x" * 10_000
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = {"large": large, "n": 1}
    checkpoint["channel_versions"] = {"large": "1", "n": "1"}
    config = await saver.aput(THREAD, checkpoint, {"step": 0}, {"large": "1", "n": "1"})  # type: ignore[arg-type]
    following = {**empty_checkpoint(), "channel_values": {"large": large, "n": 2}}
    following["channel_versions"] = {"large": "1", "n": "2"}
    await saver.aput(config, following, {"step": 1}, {"n": "2"})  # type: ignore[arg-type]
    found = await saver.aget_tuple(THREAD)  # type: ignore[arg-type]
    assert found is not None
    assert found.checkpoint["channel_values"] == {"large": large, "n": 2}


async def test_its_synchronous_methods_say_what_to_do_instead(harness: Harness) -> None:
    with pytest.raises(ConfigurationError, match="ainvoke"):
        StorageCheckpointer(harness.storage).get_tuple(THREAD)  # type: ignore[arg-type]


def test_versions_of_a_channel_rise_and_never_meet_across_branches() -> None:
    saver = StorageCheckpointer(None, maintenance=True)  # type: ignore[arg-type]
    first = saver.get_next_version(None, None)
    left, right = saver.get_next_version(first, None), saver.get_next_version(first, None)
    assert first < left
    assert first < right
    assert left != right
