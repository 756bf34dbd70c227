"""What requests carry: checked JSON bodies, the version a write was made against, who is asking."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from domain.model.json_value import MAX_BYTES, checked_text, parse_json
from entrypoints.bootstrap import Application
from entrypoints.http.problems import PreconditionRequiredError, UnusableBodyError

Body = TypeVar("Body", bound=BaseModel)


class StrictModel(BaseModel):
    """A body that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", strict=True)


def application_of(request: Request) -> Application:
    """Return the application that serves a request."""
    app: Application = request.app.state.application
    return app


Served = Annotated[Application, Depends(application_of)]


async def actor_of(mlwright_actor: Annotated[str | None, Header()] = None) -> str:
    """Return who asks, as events name them: the header ``Mlwright-Actor``, unauthenticated, else ``http``."""
    return checked_text("Mlwright-Actor", mlwright_actor, max_length=255, blank=False) if mlwright_actor else "http"


Actor = Annotated[str, Depends(actor_of)]


async def expected_version_of(if_match: Annotated[str | None, Header()] = None) -> int:
    """Return the version in If-Match; raises PreconditionRequiredError without one."""
    digits = (if_match or "").strip().removeprefix("W/").strip('"')
    if not if_match:
        raise PreconditionRequiredError
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise UnusableBodyError(HTTPStatus.BAD_REQUEST, f'If-Match must be one ETag such as "3", not {if_match!r}.')
    return int(digits)


ExpectedVersion = Annotated[int, Depends(expected_version_of)]


def tagged(response: Response, version: int) -> None:
    """State a versioned resource's version as its ETag."""
    response.headers["ETag"] = f'"{version}"'


def json_body(model: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """Build a dependency that reads a body as ``model``: bounded in size and depth, no NaN, no duplicate keys."""

    async def read(request: Request) -> Body:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise UnusableBodyError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be sent as application/json.")
        value = parse_json("The body", await _bounded(request))
        try:
            return model.model_validate(value)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
            raise UnusableBodyError(HTTPStatus.UNPROCESSABLE_ENTITY, f"The body is not usable: {faults}.") from None

    return read


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """Return the OpenAPI description of a body that ``json_body`` reads."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


async def _bounded(request: Request) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BYTES:
            raise UnusableBodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body exceeds {MAX_BYTES} bytes.")
    return bytes(received)
