"""Artifact rows, on every storage."""

import asyncio
from uuid import UUID

import pytest

from domain.model.artifact import Artifact, content_hash, storage_key
from domain.model.errors import NotFoundError
from tests.contract.harness import Harness


def _artifact(harness: Harness, decision_set_id: UUID, filename: str, content: bytes = b"hello") -> Artifact:
    digest = content_hash(content)
    return Artifact(
        id=harness.ids.new(),
        decision_set_id=decision_set_id,
        artifact_type="report",
        filename=filename,
        storage_key=storage_key(digest),
        size_bytes=len(content),
        content_hash=digest,
        created_at=harness.now,
    )


async def test_artifacts_are_read_oldest_first_in_pages(harness: Harness) -> None:
    owner, other = (await harness.decision_set()).id, (await harness.decision_set()).id
    rows = [_artifact(harness, owner, f"{number}.md") for number in range(5)]
    async with harness.transaction() as work:
        assert await work.artifacts.add(rows[::-1]) == rows[::-1]
        assert await work.artifacts.add([]) == []
        await work.artifacts.add([_artifact(harness, other, "0.md")])
    async with harness.reading() as work:
        assert await work.artifacts.find(decision_set_id=owner) == rows
        assert await work.artifacts.find(decision_set_id=owner, limit=2, after=rows[1].id) == rows[2:4]
        assert await work.artifacts.get(rows[3].id) == rows[3]


async def test_a_file_that_is_there_already_is_left_as_it_is(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    kept = _artifact(harness, owner, "a.md")
    again = _artifact(harness, owner, "a.md")
    changed = _artifact(harness, owner, "a.md", b"changed")
    renamed = _artifact(harness, owner, "b.md")
    async with harness.transaction() as work:
        assert await work.artifacts.add([kept]) == [kept]
    async with harness.transaction() as work:
        assert await work.artifacts.add([changed, again, renamed]) == [changed, kept, renamed]
    async with harness.reading() as work:
        assert await work.artifacts.find(decision_set_id=owner) == [kept, changed, renamed]


async def test_the_same_file_twice_in_one_call_is_kept_once(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    first, second = _artifact(harness, owner, "a.md"), _artifact(harness, owner, "a.md")
    async with harness.transaction() as work:
        assert await work.artifacts.add([first, second]) == [first, first]
        assert await work.artifacts.find(decision_set_id=owner) == [first]


async def test_the_same_file_from_twenty_writers_is_kept_once(harness: Harness) -> None:
    owner = (await harness.decision_set()).id

    async def add() -> Artifact:
        async with harness.transaction() as work:
            (kept,) = await work.artifacts.add([_artifact(harness, owner, "a.md")])
            return kept

    kept = await asyncio.gather(*(add() for _ in range(20)))
    async with harness.reading() as work:
        assert await work.artifacts.find(decision_set_id=owner) == [kept[0]]
    assert len({artifact.id for artifact in kept}) == 1


async def test_an_artifact_needs_its_decision_set(harness: Harness) -> None:
    with pytest.raises(NotFoundError):
        async with harness.transaction() as work:
            await work.artifacts.add([_artifact(harness, harness.ids.new(), "a.md")])


async def test_an_unknown_artifact_is_not_found(harness: Harness) -> None:
    unknown = harness.ids.new()
    async with harness.reading() as work:
        with pytest.raises(NotFoundError) as caught:
            await work.artifacts.get(unknown)
    assert (caught.value.kind, caught.value.key) == ("artifact", unknown)
