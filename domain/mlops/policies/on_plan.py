"""Policies judged on the plan: where data goes, who decides, what it costs, whether it can keep its word."""

from collections.abc import Callable

from domain.mlops import controls as c
from domain.mlops.availability import promised_pct
from domain.mlops.critique import critique_cost
from domain.mlops.facts import Provenance
from domain.mlops.patterns import PATTERNS
from domain.mlops.placement import EEA, lies_within, normal_code
from domain.mlops.plan import Phase, Plan, PolicyResult, Severity, Verdict
from domain.mlops.policies.case import Case, result
from domain.mlops.policies.intake import conflict_result
from domain.mlops.services import CLOSED_SERVICES, HIPAA_INELIGIBLE

_Check = Callable[[Case, Plan], tuple[str, Verdict, str] | None]


def plan_results(case: Case) -> list[PolicyResult]:
    """Return the verdicts of the plan's policies that apply; empty without a plan."""
    if case.plan is None:
        return []
    found = [conflict_result(case, Phase.PLAN)]
    for check in _CHECKS:
        outcome = check(case, case.plan)
        if outcome is not None:
            policy, verdict, message = outcome
            found.append(result(policy, Phase.PLAN, verdict, message))
    return found


def regions_in_use(plan: Plan) -> tuple[str, ...]:
    """Return every region the plan names: its own and those of its components (backup, model, logs), in order."""
    named = (component.settings.get("region") for component in plan.components)
    return tuple(dict.fromkeys([*plan.regions, *(str(region) for region in named if region)]))


def _outside(plan: Plan, codes: tuple[str, ...]) -> list[str]:
    return [region for region in regions_in_use(plan) if not lies_within(region, codes)]


