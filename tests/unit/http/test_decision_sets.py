from tests.unit.http.conftest import NOBODY, Api, is_problem


async def test_a_started_workflow_is_accepted_with_its_links(api: Api) -> None:
    project = await api.project()
    answer = await api("POST", f"/v1/projects/{project}/decision-sets", {"workflow": "chain", "prompt": "Predict."})
    assert answer.status_code == 202
    started = answer.json()
    assert answer.headers["location"] == started["links"]["self"]
    assert answer.headers["etag"] == '"1"'
    assert started["job"]["status"] == "queued"
    assert started["decision_set"]["project_id"] == project
    for name, link in started["links"].items():
        if name != "stream":
            assert (await api("GET", link)).status_code == 200, name


async def test_the_same_idempotency_key_starts_once(api: Api) -> None:
    path, body = f"/v1/projects/{await api.project()}/decision-sets", {"workflow": "chain", "prompt": "Predict."}
    first, second = [(await api.post(path, body, headers={"Idempotency-Key": "k1"})) for _ in range(2)]
    assert second["decision_set"]["id"] == first["decision_set"]["id"]
    assert len((await api.get("/v1/decision-sets"))["decision_sets"]) == 1
    other = await api.post(path, body, headers={"Idempotency-Key": "k2"})
    assert other["decision_set"]["id"] != first["decision_set"]["id"]


async def test_an_idempotency_key_is_the_projects_own(api: Api) -> None:
    body = {"workflow": "chain", "prompt": "Predict."}
    ids = set()
    for name in ("a", "b"):
        project = await api.project(name)
        answer = await api.post(f"/v1/projects/{project}/decision-sets", body, headers={"Idempotency-Key": "k"})
        assert answer["decision_set"]["project_id"] == project
        ids.add(answer["decision_set"]["id"])
    assert len(ids) == 2


async def test_a_start_passes_on_input_metadata_and_priority(api: Api) -> None:
    started = await api.started(input={"prompt": "other"}, metadata={"team": "red"}, priority=7)
    assert started["decision_set"]["metadata"] == {"team": "red"}
    assert started["job"]["priority"] == 7
    assert started["job"]["payload"] == {"input": {"prompt": "other"}}


async def test_a_start_that_names_nothing_known_is_refused_and_leaves_nothing(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}/decision-sets"
    problem = is_problem(await api("POST", path, {"workflow": "x", "prompt": "p"}), 422, "unknown_workflow")
    assert "mlops-design" in problem["about"]["known"]
    nobody = f"/v1/projects/{NOBODY}/decision-sets"
    is_problem(await api("POST", nobody, {"workflow": "chain", "prompt": "p"}), 404, "not_found")
    is_problem(await api("POST", path, {"workflow": "chain", "prompt": "  "}), 422, "invalid_value")
    is_problem(await api("POST", path, {"workflow": "chain", "prompt": "p" * 100_001}), 422, "invalid_request")
    is_problem(await api("POST", path, {"workflow": "chain", "prompt": "p", "priority": 2**31}), 422, "invalid_request")
    assert (await api.get("/v1/decision-sets"))["decision_sets"] == []
    assert (await api.get("/v1/jobs"))["jobs"] == []


async def test_decision_sets_are_listed_by_project_and_status(api: Api) -> None:
    first, second = await api.started(), await api.started()
    project = first["decision_set"]["project_id"]
    own = (await api.get(f"/v1/decision-sets?project_id={project}"))["decision_sets"]
    assert [one["id"] for one in own] == [first["decision_set"]["id"]]
    page = await api.get("/v1/decision-sets?status=active&limit=1")
    assert [one["id"] for one in page["decision_sets"]] == [second["decision_set"]["id"]]
    rest = await api.get(f"/v1/decision-sets?before={page['next_before']}")
    assert [one["id"] for one in rest["decision_sets"]] == [first["decision_set"]["id"]]
    assert (await api.get("/v1/decision-sets?status=failed"))["decision_sets"] == []
    is_problem(await api("GET", f"/v1/decision-sets?project_id={NOBODY}"), 404, "not_found")


