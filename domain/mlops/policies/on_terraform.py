"""Artifact policies read from generated Terraform: encryption, exposure and access.

Each check returns None when met, or what is wrong with the place (``file:line``) where there is one.
"""

import re
from collections.abc import Callable, Iterable

from domain.mlops.policies.case import Case
from domain.mlops.policies.sources import Block, Sources

Failure = tuple[str, str | None]
Check = Callable[[Case, Sources], Failure | None]

_TLS_POLICY = r'"ELBSecurityPolicy-TLS13-1-2-[\w-]+"'


def first_failing(blocks: Iterable[Block], message: str, met: Callable[[Block], bool]) -> Failure | None:
    """Return the first block that is not met, with its place."""
    for block in blocks:
        if not met(block):
            return f"{block.type}.{block.name} {message}", block.where
    return None


def _paired(
    buckets: list[Block], companions: list[Block], message: str, met: Callable[[Block], bool]
) -> Failure | None:
    """Demand for each bucket a companion resource that names it (or uses for_each over all) and is met."""
    for bucket in buckets:
        reference = rf"\b{re.escape(bucket.type)}\.{re.escape(bucket.name)}\b"
        own = [item for item in companions if item.says(reference) or item.sets("for_each")]
        if not own:
            return f"{bucket.type}.{bucket.name} {message}", bucket.where
        failing = first_failing(own, message, met)
        if failing is not None:
            return failing
    return None


