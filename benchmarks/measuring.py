"""Timing by turns: every contender runs in every round, so that a noisy moment of the machine hits them alike."""

import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

from attrs import frozen

Step = Callable[[], Awaitable[object]]


async def nothing() -> None:
    """Prepare nothing."""


@frozen
class Scale:
    """How much is measured: ``rounds`` are timed after an untimed one, amounts are divided by ``divisor``.

    ``seconds`` bounds each comparison: on a machine too busy for all rounds it ends after fewer, at least one.
    """

    rounds: int = 5
    divisor: int = 1
    seconds: float = 10.0

    def of(self, amount: int) -> int:
        """Return an amount at this scale, at least 1."""
        return max(1, amount // self.divisor)


@frozen
class Contender:
    """One way to do the work of a comparison; ``prepare`` runs before each round, untimed."""

    name: str
    work: Step
    prepare: Step = nothing


@frozen
class Timing:
    """The seconds a contender took, by round."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the median of the rounds, in seconds."""
        return median(self.seconds)

    def ratios_to(self, reference: "Timing") -> tuple[float, ...]:
        """Return this contender's time as a multiple of the reference's, by round."""
        return tuple(ours / theirs for ours, theirs in zip(self.seconds, reference.seconds, strict=True))


@frozen
class Comparison:
    """What contenders took for the same ``amount`` of work, in ``unit``; the first one is the reference."""

    title: str
    unit: str
    amount: int
    timings: tuple[Timing, ...]


async def compare(title: str, unit: str, amount: int, contenders: Sequence[Contender], *, scale: Scale) -> Comparison:
    """Run the contenders by turns, each round beginning with another one, after one round that is not timed."""
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    start = time.perf_counter()
    for turn in range(scale.rounds + 1):
        spent = time.perf_counter() - start
        if turn > 1 and spent * (turn + 1) / turn > scale.seconds:
            break
        first = turn % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            elapsed = await _timed(contender)
            if turn > 0:
                seconds[contender.name].append(elapsed)
    return Comparison(title, unit, amount, tuple(Timing(name, tuple(taken)) for name, taken in seconds.items()))


async def _timed(contender: Contender) -> float:
    await contender.prepare()
    gc.collect()
    start = time.perf_counter()
    await contender.work()
    return time.perf_counter() - start
