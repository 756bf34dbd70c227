"""What a decision set's runs left behind, over HTTP: agent runs and artifacts."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response

from domain.model.agent_run import AgentRun
from domain.model.artifact import Artifact
from entrypoints.http.documenting import OPTIONAL_TEXT, TEXT, answers, having, listed, ref, widened
from entrypoints.http.requests import Limit, Served
from entrypoints.presenting import present

router = APIRouter(prefix="/v1")

_SHOWN_ARTIFACT = widened(Artifact, content=TEXT)
_ARTIFACTS = having(artifacts={"type": "array", "items": _SHOWN_ARTIFACT}, next_after=OPTIONAL_TEXT)
_BYTES = {"type": "string", "format": "binary"}
_BYTES_TYPE = "application/octet-stream"


@router.get(
    "/decision-sets/{decision_set_id}/runs",
    tags=["agent runs"],
    responses=answers({200: having(runs=listed(AgentRun), next_after=OPTIONAL_TEXT)}, 404, 422),
)
async def list_runs(decision_set_id: UUID, app: Served, limit: Limit = 1000, after: UUID | None = None) -> Any:
    """List a decision set's agent runs in the order they started; ``after`` is the last id of the page before."""
    found = await app.list_agent_runs(decision_set_id, limit=limit, after=after)
    return {"runs": present(found), "next_after": str(found[-1].id) if len(found) == limit else None}


@router.get("/runs/{agent_run_id}", tags=["agent runs"], responses=answers({200: ref(AgentRun)}, 404, 422))
async def get_run(agent_run_id: UUID, app: Served) -> Any:
    """Read an agent run."""
    return present(await app.get_agent_run(agent_run_id))


@router.get(
    "/decision-sets/{decision_set_id}/artifacts", tags=["artifacts"], responses=answers({200: _ARTIFACTS}, 404, 422)
)
async def list_artifacts(decision_set_id: UUID, app: Served, limit: Limit = 1000, after: UUID | None = None) -> Any:
    """List a decision set's artifacts, oldest first; ``content`` is where the bytes are."""
    found = await app.list_artifacts(decision_set_id, limit=limit, after=after)
    shown = [{**present(one), "content": f"/v1/artifacts/{one.id}/content"} for one in found]
    return {"artifacts": shown, "next_after": str(found[-1].id) if len(found) == limit else None}


@router.get(
    "/artifacts/{artifact_id}/content",
    tags=["artifacts"],
    response_class=Response,
    responses=answers({200: _BYTES}, 404, 422, 500, media_type=_BYTES_TYPE, headers=["Content-Disposition", "ETag"]),
)
async def download_artifact(artifact_id: UUID, app: Served) -> Response:
    """Download an artifact; its bytes are checked against its hash first, which is its ETag."""
    artifact, content = await app.fetch_artifact(artifact_id)
    headers = {
        "Content-Disposition": _as_download(artifact.filename.rsplit("/", 1)[-1]),
        "Content-Security-Policy": "sandbox",
        "ETag": f'"{artifact.content_hash}"',
    }
    return Response(content, media_type=_BYTES_TYPE, headers=headers)


def _as_download(name: str) -> str:
    """Return a Content-Disposition with the name for old clients in ASCII, and as it is (RFC 6266)."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
