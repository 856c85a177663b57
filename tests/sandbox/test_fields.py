"""Which keys a record has: by default, on request, in a list and by id."""

from __future__ import annotations

from typing import Any

import pytest

from include.sandbox.endpoints import ENDPOINTS

TASK_DEFAULTS = {
    "id",
    "accountId",
    "title",
    "status",
    "importance",
    "createdDate",
    "updatedDate",
    "dates",
    "scope",
    "customStatusId",
    "permalink",
    "priority",
}
TASK_BY_ID = {
    "description",
    "briefDescription",
    "parentIds",
    "superParentIds",
    "sharedIds",
    "responsibleIds",
    "authorIds",
    "hasAttachments",
    "followerIds",
    "followedByMe",
    "superTaskIds",
    "subTaskIds",
    "dependencyIds",
    "metadata",
    "customFields",
}


def test_tasks_in_a_list(wrike: Any) -> None:
    for task in wrike.data("/tasks"):
        assert set(task) - {"completedDate"} == TASK_DEFAULTS
        assert ("completedDate" in task) == (task["status"] == "Completed")


def test_tasks_by_id(wrike: Any) -> None:
    task = wrike.data(f"/tasks/{wrike.ids('/tasks', status='Active')[0]}")[0]
    assert set(task) == TASK_DEFAULTS | TASK_BY_ID


def test_followers_bring_followed_by_me(wrike: Any) -> None:
    task = wrike.data("/tasks", fields=["followerIds"], status="Active")[0]
    assert set(task) == TASK_DEFAULTS | {"followerIds", "followedByMe"}


@pytest.mark.parametrize("fields", [["attachmentCount", "billingType"], "[attachmentCount,billingType]"])
def test_fields_by_id_and_unquoted(wrike: Any, fields: Any) -> None:
    task = wrike.data(f"/tasks/{wrike.ids('/tasks', status='Active')[0]}", fields=fields)[0]
    assert set(task) == TASK_DEFAULTS | TASK_BY_ID | {"attachmentCount", "billingType"}


def test_folders(wrike: Any) -> None:
    listed = {f["id"]: f for f in wrike.data("/folders", project="true")}
    asked = ["superParentIds", "hasAttachments", "metadata", "customFields"]
    for folder in wrike.data(f"/folders/{','.join(list(listed)[:5])}"):
        assert set(folder) == set(listed[folder["id"]]) | set(asked)
    shown = wrike.data("/folders", project="true", fields=[*asked, "space", "contractType", "description"])
    assert all(set(asked) | {"space", "description"} <= set(folder) for folder in shown)
    assert any("contractType" in folder["project"] for folder in shown)
    assert not any("contractType" in folder["project"] for folder in listed.values())


def test_description_of_folders_is_both_default_and_a_field(wrike: Any) -> None:
    assert all("description" in folder for folder in wrike.data("/folders", project="false"))
    assert wrike.ask("/folders", project="false", fields=["description"]).status_code == 200


def test_contacts(wrike: Any) -> None:
    fields = ["metadata", "customFields", "jobRoleId", "workScheduleId", "currentBillRate", "currentCostRate"]
    assert not any(set(fields) & set(contact) for contact in wrike.data("/contacts"))
    contacts = wrike.data("/contacts", fields=fields)
    assert all({"metadata", "customFields"} <= set(contact) for contact in contacts)
    assert {name for contact in contacts for name in contact} >= set(fields)
    assert any("jobRoleId" not in contact for contact in contacts)


def test_users_never_have_the_fields_of_contacts(wrike: Any, sandbox: Any) -> None:
    user = sandbox.accounts()["aurora"]["users"]["admin"]
    body = wrike.body(f"/users/{user}")
    assert body["kind"] == "users"
    assert "metadata" not in body["data"][0]


def test_me(wrike: Any, sandbox: Any) -> None:
    user = sandbox.accounts()["aurora"]["users"]["admin"]
    assert wrike.data("/contacts", me="true")[0]["me"] is True
    assert [contact["id"] for contact in wrike.data("/contacts") if "me" in contact] == [user]


def test_spaces(wrike: Any) -> None:
    by_id = f"/spaces/{wrike.ids('/spaces')[0]}"
    assert not {"members", "suggestedTaskWorkflowIds"} & set(wrike.data(by_id)[0])
    assert {"members", "suggestedTaskWorkflowIds"} <= set(
        wrike.data(by_id, fields=["members", "suggestedTaskWorkflows"])[0]
    )
    assert len(wrike.ids("/spaces", withArchived="true")) > len(wrike.ids("/spaces"))


def test_workflows_of_a_space_are_listed_there_alone(wrike: Any, sandbox: Any) -> None:
    own = {record["id"]: record["ownerId"] for record in sandbox.records("aurora", "spaceworkflows")}
    assert own
    assert not own.keys() & set(wrike.ids("/workflows"))
    for space in wrike.ids("/spaces"):
        assert wrike.ids(f"/spaces/{space}/workflows") == [key for key, home in own.items() if home == space]


def test_subscription_of_the_account(wrike: Any, sandbox: Any) -> None:
    assert "subscription" not in wrike.data("/account")[0]
    assert "userLimit" in wrike.data("/account", fields=["subscription"])[0]["subscription"]
    regular = type(wrike)(sandbox, sandbox.token("aurora", "regular"))
    subscription = regular.data("/account", fields=["subscription"])[0]["subscription"]
    assert set(subscription) == {"type", "suspended"}


def test_custom_fields_without_html(wrike: Any) -> None:
    def values(**params: Any) -> str:
        return str([task["customFields"] for task in wrike.data("/tasks", fields=["customFields"], **params)])

    assert "<b>html</b>" in values()
    assert "<b>html</b>" not in values(plainTextCustomFields="true")


def test_no_answer_holds_a_null(wrike: Any) -> None:
    for path in ("/account", "/contacts", "/groups", "/spaces", "/workflows", "/customfields", "/folders", "/tasks"):
        fields = next(endpoint.fields for endpoint in ENDPOINTS if endpoint.path == path)
        assert "null" not in wrike.ask(path, fields=list(fields)).text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/account", "accounts"),
        ("/contacts", "contacts"),
        ("/groups", "groups"),
        ("/spaces", "spaces"),
        ("/workflows", "workflows"),
        ("/customfields", "customfields"),
        ("/tasks", "tasks"),
    ],
)
def test_kinds(wrike: Any, path: str, kind: str) -> None:
    assert wrike.body(path)["kind"] == kind


@pytest.mark.parametrize("collection", ["account", "contacts", "groups", "spaces", "workflows", "customfields"])
def test_records_behind_the_scenes_are_what_the_list_answers(wrike: Any, sandbox: Any, collection: str) -> None:
    endpoint = next(endpoint for endpoint in ENDPOINTS if endpoint.path == f"/{collection}")
    wider = {"spaces": {"withArchived": "true"}}.get(collection, {})
    listed = wrike.data(f"/{collection}", fields=list(endpoint.fields), **wider)
    if collection == "contacts":
        listed += wrike.data("/contacts", fields=list(endpoint.fields), deleted="true")
    behind = {record["id"]: record for record in sandbox.records("aurora", collection)}
    assert behind == {record["id"]: record for record in listed}
