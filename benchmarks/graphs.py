"""LangGraph: a graph of five nodes that do nothing, under stock savers and under a leased job."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from benchmarks.databases import Databases
from benchmarks.graph_runs import LeasedRuns, StockRuns, empty_graph
from benchmarks.measuring import Contender, Scale, compare
from benchmarks.report import Section, section_of
from benchmarks.storages import open_storage

RUNS = 4


async def measure(databases: Databases, scale: Scale) -> list[Section]:
    """Measure, for each storage, our checkpointer alone and the whole runner beside LangGraph's own saver."""
    async with AsyncExitStack() as stack:
        stock_file = databases.sqlite().with_suffix(".stock")
        stock_sqlite = await stack.enter_async_context(AsyncSqliteSaver.from_conn_string(str(stock_file)))
        stock_postgres = await stack.enter_async_context(AsyncPostgresSaver.from_conn_string(databases.empty()))
        await stock_postgres.setup()
        count = scale.of(RUNS)
        sections = []
        for name, url, savers in (
            ("memory", "memory://", {"InMemorySaver": InMemorySaver(), "no saver": None}),
            ("SQLite", f"sqlite:///{databases.sqlite()}", {"AsyncSqliteSaver": stock_sqlite}),
            ("PostgreSQL", databases.postgresql(), {"AsyncPostgresSaver": stock_postgres}),
        ):
            runs = LeasedRuns(await stack.enter_async_context(open_storage(url)))
            contenders = (*_stock(savers, count), *_leased(runs, count))
            title = f"LangGraph on {name}: a graph of five empty nodes, durability `sync`"
            sections.append(section_of(await compare(title, "run", count, contenders, scale=scale)))
        return sections


def _stock(savers: Mapping[str, BaseCheckpointSaver[Any] | None], count: int) -> list[Contender]:
    return [
        Contender(f"LangGraph, {name}", partial(StockRuns(empty_graph(), saver).run, count))
        for name, saver in savers.items()
    ]


def _leased(runs: LeasedRuns, count: int) -> tuple[Contender, Contender]:
    prepare = partial(runs.lease, count)
    return (
        Contender("mlwright, checkpointer alone", runs.run_bare, prepare),
        Contender("mlwright, runner", runs.run, prepare),
    )
