"""What requests carry: checked JSON bodies, the version a write was made against, who is asking."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from domain.model.errors import InvalidValueError
from domain.model.json_value import MAX_BYTES, checked_text, parse_json
from entrypoints.bootstrap import Application
from entrypoints.http.refusals import (
    BodyTooLargeError,
    InvalidRequestError,
    MalformedBodyError,
    MalformedHeaderError,
    PreconditionRequiredError,
    UnsupportedMediaTypeError,
    faults_of,
)

Body = TypeVar("Body", bound=BaseModel)
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')


class StrictModel(BaseModel):
    """A body that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", strict=True)


def application_of(request: Request) -> Application:
    """Return the application that serves a request."""
    app: Application = request.app.state.application
    return app


Served = Annotated[Application, Depends(application_of)]


def _storable(text: str) -> str:
    try:
        return checked_text("it", text)
    except InvalidValueError as error:
        raise ValueError(error.why) from None


Limit = Annotated[int, Query(ge=1, le=1000, description="the longest page wanted")]
Sequence = Annotated[int, Query(ge=0, lt=2**63, description="a sequence number; the events above it are returned")]
InterruptId = Annotated[str, Path(max_length=255), AfterValidator(_storable)]
QueueName = Annotated[str, Query(max_length=100), AfterValidator(_storable)]


async def actor_of(
    mlwright_actor: Annotated[
        str | None, Header(description="who asks, as events name them; not authenticated")
    ] = None,
) -> str:
    """Return who asks: the header ``Mlwright-Actor`` in UTF-8, else ``http``."""
    if not mlwright_actor:
        return "http"
    try:
        name = mlwright_actor.encode("latin-1").decode()
    except UnicodeDecodeError:
        raise MalformedHeaderError("Mlwright-Actor must be text in UTF-8.") from None
    return checked_text("Mlwright-Actor", name, max_length=255, blank=False)


Actor = Annotated[str, Depends(actor_of)]


async def expected_version_of(
    if_match: Annotated[
        str | None, Header(description="the ETag of the version that the change was made against")
    ] = None,
) -> int:
    """Return the version in If-Match; raises PreconditionRequiredError without one."""
    if not if_match:
        raise PreconditionRequiredError
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise MalformedHeaderError(f'If-Match must be one ETag such as "3", in quotes, not {if_match[:100]!r}.')
    return int(found[1])


ExpectedVersion = Annotated[int, Depends(expected_version_of)]


def tagged(response: Response, version: int) -> None:
    """State a versioned resource's version as its ETag."""
    response.headers["ETag"] = f'"{version}"'


def json_body(model: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """Build a dependency that reads a body as ``model``: bounded in size and depth, no NaN, no duplicate keys.

    No body at all is the empty object to a model that takes one.
    """
    optional = not requires_body(model)

    async def read(request: Request) -> Body:
        content = await _bounded(request)
        if not content and optional:
            return model()
        _require_json(request)
        try:
            return model.model_validate(parse_json("The body", content))
        except InvalidValueError as error:
            raise MalformedBodyError(f"The body {error.why}.") from None
        except ValidationError as error:
            raise InvalidRequestError(faults_of(error.errors(include_url=False), ["body"])) from None

    return read


def requires_body(model: type[BaseModel]) -> bool:
    """Tell whether a body of this model must be sent: one that takes the empty object may be left out."""
    try:
        model.model_validate({})
    except ValidationError:
        return True
    return False


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """Return the OpenAPI description of a body that ``json_body`` reads."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": requires_body(model), "content": content}}


def _require_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaTypeError("The body must be JSON and be sent with Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaTypeError("The body must be sent as it is, without Content-Encoding.")


async def _bounded(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > MAX_BYTES:
        raise BodyTooLargeError(MAX_BYTES)
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BYTES:
            raise BodyTooLargeError(MAX_BYTES)
    return bytes(received)
