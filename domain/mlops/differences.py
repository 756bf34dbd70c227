"""Say what changed between two plans of one system."""

from typing import Any

from domain.mlops.plan import Component, Plan

_PLAIN = (
    "name",
    "task",
    "pattern",
    "cloud",
    "tier",
    "feasible",
    "model_family",
    "metric",
    "retrain",
    "gpu",
    "data_class",
    "budget_cap_usd",
)
_SETS = ("modes", "regions", "controls", "remedies", "assumptions", "data_kinds", "compliance")


def diff_plans(old: Plan | None, new: Plan) -> dict[str, Any]:
    """Return what changed from the old plan to the new one as plain JSON; a first plan only says so.

    ``fields`` maps a name to its old and new value, ``lists`` what was added and removed, ``components`` what was
    added, removed or changed by role, ``slo`` the objectives that moved and ``cost`` the base cost before, after and
    the difference in US dollars a month. Only what differs is named; ``changed`` tells whether anything does.
    """
    if old is None:
        return {"first": True, "changed": True, "pattern": new.pattern, "cost": {"after": new.cost.base}}
    fields = {
        name: {"before": getattr(old, name), "after": getattr(new, name)}
        for name in _PLAIN
        if getattr(old, name) != getattr(new, name)
    }
    lists = {name: _list_change(getattr(old, name), getattr(new, name)) for name in _SETS}
    parts: dict[str, Any] = {
        "fields": fields,
        "lists": {name: change for name, change in lists.items() if change},
        "components": _component_changes(old, new),
        "slo": _mapping_change(dict(old.slo), dict(new.slo)),
        "cost": _cost_change(old, new),
    }
    kept = {name: part for name, part in parts.items() if part}
    return {"first": False, "changed": bool(kept), **kept}


def _list_change(before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, list[str]]:
    change = {
        "added": [item for item in after if item not in before],
        "removed": [item for item in before if item not in after],
    }
    return {name: items for name, items in change.items() if items}


def _mapping_change(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    names = sorted(before.keys() | after.keys())
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    }


def _by_role(plan: Plan) -> dict[str, Component]:
    return {component.role: component for component in plan.components}


def _component_changes(old: Plan, new: Plan) -> dict[str, Any]:
    before, after = _by_role(old), _by_role(new)
    changes: dict[str, Any] = {}
    for role in sorted(before.keys() | after.keys()):
        if role not in after:
            changes[role] = {"removed": before[role].service}
        elif role not in before:
            changes[role] = {"added": after[role].service}
        else:
            change = _mapping_change(dict(before[role].settings), dict(after[role].settings))
            if before[role].service != after[role].service:
                change = {"service": {"before": before[role].service, "after": after[role].service}, **change}
            if change:
                changes[role] = change
    return changes


def _cost_change(old: Plan, new: Plan) -> dict[str, Any]:
    if old.cost == new.cost:
        return {}
    lines = _mapping_change(
        {line.name: line.usd for line in old.cost.lines}, {line.name: line.usd for line in new.cost.lines}
    )
    difference = round(new.cost.base - old.cost.base, 2)
    change = {"before": old.cost.base, "after": new.cost.base, "difference": difference}
    return {**change, "lines": lines} if lines else change
