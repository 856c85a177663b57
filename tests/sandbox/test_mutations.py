"""Changes to the data, and how they show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient, running_sandbox

SINCE = {"start": "1970-01-01T00:00:00Z"}


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


def test_update_and_unset(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    assert api.ids("/tasks", updatedDate=recent) == []
    first, second = api.ids("/tasks")[:2]
    changing.mutate("aurora", "update", collection="tasks", id=first, title="Other", responsibleIds=[])
    changing.mutate("aurora", "unset", collection="tasks", id=second, keys=["effortAllocation"])
    changed = api.data("/tasks", updatedDate=recent, fields=["responsibleIds", "effortAllocation"])
    assert {task["id"] for task in changed} == {first, second}
    by_id = {task["id"]: task for task in changed}
    assert (by_id[first]["title"], by_id[first]["responsibleIds"]) == ("Other", [])
    assert "effortAllocation" not in by_id[second]


def test_update_without_updated_date(changing: SandboxClient, api: Any) -> None:
    contact = api.ids("/contacts")[5]
    changing.mutate("aurora", "update", collection="contacts", id=contact, deleted=True)
    assert contact not in api.ids("/contacts")
    assert contact in api.ids("/contacts", deleted="true")
    assert "updatedDate" not in api.data(f"/contacts/{contact}")[0]


def test_touch(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    changing.mutate("aurora", "touch", count=7)
    assert len(api.ids("/tasks", updatedDate=recent)) == 7


def test_create(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    made = changing.mutate("aurora", "create", title="Brand new")
    assert api.ids("/tasks", title="Brand new") == [made["id"]]
    assert api.ids("/tasks", createdDate=recent) == [made["id"]]


def test_create_a_folder(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    space = api.ids("/spaces")[0]
    made = changing.mutate("aurora", "create", collection="folders", title="Brand new", parentIds=[space])
    parent = next(f for f in api.data("/folders", updatedDate=recent) if f["id"] == space)
    assert made["id"] in parent["childIds"]


def test_trash_restore_and_erase_a_task(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    bin_id = api.data("/account")[0]["recycleBinId"]
    task = api.data("/tasks", status="Active", subTasks="false")[0]
    changing.mutate("aurora", "trash", collection="tasks", id=task["id"])
    assert task["id"] not in api.ids("/tasks")
    trashed = api.data(f"/folders/{bin_id}/tasks", descendants="true", updatedDate=recent)
    assert [(one["id"], one["scope"], one["status"]) for one in trashed] == [(task["id"], "RbTask", "Active")]
    changing.mutate("aurora", "restore", collection="tasks", id=task["id"])
    assert task["id"] in api.ids("/tasks", updatedDate=recent)
    changing.mutate("aurora", "erase", collection="tasks", id=task["id"])
    assert api.refusal(f"/tasks/{task['id']}") == (404, "resource_not_found")


def test_trash_takes_a_subtree_along(changing: SandboxClient, api: Any, recent: dict[str, str]) -> None:
    folders = api.data("/folders", deleted="false", updatedDate=SINCE, fields=["space"])
    root = next(f for f in folders if f["space"] and f["childIds"])
    inner = set(api.ids(f"/folders/{root['id']}/folders"))
    alone = {f["id"] for f in folders if f["id"] in inner and set(f["parentIds"]) <= {root["id"]}}
    tasks = api.data("/tasks", fields=["parentIds"])
    only_here = {task["id"] for task in tasks if set(task["parentIds"]) == {root["id"]}}
    changing.mutate("aurora", "trash", collection="folders", id=root["id"])
    trashed = set(api.ids("/folders", deleted="true", updatedDate=recent))
    assert alone | {root["id"]} <= trashed
    assert not only_here & set(api.ids("/tasks"))
    assert {f["scope"] for f in api.data("/folders", deleted="true", updatedDate=recent)} == {"RbFolder"}
    changing.mutate("aurora", "restore", collection="folders", id=root["id"])
    assert set(api.ids("/folders", deleted="false", updatedDate=SINCE)) == {f["id"] for f in folders}
    assert {task["id"] for task in tasks} == set(api.ids("/tasks"))


def test_erase_leaves_no_child_id(changing: SandboxClient, api: Any) -> None:
    folder = next(f for f in api.data("/folders", project="true", deleted="false") if not f["childIds"])
    changing.mutate("aurora", "erase", collection="folders", id=folder["id"])
    assert not any(folder["id"] in f["childIds"] for f in api.data("/folders", updatedDate=SINCE))


@pytest.mark.parametrize(
    "change",
    [
        {"action": "vanish"},
        {"action": "update", "collection": "tasks", "id": "nobody"},
        {"action": "trash", "collection": "folders", "id": "nobody"},
        {"action": "restore", "collection": "folders", "id": "nobody"},
    ],
)
def test_unknown_changes(sandbox: SandboxClient, change: dict[str, str]) -> None:
    with pytest.raises(requests.HTTPError, match="404"):
        sandbox.mutate("aurora", change.pop("action"), **change)
