"""The outer edge: who may ask at all, headers that every answer has, and errors that nothing else has answered."""

import logging
import re
import traceback
from collections.abc import Collection

from attrs import frozen
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.model.secrets import mask_secrets
from entrypoints.http.problems import instance_of, refusal, unexpected
from entrypoints.http.refusals import ForeignOriginError, MisdirectedRequestError, RequestRefusedError

log = logging.getLogger("mlwright.http")

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_AUTHORITY = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
_READING = ("GET", "HEAD", "OPTIONS")


@frozen
class Edge:
    """Let in requests that name this server and come from no other origin's web page.

    ``allowed_hosts`` of None lets any name in. Writes that carry an Origin must carry this server's own, since a page
    elsewhere can send a plain POST without asking first.
    """

    app: ASGIApp
    allowed_hosts: Collection[str] | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; nothing that it raises gets out, so that no server logs it unmasked."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _harden(MutableHeaders(scope=message))
            await send(message)

        try:
            self._admit(scope["method"], Headers(scope=scope))
            await self.app(scope, receive, send_on)
        except RequestRefusedError as error:
            await refusal(error, instance_of(scope))(scope, receive, send_on)
        except ClientDisconnect:
            log.info("%s %s: the client went away", scope["method"], instance_of(scope))
        except Exception:
            log.error("%s %s failed\n%s", scope["method"], instance_of(scope), mask_secrets(traceback.format_exc()))
            if not started:
                await unexpected(instance_of(scope))(scope, receive, send_on)

    def _admit(self, method: str, headers: Headers) -> None:
        hosts = headers.getlist("host")
        host = _AUTHORITY.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if host is None or (self.allowed_hosts is not None and host["name"].lower() not in self.allowed_hosts):
            raise MisdirectedRequestError
        origin = headers.get("origin")
        if origin is not None and method not in _READING:
            _, _, authority = origin.partition("://")
            if authority.lower() != hosts[0].lower():
                raise ForeignOriginError


def _harden(headers: MutableHeaders) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Cache-Control", "no-store")
