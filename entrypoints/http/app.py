"""The FastAPI application over an opened ``Application``."""

from collections.abc import Collection
from importlib.metadata import version

from attrs import define
from fastapi import FastAPI

from entrypoints.bootstrap import Application
from entrypoints.http import approvals, artifacts, decision_sets, events, inbound_events, jobs, operations, projects
from entrypoints.http.documenting import document_with
from entrypoints.http.edge import LOOPBACK, Edge
from entrypoints.http.problems import answer_with_problems


@define
class Closing:
    """The server's wish to stop, at which open event streams end."""

    requested: bool = False


def create_app(
    application: Application, *, allowed_hosts: Collection[str] | None = LOOPBACK, closing: Closing | None = None
) -> FastAPI:
    """Build the HTTP application.

    Requests must name one of ``allowed_hosts`` (None: any), so that a web page cannot reach a loopback server under a
    name of its own (DNS rebinding). There are no documentation pages, as theirs run scripts from elsewhere.
    """
    app = FastAPI(
        title="mlwright",
        version=version("mlwright"),
        description="The durable backbone of an agentic MLOps platform.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.application = application
    app.state.closing = closing or Closing()
    app.add_middleware(Edge, allowed_hosts=allowed_hosts)
    for module in (projects, decision_sets, approvals, events, jobs, artifacts, inbound_events, operations):
        app.include_router(module.router)
    answer_with_problems(app)
    document_with(app)
    return app
