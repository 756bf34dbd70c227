"""Checkpoints: writing, reading and listing them, on every storage."""

from ports.checkpoints import BlobRecord, StoredCheckpoint
from tests.contract.checkpoint_records import blob, found, key, put, record, write
from tests.contract.harness import Harness


async def test_the_latest_checkpoint_of_a_namespace_is_the_one_with_the_highest_id(harness: Harness) -> None:
    await put(
        harness,
        record(key("2"), parent="1"),
        record(key("1")),
        record(key("9", namespace="inner")),
        record(key("8", thread="other")),
    )
    async with harness.reading() as work:
        assert await work.checkpoints.get("thread", "") == StoredCheckpoint(record(key("2"), parent="1"), (), ())
        assert await work.checkpoints.get("thread", "inner") == StoredCheckpoint(
            record(key("9", namespace="inner")), (), ()
        )


async def test_a_checkpoint_is_read_by_its_id(harness: Harness) -> None:
    await put(harness, record(key("1")), record(key("2")))
    async with harness.reading() as work:
        assert await work.checkpoints.get("thread", "", "1") == StoredCheckpoint(record(key("1")), (), ())
        assert await work.checkpoints.get("thread", "", "3") is None
        assert await work.checkpoints.get("thread", "inner", "1") is None
        assert await work.checkpoints.get("unknown", "") is None


async def test_a_checkpoint_put_again_is_replaced_but_its_blobs_are_not(harness: Harness) -> None:
    async with harness.transaction() as work:
        await work.checkpoints.put(record(key("1"), versions={"state": "1"}), [blob("state", "1", b"first")])
        again = record(key("1"), metadata={"step": 2}, versions={"state": "1"})
        await work.checkpoints.put(again, [blob("state", "1", b"second")])
    async with harness.reading() as work:
        stored = await work.checkpoints.get("thread", "")
        assert stored == StoredCheckpoint(again, (blob("state", "1", b"first"),), ())


async def test_a_blob_is_stored_once_and_shown_by_every_checkpoint_that_names_it(harness: Harness) -> None:
    async with harness.transaction() as work:
        first = record(key("1"), versions={"a": "1", "b": "1"})
        second = record(key("2"), parent="1", versions={"a": "2", "b": "1"})
        await work.checkpoints.put(first, [blob("b", "1", b"b1"), blob("a", "1", b"a1")])
        await work.checkpoints.put(second, [blob("a", "2", b"a2")])
    async with harness.reading() as work:
        newest, oldest = await work.checkpoints.find(thread_id="thread")
    assert sorted(newest.blobs, key=_channel) == [blob("a", "2", b"a2"), blob("b", "1", b"b1")]
    assert sorted(oldest.blobs, key=_channel) == [blob("a", "1", b"a1"), blob("b", "1", b"b1")]


async def test_namespaces_and_threads_do_not_share_blobs(harness: Harness) -> None:
    places = [key("1"), key("1", namespace="inner"), key("1", thread="other")]
    async with harness.transaction() as work:
        for number, place in enumerate(places):
            shown = record(place, versions={"state": "1"})
            await work.checkpoints.put(shown, [blob("state", "1", str(number).encode())])
    async with harness.reading() as work:
        for number, place in enumerate(places):
            stored = await work.checkpoints.get(place.thread_id, place.namespace)
            assert stored is not None
            assert [item.value.data for item in stored.blobs] == [str(number).encode()]


async def test_pending_writes_are_read_with_their_checkpoint_by_task_and_index(harness: Harness) -> None:
    await put(harness, record(key("1")), record(key("2")))
    async with harness.transaction() as work:
        await work.checkpoints.put_writes(key("1"), [write("b", 1), write("b", 0)])
        await work.checkpoints.put_writes(key("1"), [write("a", 0), write("a", -1)])
        await work.checkpoints.put_writes(key("1"), [])
    async with harness.reading() as work:
        stored, untouched = [await work.checkpoints.get("thread", "", name) for name in ("1", "2")]
    assert stored is not None
    assert stored.writes == (write("a", -1), write("a", 0), write("b", 0), write("b", 1))
    assert untouched is not None
    assert untouched.writes == ()


