"""The last word before anything is generated: a person approves or rejects the plan."""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from adapters.langgraph.mlops_design.cards import Step
from adapters.langgraph.mlops_design.conversion import from_state, from_states
from adapters.langgraph.mlops_design.planning import all_findings, blocking_reasons
from adapters.langgraph.mlops_design.state import DesignState
from domain.mlops.plan import Plan, PolicyResult, Verdict
from domain.mlops.reason_card import ReasonCard

APPROVE, REJECT = "approve", "reject"
_MAX_TEXT = 5_000
_MIN_EXCEPTION = 10


async def hitl_gate_final(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Ask a person to approve the plan; each thing that forbids it needs a reasoned exception to be approved."""
    reasons = blocking_reasons(state)
    decision: dict[str, Any] = interrupt(_question(state, reasons))
    comment = str(decision.get("comment") or "")
    if decision["decision"] == APPROVE:
        exceptions = dict(decision.get("exceptions") or {})
        card = ReasonCard(
            agent="hitl_gate_final",
            choice="approved" + (f" with exceptions to {', '.join(sorted(exceptions))}" if exceptions else ""),
            why=comment or "the plan was approved as it stands",
            candidates=(APPROVE, REJECT),
            risks=tuple(f"{name}: {why}" for name, why in sorted(exceptions.items())),
        )
        return {"decision": {"decision": APPROVE, "comment": comment, "exceptions": exceptions}}, card
    why = comment or "; ".join(f"{name}: {text}" for name, text in reasons.items()) or "the plan was rejected"
    card = ReasonCard(agent="hitl_gate_final", choice="rejected", why=why, candidates=(APPROVE, REJECT))
    update = {
        "decision": {"decision": REJECT, "comment": comment, "exceptions": {}},
        "outcome": {"status": "cancelled", "reason": why},
    }
    return update, card


def after_final_gate(state: DesignState) -> str:
    """Return the next node: code generation for an approved plan, nothing for a rejected one."""
    return "codegen" if state["decision"]["decision"] == APPROVE else "__end__"


def _question(state: DesignState, reasons: dict[str, str]) -> dict[str, Any]:
    rejection = {"decision": REJECT, "comment": "; ".join(f"{name}: {text}" for name, text in reasons.items())}
    return {
        "kind": "approval",
        "question": "Generate this system?" if not reasons else "The plan is blocked. Reject it, or record exceptions?",
        "summary": _summary(state),
        "blocked_by": reasons,
        "response_schema": _schema(reasons),
        "defaults": rejection if reasons else {"decision": APPROVE},
        "rejection": {**rejection, "comment": rejection["comment"] or "Nobody approved the plan in time."},
    }


def _summary(state: DesignState) -> dict[str, Any]:
    plan = from_state(Plan, state["plan"])
    noted = [one for one in from_states(PolicyResult, state.get("policies")) if one.verdict is Verdict.WARN]
    return {
        "pattern": plan.pattern,
        "cloud": plan.cloud,
        "regions": list(plan.regions),
        "cost_usd_month": {"low": plan.cost.low, "base": plan.cost.base, "high": plan.cost.high},
        "budget_cap_usd": plan.budget_cap_usd,
        "alternatives": [f"{one.pattern} ({one.score:.1f})" for one in plan.candidates[1:3]],
        "assumptions": list(plan.assumptions),
        "findings": [f"{one.rule} {one.severity}: {one.message}" for one in all_findings(state)],
        "policy_warnings": [f"{one.policy}: {one.message}" for one in noted],
    }


def _schema(reasons: dict[str, str]) -> dict[str, Any]:
    text = {"type": "string", "maxLength": _MAX_TEXT}
    exception = {"type": "string", "minLength": _MIN_EXCEPTION, "maxLength": _MAX_TEXT}
    approve: dict[str, Any] = {
        "properties": {
            "decision": {"const": APPROVE},
            "comment": text,
            "exceptions": {
                "type": "object",
                "properties": dict.fromkeys(reasons, exception),
                "required": sorted(reasons),
                "additionalProperties": False,
            },
        },
        "required": ["decision", "exceptions"] if reasons else ["decision"],
        "additionalProperties": False,
    }
    reject: dict[str, Any] = {
        "properties": {"decision": {"const": REJECT}, "comment": text},
        "required": ["decision"],
        "additionalProperties": False,
    }
    return {"type": "object", "anyOf": [approve, reject]}
