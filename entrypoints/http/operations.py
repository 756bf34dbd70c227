"""Health and the registered workflows over HTTP."""

from typing import Any

from fastapi import APIRouter

from entrypoints.http.documenting import TEXT, answers, having, listed
from entrypoints.http.requests import Served
from entrypoints.presenting import present
from ports.workflows import WorkflowInfo

router = APIRouter()
_STATUS = having(status=TEXT)


@router.get("/health", tags=["health"], responses=answers({200: _STATUS}))
async def health() -> Any:
    """Tell that the process answers."""
    return {"status": "ok"}


@router.get("/ready", tags=["health"], responses=answers({200: _STATUS}, 503))
async def ready(app: Served) -> Any:
    """Tell that the storage and the artifact store can be used; a problem with status 503 when not."""
    await app.storage.check()
    await app.artifact_store.check()
    return {"status": "ready"}


@router.get("/v1/workflows", tags=["workflows"], responses=answers({200: having(workflows=listed(WorkflowInfo))}))
async def list_workflows(app: Served) -> Any:
    """List the registered workflows."""
    return {"workflows": present(list(app.catalog.all()))}
