"""The building blocks of a sized pattern: which service plays which role on the chosen cloud, and how big it is."""

from collections.abc import Mapping
from typing import Any

from domain.mlops.costs import needs_standby
from domain.mlops.plan import Component
from domain.mlops.services import SERVICES, SPINE
from domain.mlops.sizing import Sizing, gpu_name
from domain.mlops.workload import Workload

_ORDER = (
    "serve",
    "load_balancer",
    "gateway",
    "edge_fleet",
    "stream",
    "stream_processor",
    "feature_store",
    "cache",
    "queue",
    "vector_index",
    "llm",
    "scheduler",
)
_CADENCE_CRON = {"hourly": "0 * * * *", "daily": "0 2 * * *", "weekly": "0 2 * * 1", "monthly": "0 2 1 * *"}


def components_of(pattern: str, workload: Workload, sizing: Sizing) -> tuple[Component, ...]:
    """Return the components of a pattern on the workload's cloud, the request path first, then the shared spine.

    A pattern that does not run on the cloud is described with its services on AWS, for the plan that a person insists
    on nevertheless.
    """
    platforms = SERVICES[pattern]
    own = platforms.get(workload.cloud) or platforms.get("aws") or platforms["onprem"]
    spine = SPINE.get(workload.cloud, SPINE["aws"])
    parts = [
        Component(role, own[role], _settings(role, pattern, workload, sizing))
        for role in _ORDER
        if role in own and _belongs(role, pattern, workload)
    ]
    parts.extend(
        Component(role, service, _settings(role, pattern, workload, sizing)) for role, service in spine.items()
    )
    return tuple(parts)


def _belongs(role: str, pattern: str, workload: Workload) -> bool:
    if role == "vector_index" and pattern == "llm_rag_api":
        return workload.task == "rag"
    if pattern == "llm_gpu_selfhost" and role in ("queue", "load_balancer"):
        return (role == "load_balancer") == (workload.main == "online")
    if role == "scheduler":
        return workload.main in ("batch", "train_only")
    return True


def _settings(role: str, pattern: str, workload: Workload, sizing: Sizing) -> Mapping[str, Any]:
    region = {"region": workload.regions[0]}
    if role == "serve":
        return {**region, **_serving(pattern, workload, sizing)}
    if role in ("load_balancer", "gateway"):
        internal = role == "load_balancer"
        return {**region, "internal": internal, "tls": "1.2", "port": 443, "timeout_s": 29 if role == "gateway" else 60}
    if role in ("stream", "queue"):
        return {**region, **_picked(sizing, "shards", "stream_gb"), "retention_hours": 24, "encrypted": True}
    if role == "stream_processor":
        return {**region, "units": int(sizing.get("stream_units", 2))}
    if role in ("feature_store", "cache"):
        nodes = max(2, round(sizing.get("cache_nodes", 2) * sizing.get("cache_scale", 1)))
        return {**region, "nodes": nodes, "memory_gb": 13, "encrypted": True}
    if role == "vector_index":
        return {**region, "chunks": int(sizing.get("chunks") or workload.chunks or 0), "access_filter": False}
    if role == "llm":
        return {**region, "model_size": "mid", **_picked(sizing, "tokens_in", "tokens_out")}
    if role == "edge_fleet":
        return {**region, **_picked(sizing, "devices", "messages_month", "update_gb_month"), "staged_updates": False}
    if role == "scheduler":
        cadence = _cadence(workload)
        return {**region, "cadence": cadence, "cron": _CADENCE_CRON[cadence], "time_zone": None, "overlap_lock": False}
    return {**region, **_spine_settings(role, workload, sizing)}


