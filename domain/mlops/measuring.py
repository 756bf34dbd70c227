"""Read constraints into the numbers of a workload, filling what is missing with documented defaults."""

from collections.abc import Mapping

from domain.mlops.facts import Constraints, Provenance
from domain.mlops.patterns import CPU_SECONDS, DEFAULT_TASK, LANGUAGE_MODEL, profile_of
from domain.mlops.placement import candidate_regions
from domain.mlops.prices import DAYS_A_MONTH, SECONDS_A_MONTH, tier_of
from domain.mlops.workload import Workload

REGULATED = frozenset({"HIPAA", "PCI-DSS", "FEDRAMP", "DORA", "SOC2", "ISO27001"})
SPECIAL_KINDS = frozenset({"pan", "health", "biometric"})
PERSONAL_KINDS = frozenset({"pseudonymous", "pii", "location", "financial", "employment", "card_token", "children"})
RUNS_A_MONTH: Mapping[str, float] = {"hourly": 730.0, "daily": DAYS_A_MONTH, "weekly": 4.35, "monthly": 1.0}
RETRAINS_A_MONTH: Mapping[str, float] = {
    "none": 0.0,
    "on_demand": 1 / 3,
    "quarterly": 1 / 3,
    "monthly": 1.0,
    "drift": 2.0,
    "weekly": 4.35,
    "daily": DAYS_A_MONTH,
    "hourly": 730.0,
    "continuous": 730.0,
}
DEFAULT_RPS = 5.0
DEFAULT_ROWS = 100_000
_ITEM_KB: Mapping[str, float] = {"cv": 500.0, "speech": 1000.0, "rag": 4.0, "llm": 4.0}
_MODE_BY_TASK: Mapping[str, str] = {"forecasting": "batch"}


def workload_of(constraints: Constraints) -> Workload:
    """Read the constraints into numbers, filling what is missing with the documented defaults."""
    notes = [f"{name} = {fact.value}" for name, fact in constraints.facts.items() if fact.how is Provenance.ASSUMED]
    task = str(constraints.value("task") or _note(notes, "task", DEFAULT_TASK))
    modes = _modes(constraints, task, notes)
    cloud = _cloud(constraints, notes)
    cap = cap_of(constraints)
    compliance = frozenset(str(name).upper() for name in constraints.value("compliance") or ())
    data_class = data_class_of(constraints)
    regulated = data_class == "special" or bool(compliance & REGULATED)
    residency = constraints.value("residency") or {}
    codes = tuple(residency.get("codes") or ())
    strict = bool(residency.get("strict"))
    tier = tier_of(cap, regulated=regulated)
    peak, avg, calls = _rates(constraints, modes, notes)
    retrain = str(constraints.value("retrain") or _default_retrain(task, tier, notes))
    availability = constraints.value("availability_pct")
    if availability is None:
        cheap = cap is not None and cap < 150
        availability = _note(notes, "availability_pct", 99.5 if cheap else 99.9)
    regions = candidate_regions(
        cloud,
        stated=tuple(constraints.value("regions") or ()),
        codes=codes,
        strict=strict,
        currency=(constraints.value("budget_usd_month") or {}).get("currency"),
    )
    if not constraints.value("regions") and not codes and cloud != "onprem":
        _note(notes, "region", regions[0])
    return Workload(
        task=task,
        modes=modes,
        cloud=cloud,
        regions=regions,
        tier=tier,
        regulated=regulated,
        data_class=data_class,
        peak_rps=peak,
        avg_rps=avg,
        calls_month=calls,
        rows_per_run=_rows(constraints, modes, notes),
        runs_month=_runs(constraints, modes, notes),
        series=_number(constraints, "series", 0.0),
        devices=_number(constraints, "devices", 0.0),
        chunks=_number(constraints, "chunks", 0.0),
        payload_kb=_number(constraints, "payload_kb", _ITEM_KB.get(task, 1.0)),
        latency_ms=_optional(constraints, "latency_ms"),
        availability_pct=float(availability),
        retrain=retrain,
        retrains_month=RETRAINS_A_MONTH.get(retrain, 1.0),
        data_gb=_data_gb(constraints),
        model_family=_family(constraints, task),
        n_models=max(1, int(_number(constraints, "n_models", 1))),
        params_b=_number(constraints, "params_b", 8.0),
        tokens_in=_number(constraints, "tokens_in", 3_000.0),
        tokens_out=_number(constraints, "tokens_out", 400.0),
        team_size=None if constraints.value("team_size") is None else int(constraints.value("team_size")),
        skills=tuple(str(skill).lower() for skill in constraints.value("skills") or ()),
        cap_usd=cap,
        cold_start_ok=bool(constraints.value("cold_start_ok", False)),
        compliance=compliance,
        rto_min=_optional(constraints, "rto_min"),
        rpo_min=_optional(constraints, "rpo_min"),
        residency=codes,
        residency_strict=strict,
        assumptions=tuple(notes),
    )


