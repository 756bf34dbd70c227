"""Run the benchmarks: ``python -m benchmarks [--quick] [MEASURE ...]``."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import events, graphs, memory, queue, updates
from benchmarks.databases import Databases, open_databases
from benchmarks.measuring import Scale
from benchmarks.report import Section, document, environment
from tests.support.postgres_cluster import PostgresUnavailableError

Measure = Callable[[Databases, Scale], Awaitable[list[Section]]]

MEASURES: Mapping[str, Measure] = {
    "queue-postgresql": queue.measure_postgresql,
    "queue-sqlite": queue.measure_sqlite,
    "events": events.measure,
    "updates": updates.measure,
    "graphs": graphs.measure,
    "memory": memory.measure,
}
QUICK = Scale(rounds=1, divisor=10)
LATEST = Path(__file__).parent / "results" / "latest.md"


def main(arguments: Sequence[str]) -> int:
    """Run the measures asked for, all without a name; print the report, and keep that of a whole run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"one of {', '.join(MEASURES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="one round of a tenth: only to see that everything runs")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.measures) - set(MEASURES))
    if unknown:
        parser.error(f"there is no measure {', '.join(unknown)}; choose from {', '.join(MEASURES)}")
    names = tuple(name for name in MEASURES if name in given.measures or not given.measures)
    try:
        with open_databases() as databases:
            report = asyncio.run(_run(databases, names, QUICK if given.quick else Scale()))
    except PostgresUnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    print(report)
    if not given.measures and not given.quick:
        LATEST.write_text(report)
        print(f"Written to {LATEST.parent.parent.name}/{LATEST.parent.name}/{LATEST.name}", file=sys.stderr)
    return 0


async def _run(databases: Databases, names: Sequence[str], scale: Scale) -> str:
    described = environment(databases.server())
    sections: list[Section] = []
    for name in names:
        start = time.perf_counter()
        sections += await MEASURES[name](databases, scale)
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return document(sections, described)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
