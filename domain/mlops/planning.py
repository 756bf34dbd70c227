"""Turn constraints into a plan: the best pattern made concrete with services, sizes, cost, controls and objectives."""

from typing import ClassVar

from domain.mlops import controls as c
from domain.mlops.blueprint import components_of
from domain.mlops.costs import estimate, needs_standby
from domain.mlops.facts import Constraints
from domain.mlops.measuring import workload_of
from domain.mlops.patterns import PATTERNS, profile_of
from domain.mlops.plan import Plan
from domain.mlops.scoring import rank_patterns
from domain.mlops.sizing import size
from domain.mlops.workload import Workload
from domain.model.errors import DomainError

_SPINE_CONTROLS = (
    c.DATA_CHECKS,
    c.APPROVAL_GATE,
    c.BASELINE_GATE,
    c.DRIFT_CHECK,
    c.BUDGET_ALARM,
    c.SHARED_FEATURES,
    c.REQUEST_IDS,
    c.SLO_DASHBOARD,
    c.TLS,
    c.PRIVATE_NETWORK,
)


class UnknownPatternError(DomainError):
    """Raised when a plan is asked for with a pattern that is not in the table."""

    code: ClassVar[str] = "unknown_pattern"

    def __init__(self, pattern: str) -> None:
        super().__init__(f"There is no pattern {pattern}; choose one of {', '.join(sorted(PATTERNS))}.")
        self.pattern = pattern


def make_plan(constraints: Constraints, *, pattern: str | None = None) -> Plan:
    """Design the system: the best ranked pattern, or ``pattern`` when a person insists on one.

    A plan whose pattern is ruled out is still whole, and says so with ``feasible=False``.

    Raises:
        UnknownPatternError: ``pattern`` is not one of the known patterns.
    """
    candidates = rank_patterns(constraints)
    if pattern is not None and pattern not in PATTERNS:
        raise UnknownPatternError(pattern)
    chosen = next(item for item in candidates if pattern is None or item.pattern == pattern)
    workload = workload_of(constraints)
    sizing = size(chosen.pattern, workload)
    return Plan(
        name=plan_name(workload, constraints),
        task=workload.task,
        modes=workload.modes,
        pattern=chosen.pattern,
        cloud=workload.cloud,
        regions=regions_of_plan(workload),
        tier=workload.tier,
        feasible=not chosen.vetoes,
        model_family=workload.model_family,
        metric=profile_of(workload.task).metric,
        components=components_of(chosen.pattern, workload, sizing),
        cost=estimate(chosen.pattern, workload),
        candidates=candidates,
        sizing={name: round(value, 4) for name, value in sizing.items()},
        slo=objectives_of(workload, constraints),
        controls=controls_of(chosen.pattern, workload, constraints),
        assumptions=workload.assumptions,
        budget_cap_usd=workload.cap_usd,
        retrain=workload.retrain,
        gpu=PATTERNS[chosen.pattern].gpu or bool(sizing.get("gpu_nodes")),
        data_class=workload.data_class,
        data_kinds=tuple(str(kind) for kind in constraints.value("data_kinds") or ()),
        compliance=tuple(str(name) for name in constraints.value("compliance") or ()),
    )


def plan_name(workload: Workload, constraints: Constraints) -> str:
    """Return a name for the system from its use case or task and main mode, fit for files and cloud resources."""
    subject = str(constraints.value("use_case") or workload.task).lower()
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in subject).split()
    return "-".join([*(words[:3] or [workload.task]), workload.main.replace("_", "-")])[:48].strip("-")


def regions_of_plan(workload: Workload) -> tuple[str, ...]:
    """Return the home region, and a second one inside the residency where the design needs a standby."""
    return workload.regions[:2] if needs_standby(workload) else workload.regions[:1]


def objectives_of(workload: Workload, constraints: Constraints) -> dict[str, float]:
    """Return the service level objectives as numbers: percent, milliseconds, minutes, seconds."""
    slo = {
        "availability_pct": workload.availability_pct,
        "error_budget_min_month": round((100 - workload.availability_pct) / 100 * 43_800, 1),
    }
    if workload.latency_ms is not None:
        stat = str(constraints.value("latency_stat") or "p95")
        slo[f"latency_{stat}_ms"] = workload.latency_ms
    for name in ("rto_min", "rpo_min", "freshness_s"):
        value = constraints.value(name)
        if value is not None:
            slo[name] = float(value)
    return slo


def controls_of(pattern: str, workload: Workload, constraints: Constraints) -> tuple[str, ...]:
    """Return the controls every design has and those the data, the regimes and the impact ask for."""
    compliance = {str(name).upper() for name in constraints.value("compliance") or ()}
    kinds = set(constraints.value("data_kinds") or ())
    personal = workload.data_class in ("personal", "special")
    hosted_model = pattern == "llm_rag_api"
    use = str(constraints.value("use_case") or "").lower()
    credit = any(word in use for word in ("credit", "loan", "lending"))
    hiring = any(word in use for word in ("hiring", "recruit", "applicant"))
    wanted = [
        (personal or workload.regulated, c.ENCRYPTION),
        (workload.regulated, c.AUDIT_LOG),
        (bool(workload.residency) and workload.residency_strict, c.REGION_LOCK),
        (personal, c.PSEUDONYMS),
        (workload.data_class == "special", c.RETENTION),
        (workload.data_class == "special" and "GDPR" in compliance, c.IMPACT_ASSESSMENT),
        (personal and hosted_model, c.PROVIDER_TERMS),
        ("PCI-DSS" in compliance or "pan" in kinds, c.TOKENISE_CARDS),
        ("PCI-DSS" in compliance, c.WEB_FIREWALL),
        ("HIPAA" in compliance, c.BAA),
        ("children" in kinds, c.CONSENT),
        (bool(constraints.value("human_review")), c.HUMAN_REVIEW),
        (credit, c.REASON_CODES),
        (credit or hiring, c.FAIRNESS_SLICES),
        (credit or hiring, c.RISK_FILE),
        (workload.task in ("rag", "llm") and workload.main == "online", c.DISCLOSURE),
    ]
    return (*_SPINE_CONTROLS, *(control for applies, control in wanted if applies))
