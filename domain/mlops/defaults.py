"""The value each field takes when nobody says otherwise, and constraints completed with them."""

from collections.abc import Mapping
from typing import Any

from domain.mlops.coverage import is_applicable
from domain.mlops.data_kinds import class_of
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.placement import candidate_regions, normal_code
from domain.mlops.regimes import countries_of, regimes_following
from domain.mlops.regions import CLOUD_OF_REGION, CLOUDS

AS_OF = "2026-01"

DEFAULT_RPS = 5.0
DEFAULT_ROWS = 100_000
DEFAULT_SERIES = 1_000
DEFAULT_DEVICES = 100
USES_A_DAY = 10
PEAK_OVER_AVERAGE = 3.0
AVERAGE_OVER_PEAK = 0.4
CHEAP_USD = 150.0
DECIDES_ABOUT_PEOPLE = frozenset({"credit", "hiring", "claims", "insurance", "education"})

_MODE_BY_TASK: Mapping[str, str] = {"forecasting": "batch", "speech": "async", "anomaly": "stream"}
_MODE_BY_USE: Mapping[str, str] = {"churn": "batch", "demand": "batch"}
_KINDS_BY_TASK: Mapping[str, str] = {
    "fraud": "financial",
    "recsys": "pseudonymous",
    "ranking": "pseudonymous",
    "speech": "biometric",
    "nlp": "pii",
    "llm": "pii",
    "rag": "pii",
    "anomaly": "telemetry",
    "forecasting": "none",
    "cv": "none",
}
_KINDS_BY_USE: Mapping[str, str] = {
    "credit": "financial",
    "hiring": "employment",
    "claims": "financial",
    "insurance": "financial",
    "education": "children",
    "churn": "pseudonymous",
    "personalisation": "pseudonymous",
    "maintenance": "telemetry",
}
_RETRAIN_BY_TASK: Mapping[str, str] = {
    "fraud": "weekly",
    "recsys": "weekly",
    "forecasting": "weekly",
    "llm": "none",
    "rag": "none",
}
_LANGUAGE = frozenset({"llm", "rag"})


def budget_of(constraints: Constraints) -> float | None:
    """Return the cap, else the target, in US dollars a month, or None."""
    budget = constraints.value("budget_usd_month") or {}
    cap = budget.get("cap")
    return cap if cap is not None else budget.get("target")


def default_task(constraints: Constraints) -> str:
    """Return the task to assume: detection on devices, else classification."""
    return "cv" if constraints.value("serving", [None])[:1] == ["edge"] else "classification"


def default_serving(constraints: Constraints) -> str:
    """Return the mode the use case and the task usually have."""
    use, task = constraints.value("use_case", ""), constraints.value("task", "")
    return _MODE_BY_USE.get(use) or _MODE_BY_TASK.get(task) or "online"


def default_load(constraints: Constraints) -> tuple[str, float]:
    """Return the fact that measures the load of this design and the value to assume for it."""
    modes = constraints.value("serving") or [default_serving(constraints)]
    if modes[0] == "edge":
        return "devices", DEFAULT_DEVICES
    if constraints.value("task") == "forecasting" and modes[0] == "batch":
        return "series", DEFAULT_SERIES
    users = constraints.value("users")
    if modes[0] in ("batch", "train_only"):
        return "rows_per_run", int(users) if users else DEFAULT_ROWS
    return "peak_rps", round(PEAK_OVER_AVERAGE * users * USES_A_DAY / 86_400, 4) if users else DEFAULT_RPS


def default_latency(constraints: Constraints) -> float:
    """Return the latency limit in milliseconds to assume."""
    modes = constraints.value("serving") or [default_serving(constraints)]
    if modes[0] in ("stream", "async", "batch"):
        return 60_000.0
    return 5_000.0 if constraints.value("task") in _LANGUAGE else 200.0


def default_cloud(constraints: Constraints) -> str:
    """Return the cloud the team knows, else that of the regions named, else the first not avoided."""
    if constraints.value("air_gapped"):
        return "onprem"
    avoided = set(constraints.value("cloud_avoid") or ())
    skills = [skill for skill in constraints.value("skills") or () if skill in CLOUDS]
    regions = [CLOUD_OF_REGION[region] for region in constraints.value("regions") or () if region in CLOUD_OF_REGION]
    return next((cloud for cloud in (*skills, *regions, *CLOUDS) if cloud not in avoided), "onprem")


