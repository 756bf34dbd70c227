"""How big each part has to be: replicas, shards, processors, GPU hours, each from the load by a stated formula.

All figures are right within a factor of two until a load test replaces them.
"""

from collections.abc import Callable, Mapping
from math import ceil

from domain.mlops.patterns import PATTERNS, Pattern
from domain.mlops.prices import PriceList, prices_of
from domain.mlops.workload import Workload

Sizing = dict[str, float]

REPLICA_VCPU = 2
REPLICA_GB = 4
BATCH_ROWS_A_VCPU_HOUR = 7.2e6
SERIES_SECONDS = 0.25
IMAGES_A_SECOND = 150.0
SPEECH_TIMES_REAL_TIME = 40.0
SPEECH_SECONDS = 60.0
TRAINING_VCPU = 16
HOURLY_TRAINING_GB = 20.0
SERVER_VCPU = 32
FUNCTION_GB = 2.0
KEPT_ITEM_MONTHS = 3


def size(pattern: str, workload: Workload, remedies: frozenset[str] = frozenset()) -> Sizing:
    """Return the sizes of a pattern under a workload.

    ``remedies`` are the critics' rules already applied; T01 keeps an instance warm, T02 adds the second replica and
    T11 the head-room.
    """
    chosen = PATTERNS[pattern]
    sizing: Sizing = {
        "peak_rps": workload.peak_rps,
        "avg_rps": workload.avg_rps,
        "predictions_month": workload.predictions_month,
        "utilisation": workload.utilisation,
    }
    sizing.update(_SIZERS[pattern](workload, chosen, remedies))
    sizing.update(_training(workload))
    sizing["storage_gb"] = _storage_gb(workload)
    return sizing


def least_replicas(workload: Workload, remedies: frozenset[str]) -> int:
    """Return the replicas that must always run."""
    return max(2, workload.n_min) if "T02" in remedies else workload.n_min


def _replicas(workload: Workload, remedies: frozenset[str], *, packed: bool = False) -> Sizing:
    """Size replicas of 2 vCPU; unless models are packed together, each model has a service of its own."""
    services = 1 if packed else workload.n_models
    least = least_replicas(workload, remedies) * services
    busy = workload.utilisation
    need = max(least, ceil(workload.peak_rps * workload.cpu_seconds / (REPLICA_VCPU * busy)))
    if workload.availability_pct >= 99.95 and need > 3 * services:
        need = ceil(need * 1.5)
    return {
        "replicas_min": least,
        "replicas": need,
        "replicas_billed": least + 0.6 * (need - least),
        "replica_vcpu": REPLICA_VCPU,
        "replica_gb": REPLICA_GB,
        "concurrency": workload.peak_rps * workload.cpu_seconds,
    }


