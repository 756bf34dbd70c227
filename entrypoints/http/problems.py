"""Errors as problem details (RFC 9457): one table from domain errors to status codes."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from domain.mlops.errors import InvalidAnswerError
from domain.model import errors
from domain.model.errors import DomainError
from domain.model.secrets import mask_secrets
from entrypoints.http.refusals import InvalidRequestError, RequestRefusedError, faults_of
from entrypoints.presenting import present

log = logging.getLogger("mlwright.http")

PROBLEM_JSON = "application/problem+json"
MAX_TEXT = 2_000
MAX_FAULTS = 20
_RETRY_SECONDS = "1"

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


def problem(
    status: int,
    detail: str,
    *,
    code: str,
    instance: str,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Build a problem-details answer; secrets in it are masked, and long texts cut."""
    body = {
        "type": f"urn:mlwright:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _shown(detail),
        "code": code,
        "instance": _shown(instance),
        **{name: _shown(value) for name, value in (extra or {}).items()},
    }
    return JSONResponse(body, status_code=status, media_type=PROBLEM_JSON, headers=dict(headers or {}))


def instance_of(scope: Scope) -> str:
    """Return the path as it was sent, percent-encoded, so that it is a URI reference whatever it holds."""
    raw: bytes = scope.get("raw_path") or b"/"
    return raw.decode("ascii", "replace")


def status_of(error: DomainError) -> HTTPStatus:
    """Return the status of an error's class or the nearest one above it in the table; 500 for the server's own."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def refusal(error: RequestRefusedError, instance: str) -> JSONResponse:
    """Build the answer to a request that is refused for what it is."""
    faults = error.faults[:MAX_FAULTS] if isinstance(error, InvalidRequestError) else ()
    extra = {"errors": present(faults)} if faults else None
    return problem(error.status, str(error), code=error.code, instance=instance, extra=extra)


def unexpected(instance: str) -> JSONResponse:
    """Build the answer to a request that made the server fail: it tells nothing of what went wrong."""
    return problem(500, "The server failed; its log tells more.", code="internal", instance=instance)


def answer_with_problems(app: FastAPI) -> None:
    """Let every refusal of an application leave it as problem details."""

    @app.exception_handler(DomainError)
    async def refused_by_domain(request: Request, error: DomainError) -> JSONResponse:
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s %s: %s", request.method, instance_of(request.scope), mask_secrets(str(error)))
        headers = {"Retry-After": _RETRY_SECONDS} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
        extra = {"about": present(vars(error))}
        return problem(
            status, str(error), code=error.code, instance=instance_of(request.scope), extra=extra, headers=headers
        )

    @app.exception_handler(RequestRefusedError)
    async def refused(request: Request, error: RequestRefusedError) -> JSONResponse:
        return refusal(error, instance_of(request.scope))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return refusal(InvalidRequestError(faults_of(error.errors())), instance_of(request.scope))

    @app.exception_handler(HTTPException)
    async def routed(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        detail = _ROUTING.get(status, str(error.detail))
        instance = instance_of(request.scope)
        return problem(status, detail, code=status.name.lower(), instance=instance, headers=error.headers)


_ROUTING = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path; /openapi.json lists what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This method can't be used here; the header Allow names those that can.",
}


def _shown(value: Any) -> Any:
    """Return JSON with its secrets masked and its long texts cut."""
    if isinstance(value, str):
        text = mask_secrets(value[: 2 * MAX_TEXT])
        return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
    if isinstance(value, Mapping):
        return {name: _shown(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value[:MAX_FAULTS]]
    return value
