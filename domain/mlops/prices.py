"""List prices in US dollars, on demand, of the three clouds' home regions; approximate, dated, never fetched."""

from collections.abc import Mapping

from attrs import frozen

AS_OF = "2026-01"
HOURS_A_MONTH = 730.0
DAYS_A_MONTH = 30.4
SECONDS_A_MONTH = 2.628e6


@frozen
class PriceList:
    """The unit prices of one cloud. Names end in their unit; ``_m`` is a million calls, ``_mo`` a month."""

    container_vcpu_h: float
    container_gb_h: float
    vm_vcpu_h: float
    ml_vcpu_h: float
    gpu_small_h: float
    gpu_small: str
    gpu_large_h: float
    gpu_large: str
    gpu_four_h: float
    gpu_eight_h: float
    function_m: float
    function_gb_s: float
    warm_gb_mo: float
    gateway_m: float
    balancer_mo: float
    balancer_gb: float
    object_gb: float
    egress_gb: float
    log_gb: float
    cache_node_h: float
    cache_small_h: float
    shard_mo: float | None
    puts_m: float | None
    stream_fixed_mo: float | None
    stream_gb: float | None
    stream_unit_h: float
    postgres_small_mo: float
    postgres_medium_mo: float
    waf_mo: float
    waf_m: float


PRICES: Mapping[str, PriceList] = {
    "aws": PriceList(
        container_vcpu_h=0.0405,
        container_gb_h=0.0044,
        vm_vcpu_h=0.0504,
        ml_vcpu_h=0.0575,
        gpu_small_h=0.805,
        gpu_small="L4",
        gpu_large_h=1.86,
        gpu_large="L40S",
        gpu_four_h=10.49,
        gpu_eight_h=55.04,
        function_m=0.20,
        function_gb_s=1.67e-5,
        warm_gb_mo=11.0,
        gateway_m=1.00,
        balancer_mo=16.4,
        balancer_gb=0.008,
        object_gb=0.023,
        egress_gb=0.09,
        log_gb=0.50,
        cache_node_h=0.219,
        cache_small_h=0.032,
        shard_mo=11.0,
        puts_m=0.014,
        stream_fixed_mo=29.0,
        stream_gb=0.08,
        stream_unit_h=0.11,
        postgres_small_mo=47.0,
        postgres_medium_mo=123.0,
        waf_mo=10.0,
        waf_m=0.60,
    ),
    "gcp": PriceList(
        container_vcpu_h=0.0648,
        container_gb_h=0.0072,
        vm_vcpu_h=0.0486,
        ml_vcpu_h=0.0547,
        gpu_small_h=0.707,
        gpu_small="L4",
        gpu_large_h=3.67,
        gpu_large="A100",
        gpu_four_h=14.69,
        gpu_eight_h=88.49,
        function_m=0.40,
        function_gb_s=1.45e-5,
        warm_gb_mo=28.9,
        gateway_m=0.0,
        balancer_mo=18.3,
        balancer_gb=0.008,
        object_gb=0.020,
        egress_gb=0.12,
        log_gb=0.50,
        cache_node_h=0.30,
        cache_small_h=0.049,
        shard_mo=None,
        puts_m=None,
        stream_fixed_mo=0.0,
        stream_gb=0.04,
        stream_unit_h=0.082,
        postgres_small_mo=50.0,
        postgres_medium_mo=140.0,
        waf_mo=10.0,
        waf_m=0.75,
    ),
    "azure": PriceList(
        container_vcpu_h=0.0864,
        container_gb_h=0.0108,
        vm_vcpu_h=0.048,
        ml_vcpu_h=0.048,
        gpu_small_h=0.526,
        gpu_small="T4",
        gpu_large_h=3.67,
        gpu_large="A100",
        gpu_four_h=14.69,
        gpu_eight_h=98.32,
        function_m=0.20,
        function_gb_s=1.6e-5,
        warm_gb_mo=39.4,
        gateway_m=0.0,
        balancer_mo=18.3,
        balancer_gb=0.005,
        object_gb=0.021,
        egress_gb=0.087,
        log_gb=2.30,
        cache_node_h=0.28,
        cache_small_h=0.055,
        shard_mo=22.0,
        puts_m=0.028,
        stream_fixed_mo=None,
        stream_gb=None,
        stream_unit_h=0.11,
        postgres_small_mo=50.0,
        postgres_medium_mo=130.0,
        waf_mo=330.0,
        waf_m=0.0,
    ),
}
"""AWS us-east-1, GCP us-central1, Azure eastus. Where a cloud sells no warm function memory, ``warm_gb_mo`` is the
price of half a container (1 vCPU and 2 GB for a month, halved), which is what its minimum instance costs a GB."""

ENDPOINT_MO = 7.3
REGULATED_ENDPOINTS = 12
VECTOR_STEP_MO = 350.0
VECTOR_STEP_ROWS = 20_000_000
EDGE_DEVICE_MO = 0.165
MESSAGES_M = 1.0
SERVER_MO = 330.0
GPU_NODE_MO = 2_100.0
SPOT_FACTOR = 0.40
COMMIT_SAVING = 0.28
FREE_EGRESS_GB = 100.0

LLM_PRICES: Mapping[str, tuple[float, float]] = {"small": (0.25, 1.25), "mid": (1.0, 5.0), "large": (3.0, 15.0)}
"""Dollars a million tokens in and out, by size class of the hosted model."""

FREE_TIER: Mapping[str, float] = {"calls": 1_000_000, "gb_s": 400_000, "object_gb": 5.0, "log_gb": 5.0}
"""What a cloud gives away each month; only the micro tier subtracts it."""


@frozen
class TierPrices:
    """What a tier spends around the workload: dollars a month, and the share of compute its test environment costs."""

    registry: float
    monitoring: float
    non_prod_share: float
    non_prod_least: float
    network: float
    security: float


TIERS: Mapping[str, TierPrices] = {
    "micro": TierPrices(0, 1, 0.0, 0, 0, 0),
    "lean": TierPrices(10, 12, 0.10, 15, 0, 0),
    "standard": TierPrices(35, 40, 0.20, 15, 66, 15),
    "enterprise": TierPrices(150, 400, 0.15, 15, 100, 15),
}
REGULATED_SECURITY_MO = 120.0
REGULATED_SECURITY_SHARE = 0.03
WARM_STANDBY_SHARE = 0.35


def prices_of(cloud: str) -> PriceList:
    """Return the price list of a cloud; one without its own list (``any``, ``onprem``) is priced as AWS."""
    return PRICES.get(cloud, PRICES["aws"])


def tier_of(cap_usd: float | None, *, regulated: bool) -> str:
    """Return the tier a monthly cap in US dollars affords; without a cap, standard."""
    if cap_usd is None:
        return "standard"
    if cap_usd >= 20_000:
        return "enterprise"
    if regulated:
        return "standard"
    if cap_usd < 100:
        return "micro"
    return "lean" if cap_usd < 500 else "standard"
