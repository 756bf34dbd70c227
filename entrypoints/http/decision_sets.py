"""Decision sets over HTTP: start, read, annotate, cancel, resume, fork."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response
from pydantic import Field

from domain.model.decision_set import DecisionSet, DecisionSetStatus
from domain.model.job import Job
from domain.model.validation import MAX_PROMPT
from entrypoints.http.documenting import OPTIONAL_TEXT, TEXT, answers, having, listed, ref, widened
from entrypoints.http.requests import Actor, ExpectedVersion, Limit, Served, StrictModel, documented, json_body, tagged
from entrypoints.presenting import present

router = APIRouter(prefix="/v1", tags=["decision sets"])

_PARTS = ("approvals", "events", "runs", "artifacts")
_LINKS = having(self=TEXT, project=TEXT, stream=TEXT, **dict.fromkeys(_PARTS, TEXT))
_RUN = having(decision_set=ref(DecisionSet), job={"anyOf": [ref(Job), {"type": "null"}]}, links=_LINKS)
_RUN_HEADERS = ("ETag", "Location")


class NewRun(StrictModel):
    """A workflow to be started; ``input`` replaces the input built from the prompt."""

    workflow: str = Field(max_length=100)
    prompt: str = Field(max_length=MAX_PROMPT)
    input: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    priority: int = Field(0, ge=-(2**31), lt=2**31, description="higher ones run first")


class Annotation(StrictModel):
    """Entries to merge into a decision set's metadata; null removes one."""

    metadata: dict[str, Any]


class Cancellation(StrictModel):
    """Why a decision set is cancelled."""

    reason: str | None = Field(None, max_length=10_000)


class Resumption(StrictModel):
    """How a decision set goes on: from its last checkpoint, or with new input."""

    input: dict[str, Any] | None = None


class Fork(StrictModel):
    """Where a decision set is forked: a checkpoint's id, the last one by default."""

    checkpoint_id: str | None = Field(None, max_length=255)
    run: bool = True


@router.post(
    "/projects/{project_id}/decision-sets",
    status_code=202,
    openapi_extra=documented(NewRun),
    responses=answers({202: _RUN}, 400, 404, 409, 413, 415, 422, headers=_RUN_HEADERS),
)
async def start_workflow(
    project_id: UUID,
    new: Annotated[NewRun, Depends(json_body(NewRun))],
    app: Served,
    actor: Actor,
    response: Response,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Any:
    """Start a workflow; the same Idempotency-Key again, in the same project, returns what it started first."""
    decision_set, job = await app.start_workflow(
        project_id,
        new.workflow,
        new.prompt,
        actor=actor,
        graph_input=new.input,
        metadata=new.metadata,
        options=app.run_options.at(new.priority),
        idempotency_key=f"{project_id}:{idempotency_key}" if idempotency_key else None,
    )
    return _accepted(decision_set, job, response)


@router.get(
    "/decision-sets",
    responses=answers({200: having(decision_sets=listed(DecisionSet), next_before=OPTIONAL_TEXT)}, 404, 422),
)
async def list_decision_sets(
    app: Served,
    project_id: UUID | None = None,
    status: DecisionSetStatus | None = None,
    limit: Limit = 100,
    before: UUID | None = None,
) -> Any:
    """List decision sets newest first."""
    found = await app.list_decision_sets(project_id=project_id, status=status, limit=limit, before=before)
    return {"decision_sets": present(found), "next_before": str(found[-1].id) if len(found) == limit else None}


@router.get(
    "/decision-sets/{decision_set_id}",
    responses=answers({200: widened(DecisionSet, links=_LINKS)}, 404, 422, headers=["ETag"]),
)
async def get_decision_set(decision_set_id: UUID, app: Served, response: Response) -> Any:
    """Read a decision set; its ETag is its version."""
    decision_set = await app.get_decision_set(decision_set_id)
    tagged(response, decision_set.version)
    return {**present(decision_set), "links": _links(decision_set)}


@router.patch(
    "/decision-sets/{decision_set_id}",
    openapi_extra=documented(Annotation),
    responses=answers({200: ref(DecisionSet)}, 400, 404, 412, 413, 415, 422, 428, headers=["ETag"]),
)
async def annotate_decision_set(
    decision_set_id: UUID,
    change: Annotated[Annotation, Depends(json_body(Annotation))],
    version: ExpectedVersion,
    app: Served,
    actor: Actor,
    response: Response,
) -> Any:
    """Merge metadata into a decision set at the version in If-Match."""
    changed = await app.update_decision_set(decision_set_id, change.metadata, expected_version=version, actor=actor)
    tagged(response, changed.version)
    return present(changed)


@router.post(
    "/decision-sets/{decision_set_id}/cancel",
    openapi_extra=documented(Cancellation),
    responses=answers({200: ref(DecisionSet)}, 400, 404, 409, 412, 413, 415, 422, 428, headers=["ETag"]),
)
async def cancel_decision_set(
    decision_set_id: UUID,
    wish: Annotated[Cancellation, Depends(json_body(Cancellation))],
    version: ExpectedVersion,
    app: Served,
    actor: Actor,
    response: Response,
) -> Any:
    """Cancel a decision set, at the version in If-Match, with its jobs and approvals."""
    cancelled = await app.cancel_decision_set(
        decision_set_id, actor=actor, reason=wish.reason, expected_version=version
    )
    tagged(response, cancelled.version)
    return present(cancelled)


@router.post(
    "/decision-sets/{decision_set_id}/resume",
    status_code=202,
    openapi_extra=documented(Resumption),
    responses=answers({202: _RUN}, 400, 404, 409, 413, 415, 422, headers=_RUN_HEADERS),
)
async def resume_decision_set(
    decision_set_id: UUID,
    wish: Annotated[Resumption, Depends(json_body(Resumption))],
    app: Served,
    actor: Actor,
    response: Response,
) -> Any:
    """Queue another run of a decision set."""
    job = await app.resume_decision_set(decision_set_id, actor=actor, graph_input=wish.input, options=app.run_options)
    return _accepted(await app.get_decision_set(decision_set_id), job, response)


@router.post(
    "/decision-sets/{decision_set_id}/fork",
    status_code=202,
    openapi_extra=documented(Fork),
    responses=answers({201: _RUN, 202: _RUN}, 400, 404, 413, 415, 422, headers=_RUN_HEADERS),
)
async def fork_decision_set(
    decision_set_id: UUID,
    wish: Annotated[Fork, Depends(json_body(Fork))],
    app: Served,
    actor: Actor,
    response: Response,
) -> Any:
    """Fork a decision set at a checkpoint into a new one; 201 when it shall not run."""
    fork, job = await app.fork_decision_set(
        decision_set_id, actor=actor, checkpoint_id=wish.checkpoint_id, run=wish.run, options=app.run_options
    )
    response.status_code = 202 if job else 201
    return _accepted(fork, job, response)


def _accepted(decision_set: DecisionSet, job: Job | None, response: Response) -> Any:
    links = _links(decision_set)
    response.headers["Location"] = links["self"]
    tagged(response, decision_set.version)
    return {"decision_set": present(decision_set), "job": present(job), "links": links}


def _links(decision_set: DecisionSet) -> dict[str, str]:
    own = f"/v1/decision-sets/{decision_set.id}"
    return {"self": own, "project": f"/v1/projects/{decision_set.project_id}", "stream": f"{own}/events/stream"} | {
        part: f"{own}/{part}" for part in _PARTS
    }
