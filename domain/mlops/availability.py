"""The availability a plan can promise: the product of what its request path is promised."""

from domain.mlops.controls import FALLBACK
from domain.mlops.plan import Plan
from domain.mlops.services import SERVICE_LEVEL_OF_PATTERN, SERVICE_LEVEL_PCT, SERVICES

_SERVICE_LEVEL_BELOW_TWO_REPLICAS = 99.5
_NEEDED = ("serve", "load_balancer", "gateway")


def reachable_pct(pattern: str, cloud: str, regions: int) -> float:
    """Return the best availability in percent a pattern can promise: replicas in zones, a fallback behind them.

    The roles that cannot fall back are serving and entry; ``regions`` independent regions multiply the odds of failure.
    """
    roles = SERVICES[pattern].get(cloud, {})
    up = 1.0
    for role in _NEEDED:
        if role in roles:
            up *= _level(pattern, role) / 100
    return round(100 * (1 - (1 - up) ** max(1, regions)), 4)


def promised_pct(plan: Plan) -> float:
    """Return the availability of the request path in percent.

    Serving and entry always count; stores and models behind them count unless a fallback answers in their place.
    One replica or one zone promises 99.5. A second region multiplies the failure odds of the first.
    """
    up = 1.0
    for component in plan.components:
        if component.role not in SERVICE_LEVEL_PCT or (component.role not in _NEEDED and FALLBACK in plan.controls):
            continue
        level = _level(plan.pattern, component.role)
        alone = component.settings.get("replicas", 2) < 2 or component.settings.get("zones", 2) < 2
        if component.role == "serve" and alone:
            level = min(level, _SERVICE_LEVEL_BELOW_TWO_REPLICAS)
        up *= level / 100
    down = (1 - up) ** (2 if len(plan.regions) > 1 else 1)
    return round(100 * (1 - down), 4)


def _level(pattern: str, role: str) -> float:
    level = SERVICE_LEVEL_PCT[role]
    return SERVICE_LEVEL_OF_PATTERN.get(pattern, level) if role == "serve" else level
