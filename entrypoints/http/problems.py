"""Errors as problem details (RFC 9457): one table from domain errors to status codes."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.mlops.errors import InvalidAnswerError
from domain.model import errors
from domain.model.errors import DomainError
from domain.model.secrets import mask_secrets
from entrypoints.presenting import present

log = logging.getLogger("mlwright.http")

STATUS: Mapping[type[DomainError], HTTPStatus] = {
    errors.InvalidValueError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.AnswerRejectedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidAnswerError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownWorkflowError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownJobTypeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ArtifactMissingError: HTTPStatus.NOT_FOUND,
    errors.AlreadyExistsError: HTTPStatus.CONFLICT,
    errors.IllegalTransitionError: HTTPStatus.CONFLICT,
    errors.RunInProgressError: HTTPStatus.CONFLICT,
    errors.LeaseLostError: HTTPStatus.CONFLICT,
    errors.VersionConflictError: HTTPStatus.PRECONDITION_FAILED,
    errors.StorageUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TransactionConflictError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SchemaVersionError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class UnusableBodyError(DomainError):
    """Raised when a request's body is too large, not declared as JSON, or not what the operation takes."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class PreconditionRequiredError(DomainError):
    """Raised when a write to a versioned resource does not say which version it was made against."""

    code = "precondition_required"

    def __init__(self) -> None:
        super().__init__(
            'This write needs the header If-Match with the ETag that was read, such as "3"; read it first.'
        )


def problem(
    status: int, detail: str, *, code: str, instance: str, extra: Mapping[str, Any] | None = None
) -> JSONResponse:
    """Build a problem-details answer; secrets in the detail are masked."""
    body = {
        "type": f"urn:mlwright:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": mask_secrets(detail),
        "code": code,
        "instance": instance,
        **(extra or {}),
    }
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def status_of(error: DomainError) -> HTTPStatus:
    """Return the status of an error: its own, its class's in the table, or 500 for one that is not the caller's."""
    if isinstance(error, UnusableBodyError):
        return error.status
    if isinstance(error, PreconditionRequiredError):
        return HTTPStatus.PRECONDITION_REQUIRED
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def answer_with_problems(app: FastAPI) -> None:
    """Let every error of an application leave it as problem details, the unexpected ones without their content."""

    @app.exception_handler(DomainError)
    async def refused(request: Request, error: DomainError) -> JSONResponse:
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s %s: %s", request.method, request.url.path, mask_secrets(str(error)))
        known = {name: present(value) for name, value in vars(error).items() if name != "status"}
        return problem(status, str(error), code=error.code, instance=request.url.path, extra={"about": known})

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        return problem(422, f"The request is not usable: {faults}.", code="invalid_request", instance=request.url.path)

    @app.exception_handler(HTTPException)
    async def routed(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).name.lower()
        return problem(error.status_code, str(error.detail), code=code, instance=request.url.path)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        detail = "The server failed; its log tells more."
        return problem(500, detail, code="internal", instance=request.url.path)
