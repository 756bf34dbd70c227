"""Requests that come twice, and events whose processing goes wrong."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.model.errors import AlreadyExistsError, IllegalTransitionError
from domain.model.inbound_event import InboundEvent, InboundEventStatus
from domain.use_cases.inbound_events import ProcessInboundEvent, ReceiveInboundEvent
from domain.use_cases.workflows import StartWorkflow
from tests.unit.use_cases.conftest import ACTOR, World


async def test_an_idempotency_key_that_started_something_else_is_refused(world: World) -> None:
    project, other = await world.project(), await world.project("another")
    start = StartWorkflow(world.storage, world.catalog, world.ids)
    await start(project.id, "plain", "a prompt", actor=ACTOR, idempotency_key="once")
    for project_id, prompt in ((other.id, "a prompt"), (project.id, "another prompt")):
        with pytest.raises(AlreadyExistsError, match="once"):
            await start(project_id, "plain", prompt, actor=ACTOR, idempotency_key="once")
    async with world.storage.transaction(read_only=True) as work:
        assert len(await work.decision_sets.find(limit=10)) == 1


async def test_an_event_that_has_been_processed_is_not_processed_again(world: World) -> None:
    event, _ = await ReceiveInboundEvent(world.storage, world.ids)("s", "1", "x", None, actor=ACTOR)
    processed: list[InboundEvent] = []

    async def processing(received: InboundEvent) -> Mapping[str, Any]:
        processed.append(received)
        return {}

    process = ProcessInboundEvent(world.storage)
    await process(event.id, processing, actor=ACTOR)
    with pytest.raises(IllegalTransitionError):
        await process(event.id, processing, actor=ACTOR)
    assert len(processed) == 1


async def test_why_a_processing_failed_is_kept_without_secrets_and_as_storages_can_keep_it(world: World) -> None:
    event, _ = await ReceiveInboundEvent(world.storage, world.ids)("s", "1", "x", None, actor=ACTOR)

    async def broken(received: InboundEvent) -> Mapping[str, Any]:
        raise RuntimeError("token=abcdef123456 \x00 refused")

    with pytest.raises(RuntimeError):
        await ProcessInboundEvent(world.storage)(event.id, broken, actor=ACTOR)
    async with world.storage.transaction(read_only=True) as work:
        failed = await work.inbound_events.get(event.id)
    assert failed.status is InboundEventStatus.FAILED
    assert "refused" in (failed.error_message or "")
    assert "abcdef123456" not in (failed.error_message or "")
