"""The report: one Markdown table a comparison."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median

from attrs import frozen

from benchmarks.measuring import Comparison, Timing

_PACKAGES = ("sqlalchemy", "psycopg", "aiosqlite", "langgraph", "langgraph-checkpoint-postgres")


@frozen
class Section:
    """A titled table of the report; the first column names, the others count."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def markdown(self) -> str:
        """Return the section as Markdown."""
        align = ("---", *("---:" for _ in self.header[1:]))
        table = "\n".join(f"| {' | '.join(row)} |" for row in (self.header, align, *self.rows))
        return f"### {self.title}\n\n{table}\n"


def section_of(comparison: Comparison) -> Section:
    """Show a comparison: medians, and the time as a multiple of the reference's with the extremes of the rounds."""
    reference = comparison.timings[0]
    header = (
        f"{comparison.amount:,} {comparison.unit}s a round, {len(reference.seconds)} rounds",
        f"{comparison.unit}s a second",
        "ms each",
        "time, × the reference's",
        "lowest–highest",
    )
    return Section(
        comparison.title, header, tuple(_row(timing, reference, comparison.amount) for timing in comparison.timings)
    )


def document(sections: Sequence[Section], environment: str) -> str:
    """Return the whole report as Markdown."""
    intro = (
        "Medians of the rounds. The first row of each table is the reference; a ratio is the median of the ratios"
        " within each round. Compare ratios, never absolute figures of two runs; gaps under 1.5×"
        " are ties on a busy machine."
    )
    return "\n".join((f"# Benchmarks\n\n{environment}\n\n{intro}\n", *(section.markdown for section in sections)))


def environment(*services: str) -> str:
    """Describe what the figures were measured on."""
    machine = f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the start"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return "; ".join((machine, python, *services, f"SQLite {sqlite3.sqlite_version}", packages)) + "."


def _row(timing: Timing, reference: Timing, amount: int) -> tuple[str, ...]:
    rate, each = amount / timing.median, timing.median / amount * 1000
    shown = (timing.name, f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}", f"{each:.3g}")
    if timing is reference:
        return (*shown, "1", "")
    ratios = timing.ratios_to(reference)
    return (*shown, f"{median(ratios):.2f}", f"{min(ratios):.2f}–{max(ratios):.2f}")
