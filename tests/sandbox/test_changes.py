"""What is read by the time of its change: approvals, time entries, the audit log; and how they change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient, running_sandbox

TIMELOG_FIELDS = ["approvalStatus", "lockStatus", "exportStatus", "billingType"]
LISTS = [
    ("/approvals", "approvals", "updatedDate", []),
    ("/timelogs", "timelogs", "updatedDate", TIMELOG_FIELDS),
    ("/timelogs", "timelogs", "createdDate", TIMELOG_FIELDS),
    ("/audit_log", "auditlog", "eventDate", []),
]


@pytest.fixture
def changing() -> Iterator[SandboxClient]:
    """A sandbox that a test may change."""
    with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "40", "--folders", "24") as running:
        yield running


@pytest.fixture
def api(wrike: Any, changing: SandboxClient) -> Any:
    return type(wrike)(changing, changing.token("aurora"))


@pytest.fixture
def recent() -> dict[str, str]:
    return {"start": (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}


@pytest.mark.parametrize(("path", "collection", "stamp", "fields"), LISTS)
def test_spans(wrike: Any, sandbox: SandboxClient, path: str, collection: str, stamp: str, fields: list[str]) -> None:
    records = sandbox.records("aurora", collection)
    asked = {"fields": fields} if fields else {}
    assert wrike.data(path, **asked) == records
    moments = sorted(record[stamp] for record in records)
    first, middle = moments[0], moments[len(moments) // 2]
    after = wrike.data(path, **{stamp: {"start": middle}}, **asked)
    assert after == [record for record in records if record[stamp] >= middle]
    between = wrike.data(path, **{stamp: {"start": first, "end": middle}}, **asked)
    assert between == [record for record in records if record[stamp] < middle]
    assert 0 < len(between) < len(records)
    assert wrike.refusal(path, **{stamp: {"start": f"{middle[:-1]}.000Z"}}) == (400, "invalid_parameter")
    assert wrike.refusal(path, **{stamp: {"start": middle, "end": middle}}) == (400, "invalid_parameter")


@pytest.mark.parametrize("path", ["/approvals", "/timelogs", "/audit_log"])
def test_pages(wrike: Any, path: str) -> None:
    whole = wrike.ids(path, pageSize=1000)
    page = wrike.body(path, pageSize=9)
    read = [record["id"] for record in page["data"]]
    while "nextPageToken" in page:
        page = wrike.body(path, pageSize=9, nextPageToken=page["nextPageToken"])
        read += [record["id"] for record in page["data"]]
    assert read == whole
    assert len(whole) > 18
    assert wrike.refusal(path, pageSize=1001) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/approvals", {"createdDate": {"start": "2026-01-01T00:00:00Z"}}, "invalid_request"),
        ("/approvals", {"fields": ["title"]}, "invalid_request"),
        ("/approvals", {"statuses": ["NotRequired"]}, "invalid_parameter"),
        ("/approvals", {"sortField": "UpdatedDate"}, "invalid_request"),
        ("/timelogs", {"fields": ["finance"]}, "invalid_parameter"),
        ("/timelogs", {"fields": ["hours"]}, "invalid_parameter"),
        ("/timelogs", {"trackedDate": {"start": "2026-01-01T00:00:00Z"}}, "invalid_parameter"),
        ("/timelogs", {"approvalStatuses": ["Draft"]}, "invalid_parameter"),
        ("/audit_log", {"limit": 5}, "invalid_request"),
        ("/audit_log", {"updatedDate": {"start": "2026-01-01T00:00:00Z"}}, "invalid_request"),
        ("/audit_log", {"operations": ["UserSneezed"]}, "invalid_parameter"),
        ("/audit_log", {"objectType": "Task"}, "parameter_required"),
        ("/audit_log", {"objectIds": ["KUAISVCB"]}, "parameter_required"),
        ("/audit_log", {"users": ["KUAISVCB"] * 11}, "invalid_parameter"),
    ],
)
def test_refusals(wrike: Any, path: str, params: dict[str, Any], code: str) -> None:
    assert wrike.refusal(path, **params) == (400, code)


def test_filters_of_approvals(wrike: Any) -> None:
    approvals = wrike.data("/approvals")
    assert all(("taskId" in one) != ("folderId" in one) for one in approvals)
    assert {"Pending", "Approved", "Rejected", "Draft", "Cancelled", "NotRequired"} == {a["status"] for a in approvals}
    approver = next(d["approverId"] for a in approvals for d in a["decisions"] if d["status"] == "Pending")
    asked = wrike.data("/approvals", approvers=[approver])
    assert asked == [a for a in approvals if approver in {d["approverId"] for d in a["decisions"]}]
    waiting = wrike.data("/approvals", pendingApprovers=[approver])
    assert waiting
    pending = [[d for d in a["decisions"] if (d["approverId"], d["status"]) == (approver, "Pending")] for a in asked]
    assert len(waiting) == sum(map(bool, pending)) < len(asked)
    assert {a["type"] for a in wrike.data("/approvals", type="FilesOnly")} == {"FilesOnly"}
    assert {a["dueDate"] for a in wrike.data("/approvals", dueDate={"equal": "2026-03-05"})} == {"2026-03-05"}
    assert wrike.ids("/approvals", limit=2) == [a["id"] for a in approvals[:2]]
    assert wrike.ids(f"/approvals/{approvals[0]['id']},{approvals[1]['id']}") == [a["id"] for a in approvals[:2]]


def test_approvals_of_a_task_or_folder(wrike: Any) -> None:
    approvals = wrike.data("/approvals")
    for key, head in (("taskId", "tasks"), ("folderId", "folders")):
        owner = next(one[key] for one in approvals if key in one)
        assert wrike.data(f"/{head}/{owner}/approvals") == [one for one in approvals if one.get(key) == owner]
        assert wrike.refusal(f"/{head}/MQAAAAAAAAAA/approvals") == (404, "resource_not_found")


def test_timelogs(wrike: Any) -> None:
    timelogs = wrike.data("/timelogs", fields=TIMELOG_FIELDS)
    assert not any(set(TIMELOG_FIELDS) & set(one) for one in wrike.data("/timelogs"))
    assert any("categoryId" not in one for one in timelogs)
    assert {type(one["hours"]) for one in timelogs} == {int, float}
    day = timelogs[0]["trackedDate"]
    assert {one["trackedDate"] for one in wrike.data("/timelogs", trackedDate={"equal": day})} == {day}
    category = timelogs[1]["categoryId"]
    assert {one["categoryId"] for one in wrike.data("/timelogs", timelogCategories=[category])} == {category}
    exported = wrike.data("/timelogs", exportStatuses=["Exported"], fields=["exportStatus"])
    assert {one["exportStatus"] for one in exported} == {"Exported"}
    user = wrike.data("/contacts", me="true")[0]["id"]
    assert wrike.ids("/timelogs", me="true") == [one["id"] for one in timelogs if one["userId"] == user]
    assert "<b>" in str(timelogs)
    assert "<b>" not in str(wrike.data("/timelogs", plainText="true"))
    assert wrike.data(f"/timelogs/{timelogs[0]['id']}", fields=TIMELOG_FIELDS) == timelogs[:1]


def test_audit_log(wrike: Any) -> None:
    entries = wrike.data("/audit_log")
    everything = {"start": "2000-01-01T00:00:00Z"}
    logins = wrike.data("/audit_log", eventDate=everything, operations=["UserLoggedIn"])
    assert {one["operation"] for one in logins} == {"UserLoggedIn"}
    words = sorted({one["operation"] for one in entries})
    assert wrike.data("/audit_log", operations=words) == entries
    about_tasks = wrike.data("/audit_log", eventDate=everything, operations=words, objectType="Task")
    assert {one["objectType"] for one in about_tasks} == {"Task"}
    user = entries[0]["userId"]
    assert {one["userId"] for one in wrike.data("/audit_log", users=[user])} == {user}


def test_only_administrators_read_the_audit_log(wrike: Any, sandbox: SandboxClient) -> None:
    regular = type(wrike)(sandbox, sandbox.token("aurora", "regular"))
    assert regular.refusal("/audit_log") == (403, "access_forbidden")


def test_update_touch_and_create(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    for collection in ("approvals", "timelogs"):
        path = f"/{collection}"
        assert api.ids(path, updatedDate=recent) == []
        first = api.ids(path)[0]
        changing.mutate("aurora", "update", collection=collection, id=first, comment="Other")
        assert [one["comment"] for one in api.data(path, updatedDate=recent)] == ["Other"]
        changing.mutate("aurora", "touch", collection=collection, count=5)
        assert 5 <= len(api.ids(path, updatedDate=recent)) <= 6
        task = api.ids("/tasks")[3]
        made = [changing.mutate("aurora", "create", collection=collection, taskId=task)["id"] for _ in range(2)]
        assert [one["taskId"] for one in api.data(path, updatedDate=recent) if one["id"] in made] == [task, task]
        assert api.ids(path)[-2:] == made


def test_remove_leaves_no_trace(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    for collection in ("approvals", "timelogs", "comments", "attachments"):
        before = changing.records("aurora", collection)
        changing.mutate("aurora", "remove", collection=collection, id=before[-1]["id"])
        assert changing.records("aurora", collection) == before[:-1]
        assert api.refusal(f"/{collection}/{before[-1]['id']}") == (404, "resource_not_found")
        made = changing.mutate("aurora", "create", collection=collection)
        assert made["id"] not in {one["id"] for one in before}
    assert api.ids("/tasks", updatedDate=recent) == []
    with pytest.raises(requests.HTTPError, match="404"):
        changing.mutate("aurora", "create", collection="colors")


def test_erasing_a_task_takes_what_belongs_to_it(changing: SandboxClient, api: Any) -> None:
    task = changing.records("aurora", "dependencies")[0]["predecessorId"]
    for collection in ("approvals", "timelogs", "comments", "attachments"):
        changing.mutate("aurora", "create", collection=collection, taskId=task)
    changing.mutate("aurora", "erase", collection="tasks", id=task)
    for collection in ("approvals", "timelogs", "comments", "attachments"):
        assert task not in {one.get("taskId") for one in changing.records("aurora", collection)}
    left = changing.records("aurora", "dependencies")
    assert task not in {one["predecessorId"] for one in left} | {one["successorId"] for one in left}
    known = {one["id"] for one in left}
    assert {one for each in api.data("/tasks", fields=["dependencyIds"]) for one in each["dependencyIds"]} <= known


def test_the_audit_log_only_grows(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    entry = api.ids("/audit_log")[0]
    for action in ("update", "remove", "erase"):
        with pytest.raises(requests.HTTPError, match="404"):
            changing.mutate("aurora", action, collection="auditlog", id=entry)
    made = changing.mutate("aurora", "create", collection="auditlog", operation="TaskErased")
    assert api.ids("/audit_log", eventDate=recent, operations=["TaskErased"]) == [made["id"]]


def test_records_change_between_pages(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    changing.switch(touch_between_pages=True)
    first = api.data("/timelogs", pageSize=5)[0]
    assert api.ids("/timelogs", updatedDate=recent) == [first["id"]]
    assert api.data("/audit_log", pageSize=5)
