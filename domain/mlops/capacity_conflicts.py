"""Conflicts between what is wanted and what can carry it: serverless, latency, budget, team, availability."""

from collections.abc import Iterator

from domain.mlops.conflict import Conflict, Option, answered
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.regions import CLOUD_OF_REGION, country_of, region_for, regions_within

SERVERLESS_FLOOR_MS = 60.0
SERVERLESS_MOST_RPS = 200.0
HARD_TO_RUN_PCT = 99.95
MORE_THAN_ONE_REGION_PCT = 99.99
CAP_OVER_CHEAPEST = 0.7
SMALL_TEAM = 2


def serverless_too_slow(constraints: Constraints) -> Iterator[Conflict]:
    """Find C1: functions wanted for a latency or a load they cannot serve."""
    wanted = list(constraints.value("deploy_want") or ())
    if "serverless" not in wanted:
        return
    latency, stat = constraints.value("latency_ms"), constraints.value("latency_stat", "p95")
    tight = latency is not None and latency < SERVERLESS_FLOOR_MS and stat in ("p99", "max")
    peak = constraints.value("peak_rps") or 0.0
    if not tight and peak <= SERVERLESS_MOST_RPS:
        return
    why = [
        f"{stat} under {latency:g} ms" if tight else "",
        f"{peak:g} requests a second" if peak > SERVERLESS_MOST_RPS else "",
    ]
    rest = ["containers" if name == "serverless" else name for name in wanted]
    options = [Option("Run containers instead of functions", (answered("deploy_want", list(dict.fromkeys(rest))),))]
    if peak <= SERVERLESS_MOST_RPS:
        options.append(Option("Keep functions, accept 100 ms", (answered("latency_ms", 100.0, "ms"),)))
    yield Conflict(
        "C1",
        f"Serverless functions cannot serve {' and '.join(filter(None, why))}: their p99 starts at "
        f"{SERVERLESS_FLOOR_MS:g} ms"
        f" and they suit up to {SERVERLESS_MOST_RPS:g} requests a second.",
        ("deploy_want", *(("latency_ms",) if tight else ()), *(("peak_rps",) if peak > SERVERLESS_MOST_RPS else ())),
        tuple(options),
    )


def below_every_floor(constraints: Constraints, fastest_floor_ms: float | None) -> Iterator[Conflict]:
    """Find C2: a latency limit that no fitting pattern reaches."""
    latency = constraints.value("latency_ms")
    if fastest_floor_ms is None or latency is None or latency >= fastest_floor_ms:
        return
    relaxed = float(max(fastest_floor_ms * 1.25, fastest_floor_ms + 1))
    yield Conflict(
        "C2",
        f"A latency of {latency:g} ms is below what the fastest fitting pattern reaches ({fastest_floor_ms:g} ms).",
        ("latency_ms",),
        (
            Option(f"Accept {relaxed:g} ms", (answered("latency_ms", relaxed, "ms"),)),
            Option("Drop the latency limit", drops=("latency_ms", "latency_stat")),
        ),
    )


def cap_too_low(
    constraints: Constraints, cheapest_usd: float | None, enough_usd: float | None = None
) -> Iterator[Conflict]:
    """Find C3: a cap below 70 % of the cheapest feasible plan.

    ``enough_usd`` is the cap to propose, under which a plan fits; a higher cap means a better tier, which costs more.
    """
    budget = constraints.value("budget_usd_month") or {}
    cap = budget.get("cap")
    if cheapest_usd is None or cap is None or cap >= CAP_OVER_CHEAPEST * cheapest_usd:
        return
    enough = enough_usd if enough_usd is not None else float(-(-cheapest_usd * 1.2 // 50) * 50)
    raised = {"target": None, "cap": enough, "amount": enough, "currency": "USD", "period": "month"}
    yield Conflict(
        "C3",
        f"A cap of ${cap:,.0f} a month is below 70 % of the cheapest feasible plan (${cheapest_usd:,.0f}).",
        ("budget_usd_month",),
        (
            Option(f"Raise the cap to ${enough:,.0f} a month", (answered("budget_usd_month", raised, "USD/month"),)),
            Option(
                "Plan without a cap",
                (answered("budget_usd_month", {**raised, "cap": None, "amount": 0.0}, "USD/month"),),
            ),
        ),
    )


def team_too_small(constraints: Constraints) -> Iterator[Conflict]:
    """Find C7: two people at most for Kubernetes or 99.95 % availability."""
    team = constraints.value("team_size")
    if team is None or team > SMALL_TEAM:
        return
    wanted = list(constraints.value("deploy_want") or ())
    target = constraints.value("availability_pct")
    hard = target is not None and target >= HARD_TO_RUN_PCT
    if "k8s" not in wanted and not hard:
        return
    eased: list[Fact] = []
    labels: list[str] = []
    if "k8s" in wanted:
        eased.append(
            answered("deploy_want", list(dict.fromkeys("managed" if name == "k8s" else name for name in wanted)))
        )
        labels.append("use a managed platform instead of Kubernetes")
    if hard:
        eased.append(answered("availability_pct", 99.9, "%"))
        labels.append("aim at 99.9 %")
    label = " and ".join(labels)
    yield Conflict(
        "C7",
        f"A team of {team} can hardly run {'Kubernetes' if 'k8s' in wanted else f'{target:g} % availability'}.",
        ("team_size", *(("deploy_want",) if "k8s" in wanted else ()), *(("availability_pct",) if hard else ())),
        (
            Option(label[0].upper() + label[1:], tuple(eased)),
            Option("Staff an on-call team of 5", (answered("team_size", 5),)),
        ),
    )


def one_region_too_few(constraints: Constraints) -> Iterator[Conflict]:
    """Find C8: 99.99 % availability in a single region."""
    target, placed = constraints.value("availability_pct"), constraints.get("regions")
    if target is None or target < MORE_THAN_ONE_REGION_PCT or placed is None or placed.how is Provenance.ASSUMED:
        return
    regions = list(dict.fromkeys(placed.value))
    if len(regions) != 1:
        return
    options = [Option("Aim at 99.95 % in one region", (answered("availability_pct", 99.95, "%"),))]
    second = _second_region(regions[0], constraints)
    if second is not None:
        options.append(Option(f"Add {second}", (answered("regions", [regions[0], second]),)))
    yield Conflict(
        "C8",
        f"{target:g} % availability cannot be kept in {regions[0]} alone.",
        ("availability_pct", "regions"),
        tuple(options),
    )


def _second_region(region: str, constraints: Constraints) -> str | None:
    cloud = CLOUD_OF_REGION.get(region)
    if cloud is None:
        return None
    residency = constraints.value("residency") or {}
    codes = tuple(residency.get("codes") or ()) or tuple(filter(None, (country_of(region), "EU")))
    candidates = [other for other in regions_within(cloud, codes) if other != region]
    if candidates or residency.get("strict"):
        return candidates[0] if candidates else None
    return region_for(cloud, "US") if region_for(cloud, "US") != region else None
