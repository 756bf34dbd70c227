"""Artifact policies read from generated Terraform: audit, retention, networks, recovery, alarms, budget.

Each check returns None when met, or what is wrong with the place (``file:line``) where there is one.
"""

from domain.mlops.policies.case import Case
from domain.mlops.policies.on_terraform import Failure, first_failing
from domain.mlops.policies.sources import Sources

_AUDIT_DAYS = 2192
_CARD_LOG_DAYS = 365
_LOG_GROUPS = ("aws_cloudwatch_log_group", "azurerm_log_analytics_workspace", "google_logging_project_bucket_config")


def audited(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-07: the cloud's own calls and the network's flows are recorded."""
    if case.cloud == "gcp":
        wanted = [("google_project_iam_audit_config", sources.resources("google_project_iam_audit_config"))]
    elif case.cloud == "azure":
        wanted = [("azurerm_monitor_diagnostic_setting", sources.resources("azurerm_monitor_diagnostic_setting"))]
    else:
        trails = sources.resources("aws_cloudtrail")
        failing = first_failing(
            trails,
            "does not set enable_log_file_validation = true",
            lambda block: block.sets("enable_log_file_validation", "true"),
        )
        if failing is not None:
            return failing
        wanted = [("aws_cloudtrail", trails), ("aws_flow_log", sources.resources("aws_flow_log"))]
    missing = [name for name, found in wanted if not found]
    return (f"No {' and no '.join(missing)} is declared", None) if missing else None


def expires(case: Case, sources: Sources) -> Failure | None:
    """Check GDPR-02: stored personal data expires by rule."""
    rules = r"\bexpiration\b|\blifecycle_rule\b|\bdelete_after_days\w*|\bretention_policy\b|\btransition_after_days\b"
    if any(block.says(rules) for block in sources.blocks if block.kind == "resource"):
        return None
    return "No storage resource has an expiration or lifecycle rule", None


def _retention(sources: Sources, days: float, regime: str) -> Failure | None:
    locked = any(block.says(r"\bobject_lock|\bis_locked\b|immutability_policy") for block in sources.blocks)
    groups = sources.resources(*_LOG_GROUPS)
    if not groups:
        return None if locked else (f"No log group keeps {regime} records for {days:g} days", None)
    for group in groups:
        kept = group.number("retention_in_days") or group.number("retention_days")
        symbolic = group.says(r"\bretention_(in_)?days\s*=\s*(var|local)\.")
        if not symbolic and (kept is None or kept < days) and not locked:
            return f"{group.type}.{group.name} keeps logs under the {days:g} days of {regime}", group.where
    return None


def health_audit_kept(case: Case, sources: Sources) -> Failure | None:
    """Check HIP-02: audit records are kept six years."""
    return _retention(sources, _AUDIT_DAYS, "HIPAA")


def card_logs_kept(case: Case, sources: Sources) -> Failure | None:
    """Check PCI-03: logs are kept a year."""
    return _retention(sources, _CARD_LOG_DAYS, "PCI-DSS")


def own_network(case: Case, sources: Sources) -> Failure | None:
    """Check PCI-02: card data has an account or network of its own."""
    if sources.resources("aws_vpc", "google_compute_network", "azurerm_virtual_network"):
        return None
    return "No network of its own is declared for card data", None


def guarded_entry(case: Case, sources: Sources) -> Failure | None:
    """Check PCI-04: the entry is internal or behind a web application firewall."""
    firewall = sources.resources(
        "aws_wafv2_web_acl_association", "google_compute_security_policy", "azurerm_web_application_firewall_policy"
    )
    if firewall:
        return None
    return first_failing(
        sources.resources("aws_lb", "aws_apigatewayv2_api"),
        "is public without a web application firewall",
        lambda block: block.sets("internal", "true"),
    )


def budgeted(case: Case, sources: Sources) -> Failure | None:
    """Check FIN-02: everything carries tags and a budget alarms at 50, 80 and 100 %."""
    budgets = sources.resources(
        "aws_budgets_budget",
        "google_billing_budget",
        "azurerm_consumption_budget_resource_group",
        "azurerm_consumption_budget_subscription",
    )
    if not budgets:
        return "No budget is declared", None
    shares = (r"\b50\b|\b0?\.50?\b", r"\b80\b|\b0?\.80?\b", r"\b100\b|=\s*1(\.0+)?\s")
    if not all(budgets[0].says(share) for share in shares):
        return f"{budgets[0].type}.{budgets[0].name} does not alarm at 50, 80 and 100 %", budgets[0].where
    if not sources.says(r"\b(default_tags|default_labels|tags|labels)\b", ".tf"):
        return "Resources carry no tags to attribute cost by", None
    return None


def recoverable(case: Case, sources: Sources) -> Failure | None:
    """Check SOC-02: storage is versioned or backed up to a point in time, and the runbook tests the restore."""
    kept = r"\bversioning\b|\bpoint_in_time_recovery\b|\bversioning_enabled\b|_versioning\""
    if case.in_cloud and not sources.says(kept, ".tf"):
        return "No storage is versioned or recoverable to a point in time", None
    if not sources.says(r"restor", ".md"):
        return "The documents describe no restore test", None
    return None


def alarmed(case: Case, sources: Sources) -> Failure | None:
    """Check SOC-03: alarms exist, and a document says who is called."""
    alarms = r"cloudwatch_metric_alarm|monitoring_alert_policy|monitor_metric_alert|PrometheusRule|alert:"
    if not sources.says(alarms, ".tf", ".yaml", ".yml"):
        return "No alarm is declared", None
    if not sources.says(r"on[- ]call|owner", ".md"):
        return "No document says who answers an alarm", None
    return None
