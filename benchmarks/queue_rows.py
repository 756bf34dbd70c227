"""Rows of the jobs table as the references write them, without the adapter."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from uuid_utils.compat import uuid7

COLUMNS = (
    "id", "queue", "job_type", "priority", "status", "payload", "run_at", "lease_token", "retry_count", "max_retries",
    "created_at", "completed_at",
)  # fmt: skip
NAMES = ", ".join(COLUMNS)
QUEUE = "default"
NOOP = "noop"
ARCHIVED = "archived"
PAYLOAD = {"kind": "benchmark", "attempt": 1}


def rows(count: int, *, finished: bool = False) -> Iterator[tuple[Any, ...]]:
    """Yield rows of queued jobs, or of finished ones of another type in the same queue."""
    payload = json.dumps(PAYLOAD)
    for _ in range(count):
        now = datetime.now(UTC)
        kind = (ARCHIVED, 0, "completed") if finished else (NOOP, 0, "queued")
        yield (uuid7(), QUEUE, *kind, payload, now, int(finished), 0, 3, now, now if finished else None)
