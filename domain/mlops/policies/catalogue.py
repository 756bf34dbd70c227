"""The policies on generated files: when each applies, what it demands, how a failing one weighs."""

from collections.abc import Callable

from attrs import frozen

from domain.mlops.plan import Phase, PolicyResult, Verdict
from domain.mlops.policies import on_operations as ops
from domain.mlops.policies import on_repository as repo
from domain.mlops.policies import on_terraform as tf
from domain.mlops.policies.case import Case, result
from domain.mlops.policies.on_terraform import Check, Failure

_Test = Callable[[Case], bool]


def _always(case: Case) -> bool:
    return True


def _never(case: Case) -> bool:
    return False


def _in_cloud(case: Case) -> bool:
    return case.in_cloud


def _sensitive_cloud(case: Case) -> bool:
    return case.in_cloud and (case.personal or case.regulated)


def _under(regime: str) -> _Test:
    return lambda case: regime in case.compliance and case.in_cloud


@frozen
class ArtifactPolicy:
    """A policy on files. It blocks where ``blocks`` says so, else it warns."""

    name: str
    demand: str
    applies: _Test
    blocks: _Test
    check: Check


ARTIFACT_POLICIES: tuple[ArtifactPolicy, ...] = (
    ArtifactPolicy("SEC-01", "Customer-managed keys at rest.", _sensitive_cloud, _always, tf.encrypted_at_rest),
    ArtifactPolicy("SEC-02", "TLS 1.2 or later.", _in_cloud, _always, tf.encrypted_in_transit),
    ArtifactPolicy("SEC-03", "No public storage.", _in_cloud, _always, tf.no_public_storage),
    ArtifactPolicy("SEC-04", "Least privilege, no long-lived users.", _in_cloud, _always, tf.least_privilege),
    ArtifactPolicy("SEC-05", "No secret in any file.", _always, _always, repo.no_secrets),
    ArtifactPolicy("SEC-06", "Private networking.", _in_cloud, _always, tf.private_network),
    ArtifactPolicy("SEC-07", "Audit trail and flow logs.", _in_cloud, lambda case: case.regulated, ops.audited),
    ArtifactPolicy("SEC-08", "Images pinned, scanned, not root.", _always, _never, repo.hardened_image),
    ArtifactPolicy("SEC-09", "Hash-locked dependencies, audited.", _always, _never, repo.locked_dependencies),
    ArtifactPolicy("SEC-10", "Models loaded only after a hash match.", _always, _always, repo.verified_model),
    ArtifactPolicy(
        "SEC-11",
        "The prediction endpoint authenticates and limits.",
        lambda case: case.online,
        _always,
        repo.guarded_predict,
    ),
    ArtifactPolicy("SEC-12", "Workflows pinned, least permissions, OIDC.", _always, _never, repo.careful_workflows),
    ArtifactPolicy(
        "GDPR-02",
        "Retention limits and erasure.",
        lambda case: case.in_cloud and case.personal and (case.european or case.special),
        lambda case: case.special,
        ops.expires,
    ),
    ArtifactPolicy(
        "GDPR-05", "Pseudonymised ids, no raw data in logs.", lambda case: case.personal, _never, repo.quiet_logs
    ),
    ArtifactPolicy(
        "GDPR-06",
        "A breach is notified within 72 h.",
        lambda case: case.personal and case.european,
        _never,
        repo.notice_in_runbook,
    ),
    ArtifactPolicy("HIP-02", "Audit records kept six years.", _under("HIPAA"), _always, ops.health_audit_kept),
    ArtifactPolicy("PCI-02", "Card data in its own network.", _under("PCI-DSS"), _always, ops.own_network),
    ArtifactPolicy("PCI-03", "Logs kept 365 days, 90 of them hot.", _under("PCI-DSS"), _always, ops.card_logs_kept),
    ArtifactPolicy("PCI-04", "Internal entry, or a firewall.", _under("PCI-DSS"), _always, ops.guarded_entry),
    ArtifactPolicy("SOC-01", "Reviewed main branch and releases.", _always, _never, repo.protected_main),
    ArtifactPolicy("SOC-02", "Backups with a restore test.", _always, _never, ops.recoverable),
    ArtifactPolicy("SOC-03", "Alarms with an owner.", _always, _never, ops.alarmed),
    ArtifactPolicy(
        "AIA-03",
        "Machine-made answers are disclosed.",
        lambda case: case.workload.task in ("rag", "llm"),
        _never,
        repo.disclosed,
    ),
    ArtifactPolicy(
        "CRD-01",
        "Reason codes with credit decisions.",
        lambda case: any(word in case.text for word in ("credit", "loan", "lending")),
        _never,
        repo.reasoned,
    ),
    ArtifactPolicy("FIN-02", "Tags and a budget with alarms.", _in_cloud, _never, ops.budgeted),
    ArtifactPolicy("MLG-01", "Model registry with approval.", _always, _always, repo.registered),
    ArtifactPolicy("MLG-02", "Schema checks in training and serving.", _always, _never, repo.checked_schema),
    ArtifactPolicy("MLG-03", "A tested rollback.", _always, _never, repo.reversible),
    ArtifactPolicy("MLG-04", "A model card with licence and provenance.", _always, _always, repo.honest_card),
)


def planned_results(case: Case) -> list[PolicyResult]:
    """Return, for the plan phase, the artifact policies that the generated files will have to meet."""
    return [
        result(policy.name, Phase.PLAN, Verdict.PLANNED, f"{policy.demand} To be met by the generated files.")
        for policy in ARTIFACT_POLICIES
        if policy.applies(case)
    ]


def failing_verdict(policy: ArtifactPolicy, case: Case, failure: Failure | None) -> PolicyResult:
    """Return an artifact policy's result from what its check found wrong, if anything."""
    if failure is None:
        return result(policy.name, Phase.ARTIFACT, Verdict.PASS, policy.demand)
    message, where = failure
    verdict = Verdict.BLOCK if policy.blocks(case) else Verdict.WARN
    return result(policy.name, Phase.ARTIFACT, verdict, f"{message}. Demanded: {policy.demand}", where)
