"""The small lists that are read whole: keys, fields, filters, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from include.sandbox.client import SandboxClient
from include.sandbox.endpoints import ENDPOINTS

LISTS = {
    "/user_types": "usertypes",
    "/access_roles": "accessroles",
    "/invitations": "invitations",
    "/jobroles": "jobroles",
    "/placeholders": "placeholders",
    "/custom_item_types": "customitemtypes",
    "/timelog_categories": "timelogcategories",
    "/colors": "colors",
    "/webhooks": "webhooks",
    "/workschedules": "workschedules",
    "/timesheet_submission_rules": "timesheetsubmissionrules",
    "/timesheets": "timesheets",
    "/folder_blueprints": "folderblueprints",
    "/task_blueprints": "taskblueprints",
    "/request_forms": "requestforms",
}
WIDER = {"/custom_item_types": {"withDeleted": "true"}}


@pytest.mark.parametrize("path", LISTS)
def test_records_behind_the_scenes_are_what_the_list_answers(wrike: Any, sandbox: SandboxClient, path: str) -> None:
    fields = next(endpoint.fields for endpoint in ENDPOINTS if endpoint.path == path)
    asked = {"fields": list(fields)} if fields else {}
    answer = wrike.ask(path, **asked, **WIDER.get(path, {}))
    assert answer.json()["data"] == sandbox.records("aurora", LISTS[path])
    assert answer.json()["data"]
    assert "null" not in answer.text


@pytest.mark.parametrize("path", LISTS)
def test_fields_only_come_when_asked_for(wrike: Any, path: str) -> None:
    fields = next(endpoint.fields for endpoint in ENDPOINTS if endpoint.path == path)
    assert not any(set(fields) & set(record) for record in wrike.data(path))
    if fields:
        assert all(set(fields) <= set(record) for record in wrike.data(path, fields=list(fields)))


@pytest.mark.parametrize("path", LISTS)
def test_refusals(wrike: Any, path: str) -> None:
    assert wrike.refusal(path, colour="red") == (400, "invalid_request")
    assert wrike.refusal(path, updatedDate={"start": "2026-01-01T00:00:00Z"}) == (400, "invalid_request")
    fields = next(endpoint.fields for endpoint in ENDPOINTS if endpoint.path == path)
    assert wrike.refusal(path, fields=["title"]) == (400, "invalid_parameter" if fields else "invalid_request")


@pytest.mark.parametrize("path", sorted(set(LISTS) - {"/task_blueprints", "/request_forms"}))
def test_lists_without_pages(wrike: Any, path: str) -> None:
    assert wrike.refusal(path, pageSize=10) == (400, "invalid_request")


@pytest.mark.parametrize(("path", "most"), [("/task_blueprints", 1000), ("/request_forms", 100)])
def test_lists_with_pages(wrike: Any, path: str, most: int) -> None:
    assert wrike.refusal(path, pageSize=most + 1) == (400, "invalid_parameter")
    assert wrike.refusal(path, pageSize=2, pageToken="ABC") == (400, "invalid_request")
    whole = wrike.ids(path, pageSize=most)
    page = wrike.body(path, pageSize=5)
    read = [record["id"] for record in page["data"]]
    while "nextPageToken" in page:
        page = wrike.body(path, pageSize=5, nextPageToken=page["nextPageToken"])
        read += [record["id"] for record in page["data"]]
    assert len(whole) > 5
    assert read == whole
    assert wrike.ids(path, limit=3) == whole[:3]


@pytest.mark.parametrize("path", ["/jobroles", "/placeholders", "/custom_item_types"])
def test_by_ids(wrike: Any, path: str) -> None:
    ids = wrike.ids(path)
    assert wrike.ids(f"{path}/{','.join(ids)}") == ids
    assert wrike.refusal(f"{path}/{ids[0]},IEAAAAAAMIAAAAAA") == (404, "resource_not_found")


@pytest.mark.parametrize("path", ["/webhooks", "/workschedules", "/request_forms"])
def test_by_a_single_id(wrike: Any, path: str) -> None:
    ids = wrike.ids(path)
    assert wrike.data(f"{path}/{ids[1]}") == [wrike.data(path)[1]]
    assert wrike.refusal(f"{path}/{ids[0]},{ids[1]}") == (400, "invalid_parameter")


def test_ids_of_others_lead_to_records(wrike: Any, sandbox: SandboxClient) -> None:
    def ids(path: str, **params: str) -> set[str]:
        return set(wrike.ids(path, **params))

    tasks, contacts = sandbox.records("aurora", "tasks"), sandbox.records("aurora", "contacts")
    types = ids("/custom_item_types", withDeleted="true")
    assert {task["customItemTypeId"] for task in tasks if "customItemTypeId" in task} <= types
    assert {task["workScheduleId"] for task in tasks if "workScheduleId" in task} <= ids("/workschedules")
    assert {one for task in tasks for one in task["responsiblePlaceholderIds"]} <= ids("/placeholders")
    assert {contact["jobRoleId"] for contact in contacts if "jobRoleId" in contact} <= ids("/jobroles")
    members = [one for space in sandbox.records("aurora", "spaces") for one in space["members"]]
    assert {member["accessRoleId"] for member in members} <= ids("/access_roles")


def test_invitations(wrike: Any) -> None:
    invitations = wrike.data("/invitations")
    assert {"Pending", "Accepted", "Declined", "Cancelled"} == {one["status"] for one in invitations}
    assert all(("resolvedDate" in one) == (one["status"] != "Pending") for one in invitations)
    assert any("firstName" not in one for one in invitations)


def test_custom_item_types_that_were_deleted(wrike: Any) -> None:
    present = wrike.data("/custom_item_types")
    assert not any(one["isDeleted"] for one in present)
    assert len(wrike.data("/custom_item_types", withDeleted="true")) > len(present)
    assert {one["relatedType"] for one in wrike.data("/custom_item_types", type="Project")} == {"Project"}
    assert wrike.refusal("/custom_item_types", type="Space") == (400, "invalid_parameter")


def test_timesheets(wrike: Any) -> None:
    sheets = wrike.data("/timesheets")
    assert all("id" not in sheet and sheet["timesheetId"] for sheet in sheets)
    monthly = wrike.data("/timesheets", timeframes=["Monthly"])
    assert monthly == [sheet for sheet in sheets if sheet["timeframe"] == "Monthly"]
    assert wrike.data("/timesheets", periodStartDate={"equal": "2026-01-01"}) == monthly
    user = sheets[0]["userId"]
    assert wrike.data("/timesheets", userIds=[user]) == [sheet for sheet in sheets if sheet["userId"] == user]
    assert wrike.refusal("/timesheets", periodStartDate={"start": "2026-01-01T00:00:00Z"}) == (400, "invalid_parameter")


def test_request_forms_without_html(wrike: Any) -> None:
    assert "<b>" in str(wrike.data("/request_forms"))
    assert "<b>" not in str(wrike.data("/request_forms", plainTextDescription="true"))


def test_users(wrike: Any, sandbox: SandboxClient) -> None:
    users = sandbox.records("aurora", "users")
    types = set(wrike.ids("/user_types"))
    assert {contact["id"] for contact in wrike.data("/contacts", types="Person")} == {user["id"] for user in users}
    assert {user["userTypeId"] for user in users if "userTypeId" in user} == types
    assert any("userTypeId" not in user for user in users)
    for user in users:
        assert wrike.data(f"/users/{user['id']}") == [user]
    assert not any("userTypeId" in contact for contact in wrike.data("/contacts"))


@pytest.mark.parametrize("others", [{"types": "Group"}, {"types": "Robot"}, {"deleted": "true"}])
def test_only_people_are_users(wrike: Any, others: dict[str, str]) -> None:
    assert wrike.refusal(f"/users/{wrike.ids('/contacts', **others)[0]}") == (404, "resource_not_found")
