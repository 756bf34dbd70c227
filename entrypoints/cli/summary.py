"""What a run came to: its design in tables, or everything as one JSON document."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from domain.model.approval import Approval
from domain.model.decision_set import DecisionSet, DecisionSetStatus
from entrypoints.cli.answering import open_approvals
from entrypoints.cli.exporting import Exported, default_folder, export
from entrypoints.cli.output import Output
from entrypoints.cli.rendering import Column, show_table
from entrypoints.presenting import present

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

_DESIGN = "design"
_WORST_FIRST = ("block", "failed", "warn", "warned", "skipped", "planned", "pass", "passed")


@frozen
class Summary:
    """A decision set after a run, with its open questions, its exported files and, where it made one, its design."""

    decision_set: DecisionSet
    approvals: Sequence[Approval]
    exported: Sequence[Exported]
    design: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """Return the summary as one JSON value."""
        return {
            "decision_set": present(self.decision_set),
            "approvals": present(list(self.approvals)),
            "design": _told(self.design) if self.design else None,
            "artifacts": [{**present(one.artifact), "path": str(one.path)} for one in self.exported],
        }


async def summarise(app: "Application", decision_set: DecisionSet, folder: Path | None) -> Summary:
    """Collect what a run came to; a completed one's artifacts are written to a folder, its own by default."""
    if decision_set.status is not DecisionSetStatus.COMPLETED:
        return Summary(decision_set, await open_approvals(app, decision_set.id), (), None)
    artifacts = await app.list_artifacts(decision_set.id)
    designs = [artifact for artifact in artifacts if artifact.artifact_type == _DESIGN]
    design = json.loads((await app.fetch_artifact(designs[-1].id))[1]) if designs else None
    exported = await export(app, artifacts, folder or default_folder(decision_set.id))
    return Summary(decision_set, (), exported, design)


def show_summary(out: Output, summary: Summary) -> None:
    """Show a summary: data on stdout, what to do next on stderr."""
    if out.as_json:
        out.write_json(summary.as_json())
    elif summary.design:
        _show_design(out, _told(summary.design))
    if summary.exported and not out.as_json:
        out.say("")
        rows = [(one.artifact.artifact_type, one.artifact.size_bytes, one.path) for one in summary.exported]
        show_table(out, (Column("file"), Column("bytes", right=True), Column("path", whole=True)), rows)
    _say_status(out, summary)


def _say_status(out: Output, summary: Summary) -> None:
    decision_set = summary.decision_set
    own = decision_set.id
    if decision_set.status is DecisionSetStatus.COMPLETED:
        out.say(f"Completed: decision set {own}.", "green")
    elif decision_set.status is DecisionSetStatus.WAITING_APPROVAL:
        gates = ", ".join(approval.gate for approval in summary.approvals)
        out.say(f"The run waits for an approval ({gates}). Go on with: mlwright approve {own}", "yellow")
    elif decision_set.status is DecisionSetStatus.CANCELLED:
        out.say(f"Cancelled, nothing was generated: {decision_set.status_reason or 'no reason was given'}", "magenta")
    elif decision_set.status is DecisionSetStatus.FAILED:
        out.fail(
            f"The run failed: {decision_set.status_reason or 'no reason was recorded'}"
            f" (resume it with: mlwright decision-sets resume {own} --work)"
        )


def _told(design: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a stored design that its summary tells."""
    plan = design.get("plan") or {}
    cost = plan.get("cost") or {}
    return {
        "name": plan.get("name"),
        "task": plan.get("task"),
        "pattern": plan.get("pattern"),
        "feasible": plan.get("feasible"),
        "cloud": plan.get("cloud"),
        "regions": plan.get("regions"),
        "cost_usd_month": {
            **{name: cost.get(name) for name in ("low", "base", "high", "at_ten_times_load", "as_of")},
            "budget_cap": plan.get("budget_cap_usd"),
        },
        "policies": design.get("policies") or [],
        "validation": design.get("validation") or [],
        "assumptions": plan.get("assumptions") or [],
    }


def _show_design(out: Output, told: Mapping[str, Any]) -> None:
    cost = told["cost_usd_month"]
    rows = [
        ("system", f"{told['name']} ({told['task']})"),
        ("pattern", told["pattern"] if told["feasible"] else f"{told['pattern']}, which breaks a constraint"),
        ("where", f"{told['cloud']}, {', '.join(told['regions'] or ()) or 'no cloud region'}"),
        ("cost a month", f"{_usd(cost['low'])} low, {_usd(cost['base'])} base, {_usd(cost['high'])} high"),
        ("budget a month", _usd(cost["budget_cap"]) if cost["budget_cap"] is not None else "none given"),
        ("assumed", "; ".join(str(one) for one in told["assumptions"]) or "nothing"),
    ]
    show_table(out, (Column("design", whole=True), Column("")), rows)
    _show_judged(out, "policy", "verdict", told["policies"])
    _show_judged(out, "validator", "status", told["validation"])


def _show_judged(out: Output, subject: str, verdict: str, results: Sequence[Mapping[str, Any]]) -> None:
    """Show what is not simply met in full, the worst first, and count the rest."""
    ranked = sorted(results, key=lambda one: _rank(one.get(verdict)))
    met = ("pass", "passed", "planned")
    telling = [one for one in ranked if one.get(verdict) not in met]
    quiet = Counter(str(one.get(verdict)) for one in ranked if one.get(verdict) in met)
    rows: list[Sequence[object]] = [
        (one.get(subject), one.get(verdict), one.get("message"), one.get("where")) for one in telling
    ]
    rows += [(f"{count} of them", name, None, None) for name, count in quiet.items()]
    out.data.print()
    if rows:
        show_table(out, (Column(subject), Column(verdict, whole=True), Column("message"), Column("where")), rows)


def _rank(verdict: object) -> int:
    return _WORST_FIRST.index(str(verdict)) if verdict in _WORST_FIRST else -1


def _usd(amount: object) -> str:
    return f"${amount:,.0f}" if isinstance(amount, int | float) else "unknown"
