"""Conflicts of a brief with itself: places, air gap, personal data, timing, two values of one field."""

from collections.abc import Iterator
from typing import Any

from domain.mlops.conflict import Conflict, Option, answered
from domain.mlops.data_kinds import PERSONAL_KINDS, class_of
from domain.mlops.facts import Constraints
from domain.mlops.regions import CLOUDS, inside, regions_within

FACT_NAMES = {
    "budget_usd_month": "monthly budget",
    "latency_ms": "latency limit",
    "latency_stat": "latency statistic",
    "peak_rps": "peak load",
    "avg_rps": "average load",
    "rows_per_run": "rows a run",
    "availability_pct": "availability",
    "team_size": "team size",
}


def outside_residency(constraints: Constraints) -> Iterator[Conflict]:
    """Find C4: a region, or a whole cloud, outside strict residency."""
    residency = constraints.value("residency") or {}
    codes = tuple(residency.get("codes") or ())
    if not residency.get("strict") or not codes or constraints.value("air_gapped"):
        return
    cloud = constraints.value("cloud")
    regions = list(constraints.value("regions") or ())
    outside = [region for region in regions if not inside(region, codes)]
    allowed = regions_within(cloud, codes) if cloud in CLOUDS else ()
    nowhere = cloud in CLOUDS and not allowed and not regions
    if not outside and not nowhere:
        return
    options: list[Option] = []
    if allowed:
        kept = [region for region in regions if region not in outside] or [allowed[0]]
        options.append(Option(f"Use {', '.join(kept)}", (answered("regions", kept),)))
    options.append(
        Option("Keep the place as a preference", (answered("residency", {"codes": list(codes), "strict": False}),))
    )
    others = [name for name in CLOUDS if name != cloud and regions_within(name, codes)]
    if cloud in CLOUDS and others:
        moved = regions_within(others[0], codes)[0]
        options.append(
            Option(f"Move to {others[0]} in {moved}", (answered("cloud", others[0]), answered("regions", [moved])))
        )
    where = ", ".join(codes)
    yield Conflict(
        "C4",
        f"Data must stay in {where}, but {', '.join(outside)} lies outside."
        if outside
        else f"Data must stay in {where}, where {cloud} has no region.",
        ("regions", "residency") if outside else ("cloud", "residency"),
        tuple(options),
    )


def cloud_behind_air_gap(constraints: Constraints) -> Iterator[Conflict]:
    """Find C5: a public cloud or a hosted model behind an air gap."""
    if not constraints.value("air_gapped"):
        return
    cloud = constraints.value("cloud")
    hosted = constraints.value("external_llm_ok") is True
    regions = bool(constraints.value("regions"))
    if cloud not in CLOUDS and not hosted and not regions:
        return
    onprem = (answered("cloud", "onprem"), answered("external_llm_ok", False))
    yield Conflict(
        "C5",
        "An air-gapped system reaches neither a public cloud nor a hosted model.",
        (
            "air_gapped",
            *(("cloud",) if cloud in CLOUDS else ()),
            *(("external_llm_ok",) if hosted else ()),
            *(("regions",) if regions else ()),
        ),
        (
            Option("Stay air-gapped, on our own servers", onprem, ("regions",)),
            Option("Give up the air gap", (answered("air_gapped", False),)),
        ),
    )


def denied_personal_data(constraints: Constraints) -> Iterator[Conflict]:
    """Find C6: "no personal data" beside words for personal data."""
    kinds = list(constraints.value("data_kinds") or ())
    held = [kind for kind in kinds if kind in PERSONAL_KINDS]
    if "none" not in kinds or not held:
        return
    rest = [kind for kind in kinds if kind != "none"]
    yield Conflict(
        "C6",
        f"The brief says no personal data, and names what holds it: {', '.join(held)}.",
        ("data_kinds",),
        (
            Option(
                "It does hold personal data", (answered("data_kinds", rest), answered("data_class", class_of(rest)))
            ),
            Option(
                "It is pseudonymised before it arrives",
                (answered("data_kinds", ["pseudonymous"]), answered("data_class", class_of(["pseudonymous"]))),
            ),
            Option("There is none", (answered("data_kinds", ["none"]), answered("data_class", class_of(["none"])))),
        ),
    )


def nightly_and_at_once(constraints: Constraints) -> Iterator[Conflict]:
    """Find C9: real-time predictions asked of a scheduled run."""
    serving = constraints.get("serving")
    if serving is None or not serving.alternatives:
        return
    yield Conflict(
        "C9",
        "The brief asks for real-time predictions and for a scheduled run.",
        ("serving", "run_cadence"),
        (
            Option("Scheduled runs are enough", (answered("serving", list(serving.value)),)),
            Option("Answer each request at once", (answered("serving", list(serving.alternatives[0])),)),
            Option("Both", (answered("serving", [*serving.alternatives[0], *serving.value]),)),
        ),
    )


def shown(name: str, value: Any) -> str:
    """Return a value as a person would read it."""
    if name == "budget_usd_month" and isinstance(value, dict):
        amount = f"{value.get('amount') or 0:,.0f} {value.get('currency')}"
        return f"{amount} a {value['period']}" if value.get("period") else amount
    if isinstance(value, float):
        return f"{value:,.6g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _cheapness(name: str, value: Any) -> float:
    """Return how much a value costs to grant: larger loads and tighter limits cost more."""
    if name == "budget_usd_month":
        return -float((value or {}).get("cap") or (value or {}).get("target") or 0.0)
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    return -number if name in ("latency_ms", "rto_min", "rpo_min", "freshness_s") else number


def two_values(constraints: Constraints) -> Iterator[Conflict]:
    """Find C10: two values of one field and no word of correction."""
    for name, fact in constraints.facts.items():
        if not fact.alternatives or name in ("serving", "latency_stat"):
            continue
        given = (fact.value, *fact.alternatives)
        cheapest_first = sorted(given, key=lambda value: _cheapness(name, value))
        label = FACT_NAMES.get(name, name.replace("_", " "))
        values = " and ".join(shown(name, value) for value in given)
        yield Conflict(
            "C10",
            f"The brief gives more than one {label}: {values}.",
            (name,),
            tuple(
                Option(f"{label[0].upper()}{label[1:]}: {shown(name, value)}", (answered(name, value, fact.unit),))
                for value in cheapest_first
            ),
        )
