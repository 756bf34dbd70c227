"""Memory: how much a worker's process grows over many runs of a graph, on SQLite."""

import asyncio
import multiprocessing
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from benchmarks.databases import Databases
from benchmarks.graph_runs import LeasedRuns, StockRuns, empty_graph
from benchmarks.measuring import Scale
from benchmarks.report import Section
from benchmarks.storages import open_storage

WARM_UP = 50
RUNS = 200
AT_ONCE = 10
SECONDS = 20.0
"""How long the runs after the warm-up may take; on a busy machine fewer are done."""
_STATUS = Path("/proc/self/status")


Sizes = tuple[float, float, int]


async def measure(databases: Databases, scale: Scale) -> list[Section]:
    """Measure the peak resident memory of a process after warming up and after all its runs."""
    warm_up, runs = scale.of(WARM_UP), scale.of(RUNS)
    rows = []
    for name, work in (("LangGraph, AsyncSqliteSaver", stock), ("mlwright, runner", leased)):
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as process:
            future = process.submit(work, databases.sqlite(), warm_up, runs)
            first, last, done = await asyncio.wrap_future(future)
        growth = (last - first) / (done - warm_up) * 1024
        rows.append((name, str(done), f"{first:.1f}", f"{last:.1f}", f"{growth:.1f}"))
    header = ("process", "runs", f"MiB after {warm_up} runs", "MiB after all", "KiB more a run")
    return [Section("Memory: peak resident size of a process, SQLite", header, tuple(rows))]


def leased(path: Path, warm_up: int, runs: int) -> Sizes:
    """Run leased jobs; return this process's peak size in MiB after the warm-up and at the end, and the runs done."""
    return asyncio.run(_leased(path, warm_up, runs))


def stock(path: Path, warm_up: int, runs: int) -> Sizes:
    """Do the same with LangGraph and its own saver."""
    return asyncio.run(_stock(path.with_suffix(".stock"), warm_up, runs))


async def _leased(path: Path, warm_up: int, runs: int) -> Sizes:
    async with open_storage(f"sqlite:///{path}") as storage:
        work = LeasedRuns(storage)

        async def run(count: int) -> None:
            await work.lease(count)
            await work.run()
            await work.settle()

        return await _sizes(run, warm_up, runs)


async def _stock(path: Path, warm_up: int, runs: int) -> Sizes:
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        return await _sizes(StockRuns(empty_graph(), saver).run, warm_up, runs)


async def _sizes(run: Callable[[int], Awaitable[None]], warm_up: int, runs: int) -> Sizes:
    await run(warm_up)
    first, done, end = _peak(), warm_up, time.perf_counter() + SECONDS
    while done == warm_up or (done < runs and time.perf_counter() < end):
        count = min(AT_ONCE, runs - done)
        await run(count)
        done += count
    return first, _peak(), done


def _peak() -> float:
    """Return this process's peak resident size in MiB.

    Linux passes ``ru_maxrss`` on to a new program, so that a child starts with its parent's peak; VmHWM is its own.
    """
    if _STATUS.exists():
        (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
