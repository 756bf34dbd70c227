"""What models report of the tokens they used."""

from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

_COUNTS = ("input_tokens", "output_tokens", "total_tokens")


def usage_of_result(result: LLMResult) -> dict[str, int]:
    """Return the tokens that one model call reports, summed over its generations."""
    messages = [
        generation.message
        for generations in result.generations
        for generation in generations
        if isinstance(generation, ChatGeneration)
    ]
    return summed(usage_of_messages(message) for message in messages)


def usage_of_messages(update: object) -> dict[str, int]:
    """Return the tokens reported by the AI messages in a node's update, at the top or in one of its lists."""
    if isinstance(update, AIMessage):
        reported: Mapping[str, Any] = dict(update.usage_metadata or {})
        return {name: int(reported[name]) for name in _COUNTS if reported.get(name)}
    if isinstance(update, Mapping):
        return summed(usage_of_messages(value) for value in update.values())
    if isinstance(update, list | tuple):
        return summed(usage_of_messages(item) for item in update if isinstance(item, AIMessage))
    return {}


def summed(usages: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the counts added up by name."""
    total: dict[str, int] = {}
    for usage in usages:
        for name, count in usage.items():
            total[name] = total.get(name, 0) + count
    return total
