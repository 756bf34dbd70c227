"""Errors as one clear line and an exit code: the one table from domain errors to codes."""

import traceback
from collections.abc import Mapping
from typing import ClassVar

from domain.mlops.errors import InvalidAnswerError
from domain.mlops.planning import UnknownPatternError
from domain.mlops.repository import UnsafePathError
from domain.model import errors
from domain.model.errors import DomainError
from domain.model.secrets import mask_secrets
from entrypoints.cli.exit_codes import ExitCode


class OutputFileError(DomainError):
    """Raised when a file that was asked for can't be written, or would overwrite another."""

    code: ClassVar[str] = "output_file"


class ForeignPackageError(DomainError):
    """Raised at start when another distribution has taken the place of one of our packages."""

    code: ClassVar[str] = "foreign_package"


EXIT_CODES: Mapping[type[DomainError], ExitCode] = {
    errors.InvalidValueError: ExitCode.USAGE,
    errors.AnswerRejectedError: ExitCode.USAGE,
    InvalidAnswerError: ExitCode.USAGE,
    errors.NotFoundError: ExitCode.NOT_FOUND,
    errors.UnknownWorkflowError: ExitCode.NOT_FOUND,
    errors.AlreadyExistsError: ExitCode.CONFLICT,
    errors.VersionConflictError: ExitCode.CONFLICT,
    errors.IllegalTransitionError: ExitCode.CONFLICT,
    errors.LeaseLostError: ExitCode.CONFLICT,
    errors.RunInProgressError: ExitCode.CONFLICT,
    errors.TransactionConflictError: ExitCode.CONFLICT,
    errors.WorkflowLoadError: ExitCode.CONFIGURATION,
    errors.UnknownJobTypeError: ExitCode.CONFIGURATION,
    errors.ConfigurationError: ExitCode.CONFIGURATION,
    ForeignPackageError: ExitCode.CONFIGURATION,
    errors.JobTimeoutError: ExitCode.RUN_FAILED,
    UnknownPatternError: ExitCode.RUN_FAILED,
    UnsafePathError: ExitCode.RUN_FAILED,
    errors.ArtifactMissingError: ExitCode.CORRUPT,
    errors.ArtifactCorruptError: ExitCode.CORRUPT,
    errors.StorageUnavailableError: ExitCode.UNAVAILABLE,
    errors.SchemaVersionError: ExitCode.SCHEMA,
    errors.ReadOnlyTransactionError: ExitCode.UNEXPECTED,
    OutputFileError: ExitCode.OUTPUT,
}


def exit_code_of(error: BaseException) -> ExitCode:
    """Return the exit code of an error: its class's in the table, or the nearest ancestor's there."""
    if isinstance(error, DomainError):
        found = (EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
        return next(found, ExitCode.UNEXPECTED)
    return ExitCode.UNAVAILABLE if isinstance(error, OSError) else ExitCode.UNEXPECTED


def explain(error: BaseException) -> str:
    """Return an error as one line: what, why, what to do; secrets masked."""
    text = " ".join(str(error).split())
    if isinstance(error, DomainError):
        line = text[:1].upper() + text[1:]
        return mask_secrets(line if line.endswith((".", "!", "?")) else f"{line}.")
    if isinstance(error, OSError):
        return mask_secrets(f"The system refused: {text}. Free or permit what it names, and try again.")
    told = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return mask_secrets(f"Unexpected error: {told}. Run again with --debug to see where it happened.")


def trace(error: BaseException) -> str:
    """Return an error's whole traceback, for ``--debug``; secrets masked."""
    return mask_secrets("".join(traceback.format_exception(error)))
