"""What is refused because of the request itself, before any use case is asked."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from attrs import frozen


@frozen
class Fault:
    """One thing wrong with a request: the place (``body.name``, ``query.limit``) and the reason."""

    where: str
    why: str


class RequestRefusedError(Exception):
    """Be the root of the refusals of requests; each kind has its status and its code."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "bad_request"


class MalformedHeaderError(RequestRefusedError):
    """Raised when a header does not hold what it must."""

    code = "malformed_header"


class MalformedBodyError(RequestRefusedError):
    """Raised when a body is not JSON that can be kept: broken, too deep, with NaN, duplicate keys, NUL and the like."""

    code = "malformed_body"


class InvalidRequestError(RequestRefusedError):
    """Raised when a request is well formed, but not what the operation takes."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"

    def __init__(self, faults: Sequence[Fault]) -> None:
        shown = "; ".join(f"{fault.where}: {fault.why}" for fault in faults)
        super().__init__(f"The request is not usable: {shown}.")
        self.faults = tuple(faults)


class BodyTooLargeError(RequestRefusedError):
    """Raised when a body is larger than any operation takes; the rest of it is not read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than the {limit} bytes that are taken; send less.")


class UnsupportedMediaTypeError(RequestRefusedError):
    """Raised when a body is not declared as plain JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class PreconditionRequiredError(RequestRefusedError):
    """Raised when a write to a versioned resource does not say which version it was made against."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "precondition_required"

    def __init__(self) -> None:
        super().__init__(
            'This write needs the header If-Match with the ETag that was read, such as "3"; read it first.'
        )


class MisdirectedRequestError(RequestRefusedError):
    """Raised when the Host header names another server: a web page may have rebound its own name to this address."""

    status = HTTPStatus.MISDIRECTED_REQUEST
    code = "misdirected_request"

    def __init__(self) -> None:
        super().__init__("This server does not answer to the name in the Host header; use the address it was bound to.")


class ForeignOriginError(RequestRefusedError):
    """Raised when a web page of another origin tries to write."""

    status = HTTPStatus.FORBIDDEN
    code = "foreign_origin"

    def __init__(self) -> None:
        super().__init__("Web pages of another origin may not write here; call the API from your own program.")


def faults_of(errors: Sequence[Any], prefix: Sequence[str] = ()) -> list[Fault]:
    """Return what Pydantic found wrong, without the values it was given."""
    return [Fault(".".join([*prefix, *(str(part) for part in one["loc"])]), one["msg"]) for one in errors]
