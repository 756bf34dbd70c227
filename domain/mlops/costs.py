"""The monthly bill of a design: lines with their arithmetic, three scenarios, what drives it, what growth costs."""

from domain.mlops import prices as p
from domain.mlops.bills import Item, serving_items
from domain.mlops.placement import country_of, price_level
from domain.mlops.plan import CostEstimate, CostLine
from domain.mlops.sizing import Sizing, size
from domain.mlops.workload import Workload

_ON_THE_CLOUD_NETWORK = frozenset(
    {
        "online_containers",
        "k8s_multimodel",
        "stream_features_online",
        "stream_scoring",
        "recsys_two_stage",
        "llm_rag_api",
        "llm_gpu_selfhost",
        "managed_platform",
    }
)
_SERVERLESS_TRAINING = frozenset({"batch_serverless", "online_serverless"})
LOW_LOAD, LOW_FACTOR = 0.6, 0.8
HIGH_LOAD, HIGH_FACTOR = 1.6, 1.15


def estimate(pattern: str, workload: Workload, remedies: frozenset[str] = frozenset()) -> CostEstimate:
    """Return the cost of a pattern in US dollars a month, after the critics' remedies named by their rules.

    low is 0.8 of the bill at 0.6 of the load, high 1.15 of the bill at 1.6 times the load. On a load of zero the cost
    of a thousand predictions is None.
    """
    lines = bill(pattern, workload, remedies)
    base = _total(lines)
    low = LOW_FACTOR * _total(bill(pattern, workload.scaled(LOW_LOAD), remedies))
    high = HIGH_FACTOR * _total(bill(pattern, workload.scaled(HIGH_LOAD), remedies))
    predictions = workload.predictions_month
    heaviest = sorted(lines, key=lambda line: (-line.usd, line.name))[:3]
    return CostEstimate(
        low=round(low, 2),
        base=round(base, 2),
        high=round(high, 2),
        lines=tuple(lines),
        drivers=tuple(f"{line.name}: {line.usd:,.0f} USD ({line.usd / base:.0%})" for line in heaviest if base > 0),
        per_thousand_predictions=round(base / predictions * 1000, 4) if predictions > 0 else None,
        at_ten_times_load=round(_total(bill(pattern, workload.scaled(10), remedies)), 2),
        as_of=p.AS_OF,
    )


def bill(pattern: str, workload: Workload, remedies: frozenset[str] = frozenset()) -> list[CostLine]:
    """Return the priced lines of a pattern in the workload's first region; lines that cost nothing are left out."""
    sizing = size(pattern, workload, remedies)
    items = [*serving_items(pattern, workload, sizing), *_shared(pattern, workload, sizing, remedies)]
    factor = price_level(workload.regions[0])
    where = country_of(workload.regions[0]) or workload.regions[0]
    lines = [_line(item, factor, where) for item in items if item.usd > 0]
    if "T04" in remedies and pattern != "onprem_airgap":
        share = p.WARM_STANDBY_SHARE if needs_standby(workload) else 0.0
        if share:
            before = _total(lines)
            lines.append(CostLine("warm standby", round(share * before, 2), f"{share:.0%} of {before:,.2f} USD"))
    return lines


def needs_standby(workload: Workload) -> bool:
    """Tell whether the availability asks for a second region that stands ready."""
    return workload.availability_pct >= 99.99 or workload.quick_recovery


def _line(item: Item, factor: float, where: str) -> CostLine:
    if item.everywhere_the_same or factor == 1.0:
        return CostLine(item.name, round(item.usd, 2), item.formula)
    return CostLine(item.name, round(item.usd * factor, 2), f"({item.formula}) x {factor:g} ({where})")


def _total(lines: list[CostLine]) -> float:
    return sum(line.usd for line in lines)


def _shared(pattern: str, workload: Workload, sizing: Sizing, remedies: frozenset[str]) -> list[Item]:
    tier = p.TIERS[workload.tier]
    compute = sum(item.usd for item in serving_items(pattern, workload, sizing) if item.compute)
    items = [_training(pattern, workload, sizing), _storage(workload, sizing)]
    items.append(Item("registry and CI", tier.registry, f"{workload.tier} tier"))
    items.append(Item("monitoring", tier.monitoring, f"{workload.tier} tier"))
    if pattern != "onprem_airgap":
        non_prod = max(tier.non_prod_least, tier.non_prod_share * compute)
        formula = f"{tier.non_prod_share:.0%} of {compute:,.0f} USD compute, at least {tier.non_prod_least:g}"
        items.append(Item("test environment", non_prod, formula))
        items.extend(_network(pattern, workload))
    items.append(_security(workload, compute))
    if "T06" in remedies and pattern not in ("stream_features_online", "recsys_two_stage"):
        hourly = p.prices_of(workload.cloud).cache_small_h
        items.append(Item("online store", 2 * hourly * p.HOURS_A_MONTH, f"2 small nodes x {hourly} USD/h x 730 h"))
    if "T04" in remedies:
        backup = sizing["storage_gb"] * 0.05
        items.append(Item("backups", backup, f"{sizing['storage_gb']:,.0f} GB x 0.05 USD"))
    return items


def _training(pattern: str, workload: Workload, sizing: Sizing) -> Item:
    prices = p.prices_of(workload.cloud)
    runs = sizing["training_runs_month"] * workload.n_models
    hours, vcpu = sizing["training_hours_per_run"], sizing["training_vcpu"]
    serverless = pattern in _SERVERLESS_TRAINING
    hourly = prices.container_vcpu_h + 4 * prices.container_gb_h if serverless else prices.vm_vcpu_h
    if pattern == "onprem_airgap":
        return Item("training", 0.0, "on the owned servers")
    formula = f"{runs:g} runs x {hours:.2f} h x {vcpu:g} vCPU x {hourly:.4f} USD/h"
    return Item("training", runs * hours * vcpu * hourly, formula)


def _storage(workload: Workload, sizing: Sizing) -> Item:
    price = p.prices_of(workload.cloud).object_gb
    free = p.FREE_TIER["object_gb"] if workload.tier == "micro" else 0.0
    if workload.cloud == "onprem":
        return Item("storage", 0.0, "on the owned servers")
    gigabytes = max(0.0, sizing["storage_gb"] - free)
    return Item("storage", gigabytes * price, f"{gigabytes:,.0f} GB x {price} USD")


def _network(pattern: str, workload: Workload) -> list[Item]:
    tier = p.TIERS[workload.tier]
    items = []
    if pattern in _ON_THE_CLOUD_NETWORK and tier.network:
        items.append(Item("network", tier.network, f"{tier.network:g} USD a region (NAT)"))
    if workload.regulated:
        usd = p.REGULATED_ENDPOINTS * p.ENDPOINT_MO
        items.append(Item("private endpoints", usd, f"{p.REGULATED_ENDPOINTS} x {p.ENDPOINT_MO} USD"))
    return items


def _security(workload: Workload, compute: float) -> Item:
    if not workload.regulated:
        return Item("security", p.TIERS[workload.tier].security, f"{workload.tier} tier")
    usd = p.REGULATED_SECURITY_MO + p.REGULATED_SECURITY_SHARE * compute
    return Item("security", usd, f"{p.REGULATED_SECURITY_MO:g} + 3 % of {compute:,.0f} USD compute")
