"""Projects over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field, model_validator

from domain.model.project import Project
from entrypoints.http.documenting import OPTIONAL_TEXT, answers, having, listed, ref
from entrypoints.http.requests import Actor, ExpectedVersion, Limit, Served, StrictModel, documented, json_body, tagged
from entrypoints.presenting import present

router = APIRouter(prefix="/v1/projects", tags=["projects"])


class NewProject(StrictModel):
    """A project to be created."""

    name: str = Field(max_length=255)
    description: str | None = Field(None, max_length=10_000)


class ProjectChange(StrictModel):
    """What shall change of a project, at least one field; one left out stays as it is."""

    name: str = Field("", max_length=255)
    description: str = Field("", max_length=10_000, description="an empty one takes the description away")

    @model_validator(mode="after")
    def _change_something(self) -> "ProjectChange":
        if not self.model_fields_set:
            raise ValueError("name or description must be given")
        return self


@router.post(
    "",
    status_code=201,
    openapi_extra=documented(NewProject),
    responses=answers({201: ref(Project)}, 400, 413, 415, 422, headers=["ETag", "Location"]),
)
async def create_project(
    new: Annotated[NewProject, Depends(json_body(NewProject))], app: Served, actor: Actor, response: Response
) -> Any:
    """Create a project."""
    project = await app.create_project(new.name, actor=actor, description=new.description)
    response.headers["Location"] = f"{router.prefix}/{project.id}"
    return _shown(project, response)


@router.get("", responses=answers({200: having(projects=listed(Project), next_before=OPTIONAL_TEXT)}, 422))
async def list_projects(app: Served, limit: Limit = 100, before: UUID | None = None) -> Any:
    """List projects newest first; ``before`` is the last id of the page before."""
    found = await app.list_projects(limit=limit, before=before)
    return {"projects": present(found), "next_before": str(found[-1].id) if len(found) == limit else None}


@router.get("/{project_id}", responses=answers({200: ref(Project)}, 404, 422, headers=["ETag"]))
async def get_project(project_id: UUID, app: Served, response: Response) -> Any:
    """Read a project; its ETag is its version."""
    return _shown(await app.get_project(project_id), response)


@router.patch(
    "/{project_id}",
    openapi_extra=documented(ProjectChange),
    responses=answers({200: ref(Project)}, 400, 404, 412, 413, 415, 422, 428, headers=["ETag"]),
)
async def change_project(
    project_id: UUID,
    change: Annotated[ProjectChange, Depends(json_body(ProjectChange))],
    version: ExpectedVersion,
    app: Served,
    actor: Actor,
    response: Response,
) -> Any:
    """Rename or describe a project at the version in If-Match."""
    given = change.model_dump(exclude_unset=True)
    return _shown(await app.describe_project(project_id, expected_version=version, actor=actor, **given), response)


@router.delete("/{project_id}", status_code=204, responses=answers({}, 400, 404, 412, 422, 428))
async def delete_project(project_id: UUID, version: ExpectedVersion, app: Served, actor: Actor) -> None:
    """Delete a project, at the version in If-Match, with all it owns."""
    await app.delete_project(project_id, actor=actor, expected_version=version)


def _shown(project: Project, response: Response) -> Any:
    tagged(response, project.version)
    return present(project)
