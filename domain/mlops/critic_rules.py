"""What a critic looks for on the request path: warmth, replicas, zones, recovery, head-room, limits, distance."""

from collections.abc import Callable, Mapping

from attrs import frozen

from domain.mlops import controls as c
from domain.mlops.availability import promised_pct
from domain.mlops.facts import Constraints
from domain.mlops.patterns import PATTERNS
from domain.mlops.plan import Plan, Severity
from domain.mlops.scoring import operating_skill
from domain.mlops.workload import Workload

Check = Callable[[Plan, Constraints, Workload], str | None]


@frozen
class Rule:
    """One rule of a critic: its gravity, its check (evidence or None) and the remedy in words."""

    name: str
    severity: Severity
    check: Check
    remedy: str


FUNCTION_PAYLOAD_KB = 6_000.0
FUNCTION_CONCURRENCY = 1_000
GATEWAY_TIMEOUT_MS = 29_000.0
BALANCER_TIMEOUT_MS = 60_000.0
QUOTA_SHARE = 0.8
_STORES = frozenset({"feature_store", "cache", "vector_index", "llm", "database"})
_ON_THE_PATH = frozenset({"serve", "load_balancer", "gateway", *_STORES})
_SLOW_TO_SCALE = frozenset(
    {
        "online_containers",
        "managed_platform",
        "k8s_multimodel",
        "stream_features_online",
        "recsys_two_stage",
        "llm_gpu_selfhost",
        "onprem_airgap",
    }
)


def setting(plan: Plan, role: str, name: str) -> float | None:
    """Return a numeric setting of a component, or None where either is missing."""
    component = plan.component(role)
    value = None if component is None else component.settings.get(name)
    return float(value) if isinstance(value, (int, float)) else None


def _cold_start(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    cold = setting(plan, "serve", "min_instances") == 0 and not work.cold_start_ok
    if cold and work.latency_ms is not None and work.latency_ms < 1500:
        return f"Serving scales to zero: a cold start takes about 1500 ms, the limit is {work.latency_ms:g} ms."
    return None


def _one_replica(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    replicas = setting(plan, "serve", "replicas")
    if replicas is not None and replicas < 2 and work.availability_pct >= 99.9:
        return f"One replica cannot keep {work.availability_pct:g} %."
    return None


def _one_zone(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    zones = setting(plan, "serve", "zones")
    if zones is not None and zones < 2 and work.availability_pct >= 99.9:
        return f"All replicas run in one zone; the target is {work.availability_pct:g} %."
    return None


def _no_restore(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    wanted = work.rto_min is not None or work.rpo_min is not None or work.availability_pct >= 99.99
    if wanted and c.RESTORE_PATH not in plan.controls:
        return "A recovery time or point is asked for, but nothing restores the system."
    return None


def _too_busy(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    replicas, vcpu = setting(plan, "serve", "replicas"), setting(plan, "serve", "vcpu")
    if replicas and vcpu:
        busy = work.peak_rps * work.cpu_seconds / (replicas * vcpu)
        if busy > 0.701:
            return f"Replicas are {busy:.0%} busy at {work.peak_rps:g} rps; above 70 % queues grow."
    return None


def _bursts(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    ratio = work.peak_rps / work.avg_rps if work.avg_rps else 0.0
    if ratio > 5 and plan.pattern in _SLOW_TO_SCALE and c.HEADROOM not in plan.controls:
        return f"The peak is {ratio:.1f} times the average and scaling out takes over a minute."
    return None


def _quota(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    used = work.peak_rps * work.cpu_seconds
    limit = FUNCTION_CONCURRENCY * QUOTA_SHARE
    if plan.pattern == "online_serverless" and used > limit and c.QUOTA_RAISE not in plan.controls:
        return f"{used:,.0f} concurrent executions are over 80 % of the quota of {FUNCTION_CONCURRENCY:,}."
    memory = setting(plan, "serve", "memory_gb")
    if plan.pattern == "online_serverless" and memory and memory > 10 * QUOTA_SHARE:
        return f"{memory:g} GB a function is over 80 % of the limit of 10 GB."
    return None


def _over_limit(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    if c.ASYNC_LARGE in plan.controls or work.main != "online":
        return None
    if plan.pattern == "online_serverless" and work.payload_kb > FUNCTION_PAYLOAD_KB:
        return f"A payload of {work.payload_kb:,.0f} KB is over the function's limit of 6 MB."
    timeout = GATEWAY_TIMEOUT_MS if plan.pattern == "online_serverless" else BALANCER_TIMEOUT_MS
    if work.latency_ms is not None and work.latency_ms > timeout:
        return f"Answers may take {work.latency_ms / 1000:g} s; the entry closes after {timeout / 1000:g} s."
    return None


def _serial_calls(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    stores = sum(1 for component in plan.components if component.role in _STORES)
    calls = max(PATTERNS[plan.pattern].serial_calls, 1 + stores)
    if calls > 3 and work.latency_ms is not None and work.latency_ms < 150 and c.PARALLEL_CALLS not in plan.controls:
        return f"A request makes {calls} calls one after the other within {work.latency_ms:g} ms."
    return None


def _far_path(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    home = plan.regions[0]
    away = sorted(
        f"{component.role} in {component.settings['region']}"
        for component in plan.components
        if component.role in _ON_THE_PATH and component.settings.get("region", home) != home
    )
    return f"The request path leaves {home}: {', '.join(away)}." if away else None


def _hard_to_run(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    ops, team = PATTERNS[plan.pattern].ops, operating_skill(work)
    if ops > team + 1 and c.MANAGED_OPERATION not in plan.controls:
        return f"The pattern asks for operating skill {ops:g}; the team's is {team}."
    return None


def _availability(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    promised = promised_pct(plan)
    if work.main == "online" and promised + 1e-9 < work.availability_pct:
        return f"The parts together promise {promised:.3f} %, below the target of {work.availability_pct:g} %."
    return None


H, M = Severity.BLOCK, Severity.WARN

SERVING_RULES: tuple[Rule, ...] = (
    Rule("T01", H, _cold_start, "Keep at least one instance warm."),
    Rule("T02", H, _one_replica, "Run at least two replicas."),
    Rule("T03", H, _one_zone, "Spread the replicas over zones."),
    Rule("T04", H, _no_restore, "Add backups with a tested restore, or a warm standby where an hour is too long."),
    Rule("T11", H, _too_busy, "Add replicas until they are at most 70 % busy at peak."),
    Rule("T12", M, _bursts, "Keep head-room for bursts or put a queue in front."),
    Rule("T13", M, _quota, "Raise the quota and alarm at 80 % of it."),
    Rule("T14", H, _over_limit, "Take large or long requests through a queue and answer later."),
    Rule("T15", M, _serial_calls, "Run look-ups in parallel or from a local cache."),
    Rule("T16", H, _far_path, "Bring the request path into one region."),
    Rule("T20", M, _hard_to_run, "Choose more managed services, train the team or buy support."),
    Rule("T28", H, _availability, "Answer from a fallback when a dependency is down, or add a region."),
)

RULE_ORDER: Mapping[str, int] = {f"T{number:02d}": number for number in range(1, 29)}
