"""Everything that Wrike refuses."""

from __future__ import annotations

from typing import Any

import pytest

INVALID_REQUEST = (400, "invalid_request")
INVALID_PARAMETER = (400, "invalid_parameter")
NOT_FOUND = (404, "resource_not_found")


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/tasks", {"colour": "red"}),
        ("/tasks", {"deleted": "true"}),
        ("/contacts", {"updatedDate": {"start": "2026-01-01T00:00:00Z"}}),
        ("/folders/{folder}/folders", {"deleted": "false", "project": "true"}),
        ("/groups", {"nextPageToken": "ABC"}),
        ("/tasks", {"pageToken": "ABC", "pageSize": 10}),
        ("/colors", {"fields": ["name"]}),
        ("/users/{user}", {"fields": ["metadata"]}),
        ("/contacts", {"pageSize": 10}),
        ("/spaces", {"pageSize": 10}),
        ("/workflows", {"pageSize": 10}),
        ("/customfields", {"pageSize": 10}),
        ("/tasks/{task}", {"pageSize": 10}),
        ("/folders", {"pageSize": 10}),
        ("/folders", {"pageSize": 10, "deleted": "false"}),
        ("/folders", {"pageSize": 10, "descendants": "true"}),
        ("/folders/{folder}/folders", {"pageSize": 10}),
        ("/spaces/{space}/folders", {"pageSize": 10}),
    ],
)
def test_unknown_parameters(wrike: Any, names: dict[str, str], path: str, params: dict[str, Any]) -> None:
    assert wrike.refusal(path.format(**names), **params) == INVALID_REQUEST


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/tasks", ["nonsense"]),
        ("/tasks", ["title"]),
        ("/tasks", ["description", "status"]),
        ("/tasks", ["finance"]),
        ("/tasks", []),
        ("/tasks", ""),
        ("/tasks", "[description,title]"),
        ("/tasks", {"description": True}),
        ("/tasks/{task}", ["description"]),
        ("/tasks/{task}", ["parentIds"]),
        ("/folders", ["title"]),
        ("/folders", ["finance"]),
        ("/folders/{folder}", ["customFields"]),
        ("/folders/{folder}", ["superParentIds"]),
        ("/folders/{folder}", ["space"]),
        ("/contacts", ["profiles"]),
        ("/groups", ["memberIds"]),
        ("/spaces", ["suggestedTaskWorkflows"]),
        ("/account", ["joinedDate"]),
        ("/workflows", ["customStatuses"]),
        ("/customfields", ["settings"]),
    ],
)
def test_fields_that_are_unknown_or_default(wrike: Any, names: dict[str, str], path: str, fields: Any) -> None:
    assert wrike.refusal(path.format(**names), fields=fields) == INVALID_PARAMETER


@pytest.mark.parametrize(
    "span",
    [
        {"start": "2026-01-01T00:00:00.000Z"},
        {"start": "2026-01-01T00:00:00"},
        {"start": "2026-01-01T00:00:00+00:00"},
        {"start": "2026-01-01"},
        {"start": "2026-13-01T00:00:00Z"},
        {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        {"start": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
        {"equal": "2026-01-01T00:00:00Z"},
        {"start": 1767225600},
        {"start": None},
        {},
        [],
        "2026-01-01T00:00:00Z",
        "{",
    ],
)
@pytest.mark.parametrize("path", ["/tasks", "/folders"])
def test_spans_of_instants(wrike: Any, path: str, span: Any) -> None:
    assert wrike.refusal(path, updatedDate=span) == INVALID_PARAMETER


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("startDate", {"equal": "yesterday"}),
        ("startDate", {"equal": 20260101}),
        ("startDate", {"start": "2026-01-01T00:00:00Z"}),
        ("scheduledDate", {"start": "2026-01-01"}),
        ("scheduledDate", {"equal": "2026-01-01"}),
        ("status", []),
        ("status", ["Done"]),
        ("status", "active"),
        ("importance", "Urgent"),
        ("type", ["Someday"]),
        ("sortField", "updatedDate"),
        ("sortOrder", "Ascending"),
        ("subTasks", "yes"),
        ("descendants", "True"),
        ("limit", "0"),
        ("title", ""),
        ("authors", []),
        ("authors", ["not an id"]),
        ("authors", [17]),
        ("responsibles", "[KUAISVCB]"),
        ("customStatuses", "IEAHJS5RJMAAAAAA"),
        ("metadata", {}),
        ("metadata", {"value": "without key"}),
        ("metadata", {"key": "with blank"}),
        ("metadata", {"key": "k" * 50}),
        ("metadata", {"key": "k", "other": "v"}),
        ("customField", {"id": "IEAHJS5RJUAAAAJN", "comparator": "Resembles", "value": "1"}),
        ("customField", {"id": "IEAHJS5RJUAAAAJN", "comparator": "InRange", "value": "1"}),
        ("customFields", []),
        ("customFields", [{"comparator": "IsEmpty"}]),
        ("customFields", [{"id": "IEAHJS5RJUAAAAJN", "comparator": "IsEmpty"}] * 26),
    ],
)
def test_values_of_filters(wrike: Any, name: str, value: Any) -> None:
    assert wrike.refusal("/tasks", **{name: value}) == INVALID_PARAMETER


