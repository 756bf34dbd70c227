"""What each pattern's own parts cost a month at home-region list prices: one function a pattern."""

from collections.abc import Callable, Mapping
from math import ceil

from attrs import frozen

from domain.mlops import prices as p
from domain.mlops.prices import HOURS_A_MONTH, PriceList
from domain.mlops.sizing import Sizing, gpu_name
from domain.mlops.workload import Workload


@frozen
class Item:
    """A priced part before the region's factor; ``compute`` marks what a test environment copies."""

    name: str
    usd: float
    formula: str
    compute: bool = False
    everywhere_the_same: bool = False


def serving_items(pattern: str, workload: Workload, sizing: Sizing) -> list[Item]:
    """Return the parts of a pattern that serve predictions, without what every pattern shares."""
    return _BILLS[pattern](workload, sizing, p.prices_of(workload.cloud))


def _replicas(_workload: Workload, sizing: Sizing, prices: PriceList) -> Item:
    hourly = sizing["replica_vcpu"] * prices.container_vcpu_h + sizing["replica_gb"] * prices.container_gb_h
    billed = sizing["replicas_billed"]
    return Item(
        "serving replicas",
        billed * hourly * HOURS_A_MONTH,
        f"{billed:g} billed of {sizing['replicas']:g} replicas (2 vCPU, 4 GB) x {hourly:.4f} USD/h x 730 h",
        compute=True,
    )


def _balancer(workload: Workload, prices: PriceList) -> Item:
    gigabytes = workload.calls_month * max(4.0, workload.payload_kb) / 1e6
    usd = prices.balancer_mo + gigabytes * prices.balancer_gb
    return Item("load balancer", usd, f"{prices.balancer_mo:g} + {gigabytes:,.0f} GB x {prices.balancer_gb} USD")


def _decision_log(workload: Workload) -> Item:
    gigabytes = workload.calls_month / 1e6
    return Item("decision log", gigabytes * 0.05, f"{gigabytes:,.1f} GB (1 KB a decision) x 0.05 USD")


def _request_logs(workload: Workload, prices: PriceList) -> Item:
    gigabytes = log_gb(workload)
    free = min(gigabytes, p.FREE_TIER["log_gb"]) if workload.tier == "micro" else 0.0
    usd = (gigabytes - free) * prices.log_gb
    return Item("logs", usd, f"{gigabytes - free:,.1f} GB of sampled logs x {prices.log_gb:g} USD")


def log_gb(workload: Workload) -> float:
    """Return the gigabytes of logs a month: 1 KB a call, all of them under 20 rps, 10 % under 500, then 2 %.

    The volume never falls below what the next lower sampling step gives at its limit, so that more load never
    costs less.
    """
    if workload.peak_rps <= 0:
        return 0.0
    per_rps = workload.calls_month / workload.peak_rps / 1e6
    volume = 0.0
    for sample, lower, upper in ((1.0, 0.0, 20.0), (0.1, 20.0, 500.0), (0.02, 500.0, float("inf"))):
        if workload.peak_rps > lower:
            volume = max(volume, sample * per_rps * min(workload.peak_rps, upper))
    return volume


def _served(workload: Workload, prices: PriceList) -> list[Item]:
    return [_balancer(workload, prices), _decision_log(workload), _request_logs(workload, prices)]