def default_kinds(constraints: Constraints) -> list[str]:
    """Return the kinds of data the use case or the task usually has."""
    use, task = constraints.value("use_case", ""), constraints.value("task", "")
    return [_KINDS_BY_USE.get(use) or _KINDS_BY_TASK.get(task) or "pseudonymous"]


def default_residency(constraints: Constraints) -> dict[str, Any]:
    """Return the country the brief names as a preference, or no restriction."""
    named = [normal_code(code) for code in constraints.value("countries") or ()]
    return {"codes": named[:1], "strict": False}


def default_availability(constraints: Constraints) -> float:
    """Return 99.9 %, or 99.5 % where the budget allows no second replica."""
    budget = budget_of(constraints)
    return 99.5 if budget is not None and budget < CHEAP_USD else 99.9


def default_regimes(constraints: Constraints) -> list[str]:
    """Return the regimes that follow from the data and the places."""
    return list(regimes_following(constraints.value("data_kinds") or (), countries_of(constraints)))


def decides_about_people(constraints: Constraints) -> bool:
    """Tell whether the use case is one that usually decides about people."""
    return constraints.value("use_case") in DECIDES_ABOUT_PEOPLE


def _assume(constraints: Constraints, name: str, value: Any, unit: str | None = None) -> Constraints:
    return constraints if name in constraints else constraints.having(Fact(name, value, Provenance.ASSUMED, unit=unit))


def _with_load(constraints: Constraints) -> Constraints:
    peak, average = constraints.value("peak_rps"), constraints.value("avg_rps")
    modes = constraints.value("serving")
    counted = ("rows_per_run", "items_per_day", "series", "devices")
    if peak is None and average is None and not any(name in constraints for name in counted):
        name, value = default_load(constraints)
        constraints = _assume(constraints, name, value)
        peak = constraints.value("peak_rps")
    if peak is not None:
        constraints = _assume(constraints, "avg_rps", round(AVERAGE_OVER_PEAK * peak, 6), "1/s")
    elif average is not None:
        constraints = _assume(constraints, "peak_rps", round(PEAK_OVER_AVERAGE * average, 6), "1/s")
    if modes[0] == "batch":
        constraints = _assume(constraints, "run_cadence", "daily")
    return constraints


def _with_regions(constraints: Constraints) -> Constraints:
    cloud = constraints.value("cloud")
    if cloud not in CLOUDS or "regions" in constraints:
        return constraints
    residency = constraints.value("residency") or {}
    regions = candidate_regions(
        cloud,
        stated=(),
        codes=tuple(residency.get("codes") or ()),
        strict=bool(residency.get("strict")),
        currency=(constraints.value("budget_usd_month") or {}).get("currency"),
    )
    return _assume(constraints, "regions", [regions[0]])


def assume_defaults(constraints: Constraints) -> Constraints:
    """Return the constraints with an assumption for every unknown field that planning needs.

    Nothing known is changed. The budget stays unknown: without one there is no cap.
    """
    known = _assume(constraints, "task", default_task(constraints))
    known = _assume(known, "serving", [default_serving(known)])
    known = _with_load(known)
    if is_applicable("latency", known):
        known = _assume(known, "latency_ms", default_latency(known), "ms")
        known = _assume(known, "latency_stat", "p95")
    known = _assume(known, "cloud", default_cloud(known))
    if is_applicable("residency", known):
        known = _assume(known, "residency", default_residency(known))
        known = _with_regions(known)
    known = _assume(known, "data_kinds", default_kinds(known))
    known = _assume(known, "data_class", class_of(known.value("data_kinds")))
    known = _assume(known, "compliance", default_regimes(known))
    known = _assume(known, "availability_pct", default_availability(known), "%")
    known = _assume(known, "retrain", _RETRAIN_BY_TASK.get(known.value("task"), "monthly"))
    return _assume(known, "impact", "automated_significant" if decides_about_people(known) else "none")
