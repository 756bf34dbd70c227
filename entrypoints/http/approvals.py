"""Approvals over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from domain.model.approval import ApprovalStatus
from entrypoints.http.requests import Actor, ExpectedVersion, Served, StrictModel, documented, json_body, tagged
from entrypoints.presenting import present

router = APIRouter(prefix="/v1", tags=["approvals"])


class Answer(StrictModel):
    """An answer, which must meet the approval's ``response_schema``."""

    answer: Any
    comment: str | None = Field(None, max_length=10_000)


@router.get("/approvals")
async def list_all_approvals(app: Served, status: ApprovalStatus | None = ApprovalStatus.OPEN) -> Any:
    """List approvals of all decision sets, the open ones unless a status is given."""
    return {"approvals": present(await app.list_approvals(status=status))}


@router.get("/decision-sets/{decision_set_id}/approvals")
async def list_approvals(decision_set_id: UUID, app: Served, status: ApprovalStatus | None = None) -> Any:
    """List a decision set's approvals, oldest first."""
    await app.get_decision_set(decision_set_id)
    return {"approvals": present(await app.list_approvals(decision_set_id=decision_set_id, status=status))}


@router.get("/decision-sets/{decision_set_id}/approvals/{interrupt_id}")
async def get_approval(decision_set_id: UUID, interrupt_id: str, app: Served, response: Response) -> Any:
    """Read an approval; its ETag is its version."""
    approval = await app.get_approval(decision_set_id, interrupt_id)
    tagged(response, approval.version)
    return present(approval)


@router.post("/decision-sets/{decision_set_id}/approvals/{interrupt_id}/answer", openapi_extra=documented(Answer))
async def answer_approval(
    decision_set_id: UUID,
    interrupt_id: str,
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
