"""Jobs, queues, agent runs, artifacts, workflows, inbound events and health over HTTP."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from domain.model.job import JobStatus
from entrypoints.http.requests import Actor, Served, StrictModel, documented, json_body
from entrypoints.presenting import present

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=1000)]


class Reason(StrictModel):
    """Why a job is cancelled."""

    reason: str | None = Field(None, max_length=10_000)


class NewInboundEvent(StrictModel):
    """An event from outside, known there by ``external_id``."""

    source: str = Field(max_length=100)
    external_id: str = Field(max_length=255)
    event_type: str = Field(max_length=100)
    data: Any = None


@router.get("/health", tags=["health"])
async def health() -> Any:
    """Tell that the process answers."""
    return {"status": "ok"}


@router.get("/ready", tags=["health"])
async def ready(app: Served) -> Any:
    """Tell that the storage and the artifact store can be used; a problem with status 503 when not."""
    await app.storage.check()
    await app.artifact_store.check()
    return {"status": "ready"}


@router.get("/v1/workflows", tags=["workflows"])
async def list_workflows(app: Served) -> Any:
    """List the registered workflows."""
    return {"workflows": present(list(app.catalog.all()))}


@router.get("/v1/jobs", tags=["jobs"])
async def list_jobs(
    app: Served,
    queue: str | None = None,
    status: JobStatus | None = None,
    decision_set_id: UUID | None = None,
    limit: Limit = 100,
    before: UUID | None = None,
) -> Any:
    """List jobs newest first."""
    found = await app.list_jobs(limit=limit, queue=queue, status=status, decision_set_id=decision_set_id, before=before)
    return {"jobs": present(found), "next_before": str(found[-1].id) if len(found) == limit else None}


@router.get("/v1/jobs/{job_id}", tags=["jobs"])
async def get_job(job_id: UUID, app: Served) -> Any:
    """Read a job."""
    return present(await app.get_job(job_id))


@router.post("/v1/jobs/{job_id}/cancel", tags=["jobs"], openapi_extra=documented(Reason))
async def cancel_job(
    job_id: UUID, wish: Annotated[Reason, Depends(json_body(Reason))], app: Served, actor: Actor
) -> Any:
    """Cancel a job that has not ended."""
    return present(await app.cancel_job(job_id, actor=actor, reason=wish.reason))


@router.post("/v1/jobs/{job_id}/redrive", tags=["jobs"])
async def redrive_job(job_id: UUID, app: Served, actor: Actor) -> Any:
    """Queue a failed or cancelled job afresh."""
    return present(await app.redrive_job(job_id, actor=actor))


@router.get("/v1/queues", tags=["jobs"])
async def queue_statistics(app: Served) -> Any:
    """Count what lies in each queue."""
    return {"queues": present(await app.get_queue_statistics())}


@router.get("/v1/decision-sets/{decision_set_id}/runs", tags=["agent runs"])
async def list_runs(decision_set_id: UUID, app: Served, limit: Limit = 1000, after: UUID | None = None) -> Any:
    """List a decision set's agent runs in the order they started."""
    return {"runs": present(await app.list_agent_runs(decision_set_id, limit=limit, after=after))}


@router.get("/v1/decision-sets/{decision_set_id}/artifacts", tags=["artifacts"])
async def list_artifacts(decision_set_id: UUID, app: Served, limit: Limit = 1000, after: UUID | None = None) -> Any:
    """List a decision set's artifacts, oldest first."""
    found = await app.list_artifacts(decision_set_id, limit=limit, after=after)
    return {"artifacts": [{**present(one), "content": f"/v1/artifacts/{one.id}/content"} for one in found]}


@router.get("/v1/artifacts/{artifact_id}/content", tags=["artifacts"])
async def download_artifact(artifact_id: UUID, app: Served) -> Response:
    """Download an artifact; its bytes are checked against its hash first, which is its ETag."""
    artifact, content = await app.fetch_artifact(artifact_id)
    filename = quote(artifact.filename.rsplit("/", 1)[-1])
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{filename}",
        "ETag": f'"{artifact.content_hash}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/v1/inbound-events", tags=["inbound events"], status_code=201, openapi_extra=documented(NewInboundEvent))
async def receive_inbound_event(
    new: Annotated[NewInboundEvent, Depends(json_body(NewInboundEvent))], app: Served, actor: Actor, response: Response
) -> Any:
    """Receive an event once for its (source, external_id); 200 when it was here before."""
    event, created = await app.receive_inbound_event(new.source, new.external_id, new.event_type, new.data, actor=actor)
    response.status_code = 201 if created else 200
    return present(event)


@router.get("/v1/inbound-events/{inbound_event_id}", tags=["inbound events"])
async def get_inbound_event(inbound_event_id: UUID, app: Served) -> Any:
    """Read an inbound event."""
    return present(await app.get_inbound_event(inbound_event_id))
