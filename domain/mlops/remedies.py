"""Mend a plan: for each critic's rule the change to components and controls that answers it."""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from attrs import evolve

from domain.mlops import controls as c
from domain.mlops.costs import needs_standby
from domain.mlops.plan import Component, Plan
from domain.mlops.services import BACKUP, ONLINE_STORE, QUEUE
from domain.mlops.sizing import REPLICA_VCPU
from domain.mlops.workload import Workload

Remedy = Callable[[Plan, Workload], Plan]

_PATH_ROLES = ("serve", "load_balancer", "gateway", "feature_store", "cache", "vector_index", "llm", "database")


def with_control(plan: Plan, *controls: str) -> Plan:
    """Return the plan with these controls added once."""
    return evolve(plan, controls=tuple(dict.fromkeys((*plan.controls, *controls))))


def with_settings(plan: Plan, role: str, **changes: Any) -> Plan:
    """Return the plan with settings of every component of a role changed."""
    components = tuple(
        evolve(item, settings={**item.settings, **changes}) if item.role == role else item for item in plan.components
    )
    return evolve(plan, components=components)


def with_component(plan: Plan, component: Component) -> Plan:
    """Return the plan with a component added, unless its role is filled already."""
    if plan.component(component.role) is not None:
        return plan
    return evolve(plan, components=(*plan.components, component))


def _controls(*controls: str) -> Remedy:
    return lambda plan, _work: with_control(plan, *controls)


def _keep_warm(plan: Plan, work: Workload) -> Plan:
    warm = max(1, ceil(work.avg_rps * work.cpu_seconds))
    return with_control(with_settings(plan, "serve", min_instances=warm), c.MIN_INSTANCES)


def _two_replicas(plan: Plan, work: Workload) -> Plan:
    least = max(2, work.n_min)
    serve = plan.component("serve")
    replicas = max(least, int(serve.settings.get("replicas", least))) if serve else least
    return with_control(with_settings(plan, "serve", replicas=replicas, replicas_min=least), c.TWO_REPLICAS)


def _more_zones(plan: Plan, work: Workload) -> Plan:
    zones = 3 if work.availability_pct >= 99.95 else 2
    return with_control(with_settings(plan, "serve", zones=zones), c.MULTI_ZONE)


def _restorable(plan: Plan, work: Workload) -> Plan:
    settings = {"region": plan.regions[-1], "rpo_min": work.rpo_min or 1440, "rto_min": work.rto_min or 1440}
    plan = with_component(plan, Component("backup", BACKUP.get(plan.cloud, BACKUP["aws"]), settings))
    plan = with_control(plan, c.RESTORE_PATH)
    if not needs_standby(work) or plan.cloud == "onprem":
        return plan
    regions = plan.regions if len(plan.regions) > 1 else work.regions[:2]
    return with_control(evolve(plan, regions=regions), c.WARM_STANDBY)


def _fresh(plan: Plan, work: Workload) -> Plan:
    service = ONLINE_STORE.get(plan.cloud, ONLINE_STORE["aws"])
    settings = {"region": plan.regions[0], "nodes": 2, "memory_gb": 1.5, "encrypted": True}
    return with_control(with_component(plan, Component("feature_store", service, settings)), c.ONLINE_STORE)


def _head_room(plan: Plan, work: Workload) -> Plan:
    serve = plan.component("serve")
    vcpu = float(serve.settings.get("vcpu", REPLICA_VCPU)) if serve else REPLICA_VCPU
    needed = ceil(work.peak_rps * work.cpu_seconds / (vcpu * work.utilisation))
    replicas = max(needed, work.n_min)
    return with_settings(plan, "serve", replicas=replicas, replicas_max=max(replicas + 1, round(replicas * 1.5)))


def _asynchronous(plan: Plan, work: Workload) -> Plan:
    service = QUEUE.get(plan.cloud, QUEUE["aws"])
    queue = Component("queue", service, {"region": plan.regions[0], "retention_hours": 24, "encrypted": True})
    return with_control(with_component(plan, queue), c.ASYNC_LARGE)


def _one_region(plan: Plan, work: Workload) -> Plan:
    for role in _PATH_ROLES:
        plan = with_settings(plan, role, region=plan.regions[0])
    return with_control(plan, c.ONE_REGION_PATH)


def _safe_stream(plan: Plan, work: Workload) -> Plan:
    plan = with_settings(plan, "stream", dead_letter_queue=True, idempotent_keys=True, replay=True)
    return with_control(plan, c.STREAM_SAFETY)


def _more_workers(plan: Plan, work: Workload) -> Plan:
    serve = plan.component("serve")
    if serve is None:
        return plan
    hours = float(serve.settings.get("run_hours", 0.0))
    window = 730.0 / work.runs_month if work.runs_month else 730.0
    if work.latency_ms is not None:
        window = min(window, work.latency_ms / 3.6e6)
    factor = max(1, ceil(hours / (0.7 * window))) if window > 0 else 1
    workers = "gpus" if "gpus" in serve.settings else "tasks"
    changes = {workers: int(serve.settings.get(workers, 1)) * factor, "run_hours": round(hours / factor, 3)}
    return with_control(with_settings(plan, "serve", **changes), c.MORE_WORKERS)


def _safe_rag(plan: Plan, work: Workload) -> Plan:
    return with_control(with_settings(plan, "vector_index", access_filter=True), c.RAG_SAFETY)


def _safe_fleet(plan: Plan, work: Workload) -> Plan:
    plan = with_settings(plan, "edge_fleet", staged_updates=True, signed_updates=True, rollback=True)
    return with_control(with_settings(plan, "serve", offline_buffer=True), c.EDGE_SAFETY)


def _safe_schedule(plan: Plan, work: Workload) -> Plan:
    return with_control(with_settings(plan, "scheduler", time_zone="UTC", overlap_lock=True), c.CRON_SAFETY)


REMEDIES: Mapping[str, Remedy] = {
    "T01": _keep_warm,
    "T02": _two_replicas,
    "T03": _more_zones,
    "T04": _restorable,
    "T05": _controls(c.SHARED_FEATURES),
    "T06": _fresh,
    "T07": _controls(c.PROXY_LABELS),
    "T08": _controls(c.DRIFT_CHECK),
    "T09": _controls(c.BASELINE_GATE),
    "T10": _controls(c.CANARY),
    "T11": _head_room,
    "T12": _controls(c.HEADROOM),
    "T13": _controls(c.QUOTA_RAISE),
    "T14": _asynchronous,
    "T15": _controls(c.PARALLEL_CALLS),
    "T16": _one_region,
    "T17": _safe_stream,
    "T18": _more_workers,
    "T19": _controls(c.GPU_SHARING),
    "T20": _controls(c.MANAGED_OPERATION),
    "T21": _safe_rag,
    "T22": _safe_fleet,
    "T23": _controls(c.ONPREM_SPARE),
    "T24": _controls(c.EVENT_TIME),
    "T25": _controls(c.SLO_DASHBOARD),
    "T26": _controls(c.REQUEST_IDS),
    "T27": _safe_schedule,
    "T28": _controls(c.FALLBACK),
}
