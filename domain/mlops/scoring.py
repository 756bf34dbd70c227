"""Weigh the patterns against the constraints: a score of 0 to 100 each, its parts, and what rules a pattern out."""

from math import ceil, log10

from attrs import evolve, frozen

from domain.mlops.availability import reachable_pct
from domain.mlops.costs import estimate, needs_standby
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.measuring import workload_of
from domain.mlops.patterns import LANGUAGE_MODEL, MANY_MODELS, PATTERNS, Pattern
from domain.mlops.plan import Candidate
from domain.mlops.workload import Workload

WEIGHTS = {
    "mode": 0.22,
    "task": 0.22,
    "latency": 0.14,
    "load": 0.10,
    "cost": 0.14,
    "ops": 0.10,
    "preference": 0.08,
}
TIE = 0.5
CLEARLY_CHEAPER = 0.25

_NEXT_TO_NOTHING = 1e-9
_CAP_TRIALS = 8
_CAP_STEP = 50
_ROOM = 1.2


@frozen
class _Case:
    constraints: Constraints
    workload: Workload
    wanted: frozenset[str]
    avoided: frozenset[str]
    use_case: str

    @classmethod
    def of(cls, constraints: Constraints) -> "_Case":
        return cls(
            constraints=constraints,
            workload=workload_of(constraints),
            wanted=frozenset(constraints.value("deploy_want") or ()),
            avoided=frozenset(constraints.value("deploy_avoid") or ()),
            use_case=str(constraints.value("use_case") or "").lower(),
        )


def rank_patterns(constraints: Constraints) -> tuple[Candidate, ...]:
    """Return all patterns, the best first: those with fewest vetoes, among them by score.

    Candidates within half a point of the best of equally vetoed ones are tied: the cheaper wins when the other costs
    over a quarter more, otherwise the one that asks less of the team.
    """
    case = _Case.of(constraints)
    ranked = sorted(
        (_weigh(pattern, case) for pattern in PATTERNS.values()),
        key=lambda candidate: (len(candidate.vetoes), -candidate.score, candidate.pattern),
    )
    leader = ranked[0]
    best = leader
    for rival in ranked[1:]:
        if len(rival.vetoes) == len(leader.vetoes) and leader.score - rival.score <= TIE and _beats(rival, best):
            best = rival
    return (best, *(candidate for candidate in ranked if candidate is not best))


def fastest_floor_ms(constraints: Constraints) -> float:
    """Return the fastest server-side p99 in milliseconds of any pattern that only its latency could rule out."""
    case = _Case.of(constraints.without("latency_ms"))
    candidates = [_weigh(pattern, case) for pattern in PATTERNS.values()]
    fewest = min(len(candidate.vetoes) for candidate in candidates)
    return min(PATTERNS[item.pattern].floor_ms for item in candidates if len(item.vetoes) == fewest)


def cheapest_usd(constraints: Constraints) -> float:
    """Return the base cost a month of the cheapest pattern that can do it (of the least ruled out, if none can)."""
    candidates = rank_patterns(constraints)
    fewest = len(candidates[0].vetoes)
    return min(candidate.base_usd for candidate in candidates if len(candidate.vetoes) == fewest)


def sufficient_cap_usd(constraints: Constraints) -> float:
    """Return a monthly cap, in steps of 50, under which the best pattern fits with a sixth to spare.

    It is not the present price and a margin: a higher cap opens a better tier, whose plans cost more.
    """
    cap = _rounded_cap(cheapest_usd(constraints))
    for _ in range(_CAP_TRIALS):
        budget = {"target": None, "cap": cap, "amount": cap, "currency": "USD", "period": "month"}
        capped = constraints.having(Fact("budget_usd_month", budget, Provenance.ASSUMED, "USD/month"))
        needed = _rounded_cap(rank_patterns(capped)[0].base_usd)
        if needed <= cap:
            break
        cap = needed
    return cap


def _rounded_cap(base_usd: float) -> float:
    return float(ceil(base_usd * _ROOM / _CAP_STEP) * _CAP_STEP)


def operating_skill(workload: Workload) -> int:
    """Return what the team can operate, on the patterns' scale of 1 to 5: by its size, one more for platform skills."""
    size = workload.team_size
    if size is None:
        level = 2
    elif size <= 2:
        level = 1
    else:
        level = 2 if size <= 5 else 3 if size <= 12 else 4
    platform = any(word in skill for skill in workload.skills for word in ("devops", "k8s", "kubernetes", "sre"))
    return level + (1 if platform else 0)


def _beats(rival: Candidate, best: Candidate) -> bool:
    if rival.base_usd < best.base_usd * (1 - CLEARLY_CHEAPER):
        return True
    if best.base_usd < rival.base_usd * (1 - CLEARLY_CHEAPER):
        return False
    return PATTERNS[rival.pattern].ops < PATTERNS[best.pattern].ops


def _weigh(pattern: Pattern, case: _Case) -> Candidate:
    base = estimate(pattern.name, case.workload).base
    parts = {
        "mode": _mode(pattern, case.workload),
        "task": _task(pattern, case),
        "latency": _latency(pattern, case.workload),
        "load": _load(pattern, case.workload),
        "cost": _cost(base, case.workload.cap_usd),
        "ops": max(0.0, 1 - 0.3 * max(0.0, pattern.ops - operating_skill(case.workload))),
        "preference": _preference(pattern, case),
    }
    score = 100 * sum(WEIGHTS[name] * part for name, part in parts.items())
    candidate = Candidate(
        pattern=pattern.name,
        score=round(min(100.0, max(0.0, score)), 2),
        parts={name: round(part, 3) for name, part in parts.items()},
        base_usd=base,
        vetoes=_vetoes(pattern, case),
    )
    return evolve(candidate, reasons=_reasons(pattern, case.workload, candidate))