def cap_of(constraints: Constraints) -> float | None:
    """Return the monthly ceiling in US dollars: the cap, else the target, else None."""
    budget = constraints.value("budget_usd_month") or {}
    amount = budget.get("cap") if budget.get("cap") is not None else budget.get("target")
    return None if amount is None else float(amount)


def data_class_of(constraints: Constraints) -> str:
    """Return the class of the data (public, internal, personal or special), derived from its kinds when not given."""
    given = constraints.value("data_class")
    if given:
        return str(given)
    kinds = set(constraints.value("data_kinds") or ())
    if kinds & SPECIAL_KINDS:
        return "special"
    return "personal" if kinds & PERSONAL_KINDS else "internal"


def _note(notes: list[str], name: str, value: object) -> object:
    notes.append(f"{name} = {value}")
    return value


def _optional(constraints: Constraints, name: str) -> float | None:
    value = constraints.value(name)
    return None if value is None else float(value)


def _number(constraints: Constraints, name: str, default: float) -> float:
    value = constraints.value(name)
    return default if value is None else float(value)


def _modes(constraints: Constraints, task: str, notes: list[str]) -> tuple[str, ...]:
    stated = tuple(constraints.value("serving") or ())
    return stated or (str(_note(notes, "serving", _MODE_BY_TASK.get(task, "online"))),)


def _cloud(constraints: Constraints, notes: list[str]) -> str:
    stated = str(constraints.value("cloud") or "")
    if stated == "onprem" or constraints.value("air_gapped"):
        return "onprem"
    if stated in ("aws", "gcp", "azure"):
        return stated
    avoided = {str(cloud) for cloud in constraints.value("cloud_avoid") or ()}
    skills = " ".join(str(skill).lower() for skill in constraints.value("skills") or ())
    free = [cloud for cloud in ("aws", "gcp", "azure") if cloud not in avoided]
    known = [cloud for cloud in free if cloud in skills]
    return str(_note(notes, "cloud", (known or free or ["onprem"])[0]))


def _rates(constraints: Constraints, modes: tuple[str, ...], notes: list[str]) -> tuple[float, float, float]:
    peak, avg = _optional(constraints, "peak_rps"), _optional(constraints, "avg_rps")
    daily = _optional(constraints, "items_per_day")
    if avg is None and peak is None and daily is not None:
        avg, peak = daily / 86_400, 3 * daily / 86_400
    if avg is None and peak is None:
        if not set(modes) & {"online", "stream", "async"}:
            return 0.0, 0.0, 0.0
        users = _optional(constraints, "users")
        avg = None if users is None else users * 10 / 86_400
        peak = DEFAULT_RPS if avg is None else 3 * avg
        _note(notes, "peak_rps", round(peak, 4))
    if avg is None and peak is not None:
        avg = 0.4 * peak
    avg = avg or 0.0
    peak = max(avg, 3 * avg if peak is None else peak)
    return peak, avg, avg * SECONDS_A_MONTH if daily is None else daily * DAYS_A_MONTH


def _rows(constraints: Constraints, modes: tuple[str, ...], notes: list[str]) -> float:
    if "batch" not in modes:
        return 0.0
    rows = _optional(constraints, "rows_per_run")
    if rows is None:
        rows = _optional(constraints, "items_per_day")
    if rows is None:
        rows = _optional(constraints, "series")
    if rows is None:
        rows = _number(constraints, "users", 0) or None
    if rows is None and modes[0] == "batch":
        rows = float(str(_note(notes, "rows_per_run", DEFAULT_ROWS)))
    return rows or 0.0


def _runs(constraints: Constraints, modes: tuple[str, ...], notes: list[str]) -> float:
    if "batch" not in modes:
        return 0.0
    cadence = constraints.value("run_cadence") or _note(notes, "run_cadence", "daily")
    return RUNS_A_MONTH.get(str(cadence), DAYS_A_MONTH)


def _default_retrain(task: str, tier: str, notes: list[str]) -> str:
    if task in LANGUAGE_MODEL:
        return str(_note(notes, "retrain", "none"))
    return str(_note(notes, "retrain", "quarterly" if tier == "micro" else "monthly"))


def _data_gb(constraints: Constraints) -> float | None:
    total, daily = _optional(constraints, "data_gb"), _optional(constraints, "data_gb_day")
    if daily is not None:
        total = max(total or 0.0, daily * _number(constraints, "retention_days", 90))
    return total


def _family(constraints: Constraints, task: str) -> str:
    family = str(constraints.value("model_family") or "").lower()
    return family if family in CPU_SECONDS else profile_of(task).model_family
