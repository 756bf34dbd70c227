"""Judge a plan as an engineer and as its payer would, and apply the remedies."""

from attrs import evolve

from domain.mlops.costs import estimate
from domain.mlops.critic_lifecycle import GPU_RULE, LIFECYCLE_RULES
from domain.mlops.critic_rules import RULE_ORDER, SERVING_RULES, Rule
from domain.mlops.facts import Constraints
from domain.mlops.measuring import workload_of
from domain.mlops.plan import Finding, Plan, Severity
from domain.mlops.prices import COMMIT_SAVING
from domain.mlops.remedies import REMEDIES
from domain.mlops.sizing import size
from domain.mlops.workload import Workload

_BASE_WARN, _BASE_BLOCK, _HIGH_WARN = 0.85, 1.05, 1.2
_FLAT_RATE_RPS = 50.0
_PRICED_A_REQUEST = ("gateway", "function calls", "logs")
_HEAVY_LOG_SHARE = 0.1


def critique_technical(plan: Plan, constraints: Constraints) -> tuple[Finding, ...]:
    """Return what is wrong with the plan as engineering, in the order of the rules; a blocking finding stops it."""
    workload = workload_of(constraints)
    found = [_apply(rule, plan, constraints, workload) for rule in (*SERVING_RULES, *LIFECYCLE_RULES)]
    return tuple(sorted((item for item in found if item), key=lambda item: RULE_ORDER[item.rule]))


def critique_cost(plan: Plan, constraints: Constraints) -> tuple[Finding, ...]:
    """Return what is wrong with the plan's bill: over the ceiling, idle GPUs, per-request prices at a high rate."""
    workload = workload_of(constraints)
    found = [_apply(GPU_RULE, plan, constraints, workload), *_over_budget(plan), _per_request(plan, workload)]
    return tuple(item for item in found if item is not None)


def apply_remedies(plan: Plan, findings: tuple[Finding, ...], constraints: Constraints) -> Plan:
    """Return the plan with the remedies of the findings applied and its size and cost worked out anew.

    A finding without a mechanical remedy (the budget's) leaves the plan as it is; judge the result again to see what
    remains.
    """
    workload = workload_of(constraints)
    rules = sorted({finding.rule for finding in findings if finding.rule in REMEDIES}, key=RULE_ORDER.__getitem__)
    for rule in rules:
        plan = REMEDIES[rule](plan, workload)
    remedies = (*plan.remedies, *(rule for rule in rules if rule not in plan.remedies))
    applied = frozenset(remedies)
    sizing = {name: round(value, 4) for name, value in size(plan.pattern, workload, applied).items()}
    return evolve(plan, remedies=remedies, sizing=sizing, cost=estimate(plan.pattern, workload, applied))


def _apply(rule: Rule, plan: Plan, constraints: Constraints, workload: Workload) -> Finding | None:
    message = rule.check(plan, constraints, workload)
    return None if message is None else Finding(rule.name, rule.severity, message, rule.remedy)


def _over_budget(plan: Plan) -> list[Finding]:
    cap, cost = plan.budget_cap_usd, plan.cost
    if cap is None:
        return []
    committed = cost.base * COMMIT_SAVING
    remedy = (
        f"The largest lines are {'; '.join(cost.drivers)}. A one-year commitment on steady compute saves up to "
        f"{committed:,.0f} USD; else lower the load, the availability or the latency, or raise the ceiling."
    )
    if cost.base > _BASE_BLOCK * cap:
        message = f"The base cost of {cost.base:,.0f} USD is over the ceiling of {cap:,.0f} USD."
        return [Finding("FIN-01", Severity.BLOCK, message, remedy)]
    if cost.base > _BASE_WARN * cap or cost.high > _HIGH_WARN * cap:
        message = f"Base {cost.base:,.0f} and high {cost.high:,.0f} USD come close to the ceiling of {cap:,.0f} USD."
        return [Finding("FIN-01", Severity.WARN, message, remedy)]
    return []


def _per_request(plan: Plan, workload: Workload) -> Finding | None:
    if workload.peak_rps <= _FLAT_RATE_RPS:
        return None
    lines = [line for line in plan.cost.lines if line.name in _PRICED_A_REQUEST]
    heavy = [line for line in lines if line.name != "logs" or line.usd > _HEAVY_LOG_SHARE * plan.cost.base]
    if not heavy:
        return None
    named = ", ".join(f"{line.name} {line.usd:,.0f} USD" for line in heavy)
    message = f"Priced by the request at {workload.peak_rps:g} rps: {named}."
    return Finding("FIN-03", Severity.WARN, message, "Move to a flat-rate entry and containers, and sample the logs.")
