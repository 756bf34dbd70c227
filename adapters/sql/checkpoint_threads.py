"""Whole threads of checkpoints: copying them, and deleting what is no longer wanted of them."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen
from sqlalchemy import ColumnElement, Table, and_, literal, select

from adapters.sql.checkpoint_tables import (
    BLOB,
    CHECKPOINT,
    delete_blobs,
    delete_checkpoints,
    encoded_keys,
    rows_of,
)
from adapters.sql.session import Session
from adapters.sql.tables import checkpoint_blobs, checkpoint_writes, checkpoints
from domain.model.errors import NotFoundError

Key = tuple[str, ...]


@frozen
class _Outline:
    """A checkpoint without its bytes."""

    thread_id: str
    namespace: str
    checkpoint_id: str
    parent_id: str | None
    channel_versions: Mapping[str, str]

    @property
    def key(self) -> Key:
        return self.thread_id, self.namespace, self.checkpoint_id

    @property
    def blobs(self) -> set[Key]:
        return {(self.thread_id, self.namespace, *shown) for shown in self.channel_versions.items()}


async def copy(session: Session, source: str, target: str, up_to: str | None) -> int:
    """Copy a thread to another one, up to a checkpoint of its root graph when given; return how many checkpoints."""
    outlines = await _outlines(session, [source])
    if up_to is not None:
        outlines = _up_to(outlines, up_to)
    keys = {outline.key for outline in outlines}
    shown = {key for outline in outlines for key in outline.blobs}
    await _copy_rows(session, checkpoints, CHECKPOINT, keys, target)
    await _copy_rows(session, checkpoint_writes, CHECKPOINT, keys, target)
    await _copy_rows(session, checkpoint_blobs, BLOB, shown, target)
    return len(outlines)


async def delete_for_runs(session: Session, run_ids: Sequence[str]) -> None:
    """Delete the checkpoints of these runs, with their writes and the blobs that nothing shows any more."""
    of_runs = session.dialect.among(checkpoints.c.run_id, "runs")
    key = select(*(checkpoints.c[name] for name in CHECKPOINT)).where(of_runs)
    rows = await session.rows(key, {"runs": session.dialect.listed(run_ids)})
    if rows:
        await delete_checkpoints(session, {tuple(row) for row in rows})
        await _delete_unshown_blobs(session, {row.thread_id for row in rows})


async def keep_latest(session: Session, thread_ids: Sequence[str]) -> None:
    """Delete all but the latest checkpoint of each namespace, with the blobs that nothing shows any more."""
    outlines = await _outlines(session, thread_ids)
    latest = {outline.key[:2]: outline.key for outline in outlines}
    await delete_checkpoints(session, {outline.key for outline in outlines} - set(latest.values()))
    await _delete_unshown_blobs(session, set(thread_ids))


async def _outlines(session: Session, thread_ids: Iterable[str]) -> list[_Outline]:
    columns = (checkpoints.c[name] for name in (*CHECKPOINT, "parent_id", "channel_versions"))
    found = select(*columns).where(session.dialect.among(checkpoints.c.thread_id, "threads"))
    rows = await session.rows(
        found.order_by(checkpoints.c.checkpoint_id), {"threads": session.dialect.listed(sorted(thread_ids))}
    )
    return [_Outline(**row._mapping) for row in rows]


def _up_to(outlines: Sequence[_Outline], checkpoint_id: str) -> list[_Outline]:
    parents = {outline.checkpoint_id: outline.parent_id for outline in outlines if outline.namespace == ""}
    if checkpoint_id not in parents:
        raise NotFoundError("checkpoint", checkpoint_id)
    line: set[str] = set()
    ancestor: str | None = checkpoint_id
    while ancestor in parents and ancestor not in line:
        line.add(ancestor)
        ancestor = parents[ancestor]
    return [
        outline
        for outline in outlines
        if (outline.checkpoint_id in line if outline.namespace == "" else outline.checkpoint_id <= checkpoint_id)
    ]


async def _copy_rows(session: Session, table: Table, names: Sequence[str], keys: Iterable[Key], target: str) -> None:
    given = rows_of(session.dialect, names)
    columns = [column for column in table.c if column.name != "thread_id"]
    moved: list[ColumnElement[str]] = [literal(target, table.c.thread_id.type), *columns]
    rows = select(*moved).where(and_(*(table.c[name] == given.c[name] for name in names)))
    copied = session.dialect.insert(table).from_select(["thread_id", *(column.name for column in columns)], rows)
    await session.execute(copied.on_conflict_do_nothing(), {"keys": encoded_keys(names, keys)})


async def _delete_unshown_blobs(session: Session, thread_ids: set[str]) -> None:
    shown = {key for outline in await _outlines(session, thread_ids) for key in outline.blobs}
    kept = select(*(checkpoint_blobs.c[name] for name in BLOB)).where(
        session.dialect.among(checkpoint_blobs.c.thread_id, "threads")
    )
    rows = await session.rows(kept, {"threads": session.dialect.listed(sorted(thread_ids))})
    await delete_blobs(session, {tuple(row) for row in rows} - shown)
