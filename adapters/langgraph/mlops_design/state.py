"""The state of a design: plain JSON in every channel, so that any storage keeps it and any process resumes it."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias, TypedDict

JsonObject: TypeAlias = dict[str, Any]


def merged(left: Mapping[str, Any] | None, right: Mapping[str, Any] | None) -> JsonObject:
    """Return both objects' entries; of two with one key the right one stays."""
    return {**(left or {}), **(right or {})}


class DesignState(TypedDict, total=False):
    """What the agents of a design know and have decided."""

    prompt: str
    injected: list[str]
    constraints: JsonObject
    coverage: JsonObject
    conflicts: list[JsonObject]
    questions: list[JsonObject]
    asked: list[str]
    question_round: int
    plan: JsonObject
    revision: int
    technical_findings: list[JsonObject]
    cost_findings: list[JsonObject]
    policies: list[JsonObject]
    decision: JsonObject
    archive: JsonObject
    files: dict[str, str]
    validation: list[JsonObject]
    report: JsonObject
    difference: JsonObject
    reason_cards: Annotated[JsonObject, merged]
    outcome: JsonObject