def encrypted_at_rest(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-01: buckets, streams, caches, volumes of personal or regulated data use customer-managed keys."""
    if case.cloud == "gcp":
        return first_failing(
            sources.resources("google_storage_bucket"),
            "has no default_kms_key_name",
            lambda block: block.sets("default_kms_key_name"),
        )
    if case.cloud == "azure":
        keys = sources.resources("azurerm_storage_account_customer_managed_key")
        return first_failing(
            sources.resources("azurerm_storage_account"),
            "has no customer_managed_key",
            lambda block: block.says(r"\bcustomer_managed_key\b") or bool(keys),
        )
    buckets = sources.resources("aws_s3_bucket")
    configurations = sources.resources("aws_s3_bucket_server_side_encryption_configuration")
    kms = "is not encrypted with aws:kms and a customer-managed key"
    return (
        _paired(
            buckets,
            configurations,
            kms,
            lambda block: block.sets("sse_algorithm", '"aws:kms(:dsse)?"') and block.sets("kms_master_key_id"),
        )
        or first_failing(
            sources.resources("aws_kms_key"),
            "does not set enable_key_rotation = true",
            lambda block: block.sets("enable_key_rotation", "true"),
        )
        or first_failing(
            sources.resources("aws_kinesis_stream"),
            'does not set encryption_type = "KMS"',
            lambda block: block.sets("encryption_type", '"KMS"'),
        )
        or first_failing(
            sources.resources("aws_elasticache_replication_group"),
            "does not set at_rest_encryption_enabled = true",
            lambda block: block.sets("at_rest_encryption_enabled", '"?true"?'),
        )
    )


def encrypted_in_transit(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-02: listeners, accounts and caches accept TLS 1.2 or later only."""
    if case.cloud == "gcp":
        return first_failing(
            sources.resources("google_compute_ssl_policy"),
            'does not set min_tls_version = "TLS_1_2"',
            lambda block: block.sets("min_tls_version", '"TLS_?1_[23]"'),
        )
    if case.cloud == "azure":
        return first_failing(
            sources.resources("azurerm_storage_account", "azurerm_redis_cache"),
            'does not set min_tls_version = "TLS1_2"',
            lambda block: block.says(r'\b(min_tls_version|minimum_tls_version)\s*=\s*"(TLS1_[23]|1\.[23])"'),
        )
    return first_failing(
        sources.resources("aws_lb_listener"),
        "serves without a TLS 1.2+ ssl_policy",
        lambda block: block.sets("ssl_policy", _TLS_POLICY) or block.says(r"\bredirect\b"),
    ) or first_failing(
        sources.resources("aws_elasticache_replication_group"),
        "does not set transit_encryption_enabled = true",
        lambda block: block.sets("transit_encryption_enabled", "true"),
    )


def no_public_storage(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-03: no bucket can be made public."""
    if case.cloud == "gcp":
        return first_failing(
            sources.resources("google_storage_bucket"),
            'does not set public_access_prevention = "enforced"',
            lambda block: block.sets("public_access_prevention", '"enforced"'),
        )
    if case.cloud == "azure":
        return first_failing(
            sources.resources("azurerm_storage_account"),
            "does not set allow_nested_items_to_be_public = false",
            lambda block: block.sets("allow_nested_items_to_be_public", "false"),
        )
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    return _paired(
        sources.resources("aws_s3_bucket"),
        sources.resources("aws_s3_bucket_public_access_block"),
        "has no public access block with all four switches on",
        lambda block: all(block.sets(switch, "true") for switch in switches),
    )


def least_privilege(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-04: no wildcard action on every resource, no long-lived users, no primitive roles."""
    users = sources.resources("aws_iam_user", "aws_iam_access_key", "google_service_account_key")
    if users:
        return f"{users[0].type}.{users[0].name} is a long-lived identity", users[0].where
    for block in sources.blocks:
        if block.type == "aws_iam_policy_document" or block.type.startswith("aws_iam_"):
            for statement in re.split(r"\bstatement\s*\{|\bSid\b|\bEffect\b", block.body):
                action = re.search(r'\b[Aa]ctions?\s*=\s*\[?\s*"(\*|\w+:\*)"', statement)
                everywhere = re.search(r'\b[Rr]esources?\s*=\s*\[?\s*"\*"', statement)
                if action and everywhere:
                    return f"{block.type}.{block.name} allows {action.group(1)} on every resource", block.where
        if block.sets("role", r'"roles/(owner|editor)"') or block.sets("role_definition_name", '"Owner"'):
            return f"{block.type}.{block.name} grants a role over everything", block.where
    return None


def private_network(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-06: nothing but an entry on port 443 can be reached from everywhere."""
    public = sources.find(r"^\s*assign_public_ip\s*=\s*true", ".tf")
    if public:
        return "assigns a public address to a workload", public[0].where
    if case.cloud == "gcp":
        return first_failing(
            sources.resources("google_cloud_run_v2_service"),
            "does not limit ingress",
            lambda block: block.sets("ingress", r'"INGRESS_TRAFFIC_INTERNAL\w*"|var\.\w+|local\.\w+'),
        ) or first_failing(
            sources.resources("google_compute_firewall"),
            "opens ports other than 443 to everywhere",
            lambda block: not block.says(r'"0\.0\.0\.0/0"') or block.says(r'"443"') or block.says("EGRESS"),
        )
    if case.cloud == "azure":
        return first_failing(
            sources.resources("azurerm_storage_account", "azurerm_machine_learning_workspace", "azurerm_key_vault"),
            "does not set public_network_access_enabled = false",
            lambda block: block.sets("public_network_access_enabled", r"false|var\.\w+"),
        )
    return _open_security_group(sources)


def _open_security_group(sources: Sources) -> Failure | None:
    groups = sources.resources("aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule")
    for group in groups:
        rules = (
            re.findall(r"\bingress\s*\{([^}]*)\}", group.body) if group.type == "aws_security_group" else [group.body]
        )
        for rule in rules:
            entering = group.type != "aws_security_group_rule" or '"egress"' not in rule
            if entering and "0.0.0.0/0" in rule and not re.search(r"\bfrom_port\s*=\s*443\b", rule):
                return f"{group.type}.{group.name} opens a port other than 443 to 0.0.0.0/0", group.where
    return None
