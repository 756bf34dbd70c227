"""Jobs and queues over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from domain.model.job import Job, JobStatus
from entrypoints.http.documenting import OPTIONAL_TEXT, answers, having, listed, ref
from entrypoints.http.requests import Actor, Limit, QueueName, Served, StrictModel, documented, json_body
from entrypoints.presenting import present
from ports.job_queue import QueueStatistics

router = APIRouter(prefix="/v1", tags=["jobs"])


class Cancellation(StrictModel):
    """Why a job is cancelled."""

    reason: str | None = Field(None, max_length=10_000)


@router.get("/jobs", responses=answers({200: having(jobs=listed(Job), next_before=OPTIONAL_TEXT)}, 422))
async def list_jobs(
    app: Served,
    queue: QueueName | None = None,
    status: JobStatus | None = None,
    decision_set_id: UUID | None = None,
    limit: Limit = 100,
    before: UUID | None = None,
) -> Any:
    """List jobs newest first."""
    found = await app.list_jobs(limit=limit, queue=queue, status=status, decision_set_id=decision_set_id, before=before)
    return {"jobs": present(found), "next_before": str(found[-1].id) if len(found) == limit else None}


@router.get("/jobs/{job_id}", responses=answers({200: ref(Job)}, 404, 422))
async def get_job(job_id: UUID, app: Served) -> Any:
    """Read a job."""
    return present(await app.get_job(job_id))


@router.post(
    "/jobs/{job_id}/cancel",
    openapi_extra=documented(Cancellation),
    responses=answers({200: ref(Job)}, 400, 404, 409, 413, 415, 422),
)
async def cancel_job(
    job_id: UUID, wish: Annotated[Cancellation, Depends(json_body(Cancellation))], app: Served, actor: Actor
) -> Any:
    """Cancel a job that has not ended."""
    return present(await app.cancel_job(job_id, actor=actor, reason=wish.reason))


@router.post("/jobs/{job_id}/redrive", responses=answers({200: ref(Job)}, 404, 409, 422))
async def redrive_job(job_id: UUID, app: Served, actor: Actor) -> Any:
    """Queue a failed or cancelled job afresh."""
    return present(await app.redrive_job(job_id, actor=actor))


@router.get("/queues", responses=answers({200: having(queues=listed(QueueStatistics))}))
async def queue_statistics(app: Served) -> Any:
    """Count what lies in each queue."""
    return {"queues": present(await app.get_queue_statistics())}
