"""Every way the domain refuses: one root, named errors that keep what they are about as attributes."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID


class DomainError(Exception):
    """Be the root of all refusals; the message says what, why and what to do."""

    code: ClassVar[str] = "error"


class InvalidValueError(DomainError):
    """Raised at construction or at an edge when a value breaks a rule of the model."""

    code = "invalid_value"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} {why}")
        self.field = field
        self.why = why


class NotFoundError(DomainError):
    """Raised when an id names nothing in this storage."""

    code = "not_found"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"There is no {kind} {key} here; list the {kind}s to see those there are.")
        self.kind = kind
        self.key = key


class AlreadyExistsError(DomainError):
    """Raised when an entity is added whose key is taken."""

    code = "already_exists"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"A {kind} {key} exists already; use it, or choose another key.")
        self.kind = kind
        self.key = key


class VersionConflictError(DomainError):
    """Raised when an entity has moved on from the version that a write expected; nothing was written."""

    code = "version_conflict"

    def __init__(self, kind: str, key: object, expected: int, actual: int) -> None:
        super().__init__(
            f"The {kind} {key} is at version {actual}, the change expected {expected};"
            " read it again and repeat the change."
        )
        self.kind = kind
        self.key = key
        self.expected = expected
        self.actual = actual


class IllegalTransitionError(DomainError):
    """Raised when an entity's status does not allow a move."""

    code = "illegal_transition"

    def __init__(self, kind: str, key: object, status: str, move: str) -> None:
        super().__init__(f"The {kind} {key} is {status}; it can't be {move} from there.")
        self.kind = kind
        self.key = key
        self.status = status
        self.move = move


class LeaseLostError(DomainError):
    """Raised when a write is made on behalf of a job whose lease has passed on; nothing was written."""

    code = "lease_lost"

    def __init__(self, job_id: UUID, lease_token: int) -> None:
        super().__init__(
            f"The lease {lease_token} on job {job_id} is no longer valid: it expired and was taken over, or the job was"
            " settled or cancelled. Nothing was written; stop working on it."
        )
        self.job_id = job_id
        self.lease_token = lease_token


class RunInProgressError(DomainError):
    """Raised when a decision set has a live run and its workflow allows one at a time."""

    code = "run_in_progress"

    def __init__(self, decision_set_id: UUID, job_id: UUID) -> None:
        super().__init__(
            f"The decision set {decision_set_id} has a run in progress (job {job_id});"
            " wait for it, answer its approval, or cancel it first."
        )
        self.decision_set_id = decision_set_id
        self.job_id = job_id


class AnswerRejectedError(DomainError):
    """Raised when an answer does not fit the approval's schema; the approval stays open."""

    code = "answer_rejected"

    def __init__(self, interrupt_id: str, reasons: Sequence[str]) -> None:
        super().__init__(f"The answer to approval {interrupt_id} was not accepted: {'; '.join(reasons)}.")
        self.interrupt_id = interrupt_id
        self.reasons = tuple(reasons)


class UnknownWorkflowError(DomainError):
    """Raised when no workflow is registered under a name."""

    code = "unknown_workflow"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"No workflow is registered as {name!r}; there are: {', '.join(known) or 'none'}.")
        self.name = name
        self.known = tuple(known)


class WorkflowLoadError(DomainError):
    """Raised when a registered workflow can't be imported or is not a graph."""

    code = "workflow_load"

    def __init__(self, name: str, target: str, why: str) -> None:
        super().__init__(f"The workflow {name!r} can't be loaded from {target!r}: {why}.")
        self.name = name
        self.target = target


class UnknownJobTypeError(DomainError):
    """Raised when a worker leases a job that it has no handler for."""

    code = "unknown_job_type"

    def __init__(self, job_type: str, known: Sequence[str]) -> None:
        super().__init__(
            f"No handler is registered for job type {job_type!r} (known: {', '.join(known) or 'none'}); register one or"
            " run a worker that has it."
        )
        self.job_type = job_type


class JobTimeoutError(DomainError):
    """Raised when a job ran longer than its time limit and was stopped."""

    code = "job_timeout"

    def __init__(self, job_id: UUID, seconds: float) -> None:
        super().__init__(f"The job {job_id} was stopped after its time limit of {seconds:g} s.")
        self.job_id = job_id
        self.seconds = seconds


class ArtifactMissingError(DomainError):
    """Raised when the artifact store holds nothing under a key that a row names."""

    code = "artifact_missing"

    def __init__(self, storage_key: str) -> None:
        super().__init__(
            f"The artifact store holds nothing under {storage_key}; check that it is the store it was written to."
        )
        self.storage_key = storage_key


class ArtifactCorruptError(DomainError):
    """Raised when stored bytes do not have the hash they were recorded with; they are not handed out."""

    code = "artifact_corrupt"

    def __init__(self, storage_key: str, expected: str, actual: str) -> None:
        super().__init__(
            f"The bytes under {storage_key} hash to {actual}, not the recorded {expected}; restore them from a backup."
        )
        self.storage_key = storage_key
        self.expected = expected
        self.actual = actual


class ConfigurationError(DomainError):
    """Raised at start when a setting is missing, malformed or contradicts another."""

    code = "configuration"


class StorageUnavailableError(DomainError):
    """Raised when the storage can't be reached, refuses the credentials, or can't be written (disk full, read-only)."""

    code = "storage_unavailable"


class TransactionConflictError(DomainError):
    """Raised when a concurrent transaction won (deadlock, busy); this one wrote nothing and can be repeated."""

    code = "transaction_conflict"


class SchemaVersionError(DomainError):
    """Raised at start when the storage's schema is older or newer than this version of the application."""

    code = "schema_version"

    def __init__(self, found: str | None, expected: str, advice: str) -> None:
        super().__init__(
            f"The database schema is at {found or 'no revision'}, this version needs {expected}: {advice}."
        )
        self.found = found
        self.expected = expected


class ReadOnlyTransactionError(DomainError):
    """Raised when something is written in a transaction that was opened to read."""

    code = "read_only_transaction"

    def __init__(self) -> None:
        super().__init__("This transaction was opened to read; open it without read_only to write.")