async def test_metadata_is_merged_at_the_version_read(api: Api) -> None:
    path = (await api.started(metadata={"a": 1, "b": 2}))["links"]["self"]
    is_problem(await api("PATCH", path, {"metadata": {"a": 3}}), 428, "precondition_required")
    changed = await api("PATCH", path, {"metadata": {"a": 3, "b": None}}, version=1)
    assert (changed.json()["metadata"], changed.headers["etag"]) == ({"a": 3}, '"2"')
    is_problem(await api("PATCH", path, {"metadata": {"a": 4}}, version=1), 412, "version_conflict")


async def test_a_cancelled_decision_set_is_done_with_and_its_job_too(api: Api) -> None:
    started = await api.started()
    path = started["links"]["self"]
    is_problem(await api("POST", f"{path}/cancel"), 428, "precondition_required")
    is_problem(await api("POST", f"{path}/cancel", version=9), 412, "version_conflict")
    cancelled = await api("POST", f"{path}/cancel", {"reason": "too dear"}, version=1)
    assert (cancelled.json()["status"], cancelled.json()["status_reason"]) == ("cancelled", "too dear")
    assert (await api.get(f"/v1/jobs/{started['job']['id']}"))["status"] == "cancelled"
    version = int(cancelled.headers["etag"].strip('"'))
    is_problem(await api("POST", f"{path}/cancel", version=version), 409, "illegal_transition")


async def test_a_run_in_progress_is_not_doubled(api: Api) -> None:
    started = await api.started()
    problem = is_problem(await api("POST", f"{started['links']['self']}/resume"), 409, "run_in_progress")
    assert problem["about"]["job_id"] == started["job"]["id"]


async def test_a_cancelled_decision_set_can_be_resumed_to_its_end(api: Api) -> None:
    path = (await api.started())["links"]["self"]
    await api("POST", f"{path}/cancel", version=1)
    resumed = await api("POST", f"{path}/resume")
    assert (resumed.status_code, resumed.json()["decision_set"]["status"]) == (202, "active")
    await api.work()
    assert (await api.get(path))["status"] == "completed"


async def test_a_completed_decision_set_is_resumed_only_with_new_input(api: Api) -> None:
    path = (await api.started())["links"]["self"]
    await api.work()
    is_problem(await api("POST", f"{path}/resume"), 409, "illegal_transition")
    assert (await api("POST", f"{path}/resume", {"input": {"prompt": "again"}})).status_code == 202


async def test_a_fork_names_its_parent_and_runs_when_told(api: Api) -> None:
    path = (await api.started())["links"]["self"]
    is_problem(await api("POST", f"{path}/fork"), 404, "not_found")
    await api.work()
    forked = await api("POST", f"{path}/fork", {"run": False})
    assert (forked.status_code, forked.json()["job"]) == (201, None)
    assert forked.json()["decision_set"]["parent_id"] == path.rsplit("/", 1)[-1]
    running = await api("POST", f"{path}/fork")
    assert (running.status_code, running.json()["job"]["status"]) == (202, "queued")
    is_problem(await api("POST", f"{path}/fork", {"checkpoint_id": "nowhere"}), 404, "not_found")


async def test_what_the_agents_did_can_be_read(api: Api) -> None:
    links = (await api.started())["links"]
    await api.work()
    page = await api.get(f"{links['runs']}?limit=2")
    assert [(run["agent_name"], run["status"]) for run in page["runs"]] == [
        ("first", "completed"),
        ("second", "completed"),
    ]
    rest = await api.get(f"{links['runs']}?after={page['next_after']}")
    assert [run["agent_name"] for run in rest["runs"]] == ["third"]
    run = page["runs"][0]
    assert await api.get(f"/v1/runs/{run['id']}") == run
    assert run["duration_ms"] >= 0


async def test_unknown_decision_sets_are_problems_everywhere(api: Api) -> None:
    path = f"/v1/decision-sets/{NOBODY}"
    for part in ("", "/approvals", "/approvals/x", "/events", "/events/stream", "/events/verification", "/runs"):
        is_problem(await api("GET", path + part), 404, "not_found")
    is_problem(await api("GET", f"{path}/artifacts"), 404, "not_found")
    is_problem(await api("PATCH", path, {"metadata": {}}, version=1), 404, "not_found")
    is_problem(await api("POST", f"{path}/cancel", version=1), 404, "not_found")
    for move in ("resume", "fork"):
        is_problem(await api("POST", f"{path}/{move}"), 404, "not_found")
