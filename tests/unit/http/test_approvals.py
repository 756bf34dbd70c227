from tests.unit.http.conftest import NOBODY, Api, is_problem


async def test_an_open_approval_tells_what_is_asked_and_what_fits(api: Api) -> None:
    path = await api.asked()
    answer = await api("GET", path)
    approval = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (approval["status"], approval["defaults"]) == ("open", "left")
    assert approval["response_schema"] == {"enum": ["left", "right"]}
    assert (await api.get("/v1/approvals"))["approvals"] == [approval]


async def test_an_answer_lets_the_run_go_on_to_its_end(api: Api) -> None:
    path = await api.asked()
    own = path.partition("/approvals")[0]
    assert (await api.get(own))["status"] == "waiting_approval"
    headers = {"Mlwright-Actor": "ann"}
    answered = await api("POST", f"{path}/answer", {"answer": "right", "comment": "sure"}, version=1, headers=headers)
    assert answered.headers["etag"] == '"2"'
    decided = answered.json()
    assert [decided[name] for name in ("status", "answer", "comment", "decided_by")] == [
        "answered",
        "right",
        "sure",
        "ann",
    ]
    await api.work()
    assert (await api.get(own))["status"] == "completed"


async def test_an_answer_that_does_not_fit_is_refused_with_reasons_and_can_be_given_again(api: Api) -> None:
    path = await api.asked()
    problem = is_problem(await api("POST", f"{path}/answer", {"answer": "up"}, version=1), 422, "answer_rejected")
    assert problem["about"]["reasons"] == ["$: 'up' is not one of ['left', 'right']"]
    assert (await api.get(path))["status"] == "open"
    assert (await api("POST", f"{path}/answer", {"answer": "left"}, version=1)).status_code == 200


async def test_a_secret_in_a_refused_answer_is_not_repeated(api: Api) -> None:
    path = await api.asked()
    given = {"answer": "postgresql://ann:hunter2secret@db/x"}
    refused = await api("POST", f"{path}/answer", given, version=1)
    is_problem(refused, 422, "answer_rejected")
    assert "hunter2secret" not in refused.text


async def test_a_huge_refused_answer_is_not_repeated_at_length(api: Api) -> None:
    refused = await api("POST", f"{await api.asked()}/answer", {"answer": "x" * 900_000}, version=1)
    is_problem(refused, 422, "answer_rejected")
    assert len(refused.content) < 10_000


async def test_an_approval_is_answered_once(api: Api) -> None:
    path = await api.asked()
    await api.post(f"{path}/answer", {"answer": "left"}, version=1)
    is_problem(await api("POST", f"{path}/answer", {"answer": "right"}, version=1), 412, "version_conflict")
    is_problem(await api("POST", f"{path}/answer", {"answer": "right"}, version=2), 409, "illegal_transition")
    assert (await api.get(path))["answer"] == "left"


async def test_an_answer_needs_its_version_and_must_be_given(api: Api) -> None:
    path = await api.asked()
    is_problem(await api("POST", f"{path}/answer", {"answer": "left"}), 428, "precondition_required")
    is_problem(await api("POST", f"{path}/answer", {}, version=1), 422, "invalid_request")
    is_problem(await api("POST", f"{path}/answer", version=1), 415, "unsupported_media_type")


async def test_approvals_are_listed_by_status(api: Api) -> None:
    path = await api.asked()
    own = path.rpartition("/")[0]
    await api.post(f"{path}/answer", {"answer": "left"}, version=1)
    assert (await api.get("/v1/approvals"))["approvals"] == []
    assert len((await api.get("/v1/approvals?status=answered"))["approvals"]) == 1
    assert len((await api.get(own))["approvals"]) == 1
    assert (await api.get(f"{own}?status=open"))["approvals"] == []
    is_problem(await api("GET", "/v1/approvals?status=maybe"), 422, "invalid_request")


async def test_an_approval_nobody_asked_for_is_not_found(api: Api) -> None:
    path = f"/v1/decision-sets/{NOBODY}/approvals/i1/answer"
    is_problem(await api("POST", path, {"answer": "left"}, version=1), 404, "not_found")