def _gdpr_transfer(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    codes = {normal_code(code) for code in case.workload.residency}
    if not (case.workload.residency_strict and codes & (EEA | {"EU"})):
        return None
    allowed = ("EU", *sorted(codes))
    away = _outside(plan, allowed)
    if away:
        return "GDPR-01", Verdict.BLOCK, f"Data must stay in the EU or EEA; {', '.join(away)} is outside."
    return "GDPR-01", Verdict.PASS, f"All regions are in the EU or EEA: {', '.join(regions_in_use(plan))}."


def _residency(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if not (case.workload.residency and case.workload.residency_strict):
        return None
    codes = case.workload.residency
    away = _outside(plan, codes)
    if away:
        return "RES-01", Verdict.BLOCK, f"Residency is strictly {', '.join(codes)}; {', '.join(away)} is outside."
    return "RES-01", Verdict.PASS, f"All regions are inside {', '.join(codes)}: {', '.join(regions_in_use(plan))}."


def _impact_assessment(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if not (case.european and (case.special or ("location" in case.kinds and case.workload.calls_month > 1e7))):
        return None
    if case.has(c.IMPACT_ASSESSMENT):
        return "GDPR-03", Verdict.PLANNED, "A data protection impact assessment is generated to be completed."
    return "GDPR-03", Verdict.WARN, "Special data or monitoring at scale needs an impact assessment."


def _oversight(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if not (case.european and case.constraints.value("impact") == "automated_significant"):
        return None
    if case.has(c.HUMAN_REVIEW) or case.constraints.value("human_review"):
        return "GDPR-04", Verdict.PASS, "A person reviews significant decisions, and people can appeal."
    return "GDPR-04", Verdict.BLOCK, "Significant decisions are made about people alone; add human review and appeal."


def _health(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if "HIPAA" not in case.compliance:
        return None
    barred = [item.service for item in plan.components if item.service in HIPAA_INELIGIBLE]
    if barred:
        return "HIP-01", Verdict.BLOCK, f"Health data may not enter {', '.join(barred)}: no agreement covers it."
    if not case.has(c.BAA):
        return "HIP-01", Verdict.BLOCK, "Health data needs a business associate agreement with every processor."
    return "HIP-01", Verdict.PLANNED, "All services are eligible; sign the business associate agreement before use."


def _cards(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if "PCI-DSS" not in case.compliance and "pan" not in case.kinds:
        return None
    if case.has(c.TOKENISE_CARDS):
        return "PCI-01", Verdict.PLANNED, "Card numbers are tokenised before features and logs; CVV is never kept."
    return "PCI-01", Verdict.BLOCK, "Card numbers would reach features or logs; tokenise them first."


def _high_risk(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if not (case.european and case.high_risk):
        return None
    if case.has(c.HUMAN_REVIEW) or case.constraints.value("human_review"):
        message = "High-risk use under the AI Act: complete the risk file and technical documentation, keep logs."
        return "AIA-02", Verdict.WARN, message
    return "AIA-02", Verdict.BLOCK, "High-risk use under the AI Act without human oversight; add human review."


def _fairness(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if not case.hiring_or_credit:
        return None
    traits = sorted(case.kinds & {"health", "biometric", "children"})
    if traits:
        return (
            "FAIR-01",
            Verdict.BLOCK,
            f"Protected traits ({', '.join(traits)}) are inputs of a job or credit decision.",
        )
    return "FAIR-01", Verdict.WARN, "Measure the slice gap (at most 0.1) and the four-fifths rule before release."


def _children(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if "children" not in case.kinds:
        return None
    return "CHD-01", Verdict.WARN, "Children's data: guardian consent, no profiling, short retention."


def _air_gap(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if not case.constraints.value("air_gapped"):
        return None
    if plan.cloud != "onprem" or plan.component("llm") is not None:
        return "AIR-01", Verdict.BLOCK, "An air-gapped system may use no cloud, hosted model or download at run time."
    return "AIR-01", Verdict.PASS, "Everything runs on the owner's premises, from mirrored images."


def _model_api(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if plan.component("llm") is None or not case.personal:
        return None
    if case.constraints.value("external_llm_ok") is False or not case.has(c.PROVIDER_TERMS):
        message = "Personal text would reach a model API without a contract, pinned region and no-retention terms."
        return "LLM-01", Verdict.BLOCK, message
    return "LLM-01", Verdict.PLANNED, "The model's region is pinned; sign terms without retention or training."


def _closed(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    found = [
        f"{item.service} ({why})"
        for item in plan.components
        for name, why in CLOSED_SERVICES.items()
        if name.lower() in item.service.lower()
    ]
    if found:
        return "SVC-01", Verdict.BLOCK, f"Services that are closed or retiring: {', '.join(found)}."
    return "SVC-01", Verdict.PASS, "No chosen service is closed or retiring."


def _available(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    target = case.constraints.get("availability_pct")
    if target is None or target.value is None or target.how is Provenance.ASSUMED or not case.online:
        return None
    promised = promised_pct(plan)
    if promised + 1e-9 < float(target.value):
        return "AVL-01", Verdict.BLOCK, f"The parts promise {promised:.3f} %; the target is {float(target.value):g} %."
    return "AVL-01", Verdict.PASS, f"The parts promise {promised:.3f} % for a target of {float(target.value):g} %."


def _fast_enough(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    limit, floor = case.workload.latency_ms, PATTERNS[plan.pattern].floor_ms
    if limit is None:
        return None
    if floor > limit:
        return "LAT-01", Verdict.BLOCK, f"The pattern's floor of {floor:g} ms is above the limit of {limit:g} ms."
    return "LAT-01", Verdict.PASS, f"The pattern's floor of {floor:g} ms is within the limit of {limit:g} ms."


def _money(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    if plan.budget_cap_usd is None:
        return None
    for finding in critique_cost(plan, case.constraints):
        if finding.rule == "FIN-01":
            verdict = Verdict.BLOCK if finding.severity is Severity.BLOCK else Verdict.WARN
            return "FIN-01", verdict, finding.message
    message = f"Base {plan.cost.base:,.0f} and high {plan.cost.high:,.0f} USD fit {plan.budget_cap_usd:,.0f} USD."
    return "FIN-01", Verdict.PASS, message


def _per_request(case: Case, plan: Plan) -> tuple[str, Verdict, str] | None:
    for finding in critique_cost(plan, case.constraints):
        if finding.rule == "FIN-03":
            return "FIN-03", Verdict.WARN, finding.message
    if not case.online:
        return None
    return "FIN-03", Verdict.PASS, "No per-request price weighs at this rate."


_CHECKS: tuple[_Check, ...] = (
    _gdpr_transfer,
    _impact_assessment,
    _oversight,
    _health,
    _cards,
    _high_risk,
    _fairness,
    _children,
    _residency,
    _air_gap,
    _model_api,
    _closed,
    _available,
    _fast_enough,
    _money,
    _per_request,
)