def _containers(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    return [_replicas(workload, sizing, prices), *_served(workload, prices)]


def _cache(sizing: Sizing, prices: PriceList, name: str, least: float = 0.0) -> Item:
    usd = sizing["cache_nodes"] * sizing["cache_scale"] * prices.cache_node_h * HOURS_A_MONTH
    formula = f"{sizing['cache_nodes']:g} nodes x {sizing['cache_scale']:.2f} x {prices.cache_node_h} USD/h x 730 h"
    return Item(name, max(least, usd), formula + (f", at least {least:g}" if least else ""))


def _stream_line(workload: Workload, sizing: Sizing, prices: PriceList) -> Item:
    millions = workload.calls_month / 1e6
    options: list[tuple[float, str]] = []
    if prices.shard_mo is not None and prices.puts_m is not None:
        shards = sizing["shards"]
        usd = shards * prices.shard_mo + millions * prices.puts_m
        options.append((usd, f"{shards:g} shards x {prices.shard_mo:g} + {millions:,.0f} M puts x {prices.puts_m}"))
    if prices.stream_fixed_mo is not None and prices.stream_gb is not None:
        gigabytes = 2 * sizing["stream_gb"]
        usd = prices.stream_fixed_mo + gigabytes * prices.stream_gb
        options.append((usd, f"{prices.stream_fixed_mo:g} + {gigabytes:,.0f} GB in and out x {prices.stream_gb}"))
    usd, formula = min(options)
    return Item("stream", usd, formula)


def _stream_features(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    units = sizing["stream_units"]
    processor = Item(
        "stream processing",
        units * prices.stream_unit_h * HOURS_A_MONTH,
        f"{units:g} units x {prices.stream_unit_h} USD/h x 730 h",
    )
    return [
        _replicas(workload, sizing, prices),
        _cache(sizing, prices, "online feature store"),
        _stream_line(workload, sizing, prices),
        processor,
        *_served(workload, prices),
    ]


def _stream_scoring(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    return [
        _replicas(workload, sizing, prices),
        _stream_line(workload, sizing, prices),
        _decision_log(workload),
        _request_logs(workload, prices),
    ]


def _recsys(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    index = _cache(sizing, prices, "retrieval index and cache", least=350.0)
    return [_replicas(workload, sizing, prices), index, *_served(workload, prices)]


def _function(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    free = p.FREE_TIER if workload.tier == "micro" else {}
    calls = max(0.0, workload.calls_month - free.get("calls", 0.0)) / 1e6
    seconds = max(0.0, sizing["gb_seconds"] - free.get("gb_s", 0.0))
    usd = calls * prices.function_m + seconds * prices.function_gb_s
    warm = sizing["warm_instances"] * sizing["function_gb"]
    egress = max(0.0, workload.calls_month / 1e6 - p.FREE_EGRESS_GB)
    items = [
        Item(
            "function calls",
            usd,
            f"{calls:,.2f} M calls x {prices.function_m} + {seconds:,.0f} GB-s x {prices.function_gb_s}",
            compute=True,
        ),
        Item("gateway", calls * prices.gateway_m, f"{calls:,.2f} M calls x {prices.gateway_m:g} USD"),
        Item("egress", egress * prices.egress_gb, f"{egress:,.0f} GB over the free 100 x {prices.egress_gb} USD"),
        _decision_log(workload),
        _request_logs(workload, prices),
    ]
    if warm:
        items.append(
            Item("warm instances", warm * prices.warm_gb_mo, f"{warm:g} GB kept warm x {prices.warm_gb_mo:g} USD")
        )
    return items


def _managed(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    count, vcpu = sizing["instances"], sizing["instance_vcpu"]
    usd = count * vcpu * prices.ml_vcpu_h * HOURS_A_MONTH
    endpoint = Item(
        "managed endpoint",
        usd + 60,
        f"{count:g} instances x {vcpu:g} vCPU x {prices.ml_vcpu_h} USD/h x 730 h + 60",
        compute=True,
    )
    return [endpoint, _decision_log(workload), _request_logs(workload, prices)]


def _cluster(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    vcpu = sizing["node_vcpu"]
    nodes = Item(
        "cluster nodes",
        vcpu * prices.vm_vcpu_h * HOURS_A_MONTH + 100,
        f"{vcpu:.1f} vCPU x {prices.vm_vcpu_h} USD/h x 730 h + 100 (control plane, add-ons)",
        compute=True,
    )
    return [nodes, *_served(workload, prices)]


def _batch(_workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    hourly = prices.container_vcpu_h + 4 * prices.container_gb_h
    hours = sizing["vcpu_hours_per_run"] * sizing["runs_month"]
    formula = (
        f"{sizing['runs_month']:g} runs x {sizing['vcpu_hours_per_run']:.2f} vCPU-h x {hourly:.4f} USD (1 vCPU, 4 GB)"
    )
    return [Item("batch scoring", hours * hourly, formula, compute=True)]


def _gpu_batch(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    hours, hourly = sizing["gpu_hours_month"], prices.gpu_small_h * p.SPOT_FACTOR
    scoring = Item(
        "GPU scoring",
        hours * hourly,
        f"{hours:.1f} {prices.gpu_small} hours x {prices.gpu_small_h} USD/h x {p.SPOT_FACTOR} (interruptible)",
        compute=True,
    )
    calls = sizing["items_month"] / 1e6
    return [scoring, Item("queue", calls * 0.4, f"{calls:,.2f} M messages x 0.4 USD")]


def _vectors(chunks: float, prices: PriceList) -> Item:
    if chunks <= 1_000_000:
        return Item("vector index", prices.postgres_small_mo + 10, f"pgvector small: {prices.postgres_small_mo:g} + 10")
    if chunks <= 10_000_000:
        return Item("vector index", 2 * prices.postgres_medium_mo, f"pgvector: 2 x {prices.postgres_medium_mo:g}")
    steps = max(1, ceil(chunks / p.VECTOR_STEP_ROWS))
    usd = max(2 * prices.postgres_medium_mo, steps * p.VECTOR_STEP_MO)
    return Item("vector index", usd, f"{steps} x {p.VECTOR_STEP_MO:g} USD a 20 M vectors")


def _rag_api(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    price_in, price_out = p.LLM_PRICES["mid"]
    tokens = sizing["tokens_in"] * price_in + sizing["tokens_out"] * price_out
    llm = Item(
        "hosted model",
        workload.calls_month * tokens / 1e6,
        f"{workload.calls_month:,.0f} questions x ({sizing['tokens_in']:g} x {price_in:g} + "
        f"{sizing['tokens_out']:g} x {price_out:g}) / 1e6 USD",
        everywhere_the_same=True,
    )
    index = [_vectors(sizing["chunks"], prices)] if workload.task == "rag" else []
    return [llm, *index, _replicas(workload, sizing, prices), *_served(workload, prices)]


def _gpu_llm(workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    hours, hourly = sizing["gpu_hours_month"], sizing["gpu_hour_usd"]
    gpus = Item(
        "GPU serving",
        hours * hourly,
        f"{hours:,.0f} h of {gpu_name(workload, sizing)} x {hourly:g} USD/h",
        compute=True,
    )
    index = [_vectors(sizing["chunks"], prices)] if workload.task == "rag" else []
    balancer = [_balancer(workload, prices)] if workload.main == "online" else []
    return [gpus, *index, *balancer, _decision_log(workload), _request_logs(workload, prices)]


def _edge(_workload: Workload, sizing: Sizing, prices: PriceList) -> list[Item]:
    devices, messages = sizing["devices"], sizing["messages_month"] / 1e6
    egress = max(0.0, sizing["update_gb_month"] - p.FREE_EGRESS_GB)
    return [
        Item("device management", devices * p.EDGE_DEVICE_MO, f"{devices:g} devices x {p.EDGE_DEVICE_MO} USD"),
        Item("device messages", messages * p.MESSAGES_M, f"{messages:,.1f} M messages x {p.MESSAGES_M:g} USD"),
        Item("model updates", egress * prices.egress_gb, f"{egress:,.0f} GB sent x {prices.egress_gb} USD"),
    ]


def _onprem(_workload: Workload, sizing: Sizing, _prices: PriceList) -> list[Item]:
    servers, nodes = sizing["servers"], sizing["gpu_nodes"]
    items = [Item("servers", servers * p.SERVER_MO, f"{servers:g} servers x {p.SERVER_MO:g} USD a month (TCO)")]
    if nodes:
        items.append(Item("GPU nodes", nodes * p.GPU_NODE_MO, f"{nodes:g} nodes x {p.GPU_NODE_MO:g} USD a month (TCO)"))
    return items


_BILLS: Mapping[str, Callable[[Workload, Sizing, PriceList], list[Item]]] = {
    "batch_serverless": _batch,
    "forecast_batch": _batch,
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
