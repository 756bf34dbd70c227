from tests.unit.http.conftest import NOBODY, Api, is_problem


async def test_a_created_project_is_found_where_the_answer_says(api: Api) -> None:
    answer = await api("POST", "/v1/projects", {"name": "shop", "description": "sells"})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/v1/projects/{answer.json()['id']}"
    found = await api("GET", answer.headers["location"])
    assert found.json() == answer.json()
    assert found.headers["etag"] == '"1"'


async def test_who_creates_a_project_is_in_the_log(api: Api) -> None:
    await api("POST", "/v1/projects", {"name": "shop"}, headers={"Mlwright-Actor": "Zoë".encode()})
    await api("POST", "/v1/projects", {"name": "shop"})
    assert [event["actor"] for event in (await api.get("/v1/events"))["events"]] == ["Zoë", "http"]


async def test_pages_of_projects_show_each_once_newest_first(api: Api) -> None:
    made = [await api.project(f"p{number}") for number in range(5)]
    seen, query = [], "limit=2"
    while True:
        page = await api.get(f"/v1/projects?{query}")
        seen += [project["id"] for project in page["projects"]]
        if page["next_before"] is None:
            break
        query = f"limit=2&before={page['next_before']}"
    assert seen == made[::-1]


async def test_a_change_needs_the_version_it_was_made_against(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}"
    is_problem(await api("PATCH", path, {"name": "shop 2"}), 428, "precondition_required")
    changed = await api("PATCH", path, {"name": "shop 2"}, version=1)
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "shop 2")


async def test_a_change_against_an_old_version_tells_both_and_writes_nothing(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}"
    await api("PATCH", path, {"name": "first"}, version=1)
    problem = is_problem(await api("PATCH", path, {"name": "second"}, version=1), 412, "version_conflict")
    assert (problem["about"]["expected"], problem["about"]["actual"]) == (1, 2)
    assert (await api.get(path))["name"] == "first"


async def test_an_if_match_that_is_no_etag_is_refused(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}"
    for version in ("1", '"1', '"1", "2"', "*", '"one"', '"-1"', '"²"', f'"{"9" * 19}"', '"1"x'):
        answer = await api("PATCH", path, {"name": "x"}, headers={"If-Match": version.encode()})
        is_problem(answer, 400, "malformed_header")


async def test_an_etag_that_a_proxy_weakened_is_taken(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}"
    assert (await api("PATCH", path, {"name": "x"}, version='W/"1"')).status_code == 200


async def test_a_change_leaves_alone_what_it_does_not_name(api: Api) -> None:
    path = f"/v1/projects/{(await api.post('/v1/projects', {'name': 'shop', 'description': 'sells'}))['id']}"
    assert (await api("PATCH", path, {"name": "x"}, version=1)).json()["description"] == "sells"
    assert (await api("PATCH", path, {"description": ""}, version=2)).json()["description"] == ""


async def test_a_change_of_nothing_or_to_null_is_refused(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}"
    for change in ({}, {"name": None}, {"description": None}, {"version": 7}):
        is_problem(await api("PATCH", path, change, version=1), 422, "invalid_request")
    assert (await api.get(path))["version"] == 1


async def test_a_deleted_project_is_gone_and_its_deletion_stays_in_the_log(api: Api) -> None:
    path = f"/v1/projects/{await api.project()}"
    is_problem(await api("DELETE", path), 428, "precondition_required")
    is_problem(await api("DELETE", path, version=2), 412, "version_conflict")
    assert (await api("DELETE", path, version=1)).status_code == 204
    is_problem(await api("GET", path), 404, "not_found")
    is_problem(await api("DELETE", path, version=1), 404, "not_found")
    assert (await api.get("/v1/events"))["events"][-1]["event_type"] == "project_deleted"


async def test_a_name_that_says_nothing_or_too_much_is_refused(api: Api) -> None:
    is_problem(await api("POST", "/v1/projects", {"name": "  "}), 422, "invalid_value")
    is_problem(await api("POST", "/v1/projects", {"name": "n" * 256}), 422, "invalid_request")
    assert (await api.get("/v1/projects"))["projects"] == []


async def test_an_unknown_project_is_a_problem_that_names_it(api: Api) -> None:
    problem = is_problem(await api("GET", f"/v1/projects/{NOBODY}"), 404, "not_found")
    assert problem["about"] == {"kind": "project", "key": NOBODY}
