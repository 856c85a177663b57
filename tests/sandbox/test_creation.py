"""Records that are made and removed again, of every collection that has ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient, running_sandbox

LISTS = {
    "contacts": "/contacts",
    "groups": "/groups",
    "spaces": "/spaces",
    "workflows": "/workflows",
    "customfields": "/customfields",
    "tasks": "/tasks",
    "approvals": "/approvals",
    "timelogs": "/timelogs",
    "timelogcategories": "/timelog_categories",
    "workschedules": "/workschedules",
    "userscheduleexclusions": "/user_schedule_exclusions",
    "userschedulepartialexclusions": "/user_schedule_partial_exclusion",
    "userschedulecapacitychanges": "/user_schedule_capacity_change",
    "bookings": "/bookings",
    "customitemtypes": "/custom_item_types",
    "folderblueprints": "/folder_blueprints",
    "taskblueprints": "/task_blueprints",
    "requestforms": "/request_forms",
    "usertypes": "/user_types",
    "accessroles": "/access_roles",
    "invitations": "/invitations",
    "jobroles": "/jobroles",
    "placeholders": "/placeholders",
    "webhooks": "/webhooks",
}
HISTORIES = {"contactshistory": "contacts", "foldershistory": "folders", "taskshistory": "tasks"}


@pytest.fixture(scope="module")
def changing() -> Iterator[SandboxClient]:
    """A sandbox that tests may change."""
    with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "40", "--folders", "24") as running:
        yield running


@pytest.fixture
def api(wrike: Any, changing: SandboxClient) -> Any:
    return type(wrike)(changing, changing.token("aurora"))


@pytest.fixture
def recent() -> dict[str, str]:
    return {"start": (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}


@pytest.mark.parametrize("collection", LISTS)
def test_create_update_and_remove(changing: SandboxClient, api: Any, collection: str) -> None:
    path = LISTS[collection]
    before = api.ids(path)
    made = [changing.mutate("aurora", "create", collection=collection)["id"] for _ in range(2)]
    assert sorted(api.ids(path)) == sorted(before + made)
    assert len(set(made)) == 2
    changing.mutate("aurora", "update", collection=collection, id=made[0], title="Other name")
    changed = [one["id"] for one in api.data(path) if one.get("title") == "Other name"]
    assert changed == made[:1]
    for one in made:
        changing.mutate("aurora", "remove", collection=collection, id=one)
    assert sorted(api.ids(path)) == sorted(before)


@pytest.mark.parametrize("collection", ["workscheduleexclusions", "workschedulecapacitychanges"])
def test_what_belongs_to_a_schedule(changing: SandboxClient, api: Any, collection: str) -> None:
    name = {"workscheduleexclusions": "exclusions"}.get(collection, "capacity_change")
    schedule = changing.mutate("aurora", "create", collection="workschedules")["id"]
    made = changing.mutate("aurora", "create", collection=collection, workScheduleId=schedule)["id"]
    assert api.ids(f"/workschedules/{schedule}/workschedule_{name}") == [made]
    changing.mutate("aurora", "remove", collection="workschedules", id=schedule)
    assert api.refusal(f"/workschedule_{name}/{made}") == (404, "resource_not_found")


def test_a_timesheet_has_a_key_of_its_own(changing: SandboxClient, api: Any) -> None:
    made = changing.mutate("aurora", "create", collection="timesheets")
    assert "id" not in made
    assert api.data("/timesheets")[-1] == made
    changing.mutate("aurora", "remove", collection="timesheets", id=made["timesheetId"])
    assert made not in api.data("/timesheets")


@pytest.mark.parametrize("collection", ["account", "colors", "dataexportschema", "timesheetsubmissionrules", "users"])
def test_what_takes_no_more_records(changing: SandboxClient, collection: str) -> None:
    with pytest.raises(requests.HTTPError, match="404"):
        changing.mutate("aurora", "create", collection=collection)


def test_no_two_records_share_parts(changing: SandboxClient, api: Any) -> None:
    for collection in ("workflows", "requestforms"):
        changing.mutate("aurora", "create", collection=collection)
    statuses = [status["id"] for workflow in api.data("/workflows") for status in workflow["customStatuses"]]
    pages = [page["id"] for form in api.data("/request_forms") for page in form["pages"]]
    assert len(statuses) == len(set(statuses))
    assert len(pages) == len(set(pages))


def test_people(changing: SandboxClient, api: Any) -> None:
    made = changing.mutate("aurora", "create", collection="contacts", firstName="New")
    assert (made["type"], made["deleted"]) == ("Person", False)
    assert made["primaryEmail"] == made["profiles"][0]["email"]
    assert [one["id"] for one in api.data("/contacts", emails=[made["primaryEmail"]])] == [made["id"]]
    assert api.data(f"/users/{made['id']}")[0]["firstName"] == "New"
    changing.mutate("aurora", "update", collection="contacts", id=made["id"], deleted=True)
    assert api.refusal(f"/users/{made['id']}") == (404, "resource_not_found")
    assert api.data(f"/contacts/{made['id']}")[0]["deleted"] is True
    assert made["id"] in api.ids("/contacts", deleted="true")


def test_a_space_is_a_folder_too(changing: SandboxClient, api: Any) -> None:
    made = changing.mutate("aurora", "create", collection="spaces", title="Outer space")
    (folder,) = api.data("/folders", title="Outer space", fields=["space"])
    assert (folder["id"], folder["space"]) == (made["id"], True)
    assert api.ids(f"/spaces/{made['id']}/folders") == []
    inner = changing.mutate("aurora", "create", collection="folders", parentIds=[made["id"]])
    assert api.ids(f"/spaces/{made['id']}/folders") == [inner["id"]]
    assert not inner.get("space")


def test_dependencies(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    made = changing.mutate("aurora", "create", collection="dependencies")
    ends = {made["predecessorId"], made["successorId"]}
    assert len(ends) == 2
    changed = {task["id"]: task for task in api.data("/tasks", updatedDate=recent, fields=["dependencyIds"])}
    assert all(made["id"] in changed[one]["dependencyIds"] for one in ends)
    assert api.data(f"/dependencies/{made['id']}") == [made]
    for one in ends:
        assert api.data(f"/tasks/{one}/dependencies") == [made]
    changing.mutate("aurora", "update", collection="dependencies", id=made["id"], lagTime=60)
    assert api.data(f"/dependencies/{made['id']}") == [{**made, "lagTime": 60}]
    with pytest.raises(requests.HTTPError, match="404"):
        changing.mutate(
            "aurora", "create", collection="dependencies", **{k: made[k] for k in made if k.endswith("rId")}
        )


def test_a_dependency_that_goes_changes_both_tasks(wrike: Any, recent: dict[str, str]) -> None:
    with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "40") as running:
        api = type(wrike)(running, running.token("aurora"))
        gone = running.records("aurora", "dependencies")[0]
        running.mutate("aurora", "remove", collection="dependencies", id=gone["id"])
        changed = api.data("/tasks", updatedDate=recent, fields=["dependencyIds"])
        assert {task["id"] for task in changed} == {gone["predecessorId"], gone["successorId"]}
        assert not any(gone["id"] in task["dependencyIds"] for task in changed)


def test_bookings_are_for_someone(changing: SandboxClient, api: Any) -> None:
    (person, *_), (placeholder, *_) = api.ids("/contacts"), api.ids("/placeholders")
    for key, inner, who in (
        ("responsibleId", "userId", person),
        ("responsiblePlaceholderId", "placeholderId", placeholder),
    ):
        made = changing.mutate("aurora", "create", collection="bookings", **{key: who})
        assert sum(name in made for name in ("responsibleId", "responsiblePlaceholderId")) == 1
        (allocation,) = made["effortAllocation"]["responsibleAllocation"]
        assert (set(allocation), allocation[inner]) == ({inner, "dailyAllocation"}, who)


@pytest.mark.parametrize("collection", HISTORIES)
def test_histories(changing: SandboxClient, api: Any, recent: dict[str, str], collection: str) -> None:
    owners = HISTORIES[collection]
    made = changing.mutate("aurora", "create", collection=collection)
    path = f"/{owners}/{made['id']}/{owners}_history"
    assert api.ids(path, updatedDate=recent) == [made["id"]]
    other = next(one["id"] for one in changing.records("aurora", collection) if one["id"] != made["id"])
    assert api.ids(f"/{owners}/{other}/{owners}_history", updatedDate=recent) == []
    changing.mutate("aurora", "update", collection=collection, id=other)
    assert api.ids(f"/{owners}/{other}/{owners}_history", updatedDate=recent) == [other]
    changing.mutate("aurora", "remove", collection=collection, id=made["id"])
    assert api.ids(path) == []
    assert api.ids(f"/{owners}/{made['id']}") == [made["id"]]


def test_rates_are_known_by_whom_they_are_of(changing: SandboxClient, api: Any) -> None:
    person = changing.mutate("aurora", "create", collection="contacts")["id"]
    changing.mutate("aurora", "create", collection="contactshourlyrates", id=person)
    changing.mutate("aurora", "update", collection="contactshourlyrates", id=person, billRate={"rateValue": 7})
    (rate,) = api.data(f"/contacts/{person}/hourly_rates")
    assert (rate["rateSubjectId"], rate["billRate"]) == (person, {"rateValue": 7})
    (folder, *_) = api.ids("/folders", project="true", deleted="false")
    changing.mutate("aurora", "create", collection="foldershourlyrates", folderId=folder, rateSubjectId=person)
    assert person in {one["rateSubjectId"] for one in api.data(f"/folders/{folder}/hourly_rates")}
    changing.mutate("aurora", "remove", collection="foldershourlyrates", id=f"{folder}:{person}")
    assert person not in {one["rateSubjectId"] for one in api.data(f"/folders/{folder}/hourly_rates")}


@pytest.mark.parametrize("action", ["erase", "remove"])
def test_erasing_takes_along_what_belongs_to_it(changing: SandboxClient, action: str) -> None:
    leaves = ("comments", "attachments", "timelogs", "approvals")
    task = changing.mutate("aurora", "create")["id"]
    folder = changing.mutate("aurora", "create", collection="folders")["id"]
    for collection in (*leaves, "taskshistory"):
        changing.mutate("aurora", "create", collection=collection, taskId=task)
    changing.mutate("aurora", "create", collection="dependencies", predecessorId=task)
    for collection in (*leaves[:2], "bookings", "foldershistory", "foldershourlyrates"):
        changing.mutate("aurora", "create", collection=collection, folderId=folder)
    kinds = (*leaves, "taskshistory", "dependencies", "bookings", "foldershistory", "foldershourlyrates")
    assert {task, folder} <= mentioned(changing, kinds)
    changing.mutate("aurora", action, collection="tasks", id=task)
    changing.mutate("aurora", action, collection="folders", id=folder)
    assert not {task, folder} & mentioned(changing, (*kinds, "tasks", "folders"))


def mentioned(sandbox: SandboxClient, collections: tuple[str, ...]) -> set[str]:
    records = (one for collection in collections for one in sandbox.records("aurora", collection))
    return {value for one in records for value in one.values() if isinstance(value, str)}
