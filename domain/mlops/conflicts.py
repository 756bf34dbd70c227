"""Find constraints that cannot all hold; each comes with ways out, the cheapest first, and none is taken here."""

from collections.abc import Callable, Iterator

from domain.mlops.capacity_conflicts import (
    below_every_floor,
    cap_too_low,
    one_region_too_few,
    serverless_too_slow,
    team_too_small,
)
from domain.mlops.conflict import Conflict, Option
from domain.mlops.contradictions import (
    cloud_behind_air_gap,
    denied_personal_data,
    nightly_and_at_once,
    outside_residency,
    two_values,
)
from domain.mlops.facts import Constraints

__all__ = ["Conflict", "Option", "find_conflicts"]

_RULES: tuple[Callable[[Constraints], Iterator[Conflict]], ...] = (
    outside_residency,
    cloud_behind_air_gap,
    denied_personal_data,
    team_too_small,
    one_region_too_few,
    nightly_and_at_once,
    two_values,
)


def find_conflicts(
    constraints: Constraints,
    *,
    fastest_floor_ms: float | None = None,
    cheapest_usd: float | None = None,
    enough_usd: float | None = None,
) -> tuple[Conflict, ...]:
    """Return the conflicts C1 to C10 in order.

    C2 is judged when ``fastest_floor_ms`` is given, the server's p99 in the fastest pattern that fits; C3 when
    ``cheapest_usd`` is, the monthly price of the cheapest feasible plan; ``enough_usd`` is the cap to propose instead.
    """
    found = [
        *serverless_too_slow(constraints),
        *below_every_floor(constraints, fastest_floor_ms),
        *cap_too_low(constraints, cheapest_usd, enough_usd),
    ]
    for rule in _RULES:
        found += rule(constraints)
    return tuple(found)
