"""Tables of immutable rows with ordered indexes, and a transaction's view of one."""

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator
from heapq import merge
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import define, field, frozen

from domain.model.errors import DomainError, ReadOnlyTransactionError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Place: TypeAlias = tuple[Hashable, tuple[Any, ...]]
Entry: TypeAlias = tuple[tuple[Any, ...], Any]
ALL = ""


class TransactionEndedError(DomainError):
    """Raised when something is written through a unit of work whose block has ended."""

    code = "transaction_ended"

    def __init__(self) -> None:
        super().__init__("This transaction has ended; open a new one to write.")


@define(eq=False)
class Scope:
    """What the views of one transaction share: whether they may write, and the lock under which they look."""

    reading: threading.RLock = field(repr=False)
    read_only: bool = False
    ended: bool = False

    def require_writable(self) -> None:
        """Raise TransactionEndedError or ReadOnlyTransactionError when nothing may be written."""
        if self.ended:
            raise TransactionEndedError
        if self.read_only:
            raise ReadOnlyTransactionError


class Table(Generic[K, V]):
    """Rows by key.

    Each index gives a row's place: a group and a sort key that is unique in the group, or None to leave it out. Rows
    of a group are found in order, at a cost that does not grow with the rows outside it. A UUID sorts by its integer,
    which compares many times faster.
    """

    def __init__(self, **indexes: Callable[[K, V], Place | None]) -> None:
        self.rows: dict[K, V] = {}
        self.indexes = indexes
        self._groups: dict[str, dict[Hashable, list[Entry]]] = {name: {} for name in indexes}

    def put(self, key: K, row: V) -> None:
        """Write a row, new or changed."""
        before = self.rows.get(key)
        self.rows[key] = row
        for name, place in self.indexes.items():
            old, new = None if before is None else place(key, before), place(key, row)
            if old != new:
                self._take_out(name, old)
                self._put_in(name, new, key)

    def remove(self, key: K) -> None:
        """Take a row out, if it is there."""
        row = self.rows.pop(key, None)
        if row is not None:
            for name, place in self.indexes.items():
                self._take_out(name, place(key, row))

    def groups(self, index: str) -> Iterable[Hashable]:
        """Return the groups of an index that hold a row."""
        return self._groups[index].keys()

    def entries(self, index: str, group: Hashable) -> list[Entry]:
        """Return a group's sort keys and row keys, in order; not to be changed."""
        return self._groups[index].get(group, [])

    def _put_in(self, name: str, at: Place | None, key: K) -> None:
        if at is None:
            return
        group, sort_key = at
        entries = self._groups[name].setdefault(group, [])
        if not entries or entries[-1][0] < sort_key:
            entries.append((sort_key, key))
        else:
            insort(entries, (sort_key, key), key=itemgetter(0))

    def _take_out(self, name: str, at: Place | None) -> None:
        if at is None:
            return
        group, sort_key = at
        entries = self._groups[name][group]
        del entries[bisect_left(entries, sort_key, key=itemgetter(0))]
        if not entries:
            del self._groups[name][group]


class TableView(Generic[K, V]):
    """One transaction's view of a table: what is committed, under what the transaction itself has written.

    Nothing reaches the table before ``commit``, so a rollback only drops the view.
    """

    def __init__(self, committed: Table[K, V], scope: Scope) -> None:
        self._committed = committed
        self._scope = scope
        self._written: Table[K, V] = Table(**committed.indexes)
        self._changed: set[K] = set()

    def get(self, key: K) -> V | None:
        """Return a row, or None."""
        if key in self._changed:
            return self._written.rows.get(key)
        with self._scope.reading:
            return self._committed.rows.get(key)

    def put(self, key: K, row: V) -> None:
        """Write a row, new or changed."""
        self._scope.require_writable()
        self._changed.add(key)
        self._written.put(key, row)

    def delete(self, key: K) -> None:
        """Take a row out, if it is there."""
        self._scope.require_writable()
        self._changed.add(key)
        self._written.remove(key)

    def first(self, index: str, group: Hashable = ALL) -> V | None:
        """Return the first row of a group, or None."""
        rows = self.select(index, [group], limit=1)
        return rows[0] if rows else None

    def select(
        self,
        index: str,
        groups: Iterable[Hashable] = (ALL,),
        *,
        where: Callable[[V], bool] | None = None,
        limit: int | None = None,
        after: tuple[Any, ...] | None = None,
        before: tuple[Any, ...] | None = None,
        newest_first: bool = False,
    ) -> list[V]:
        """Return the rows of groups in the index's order, between two sort keys that are themselves left out."""
        return [row for _, row in self._found(index, groups, _Span(after, before, newest_first), where, limit)]

    def keys(self, index: str, group: Hashable) -> list[K]:
        """Return the keys of a group's rows, in the index's order."""
        return [key for key, _ in self._found(index, [group], _Span())]

    def groups(self, index: str) -> set[Hashable]:
        """Return the groups of an index that may hold a row."""
        with self._scope.reading:
            return {*self._committed.groups(index), *self._written.groups(index)}

    def count(self, index: str, group: Hashable) -> int:
        """Return how many rows a group holds."""
        if not self._changed:
            with self._scope.reading:
                return len(self._committed.entries(index, group))
        return len(self.keys(index, group))

    def commit(self) -> None:
        """Write to the table what the transaction wrote; the caller keeps readers out meanwhile."""
        for key in self._changed:
            if key in self._written.rows:
                self._committed.put(key, self._written.rows[key])
            else:
                self._committed.remove(key)

    def _found(
        self,
        index: str,
        groups: Iterable[Hashable],
        span: "_Span",
        where: Callable[[V], bool] | None = None,
        limit: int | None = None,
    ) -> list[tuple[K, V]]:
        found: list[tuple[K, V]] = []
        if limit is not None and limit <= 0:
            return found
        with self._scope.reading:
            for key, row in self._merged(index, groups, span):
                if where is None or where(row):
                    found.append((key, row))
                    if len(found) == limit:
                        break
        return found

    def _merged(self, index: str, groups: Iterable[Hashable], span: "_Span") -> Iterator[tuple[K, V]]:
        lines = []
        for group in groups:
            for table in (self._committed, self._written):
                entries = table.entries(index, group)
                if entries:
                    lines.append(_between(entries, span, table is self._committed))
        for _, key, committed in merge(*lines, key=itemgetter(0), reverse=span.newest_first):
            if not committed:
                yield key, self._written.rows[key]
            elif key not in self._changed:
                yield key, self._committed.rows[key]


@frozen
class _Span:
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    newest_first: bool = False

    def places(self, entries: list[Entry]) -> range:
        start = 0 if self.after is None else bisect_right(entries, self.after, key=itemgetter(0))
        end = len(entries) if self.before is None else bisect_left(entries, self.before, key=itemgetter(0))
        return range(end - 1, start - 1, -1) if self.newest_first else range(start, end)


def _between(entries: list[Entry], span: _Span, committed: bool) -> Iterator[tuple[tuple[Any, ...], Any, bool]]:
    for place in span.places(entries):
        sort_key, key = entries[place]
        yield sort_key, key, committed
