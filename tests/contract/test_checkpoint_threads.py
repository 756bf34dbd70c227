"""Checkpoints of whole threads: deleting, copying and pruning them, on every storage."""

import pytest

from domain.model.errors import NotFoundError
from ports.checkpoints import PruneStrategy, StoredCheckpoint
from tests.contract.checkpoint_records import blob, found, key, put, record, write
from tests.contract.harness import Harness


async def _thread(harness: Harness, thread: str = "thread") -> None:
    """Keep a line 1 ← 2 ← 3, a branch 1 ← 4, an inner namespace, blobs and writes."""
    async with harness.transaction() as work:
        checkpoints = work.checkpoints
        for name, parent, versions in (
            ("1", None, {"a": "1"}),
            ("2", "1", {"a": "2", "b": "1"}),
            ("3", "2", {"a": "2", "b": "3"}),
            ("4", "1", {"a": "4"}),
        ):
            place = key(name, thread=thread)
            new = [blob(channel, version) for channel, version in versions.items() if version in (name, "1")]
            await checkpoints.put(record(place, parent=parent, versions=versions), new)
            await checkpoints.put_writes(place, [write(f"task {name}", 0)])
        for name in ("2", "3"):
            place = key(name, thread=thread, namespace="inner")
            await checkpoints.put(record(place, versions={"c": name}), [blob("c", name)])


async def _stored(harness: Harness, thread: str) -> list[StoredCheckpoint]:
    async with harness.reading() as work:
        return await work.checkpoints.find(thread_id=thread)


async def test_a_deleted_thread_leaves_nothing_and_takes_no_other_along(harness: Harness) -> None:
    await _thread(harness)
    await _thread(harness, "other")
    kept = await _stored(harness, "other")
    async with harness.transaction() as work:
        await work.checkpoints.delete_thread("thread")
        await work.checkpoints.delete_thread("unknown")
    assert await _stored(harness, "thread") == []
    assert await _stored(harness, "other") == kept
    await put(harness, record(key("1"), versions={"a": "1"}))
    (again,) = await _stored(harness, "thread")
    assert (again.blobs, again.writes) == ((), ())


async def test_a_copied_thread_has_everything_the_source_has(harness: Harness) -> None:
    await _thread(harness)
    async with harness.transaction() as work:
        assert await work.checkpoints.copy_thread("thread", "copy") == 6
    source, copy = await _stored(harness, "thread"), await _stored(harness, "copy")
    assert [_content(stored) for stored in copy] == [_content(stored) for stored in source]
    assert {stored.record.key.thread_id for stored in copy} == {"copy"}
    assert all(stored.blobs for stored in copy)


async def test_a_copy_goes_its_own_way(harness: Harness) -> None:
    await _thread(harness)
    async with harness.transaction() as work:
        await work.checkpoints.copy_thread("thread", "copy")
    source = await _stored(harness, "thread")
    async with harness.transaction() as work:
        await work.checkpoints.put_writes(key("3", thread="copy"), [write("task 3", -1)])
        await work.checkpoints.delete_thread("copy")
    assert await _stored(harness, "thread") == source


async def test_a_fork_has_the_chosen_checkpoint_its_ancestors_and_what_is_not_newer(harness: Harness) -> None:
    await _thread(harness)
    async with harness.transaction() as work:
        assert await work.checkpoints.copy_thread("thread", "fork", up_to="2") == 3
        assert await work.checkpoints.copy_thread("thread", "branch", up_to="4") == 4
    assert await found(harness, thread_id="fork", namespace="") == ["2", "1"]
    assert await found(harness, thread_id="fork", namespace="inner") == ["2"]
    assert await found(harness, thread_id="branch", namespace="") == ["4", "1"]
    assert await found(harness, thread_id="branch", namespace="inner") == ["3", "2"]
    async with harness.reading() as work:
        chosen = await work.checkpoints.get("fork", "")
        original = await work.checkpoints.get("thread", "", "2")
    assert chosen is not None
    assert original is not None
    assert _content(chosen) == _content(original)
    assert {item.channel for item in chosen.blobs} == {"a", "b"}


@pytest.mark.parametrize(("source", "up_to"), [("thread", "7"), ("unknown", "1"), ("thread", "inner-only")])
async def test_a_fork_from_an_unknown_checkpoint_is_refused(harness: Harness, source: str, up_to: str) -> None:
    await _thread(harness)
    await put(harness, record(key("inner-only", namespace="inner")))
    with pytest.raises(NotFoundError) as caught:
        async with harness.transaction() as work:
            await work.checkpoints.copy_thread(source, "fork", up_to=up_to)
    assert caught.value.kind == "checkpoint"
    assert await _stored(harness, "fork") == []


async def test_copying_an_empty_thread_copies_nothing(harness: Harness) -> None:
    async with harness.transaction() as work:
        assert await work.checkpoints.copy_thread("unknown", "copy") == 0


async def test_checkpoints_of_runs_are_deleted_wherever_they_are(harness: Harness) -> None:
    await put(
        harness,
        record(key("1"), metadata={"run_id": "first"}),
        record(key("2"), metadata={"run_id": "second"}),
        record(key("3"), metadata={"run_id": "third"}),
        record(key("4")),
        record(key("1", thread="other"), metadata={"run_id": "first"}),
    )
    async with harness.transaction() as work:
        for place in (key("1"), key("2")):
            await work.checkpoints.put_writes(place, [write("task", 0)])
        await work.checkpoints.delete_for_runs(["first", "third", "unknown"])
        await work.checkpoints.delete_for_runs([])
    assert await found(harness, thread_id="thread") == ["4", "2"]
    assert await found(harness, thread_id="other") == []
    await put(harness, record(key("1")))
    async with harness.reading() as work:
        again, untouched = [await work.checkpoints.get("thread", "", name) for name in ("1", "2")]
    assert again is not None
    assert again.writes == ()
    assert untouched is not None
    assert untouched.writes == (write("task", 0),)


async def test_pruning_keeps_the_latest_checkpoint_of_each_namespace_whole(harness: Harness) -> None:
    await _thread(harness)
    await _thread(harness, "pruned")
    await _thread(harness, "untouched")
    async with harness.reading() as work:
        latest = [await work.checkpoints.get("pruned", namespace) for namespace in ("", "inner")]
        untouched = await work.checkpoints.find(thread_id="untouched")
    async with harness.transaction() as work:
        await work.checkpoints.prune(["pruned", "thread", "unknown"], PruneStrategy.KEEP_LATEST)
        await work.checkpoints.prune([], PruneStrategy.DELETE)
    assert await _stored(harness, "pruned") == latest
    assert await _stored(harness, "untouched") == untouched
    await put(harness, record(key("1", thread="pruned"), versions={"a": "1"}))
    async with harness.reading() as work:
        again = await work.checkpoints.get("pruned", "", "1")
    assert again is not None
    assert (again.blobs, again.writes) == ((), ())


async def test_pruning_can_leave_nothing(harness: Harness) -> None:
    await _thread(harness)
    await _thread(harness, "kept")
    async with harness.transaction() as work:
        await work.checkpoints.prune(["thread"], PruneStrategy.DELETE)
    assert await _stored(harness, "thread") == []
    assert len(await _stored(harness, "kept")) == 6


def _content(stored: StoredCheckpoint) -> tuple[object, ...]:
    at = stored.record.key
    return (at.namespace, at.checkpoint_id, stored.record.parent_id, stored.record.body, stored.blobs, stored.writes)
