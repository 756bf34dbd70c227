"""Draws the flow of data between a plan's components for the architecture page."""

from collections.abc import Iterable

from adapters.codegen.quoting import Verbatim, token

_FLOWS: tuple[tuple[str, str, str], ...] = (
    ("network", "load_balancer", "admits"),
    ("network", "gateway", "admits"),
    ("gateway", "serve", "requests"),
    ("load_balancer", "serve", "requests"),
    ("scheduler", "orchestrate", "starts"),
    ("scheduler", "serve", "starts"),
    ("queue", "serve", "items"),
    ("stream", "stream_processor", "events"),
    ("stream_processor", "feature_store", "features"),
    ("stream", "serve", "events"),
    ("serve", "feature_store", "reads"),
    ("serve", "online_store", "reads"),
    ("serve", "cache", "reads"),
    ("serve", "vector_index", "searches"),
    ("serve", "database", "reads"),
    ("serve", "llm", "prompts"),
    ("orchestrate", "train", "runs"),
    ("object_storage", "train", "data"),
    ("train", "registry", "registers"),
    ("registry", "serve", "approved model"),
    ("registry", "edge_fleet", "signed update"),
    ("edge_fleet", "serve", "installs"),
    ("image_registry", "serve", "image"),
    ("serve", "monitoring", "metrics"),
    ("monitoring", "orchestrate", "drift"),
    ("security", "object_storage", "keys"),
    ("object_storage", "backup", "copies"),
)


def edges_of(names: Iterable[str]) -> tuple[tuple[Verbatim, Verbatim, Verbatim], ...]:
    """Return (from, to, label) for each known flow whose two ends the plan has."""
    present = set(names)
    flows = (flow for flow in _FLOWS if flow[0] in present and flow[1] in present)
    return tuple((token(start), token(end), Verbatim(label)) for start, end, label in flows)
