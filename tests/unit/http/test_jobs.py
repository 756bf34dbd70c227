import pytest

from tests.unit.http.conftest import NOBODY, Api, is_problem


async def test_jobs_are_listed_by_queue_status_and_decision_set(api: Api) -> None:
    first, second = await api.started(), await api.started()
    everything = (await api.get("/v1/jobs"))["jobs"]
    assert [job["id"] for job in everything] == [second["job"]["id"], first["job"]["id"]]
    own = f"/v1/jobs?decision_set_id={first['decision_set']['id']}&queue=default&status=queued"
    assert (await api.get(own))["jobs"] == [first["job"]]
    assert (await api.get("/v1/jobs?queue=other"))["jobs"] == []
    page = await api.get("/v1/jobs?limit=1")
    rest = await api.get(f"/v1/jobs?limit=1&before={page['next_before']}")
    assert page["jobs"] + rest["jobs"] == everything


async def test_a_job_can_be_cancelled_once_and_redriven_to_its_end(api: Api) -> None:
    started = await api.started()
    path = f"/v1/jobs/{started['job']['id']}"
    assert (await api.post(f"{path}/cancel", {"reason": "wait"}))["status"] == "cancelled"
    is_problem(await api("POST", f"{path}/cancel"), 409, "illegal_transition")
    assert (await api.post(f"{path}/redrive"))["status"] == "queued"
    is_problem(await api("POST", f"{path}/redrive"), 409, "illegal_transition")
    await api.work()
    assert (await api.get(path))["status"] == "completed"


async def test_a_failed_job_tells_why_without_the_secret(api: Api) -> None:
    started = await api.started("broken")
    await api.work()
    job = await api.get(f"/v1/jobs/{started['job']['id']}")
    assert job["status"] == "failed"
    assert "the node is broken" in job["error_message"]
    assert "hunter2secret" not in job["error_message"]


async def test_queues_are_counted(api: Api) -> None:
    assert (await api.get("/v1/queues"))["queues"] == []
    await api.started()
    (queue,) = (await api.get("/v1/queues"))["queues"]
    assert (queue["queue"], queue["ready"], queue["counts"]["queued"]) == ("default", 1, 1)


@pytest.mark.parametrize("path", ["", "/cancel", "/redrive"])
async def test_an_unknown_job_is_not_found(api: Api, path: str) -> None:
    is_problem(await api("POST" if path else "GET", f"/v1/jobs/{NOBODY}{path}"), 404, "not_found")
