"""Events: the entries of the append-only log, chained by hashes within their stream."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from attrs import field, frozen

from domain.model.json_value import canonical_json, checked_object
from domain.model.validation import at_least, aware, text

GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SERVER_NAMESPACE = UUID("6f0f6d1e-5d0b-5c7e-9a43-7b1f5f0c2a11")


def _event_data(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return checked_object("event_data", value)


class StreamKind(StrEnum):
    """What a stream of events tells of: a decision set, a project, or a part of the server itself."""

    DECISION_SET = "decision_set"
    PROJECT = "project"
    SERVER = "server"


@frozen
class Stream:
    """A line of events with its own gapless sequence and hash chain.

    A project's stream survives the project, so that its deletion stays in the log; a decision set's goes with it.
    """

    kind: StreamKind
    id: UUID

    @classmethod
    def of_decision_set(cls, decision_set_id: UUID) -> "Stream":
        """Name the stream of a decision set."""
        return cls(StreamKind.DECISION_SET, decision_set_id)

    @classmethod
    def of_project(cls, project_id: UUID) -> "Stream":
        """Name the stream of a project: what happened to the project itself, its decision sets' deletion included."""
        return cls(StreamKind.PROJECT, project_id)

    @classmethod
    def of_server(cls, topic: str) -> "Stream":
        """Name the server's own stream on a topic, such as ``queue:default`` or ``source:github``."""
        return cls(StreamKind.SERVER, uuid5(_SERVER_NAMESPACE, topic))


@frozen
class NewEvent:
    """What a caller states of an event; sequence, time and hashes are given by the log."""

    stream: Stream
    event_type: str = field(validator=text(100))
    event_data: Mapping[str, Any] = field(converter=_event_data)
    actor: str = field(validator=text(255))
    job_id: UUID | None = None

    @property
    def content_digest(self) -> bytes:
        """Return the sha256 of everything stated here, in canonical JSON."""
        return _content_digest(self.stream, self.event_type, self.event_data, self.actor, self.job_id)


@frozen
class Event:
    """One entry of the log.

    ``sequence`` is 1, 2, 3 … within the stream with no gap; ``position`` orders entries across streams within one
    transaction (see FeedPosition); ``hash`` covers the entry and, through ``prev_hash``, all before it.
    """

    position: int
    stream: Stream
    sequence: int = field(validator=at_least(1))
    event_type: str = field(validator=text(100))
    event_data: Mapping[str, Any] = field(converter=_event_data)
    actor: str = field(validator=text(255))
    created_at: datetime = field(validator=aware)
    prev_hash: bytes
    hash: bytes
    job_id: UUID | None = None

    @property
    def decision_set_id(self) -> UUID | None:
        """Return the decision set the event belongs to, or None for a project's or the server's own."""
        return self.stream.id if self.stream.kind is StreamKind.DECISION_SET else None

    def computed_hash(self) -> bytes:
        """Return the hash that this entry must have, given its content and ``prev_hash``."""
        content = _content_digest(self.stream, self.event_type, self.event_data, self.actor, self.job_id)
        return chained_hash(self.prev_hash, content, self.sequence, self.created_at)


@frozen(order=True)
class FeedPosition:
    """A place in the global feed: entries are ordered by transaction, then position.

    Transaction ids follow the order in which writers began; a storage that writes one transaction at a time uses 0.
    """

    transaction: int = 0
    position: int = 0


@frozen
class FeedPage:
    """Events of the global feed with the place to read on from."""

    events: tuple[Event, ...]
    next: FeedPosition


@frozen
class StreamHead:
    """Where a stream ends: its last sequence and hash (0 and GENESIS for an empty one)."""

    last_sequence: int = 0
    last_hash: bytes = GENESIS


@frozen
class ChainReport:
    """What verifying a stream found: how many entries were checked, and the first broken one with the reason."""

    checked: int
    broken_sequence: int | None = None
    why: str | None = None

    @property
    def intact(self) -> bool:
        """Tell whether nothing was found broken."""
        return self.broken_sequence is None


def chained_hash(prev_hash: bytes, content_digest: bytes, sequence: int, created_at: datetime) -> bytes:
    """Return sha256(prev_hash || content_digest || sequence || created_at), integers as 8 bytes big-endian.

    The time counts microseconds since 1970 UTC. Fixed-width parts let a database compute the same in SQL.
    """
    micros = (created_at - _EPOCH) // timedelta(microseconds=1)
    return hashlib.sha256(prev_hash + content_digest + sequence.to_bytes(8, "big") + micros.to_bytes(8, "big")).digest()


def chain(new: NewEvent, head: StreamHead, position: int, now: datetime) -> Event:
    """Return the entry that follows ``head`` in its stream."""
    sequence = head.last_sequence + 1
    return Event(
        position=position,
        stream=new.stream,
        sequence=sequence,
        event_type=new.event_type,
        event_data=new.event_data,
        actor=new.actor,
        created_at=now,
        prev_hash=head.last_hash,
        hash=chained_hash(head.last_hash, new.content_digest, sequence, now),
        job_id=new.job_id,
    )


def verify_entries(entries: Iterable[Event], start: StreamHead) -> tuple[ChainReport, StreamHead]:
    """Check that entries follow ``start`` with no gap and unbroken hashes; return the report and the end reached."""
    head, checked = start, 0
    for entry in entries:
        why = _fault(entry, head)
        if why is not None:
            return ChainReport(checked, entry.sequence, why), head
        head, checked = StreamHead(entry.sequence, entry.hash), checked + 1
    return ChainReport(checked), head


def _fault(entry: Event, head: StreamHead) -> str | None:
    if entry.sequence != head.last_sequence + 1:
        return f"sequence {head.last_sequence + 1} is missing"
    if entry.prev_hash != head.last_hash:
        return "it does not follow the entry before it"
    if entry.hash != entry.computed_hash():
        return "its content does not match its hash"
    return None


def _content_digest(
    stream: Stream, event_type: str, event_data: Mapping[str, Any], actor: str, job_id: UUID | None
) -> bytes:
    content = [stream.kind.value, str(stream.id), event_type, dict(event_data), actor, str(job_id) if job_id else None]
    return hashlib.sha256(canonical_json(content)).digest()
