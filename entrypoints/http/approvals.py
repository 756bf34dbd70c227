"""Approvals over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from domain.model.approval import Approval, ApprovalStatus
from entrypoints.http.documenting import answers, having, listed, ref
from entrypoints.http.requests import (
    Actor,
    ExpectedVersion,
    InterruptId,
    Limit,
    Served,
    StrictModel,
    documented,
    json_body,
    tagged,
)
from entrypoints.presenting import present

router = APIRouter(prefix="/v1", tags=["approvals"])
_LIST = having(approvals=listed(Approval))


class Answer(StrictModel):
    """An answer, which must meet the approval's ``response_schema``."""

    answer: Any
    comment: str | None = Field(None, max_length=10_000)


@router.get("/approvals", responses=answers({200: _LIST}, 422))
async def list_all_approvals(app: Served, status: ApprovalStatus = ApprovalStatus.OPEN, limit: Limit = 1000) -> Any:
    """List approvals of all decision sets, oldest first, the open ones unless another status is given."""
    return {"approvals": present(await app.list_approvals(status=status, limit=limit))}


@router.get("/decision-sets/{decision_set_id}/approvals", responses=answers({200: _LIST}, 404, 422))
async def list_approvals(
    decision_set_id: UUID, app: Served, status: ApprovalStatus | None = None, limit: Limit = 1000
) -> Any:
    """List a decision set's approvals, oldest first."""
    await app.get_decision_set(decision_set_id)
    found = await app.list_approvals(decision_set_id=decision_set_id, status=status, limit=limit)
    return {"approvals": present(found)}


@router.get(
    "/decision-sets/{decision_set_id}/approvals/{interrupt_id}",
    responses=answers({200: ref(Approval)}, 404, 422, headers=["ETag"]),
)
async def get_approval(decision_set_id: UUID, interrupt_id: InterruptId, app: Served, response: Response) -> Any:
    """Read an approval; its ETag is its version."""
    approval = await app.get_approval(decision_set_id, interrupt_id)
    tagged(response, approval.version)
    return present(approval)


@router.post(
    "/decision-sets/{decision_set_id}/approvals/{interrupt_id}/answer",
    openapi_extra=documented(Answer),
    responses=answers({200: ref(Approval)}, 400, 404, 409, 412, 413, 415, 422, 428, headers=["ETag"]),
)
async def answer_approval(
    decision_set_id: UUID,
    interrupt_id: InterruptId,
    given: Annotated[Answer, Depends(json_body(Answer))],
    version: ExpectedVersion,
    app: Served,
    actor: Actor,
    response: Response,
) -> Any:
    """Answer an open approval at the version in If-Match; its run goes on when none is left open."""
    decided = await app.answer_approval(
        decision_set_id, interrupt_id, given.answer, decided_by=actor, comment=given.comment, expected_version=version
    )
    tagged(response, decided.version)
    return present(decided)