async def test_a_write_made_again_leaves_what_is_there_unless_its_channel_is_special(harness: Harness) -> None:
    await put(harness, record(key("1")))
    async with harness.transaction() as work:
        await work.checkpoints.put_writes(key("1"), [write("a", 0, b"first"), write("a", -3, b"first")])
    async with harness.transaction() as work:
        await work.checkpoints.put_writes(key("1"), [write("a", 0, b"second"), write("a", -3, b"second")])
    async with harness.reading() as work:
        stored = await work.checkpoints.get("thread", "")
    assert stored is not None
    assert stored.writes == (write("a", -3, b"second"), write("a", 0, b"first"))


async def test_checkpoints_are_listed_newest_first_within_bounds(harness: Harness) -> None:
    await put(harness, *(record(key(str(number))) for number in range(5)))
    await put(harness, record(key("9", thread="other")), record(key("3", namespace="inner")))
    assert await found(harness, thread_id="thread", namespace="") == ["4", "3", "2", "1", "0"]
    assert await found(harness, thread_id="thread", namespace="", before="3") == ["2", "1", "0"]
    assert await found(harness, thread_id="thread", namespace="", before="3", limit=2) == ["2", "1"]
    assert await found(harness, thread_id="thread", namespace="", limit=0) == []
    assert await found(harness, thread_id="thread", namespace="inner") == ["3"]
    assert await found(harness, thread_id="thread", checkpoint_id="3") == ["3", "3"]
    assert await found(harness, thread_id="thread") == ["4", "3", "3", "2", "1", "0"]
    assert await found(harness, limit=2) == ["9", "4"]


async def test_checkpoints_are_listed_by_metadata_that_is_all_equal(harness: Harness) -> None:
    await put(
        harness,
        record(key("1"), metadata={"source": "input", "step": -1, "nested": {"a": 1, "b": [1, 2]}}),
        record(key("2"), metadata={"source": "loop", "step": 0, "score": 0.5, "flag": True}),
        record(key("3"), metadata={"source": "loop", "step": 1, "none": None, 'it\'s "quoted"': "50%"}),
    )
    for metadata, expected in (
        ({}, ["3", "2", "1"]),
        ({"source": "loop"}, ["3", "2"]),
        ({"source": "loop", "step": 1}, ["3"]),
        ({"source": "loop", "step": -1}, []),
        ({"step": -1}, ["1"]),
        ({"score": 0.5}, ["2"]),
        ({"flag": True}, ["2"]),
        ({"flag": 1}, []),
        ({"step": True}, []),
        ({"step": "1"}, []),
        ({"none": None}, ["3"]),
        ({"missing": None}, []),
        ({"nested": {"b": [1, 2], "a": 1}}, ["1"]),
        ({"nested": {"a": 1}}, []),
        ({"nested": {"a": 1, "b": [2, 1]}}, []),
        ({'it\'s "quoted"': "50%"}, ["3"]),
    ):
        assert await found(harness, thread_id="thread", metadata=metadata) == expected, metadata


async def test_a_limit_counts_only_checkpoints_that_match(harness: Harness) -> None:
    await put(harness, *(record(key(str(number)), metadata={"odd": number % 2}) for number in range(6)))
    assert await found(harness, metadata={"odd": 0}, limit=2) == ["4", "2"]


async def test_thread_names_may_hold_anything(harness: Harness) -> None:
    names = ["a%", "a_b", "A_B", "'; --", "ünï", "a" * 255]
    await put(harness, *(record(key("1", thread=name)) for name in names))
    for name in names:
        assert await found(harness, thread_id=name) == ["1"]


def _channel(item: BlobRecord) -> str:
    return item.channel
