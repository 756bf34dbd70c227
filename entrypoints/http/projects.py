"""Projects over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from domain.model.project import Project
from entrypoints.http.requests import Actor, ExpectedVersion, Served, StrictModel, documented, json_body, tagged
from entrypoints.presenting import present

router = APIRouter(prefix="/v1/projects", tags=["projects"])


class NewProject(StrictModel):
    """A project to be created."""

    name: str = Field(max_length=255)
    description: str | None = Field(None, max_length=10_000)


class ProjectChange(StrictModel):
    """What shall change of a project; a field left out stays as it is."""

    name: str | None = Field(None, max_length=255)
    description: str | None = Field(None, max_length=10_000)


@router.post("", status_code=201, openapi_extra=documented(NewProject))
async def create_project(
    new: Annotated[NewProject, Depends(json_body(NewProject))], app: Served, actor: Actor, response: Response
) -> Any:
    """Create a project."""
    project = await app.create_project(new.name, actor=actor, description=new.description)
    response.headers["Location"] = f"{router.prefix}/{project.id}"
    return _shown(project, response)


@router.get("")
async def list_projects(
    app: Served, limit: Annotated[int, Query(ge=1, le=1000)] = 100, before: UUID | None = None
) -> Any:
    """List projects newest first; ``before`` is the last id of the page before."""
    found = await app.list_projects(limit=limit, before=before)
    return {"projects": present(found), "next_before": str(found[-1].id) if len(found) == limit else None}


@router.get("/{project_id}")
async def get_project(project_id: UUID, app: Served, response: Response) -> Any:
    """Read a project; its ETag is its version."""
    return _shown(await app.get_project(project_id), response)


@router.patch("/{project_id}", openapi_extra=documented(ProjectChange))
async def change_project(
    project_id: UUID,
    change: Annotated[ProjectChange, Depends(json_body(ProjectChange))],
    version: ExpectedVersion,
    app: Served,
    actor: Actor,
    response: Response,
) -> Any:
    """Rename or describe a project at the version in If-Match."""
    changed = await app.describe_project(
        project_id, expected_version=version, actor=actor, name=change.name, description=change.description
    )
    return _shown(changed, response)


@router.delete("/{project_id}", status_code=204)
async def delete_project(project_id: UUID, version: ExpectedVersion, app: Served, actor: Actor) -> None:
    """Delete a project, at the version in If-Match, with all it owns."""
    await app.delete_project(project_id, actor=actor, expected_version=version)


def _shown(project: Project, response: Response) -> Any:
    tagged(response, project.version)
    return present(project)
