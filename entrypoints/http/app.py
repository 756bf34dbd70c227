"""The FastAPI application over an opened ``Application``."""

from collections.abc import Sequence
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from entrypoints.bootstrap import Application
from entrypoints.http import approvals, decision_sets, events, operations, projects
from entrypoints.http.problems import answer_with_problems

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "testserver")


def create_app(application: Application, *, allowed_hosts: Sequence[str] = LOOPBACK) -> FastAPI:
    """Build the HTTP application.

    Requests must name one of ``allowed_hosts``, so that a web page cannot reach a loopback server under a name of its
    own (DNS rebinding).
    """
    app = FastAPI(
        title="mlwright",
        version=version("mlwright"),
        description="The durable backbone of an agentic MLOps platform.",
    )
    app.state.application = application
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts), www_redirect=False)
    for module in (projects, decision_sets, approvals, events, operations):
        app.include_router(module.router)
    answer_with_problems(app)
    return app