@pytest.mark.parametrize("size", ["0", "-1", "1001", "ten", "", "1.5"])
@pytest.mark.parametrize("path", ["/tasks", "/groups"])
def test_bounds_of_page_size(wrike: Any, path: str, size: str) -> None:
    assert wrike.refusal(path, pageSize=size) == INVALID_PARAMETER


def test_bounds_of_page_size_of_filtered_folders(wrike: Any) -> None:
    assert wrike.refusal("/folders", project="true", pageSize=1001) == INVALID_PARAMETER
    assert wrike.ask("/folders", project="true", pageSize=1000).status_code == 200


@pytest.mark.parametrize("path", ["/tasks", "/folders", "/contacts", "/customfields"])
def test_batches_of_ids(wrike: Any, path: str) -> None:
    ids = wrike.ids(path, **({"project": "false"} if path == "/folders" else {}))[:100]
    assert wrike.ids(f"{path}/{','.join(ids)}")
    assert sorted(wrike.ids(f"{path}/{','.join(ids)}")) == sorted(ids)
    assert wrike.refusal(f"{path}/{','.join((ids * 100)[:101])}") == INVALID_PARAMETER
    assert wrike.refusal(f"{path}/{ids[0]},MAAAAAAAAAAA") == NOT_FOUND
    assert wrike.refusal(f"{path}/{ids[0]},") == INVALID_PARAMETER
    assert wrike.refusal(f"{path}/{ids[0]},{'M' * 257}") == INVALID_PARAMETER


def test_ids_are_case_sensitive(wrike: Any) -> None:
    assert wrike.refusal(f"/tasks/{wrike.ids('/tasks')[0].lower()}") == NOT_FOUND


def test_a_single_id_where_no_batch_is_taken(wrike: Any) -> None:
    groups = wrike.ids("/groups")
    assert wrike.refusal(f"/groups/{groups[0]},{groups[1]}") == INVALID_PARAMETER
    assert wrike.ids(f"/groups/{groups[1]}") == [groups[1]]


def test_unknown_folders_and_spaces(wrike: Any, names: dict[str, str]) -> None:
    unknown = ("/folders/MQAAAAAAAAAA/tasks", "/spaces/MQAAAAAAAAAA/folders", "/spaces/MQAAAAAAAAAA/workflows")
    for path in (*unknown, *(f"/spaces/{names['folder']}/{what}" for what in ("tasks", "workflows"))):
        assert wrike.refusal(path) == NOT_FOUND


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_unknown_methods(wrike: Any, method: str) -> None:
    response = wrike.ask("/tasks", method)
    assert (response.status_code, response.json()["error"]) == (404, "method_not_found")


def test_unknown_paths(wrike: Any) -> None:
    assert wrike.refusal("/nothing") == (404, "method_not_found")
    assert wrike.refusal("/tasks/") == (404, "method_not_found")


def test_a_parameter_given_twice(wrike: Any) -> None:
    assert wrike.refusal("/tasks?title=a&title=b") == INVALID_REQUEST


@pytest.fixture(scope="module")
def names(sandbox: Any, wrike: Any) -> dict[str, str]:
    """Ids to fill into paths."""
    spaces = set(wrike.ids("/spaces", withArchived="true"))
    return {
        "task": wrike.ids("/tasks")[0],
        "folder": next(id_ for id_ in wrike.ids("/folders", project="false") if id_ not in spaces),
        "space": wrike.ids("/spaces")[0],
        "user": sandbox.accounts()["aurora"]["users"]["regular"],
    }
