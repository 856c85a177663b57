"""The two modes in which folders come, and what is inside of them."""

from __future__ import annotations

from typing import Any

import pytest

SINCE = {"start": "1970-01-01T00:00:00Z"}


def scopes(body: dict[str, Any]) -> set[str]:
    return {folder["scope"] for folder in body["data"]}


def test_tree(wrike: Any) -> None:
    body = wrike.body("/folders")
    assert body["kind"] == "folderTree"
    assert scopes(body) == {"WsRoot", "WsFolder", "RbRoot", "RbFolder"}
    assert all("updatedDate" not in folder and "accountId" not in folder for folder in body["data"])
    account = wrike.data("/account")[0]
    assert {folder["id"] for folder in body["data"] if folder["scope"].endswith("Root")} == {
        account["rootFolderId"],
        account["recycleBinId"],
    }


def test_deleted_alone_keeps_the_tree(wrike: Any) -> None:
    present, trashed = wrike.body("/folders", deleted="false"), wrike.body("/folders", deleted="true")
    assert (present["kind"], trashed["kind"]) == ("folderTree", "folderTree")
    assert scopes(present) == {"WsRoot", "WsFolder"}
    assert scopes(trashed) == {"RbRoot", "RbFolder"}


def test_keys_of_the_tree_on_request(wrike: Any) -> None:
    assert not any("space" in folder for folder in wrike.data("/folders"))
    assert any(folder.get("space") for folder in wrike.data("/folders", fields=["space"]))
    assert not any("contractType" in folder.get("project", {}) for folder in wrike.data("/folders"))


@pytest.mark.parametrize(
    "params",
    [
        {"updatedDate": SINCE},
        {"project": "true"},
        {"project": "false"},
        {"descendants": "false"},
        {"metadata": {"key": "sync"}},
        {"title": "a"},
        {"deleted": "true", "updatedDate": SINCE},
    ],
)
def test_a_filter_switches_the_mode(wrike: Any, params: dict[str, Any]) -> None:
    body = wrike.body("/folders", **params)
    assert body["kind"] == "folders"
    assert body["data"]
    assert not scopes(body) & {"WsRoot", "RbRoot"}
    assert all("accountId" in folder for folder in body["data"])


def test_filtered_folders_mix_unless_told_otherwise(wrike: Any) -> None:
    assert scopes(wrike.body("/folders", updatedDate=SINCE)) == {"WsFolder", "RbFolder"}
    assert scopes(wrike.body("/folders", updatedDate=SINCE, deleted="false")) == {"WsFolder"}
    assert scopes(wrike.body("/folders", updatedDate=SINCE, deleted="true")) == {"RbFolder"}


def test_spaces_are_folders(wrike: Any) -> None:
    spaces = set(wrike.ids("/spaces", withArchived="true"))
    marked = {f["id"] for f in wrike.data("/folders", updatedDate=SINCE, fields=["space"]) if f["space"]}
    assert marked == spaces


def test_inside_a_space(wrike: Any) -> None:
    space = wrike.ids("/spaces")[0]
    tree, flat = wrike.body(f"/spaces/{space}/folders"), wrike.body(f"/spaces/{space}/folders", updatedDate=SINCE)
    assert (tree["kind"], flat["kind"]) == ("folderTree", "folders")
    assert {f["id"] for f in tree["data"]} == {f["id"] for f in flat["data"]}
    children = wrike.data(f"/folders/{space}/folders", descendants="false")
    assert children
    assert all(space in folder["parentIds"] for folder in children)
    assert len(children) < len(flat["data"])


def test_projects_only(wrike: Any) -> None:
    assert all("project" in folder for folder in wrike.data("/folders", project="true"))
    assert not any("project" in folder for folder in wrike.data("/folders", project="false"))


def test_tasks_of_a_folder(wrike: Any) -> None:
    space = wrike.ids("/spaces")[0]
    direct = wrike.data(f"/folders/{space}/tasks", fields=["parentIds", "superTaskIds"])
    below = wrike.data(f"/folders/{space}/tasks", descendants="true", fields=["parentIds", "superTaskIds"])
    assert len(direct) < len(below)
    assert all(space in task["parentIds"] for task in direct)
    assert not any(task["superTaskIds"] for task in below)


def test_tasks_of_the_recycle_bin(wrike: Any) -> None:
    account = wrike.data("/account")[0]
    trashed = wrike.data(f"/folders/{account['recycleBinId']}/tasks", descendants="true", updatedDate=SINCE)
    assert trashed
    assert {task["scope"] for task in trashed} == {"RbTask"}
    assert not {task["id"] for task in trashed} & set(wrike.ids("/tasks"))
    assert wrike.data(f"/tasks/{trashed[0]['id']}")[0]["scope"] == "RbTask"