def _serving(pattern: str, workload: Workload, sizing: Sizing) -> dict[str, Any]:
    zones = 3 if workload.availability_pct >= 99.95 else 2 if workload.availability_pct >= 99.9 else 1
    if pattern in ("batch_serverless", "forecast_batch"):
        return {
            "vcpu": int(sizing["task_vcpu"]),
            "memory_gb": int(sizing["task_vcpu"]) * 4,
            "tasks": int(sizing["tasks"]),
            "run_hours": round(sizing["run_hours"], 3),
            "rows_per_run": int(workload.rows_per_run),
            "runs_month": sizing.get("runs_month", 0),
        }
    if pattern == "gpu_async_batch":
        return {
            "gpus": int(sizing["gpus"]),
            "gpu": gpu_name(workload, sizing),
            "interruptible": True,
            "run_hours": round(sizing["run_hours"], 3),
            "items_month": round(sizing["items_month"]),
        }
    if pattern == "online_serverless":
        return {
            "memory_gb": sizing["function_gb"],
            "min_instances": int(sizing["min_instances"]),
            "max_concurrency": max(10, round(10 * sizing["concurrency"])),
            "timeout_s": 29,
            "zones": 2,
        }
    if pattern == "edge_fleet":
        return {"devices": int(sizing["devices"]), "memory_gb": 2, "runtime": "onnx", "offline_buffer": False}
    if pattern == "llm_gpu_selfhost":
        return {
            "replicas": int(sizing["replicas"]),
            "replicas_max": int(max(sizing["replicas"] + 1, sizing["replicas"] * 1.5)),
            "gpu": gpu_name(workload, sizing),
            "gpus": int(sizing["gpus"]),
            "params_b": sizing["params_b"],
            "zones": zones,
        }
    replicas = int(sizing["replicas"])
    settings: dict[str, Any] = {
        "replicas": replicas,
        "replicas_min": int(sizing["replicas_min"]),
        "replicas_max": max(replicas + 1, round(replicas * 1.5)),
        "vcpu": int(sizing["replica_vcpu"]),
        "memory_gb": int(sizing["replica_gb"]),
        "zones": zones,
        "internal": True,
    }
    if pattern == "managed_platform":
        settings |= {
            "vcpu": int(sizing["instance_vcpu"]),
            "memory_gb": 16,
            "replicas": max(1, round(sizing["instances"])),
        }
    if pattern == "k8s_multimodel":
        settings |= {"node_vcpu": round(sizing["node_vcpu"], 1), "models": workload.n_models}
    if pattern == "onprem_airgap":
        settings |= {"servers": int(sizing["servers"]), "gpu_nodes": int(sizing["gpu_nodes"])}
    return settings


def _spine_settings(role: str, workload: Workload, sizing: Sizing) -> dict[str, Any]:
    personal = workload.data_class in ("personal", "special") or workload.regulated
    if role == "object_storage":
        return {"storage_gb": round(sizing["storage_gb"], 1), "versioned": True, "customer_key": personal}
    if role == "train":
        return {
            "vcpu": int(sizing["training_vcpu"]),
            "memory_gb": int(sizing["training_vcpu"]) * 4,
            "runs_month": round(sizing["training_runs_month"], 2),
            "hours_per_run": round(sizing["training_hours_per_run"], 2),
        }
    if role == "orchestrate":
        return {"retrain": workload.retrain}
    if role == "monitoring":
        return {"log_retention_days": _log_retention_days(workload), "psi_warn": 0.1, "psi_alarm": 0.2}
    if role == "network":
        return {"private": True, "regions": 2 if needs_standby(workload) else 1}
    if role == "security":
        return {"customer_key": personal, "audit_log": True}
    return {}


def _log_retention_days(workload: Workload) -> int:
    if "HIPAA" in workload.compliance:
        return 2192
    return 365 if workload.regulated else 90 if workload.data_class == "personal" else 30


def _cadence(workload: Workload) -> str:
    for cadence, runs in (("hourly", 700.0), ("daily", 25.0), ("weekly", 4.0)):
        if workload.runs_month >= runs:
            return cadence
    return "monthly"


def _picked(sizing: Sizing, *names: str) -> dict[str, Any]:
    return {name: round(sizing[name], 2) for name in names if name in sizing}
