"""Judge how much of what a design needs is known, and whether it is enough to plan."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from domain.mlops.facts import Constraints, Fact, Provenance

READY_FROM = 0.75

WEIGHTS: Mapping[str, float] = {
    "task": 0.08,
    "serving": 0.14,
    "load": 0.12,
    "latency": 0.08,
    "budget": 0.12,
    "cloud": 0.10,
    "residency": 0.07,
    "data": 0.10,
    "compliance": 0.05,
    "availability": 0.04,
    "retrain": 0.02,
    "data_volume": 0.02,
    "team": 0.02,
    "model": 0.02,
    "deployment": 0.01,
    "impact": 0.01,
}
"""What each field weighs; they add up to one. Load, residency and others are known by any of several facts."""

FACTS: Mapping[str, tuple[str, ...]] = {
    "task": ("task",),
    "serving": ("serving",),
    "load": ("peak_rps", "avg_rps", "rows_per_run", "items_per_day", "series", "devices", "chunks"),
    "latency": ("latency_ms",),
    "budget": ("budget_usd_month",),
    "cloud": ("cloud",),
    "residency": ("residency", "regions"),
    "data": ("data_kinds", "data_class"),
    "compliance": ("compliance",),
    "availability": ("availability_pct", "rto_min", "rpo_min"),
    "retrain": ("retrain",),
    "data_volume": ("data_gb", "data_gb_day", "retention_days"),
    "team": ("team_size", "skills"),
    "model": ("model_family", "params_b", "n_models"),
    "deployment": ("deploy_want", "deploy_avoid"),
    "impact": ("impact", "human_review"),
}
"""The facts that make each field known."""

MUST_BE_KNOWN = ("serving", "load", "budget", "cloud", "data")

_WORTH: Mapping[Provenance, float] = {
    Provenance.STATED: 1.0,
    Provenance.ANSWERED: 1.0,
    Provenance.DERIVED: 0.5,
    Provenance.ASSUMED: 0.0,
}


@frozen
class Coverage:
    """How much is known: ``score`` 0..1, the fields of which nothing is known, those only assumed, and readiness."""

    score: float
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    ready: bool


def is_applicable(field: str, constraints: Constraints) -> bool:
    """Tell whether a field matters: latency not for runs without a deadline, residency not behind an air gap."""
    if field == "latency":
        modes = set(constraints.value("serving") or ())
        deadline = constraints.value("latency_stat") == "deadline" and "latency_ms" in constraints
        return not modes or bool(modes - {"batch", "train_only"}) or deadline
    if field == "residency":
        return not constraints.value("air_gapped", False)
    return True


def says_something(fact: Fact) -> bool:
    """Tell whether a fact settles its field: an amount of money without a period does not."""
    if fact.name == "budget_usd_month" and fact.how is not Provenance.ANSWERED:
        value = fact.value or {}
        return value.get("cap") is not None or value.get("target") is not None
    return True


def best_of(field: str, constraints: Constraints) -> Provenance | None:
    """Return the surest way a field is known, or None where it is not."""
    facts = [fact for name in FACTS[field] if (fact := constraints.get(name)) is not None and says_something(fact)]
    return max((fact.how for fact in facts), key=lambda how: (_WORTH[how], how.value), default=None)


def coverage(constraints: Constraints, conflicts: Sequence[object] = (), *, accepted: bool = False) -> Coverage:
    """Return the coverage of the constraints.

    The score is the weight of what is known over the weight of what applies; what is stated or answered counts
    whole, what is derived half, what is assumed nothing. A design is ready from .75 on without open conflicts and
    with serving, load, budget, cloud and data known; or, without open conflicts, when the person ``accepted`` the
    assumptions.
    """
    known = whole = 0.0
    missing: list[str] = []
    assumed: list[str] = []
    for field, weight in WEIGHTS.items():
        if not is_applicable(field, constraints):
            continue
        whole += weight
        how = best_of(field, constraints)
        if how is None:
            missing.append(field)
            continue
        if how is Provenance.ASSUMED:
            assumed.append(field)
        known += weight * _WORTH[how]
    score = round(known / whole, 4)
    open_fields = {*missing, *assumed} & set(MUST_BE_KNOWN)
    ready = not conflicts and (accepted or (score >= READY_FROM and not open_fields))
    return Coverage(score, tuple(missing), tuple(assumed), ready)
