"""Tables of the in-memory storage: ordered groups, and views that hide what others have not committed."""

import threading
from collections.abc import Callable

import pytest
from attrs import frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from adapters.memory.table import Scope, Table, TableView, TransactionEndedError
from domain.model.errors import ReadOnlyTransactionError

COLOURS = ("blue", "red")
KEYS = st.integers(0, 9)


@frozen
class Row:
    """A row with a group that it may be outside of, and a rank in it."""

    colour: str | None
    rank: int


def make_table() -> Table[int, Row]:
    """Return an empty table with one index."""
    return Table(colour=lambda key, row: None if row.colour is None else (row.colour, (row.rank, key)))


def make_view(table: Table[int, Row], *, read_only: bool = False) -> TableView[int, Row]:
    """Return a view of a transaction of its own."""
    return TableView(table, Scope(threading.RLock(), read_only))


class ViewsAgreeWithPlainDictionaries(RuleBasedStateMachine):
    """A writing view, a reading one and what is committed, each beside a dictionary that does the same."""

    def __init__(self) -> None:
        super().__init__()
        self.table = make_table()
        self.committed: dict[int, Row] = {}
        self._begin()

    def _begin(self) -> None:
        self.view, self.written = make_view(self.table), dict(self.committed)

    @rule(key=KEYS, colour=st.sampled_from((None, *COLOURS)), rank=st.integers(-3, 3))
    def put(self, key: int, colour: str | None, rank: int) -> None:
        """Write a row."""
        self.view.put(key, Row(colour, rank))
        self.written[key] = Row(colour, rank)

    @rule(key=KEYS)
    def delete(self, key: int) -> None:
        """Take a row out."""
        self.view.delete(key)
        self.written.pop(key, None)

    @rule()
    def commit(self) -> None:
        """Keep what was written and begin anew."""
        self.view.commit()
        self.committed = self.written
        self._begin()

    @rule()
    def roll_back(self) -> None:
        """Drop what was written and begin anew."""
        self._begin()

    @invariant()
    def each_view_shows_its_own_rows_in_order(self) -> None:
        """Compare every way to read."""
        _require_same(self.view, self.written)
        _require_same(make_view(self.table, read_only=True), self.committed)


def _require_same(view: TableView[int, Row], rows: dict[int, Row]) -> None:
    for groups in ((), COLOURS, COLOURS[:1], COLOURS[1:]):
        found = sorted((row.rank, key) for key, row in rows.items() if row.colour in groups)
        expected = [rows[key] for _, key in found]
        assert view.select("colour", groups) == expected
        assert view.select("colour", groups, newest_first=True) == expected[::-1]
        assert view.select("colour", groups, limit=2) == expected[:2]
        between = [rows[key] for rank, key in found if (-2, 5) < (rank, key) < (2, 5)]
        assert view.select("colour", groups, after=(-2, 5), before=(2, 5)) == between
        assert view.select("colour", groups, where=lambda row: row.rank > 0) == [r for r in expected if r.rank > 0]
    for colour in COLOURS:
        found = sorted((row.rank, key) for key, row in rows.items() if row.colour == colour)
        assert view.keys("colour", colour) == [key for _, key in found]
        assert view.count("colour", colour) == len(found)
        assert view.first("colour", colour) == (rows[found[0][1]] if found else None)
    assert [view.get(key) for key in range(10)] == [rows.get(key) for key in range(10)]
    assert {row.colour for row in rows.values() if row.colour} <= view.groups("colour") <= set(COLOURS)


TestViews = ViewsAgreeWithPlainDictionaries.TestCase
TestViews.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)


def test_rows_outside_the_group_and_beyond_the_limit_are_not_looked_at() -> None:
    table = make_table()
    for key in range(1000):
        table.put(key, Row("blue" if key % 100 else "red", key))
    looked_at: list[Row] = []

    def where(row: Row) -> bool:
        looked_at.append(row)
        return True

    make_view(table).select("colour", ["red"], where=where, limit=3)
    assert looked_at == [Row("red", 0), Row("red", 100), Row("red", 200)]


@pytest.mark.parametrize(
    "write", [lambda view: view.put(1, Row("red", 1)), lambda view: view.delete(1)], ids=["put", "delete"]
)
def test_only_an_open_writing_view_writes(write: Callable[[TableView[int, Row]], None]) -> None:
    table = make_table()
    with pytest.raises(ReadOnlyTransactionError):
        write(make_view(table, read_only=True))
    ended = Scope(threading.RLock(), ended=True)
    with pytest.raises(TransactionEndedError):
        write(TableView(table, ended))
