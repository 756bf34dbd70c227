"""Approvals, on every storage."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.model.approval import Approval, ApprovalStatus
from domain.model.errors import NotFoundError, VersionConflictError
from tests.contract.harness import MINUTE, START, Harness


def _approval(harness: Harness, decision_set_id: UUID, interrupt_id: str, **fields: Any) -> Approval:
    values = {"gate": "input", "prompt": {"ask": "budget?"}, "created_at": harness.now}
    return Approval(decision_set_id=decision_set_id, interrupt_id=interrupt_id, **{**values, **fields})


async def test_an_approval_is_opened_once(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    first, second = _approval(harness, owner, "1"), _approval(harness, owner, "2")
    async with harness.transaction() as work:
        assert await work.approvals.open([first]) == [first]
        answered = first.answered({"budget": 5}, "ann", harness.now)
        await work.approvals.save(answered, expected_version=1)
    async with harness.transaction() as work:
        assert await work.approvals.open([first, second]) == [second]
        assert await work.approvals.open([]) == []
    async with harness.reading() as work:
        assert await work.approvals.get(owner, "1") == answered
        assert await work.approvals.get(owner, "2") == second


async def test_a_copied_thread_has_its_own_approval_for_the_same_interrupt(harness: Harness) -> None:
    owner, fork = (await harness.decision_set()).id, (await harness.decision_set()).id
    original, copied = _approval(harness, owner, "1"), _approval(harness, fork, "1")
    async with harness.transaction() as work:
        assert await work.approvals.open([original, copied]) == [original, copied]
        await work.approvals.save(copied.answered(1, "ann", harness.now), expected_version=1)
    async with harness.reading() as work:
        assert await work.approvals.get(owner, "1") == original
        assert (await work.approvals.get(fork, "1")).status is ApprovalStatus.ANSWERED


async def test_approvals_are_listed_oldest_first_by_decision_set_and_status(harness: Harness) -> None:
    owner, other = (await harness.decision_set()).id, (await harness.decision_set()).id
    approvals = []
    for number, decision_set_id in enumerate((owner, other, owner)):
        approvals.append(_approval(harness, decision_set_id, f"{9 - number}"))
        await harness.advance(MINUTE)
    async with harness.transaction() as work:
        await work.approvals.open(approvals[::-1])
        cancelled = approvals[0].cancelled(harness.now)
        await work.approvals.save(cancelled, expected_version=1)
    async with harness.reading() as work:
        find = work.approvals.find
        assert await find() == [cancelled, approvals[1], approvals[2]]
        assert await find(limit=2) == [cancelled, approvals[1]]
        assert await find(decision_set_id=owner) == [cancelled, approvals[2]]
        assert await find(status=ApprovalStatus.OPEN) == approvals[1:]
        assert await find(decision_set_id=owner, status=ApprovalStatus.OPEN) == [approvals[2]]


async def test_an_answer_over_an_old_version_is_refused_and_says_which(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    opened = _approval(harness, owner, "1")
    async with harness.transaction() as work:
        await work.approvals.open([opened])
        await work.approvals.save(opened.answered(1, "ann", harness.now), expected_version=1)
    with pytest.raises(VersionConflictError) as caught:
        async with harness.transaction() as work:
            await work.approvals.save(opened.answered(2, "bob", harness.now), expected_version=1)
    assert (caught.value.key, caught.value.expected, caught.value.actual) == (opened.key, 1, 2)


async def test_of_twenty_answers_one_counts(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    opened = _approval(harness, owner, "1")
    async with harness.transaction() as work:
        await work.approvals.open([opened])

    async def answer(number: int) -> bool:
        try:
            async with harness.transaction() as work:
                await work.approvals.save(opened.answered(number, "ann", harness.now), expected_version=1)
        except VersionConflictError:
            return False
        return True

    won = await asyncio.gather(*(answer(number) for number in range(20)))
    assert sum(won) == 1
    async with harness.reading() as work:
        assert (await work.approvals.get(owner, "1")).answer == won.index(True)


async def test_overdue_approvals_are_the_open_ones_whose_deadline_has_passed(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    endless = _approval(harness, owner, "endless")
    later, soon, answered, distant = (
        _approval(harness, owner, name, deadline=START + timedelta(minutes=minutes))
        for name, minutes in (("later", 2), ("soon", 1), ("answered", 1), ("distant", 9))
    )
    async with harness.transaction() as work:
        await work.approvals.open([endless, later, soon, answered, distant])
        await work.approvals.save(answered.answered(1, "ann", harness.now), expected_version=1)
        assert await work.approvals.overdue(limit=10) == []
        assert await work.approvals.next_deadline() == soon.deadline
    now = await harness.advance(3 * MINUTE)
    async with harness.transaction() as work:
        assert await work.approvals.overdue(limit=1) == [soon]
        assert await work.approvals.overdue(limit=10) == [soon, later]
        for approval in (soon, later):
            await work.approvals.save(approval.expired(now), expected_version=1)
        assert await work.approvals.overdue(limit=10) == []
        assert await work.approvals.next_deadline() == distant.deadline


async def test_without_an_open_deadline_there_is_no_next_one(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    async with harness.transaction() as work:
        await work.approvals.open([_approval(harness, owner, "endless")])
        assert await work.approvals.next_deadline() is None


async def test_an_unknown_approval_is_not_found(harness: Harness) -> None:
    owner = (await harness.decision_set()).id
    unknown = _approval(harness, owner, "unknown")
    async with harness.transaction() as work:
        with pytest.raises(NotFoundError) as caught:
            await work.approvals.get(owner, "unknown")
        assert (caught.value.kind, caught.value.key) == ("approval", unknown.key)
        with pytest.raises(NotFoundError):
            await work.approvals.get(owner, "unknown", for_update=True)
        with pytest.raises(NotFoundError):
            await work.approvals.save(unknown, expected_version=1)


async def test_an_approval_needs_its_decision_set(harness: Harness) -> None:
    with pytest.raises(NotFoundError):
        async with harness.transaction() as work:
            await work.approvals.open([_approval(harness, harness.ids.new(), "1")])