def _containers(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    return _replicas(workload, remedies)


def _managed(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    sized = _replicas(workload, remedies)
    return {**sized, "instances": max(sized["replicas_min"], sized["replicas_billed"] / 2), "instance_vcpu": 4}


def _cluster(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    sized = _replicas(workload, remedies, packed=True)
    used = max(REPLICA_VCPU * sized["replicas_billed"], workload.n_models)
    return {**sized, "models": workload.n_models, "node_vcpu": used / 0.65 + 6}


def _stream(workload: Workload) -> Sizing:
    prices = prices_of(workload.cloud)
    sized: Sizing = {"stream_gb": workload.calls_month * workload.payload_kb / 1e6}
    if prices.shard_mo is not None:
        sized["shards"] = max(2, ceil(workload.peak_rps * workload.payload_kb / 800))
    return sized


def _stream_features(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    return {
        **_replicas(workload, remedies),
        **_stream(workload),
        "stream_units": max(2, ceil(workload.peak_rps / 500) + 1),
        "cache_nodes": 2,
        "cache_scale": max(1.0, workload.peak_rps / 8000),
    }


def _stream_scoring(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    return {**_replicas(workload, remedies), **_stream(workload)}


def _recsys(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    return {**_replicas(workload, remedies), "cache_nodes": 2, "cache_scale": max(1.0, workload.peak_rps / 8000)}


def _function(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    warm = 0
    if "T01" in remedies:
        warm = max(1, ceil(workload.avg_rps * workload.cpu_seconds))
    return {
        "function_gb": FUNCTION_GB,
        "function_seconds": workload.cpu_seconds,
        "gb_seconds": workload.calls_month * workload.cpu_seconds * FUNCTION_GB,
        "concurrency": workload.peak_rps * workload.cpu_seconds,
        "warm_instances": warm,
        "min_instances": warm,
    }


def _batch(workload: Workload, _pattern: Pattern, _remedies: frozenset[str]) -> Sizing:
    hours = workload.rows_per_run * _relative_cpu(workload) / BATCH_ROWS_A_VCPU_HOUR
    return {**_runs(workload), "vcpu_hours_per_run": hours, **_spread(hours)}


def _forecast(workload: Workload, _pattern: Pattern, _remedies: frozenset[str]) -> Sizing:
    series = workload.series or workload.rows_per_run
    hours = series * SERIES_SECONDS / 3600
    return {**_runs(workload), "series": series, "vcpu_hours_per_run": hours, **_spread(hours)}


def _gpu_batch(workload: Workload, _pattern: Pattern, _remedies: frozenset[str]) -> Sizing:
    rate = SPEECH_TIMES_REAL_TIME / SPEECH_SECONDS if workload.task == "speech" else IMAGES_A_SECOND
    items = workload.predictions_month
    runs = workload.runs_month or 1.0
    hours = 1.5 * items / (rate * 3600)
    gpus = max(1, ceil(hours / runs / 4)) if workload.main == "batch" else max(1, ceil(hours / 730))
    return {
        "runs_month": runs,
        "items_month": items,
        "gpu_items_per_s": rate,
        "gpu_hours_month": hours,
        "gpu_hours_per_run": hours / runs,
        "gpus": gpus,
        "run_hours": hours / runs / gpus,
    }


def _rag_api(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    return {
        **_replicas(workload, remedies),
        "tokens_in": workload.tokens_in,
        "tokens_out": workload.tokens_out,
        "chunks": workload.chunks or 100_000,
    }


def _gpu_llm(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    prices = prices_of(workload.cloud)
    options = _gpu_options(workload.params_b, prices)
    least = least_replicas(workload, remedies)
    load = workload.peak_rps * workload.tokens_out
    if workload.main == "batch":
        hourly, speed, cards, _ = min(options, key=lambda option: option[0] / option[1])
        tokens = workload.rows_per_run * workload.runs_month * workload.tokens_out
        hours = 1.5 * tokens / (speed * 3600)
        units = 1.0
    else:
        hourly, speed, cards, _ = min(
            options, key=lambda option: option[0] * max(least, ceil(load / (option[1] * workload.utilisation)))
        )
        units = max(least, ceil(load / (speed * workload.utilisation)))
        hours = units * 730
    return {
        "replicas_min": least,
        "replicas": units,
        "gpus": units * cards,
        "gpus_per_replica": cards,
        "gpu_hours_month": hours,
        "gpu_hour_usd": hourly,
        "tokens_per_s": speed,
        "gpu_busy": min(1.0, workload.avg_rps * workload.tokens_out / (units * speed)) if units else 0.0,
        "params_b": workload.params_b,
        "tokens_in": workload.tokens_in,
        "tokens_out": workload.tokens_out,
        "chunks": (workload.chunks or 100_000) if workload.task == "rag" else 0,
    }


def gpu_name(workload: Workload, sizing: Mapping[str, float]) -> str:
    """Return the accelerator of a sized design, as ``1x L4`` or ``8x H100`` a replica."""
    prices = prices_of(workload.cloud)
    cards = int(sizing.get("gpus_per_replica", 1))
    if cards == 8:
        return "8x H100"
    if cards == 4:
        return f"4x {prices.gpu_large}"
    large = sizing.get("gpu_hour_usd", prices.gpu_small_h) == prices.gpu_large_h
    return f"1x {prices.gpu_large if large else prices.gpu_small}"


def _gpu_options(params_b: float, prices: PriceList) -> list[tuple[float, float, int, float]]:
    """Return (dollars an hour, tokens a second, cards, largest model in billions) of the machines that hold a model."""
    scale_small, scale_large = 8 / max(params_b, 1.0), 70 / max(params_b, 1.0)
    options = [
        (prices.gpu_small_h, 400 * scale_small, 1, 14.0),
        (prices.gpu_large_h, 1_200 * scale_small, 1, 34.0),
        (prices.gpu_four_h, 500 * scale_large, 4, 90.0),
        (prices.gpu_eight_h, 5_000 * scale_large, 8, float("inf")),
    ]
    return [option for option in options if params_b <= option[3]]


def _edge(workload: Workload, _pattern: Pattern, _remedies: frozenset[str]) -> Sizing:
    devices = workload.devices or 100
    model_mb = 50
    return {
        "devices": devices,
        "messages_month": devices * 60 * 730,
        "update_gb_month": devices * model_mb / 1000 * workload.retrains_month,
    }


def _onprem(workload: Workload, _pattern: Pattern, remedies: frozenset[str]) -> Sizing:
    sized = _replicas(workload, remedies, packed=True)
    batch_vcpu = workload.rows_per_run * _relative_cpu(workload) / BATCH_ROWS_A_VCPU_HOUR
    vcpu = max(REPLICA_VCPU * sized["replicas"] + batch_vcpu, workload.n_models) / 0.65 + 6
    language = workload.task in ("rag", "llm")
    nodes = max(2, ceil(workload.peak_rps * workload.tokens_out / (1_200 * workload.utilisation))) if language else 0
    return {**sized, **_runs(workload), "servers": max(3, ceil(vcpu / SERVER_VCPU) + 1), "gpu_nodes": nodes}


def _relative_cpu(workload: Workload) -> float:
    return max(1.0, workload.cpu_seconds / 0.008)


def _runs(workload: Workload) -> Sizing:
    return {"runs_month": workload.runs_month}


def _spread(vcpu_hours: float) -> Sizing:
    """Spread a run over as many 4-processor tasks as end it in about an hour, at most 64."""
    tasks = min(64, max(1, ceil(vcpu_hours / 4)))
    return {"tasks": tasks, "task_vcpu": 4, "run_hours": vcpu_hours / (4 * tasks)}


def _training(workload: Workload) -> Sizing:
    hourly = workload.retrains_month >= 730
    gigabytes = min(HOURLY_TRAINING_GB if hourly else 2_000.0, workload.training_gb)
    return {
        "training_runs_month": workload.retrains_month,
        "training_gb": gigabytes,
        "training_hours_per_run": 0.2 + gigabytes / 60,
        "training_vcpu": TRAINING_VCPU,
    }


def _storage_gb(workload: Workload) -> float:
    """Return the gigabytes kept: for images and recordings three months of items, else 1.5 times the training data."""
    if workload.task in ("cv", "speech") and set(workload.modes) & {"batch", "async"}:
        return max(workload.data_gb or 0.0, workload.predictions_month * KEPT_ITEM_MONTHS * workload.payload_kb / 1e6)
    return 1.5 * workload.training_gb


_SIZERS: Mapping[str, Callable[[Workload, Pattern, frozenset[str]], Sizing]] = {
    "batch_serverless": _batch,
    "forecast_batch": _forecast,
    "gpu_async_batch": _gpu_batch,
    "online_serverless": _function,
    "online_containers": _containers,
    "managed_platform": _managed,
    "k8s_multimodel": _cluster,
    "stream_features_online": _stream_features,
    "stream_scoring": _stream_scoring,
    "recsys_two_stage": _recsys,
    "llm_rag_api": _rag_api,
    "llm_gpu_selfhost": _gpu_llm,
    "edge_fleet": _edge,
    "onprem_airgap": _onprem,
}