def _mode(pattern: Pattern, workload: Workload) -> float:
    return len(set(workload.modes) & set(pattern.modes)) / len(set(workload.modes))


def _task(pattern: Pattern, case: _Case) -> float:
    if case.workload.task in pattern.tasks or any(word in case.use_case for word in pattern.use_cases):
        return 1.0
    if pattern.name == "k8s_multimodel" and case.workload.n_models >= MANY_MODELS:
        return 1.0
    return 0.7 if pattern.any_task else 0.45


def _latency(pattern: Pattern, workload: Workload) -> float:
    limit = workload.latency_ms
    if limit is None:
        return 0.7
    if limit <= 0:
        return 0.0
    return max(0.0, min(1.0, (limit - pattern.floor_ms) / (limit / 2)))


def _load(pattern: Pattern, workload: Workload) -> float:
    if pattern.band is None or workload.peak_rps <= 0:
        return 1.0
    low, high = pattern.band
    if low <= workload.peak_rps <= high:
        return 1.0
    edge = low if workload.peak_rps < low else high
    return max(0.0, 1 - abs(log10(max(workload.peak_rps / edge, _NEXT_TO_NOTHING))) / 2)


def _cost(base: float, cap: float | None) -> float:
    if cap is None:
        return 0.6
    if cap <= 0:
        return 1.0 if base <= 0 else 0.0
    return max(0.0, min(1.0, 1 - (base / cap - 0.7) / 0.6))


def _preference(pattern: Pattern, case: _Case) -> float:
    if not case.wanted:
        return 0.5
    return 1.0 if pattern.deploy in case.wanted else 0.1


def _vetoes(pattern: Pattern, case: _Case) -> tuple[str, ...]:
    work, constraints = case.workload, case.constraints
    vetoes: list[str] = []
    if work.main not in pattern.modes:
        vetoes.append(f"does not serve the main mode, {work.main}")
    vetoes.extend(_task_vetoes(pattern, case))
    if work.latency_ms is not None and pattern.floor_ms > work.latency_ms:
        vetoes.append(f"its floor of {pattern.floor_ms:g} ms is above the limit of {work.latency_ms:g} ms")
    if pattern.veto_above is not None and work.peak_rps > pattern.veto_above:
        vetoes.append(f"{work.peak_rps:g} rps is above its limit of {pattern.veto_above:g}")
    if work.cloud not in pattern.platforms:
        vetoes.append(f"does not run on {work.cloud}")
    unreachable = _availability_veto(pattern, case)
    if unreachable is not None:
        vetoes.append(unreachable)
    if pattern.deploy in case.avoided:
        vetoes.append(f"{pattern.deploy} is to be avoided")
    if pattern.name == "llm_rag_api" and constraints.value("external_llm_ok") is False:
        vetoes.append("a hosted language model is forbidden")
    if pattern.name == "k8s_multimodel" and work.n_models < MANY_MODELS and "k8s" not in case.wanted:
        vetoes.append(f"needs {MANY_MODELS} models or a wish for Kubernetes")
    return tuple(vetoes)


def _availability_veto(pattern: Pattern, case: _Case) -> str | None:
    work, target = case.workload, case.constraints.get("availability_pct")
    stated = target is not None and target.value is not None and target.how is not Provenance.ASSUMED
    if not stated or work.main != "online" or work.cloud not in pattern.platforms:
        return None
    regions = len(work.regions[:2]) if needs_standby(work) else 1
    reachable = reachable_pct(pattern.name, work.cloud, regions)
    if reachable + 1e-9 >= work.availability_pct:
        return None
    return f"reaches {reachable:.3f} % of availability at best, the target is {work.availability_pct:g} %"


def _task_vetoes(pattern: Pattern, case: _Case) -> list[str]:
    task = case.workload.task
    if pattern.name == "onprem_airgap":
        return []
    language = pattern.name.startswith("llm_")
    if language != (task in LANGUAGE_MODEL):
        return [f"{'is only for' if language else 'is not for'} language models; the task is {task}"]
    if pattern.name == "recsys_two_stage" and task not in ("recsys", "ranking"):
        return ["needs a recommendation or ranking task"]
    if task == "forecasting" and pattern.name not in ("forecast_batch", "batch_serverless", "managed_platform"):
        if pattern.name == "edge_fleet" and case.workload.main == "edge":
            return []
        return ["cannot forecast"]
    if pattern.name == "forecast_batch" and task != "forecasting":
        return ["only forecasts"]
    return []


def _reasons(pattern: Pattern, work: Workload, candidate: Candidate) -> tuple[str, ...]:
    covered = [mode for mode in work.modes if mode in pattern.modes]
    reasons = [f"serves {', '.join(covered) or 'none'} of {', '.join(work.modes)}"]
    if candidate.parts["task"] == 1.0:
        reasons.append(f"made for {work.task}")
    if work.latency_ms is not None:
        reasons.append(f"floor {pattern.floor_ms:g} ms against {work.latency_ms:g} ms")
    if pattern.band is not None and work.peak_rps > 0:
        reasons.append(f"{work.peak_rps:g} rps against a band of {pattern.band[0]:g} to {pattern.band[1]:g}")
    cost = f"about {candidate.base_usd:,.0f} USD a month"
    reasons.append(cost if work.cap_usd is None else f"{cost} of {work.cap_usd:,.0f}")
    reasons.append(f"operating demand {pattern.ops:g} for a team of level {operating_skill(work)}")
    return tuple(reasons)
