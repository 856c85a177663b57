"""Pages and their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from include.sandbox.client import SandboxClient, running_sandbox

REFUSED = (400, "invalid_parameter")
FILTERED = {"deleted": "false", "updatedDate": {"start": "1970-01-01T00:00:00Z"}}


def pages(wrike: Any, path: str, **params: Any) -> list[dict[str, Any]]:
    """Read until no token comes."""
    token_name = "pageToken" if path == "/groups" else "nextPageToken"
    read = [wrike.body(path, **params)]
    while "nextPageToken" in read[-1]:
        read.append(wrike.body(path, **params, **{token_name: read[-1]["nextPageToken"]}))
    return read


def ids(read: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for body in read for record in body["data"]]


def test_pages_hold_everything_once(wrike: Any) -> None:
    read = pages(wrike, "/tasks", pageSize=50, sortField="UpdatedDate", sortOrder="Asc")
    assert [len(body["data"]) for body in read] == [50, 50, 20]
    assert ids(read) == wrike.ids("/tasks", sortField="UpdatedDate", sortOrder="Asc")


def test_keys_of_the_envelope(wrike: Any) -> None:
    first, second, last = pages(wrike, "/tasks", pageSize=50)
    assert list(first) == ["kind", "nextPageToken", "responseSize", "data"]
    assert (first["responseSize"], second["responseSize"]) == (120, 120)
    assert list(last) == ["kind", "data"]
    assert list(wrike.body("/tasks", pageSize=120)) == ["kind", "data"]
    assert list(wrike.body("/tasks")) == ["kind", "data"]


def test_state_is_echoed_and_no_part_of_the_query(wrike: Any) -> None:
    first = wrike.body("/tasks", pageSize=50, state="one")
    assert first["state"] == "one"
    second = wrike.body("/tasks", pageSize=50, state="two", nextPageToken=first["nextPageToken"])
    assert second["state"] == "two"


@pytest.mark.parametrize(
    ("path", "params", "kind"),
    [("/folders", FILTERED, "folders"), ("/groups", {}, "groups")],
)
def test_pages_of_others(wrike: Any, path: str, params: dict[str, Any], kind: str) -> None:
    read = pages(wrike, path, pageSize=3, **params)
    assert len(read) > 1
    assert {body["kind"] for body in read} == {kind}
    assert sorted(ids(read)) == sorted(wrike.ids(path, **params))


@pytest.mark.parametrize(
    "change",
    [
        {"status": ["Active"]},
        {"fields": ["description"]},
        {"sortOrder": "Desc"},
        {"updatedDate": {"start": "2020-01-01T00:00:00Z"}},
    ],
)
def test_a_token_belongs_to_its_query(wrike: Any, change: dict[str, Any]) -> None:
    token = wrike.body("/tasks", pageSize=50)["nextPageToken"]
    assert wrike.refusal("/tasks", pageSize=50, nextPageToken=token, **change) == REFUSED
    assert wrike.body("/tasks", pageSize=50, nextPageToken=token)["data"]


def test_a_token_belongs_to_its_path_and_account(wrike: Any, sandbox: SandboxClient) -> None:
    token = wrike.body("/tasks", pageSize=50)["nextPageToken"]
    space = wrike.ids("/spaces")[0]
    assert wrike.refusal(f"/spaces/{space}/tasks", pageSize=50, nextPageToken=token) == REFUSED
    other = type(wrike)(sandbox, sandbox.token("borealis"))
    assert other.refusal("/tasks", pageSize=50, nextPageToken=token) == REFUSED


def test_a_token_needs_no_page_size(wrike: Any) -> None:
    token = wrike.body("/tasks", pageSize=50)["nextPageToken"]
    second = wrike.body("/tasks", nextPageToken=token)
    assert len(second["data"]) == 50
    assert len(wrike.data("/tasks", nextPageToken=token, pageSize=7)) == 7


@pytest.mark.parametrize("token", ["", "NOSUCHTOKEN"])
def test_unknown_tokens(wrike: Any, token: str) -> None:
    assert wrike.refusal("/tasks", pageSize=50, nextPageToken=token) == REFUSED


def test_empty_last_page(wrike: Any, healed: SandboxClient) -> None:
    healed.switch(empty_last_page=True)
    full = wrike.body("/tasks", pageSize=120)
    assert len(full["data"]) == 120
    empty = wrike.body("/tasks", pageSize=120, nextPageToken=full["nextPageToken"])
    assert empty["data"] == []
    assert wrike.refusal("/tasks", pageSize=120, nextPageToken=empty["nextPageToken"]) == REFUSED


def test_data_changes_between_pages(wrike: Any, healed: SandboxClient) -> None:
    healed.switch(touch_between_pages=True)
    first = wrike.body("/tasks", pageSize=50, sortField="UpdatedDate", sortOrder="Asc")
    assert wrike.ids("/tasks", sortField="UpdatedDate", sortOrder="Asc")[-1] == first["data"][0]["id"]


def test_limit_cuts_silently(wrike: Any) -> None:
    assert list(body := wrike.body("/tasks", limit=5)) == ["kind", "data"]
    assert len(body["data"]) == 5


@pytest.fixture(scope="module")
def large() -> Iterator[SandboxClient]:
    """A sandbox with more tasks than come without paging."""
    with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "1100") as running:
        yield running


def test_cap_without_page_size(wrike: Any, large: SandboxClient) -> None:
    many = type(wrike)(large, large.token("aurora"))
    body = many.body("/tasks")
    assert list(body) == ["kind", "data"]
    assert len(body["data"]) == 1000
    assert len(many.data("/tasks", limit=1050)) == 1000
    first, last = pages(many, "/tasks", pageSize=1000)
    assert (len(first["data"]), first["responseSize"], len(last["data"])) == (1000, 1100, 100)
