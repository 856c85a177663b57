"""From a declaration and a window to parameters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wrike_provider.entities import CATALOGUE, Entity, entity
from wrike_provider.entities.requests import Window, parameters, wrike_instant

SINCE = datetime(2026, 3, 1, 6, 30, 5, 999_999, tzinfo=UTC)
UNTIL = datetime(2026, 3, 1, 7, 30, 5, tzinfo=UTC)


def test_an_instant_has_whole_seconds() -> None:
    assert wrike_instant(SINCE) == "2026-03-01T06:30:05Z"
    assert wrike_instant(datetime(1970, 1, 1, tzinfo=UTC)) == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("window", "empty", "shown"),
    [
        (Window(), False, "beginning to now"),
        (Window(None, UNTIL), False, "beginning to 2026-03-01T07:30:05Z"),
        (Window(SINCE, UNTIL), False, "2026-03-01T06:30:05Z to 2026-03-01T07:30:05Z"),
        (Window(SINCE), False, "2026-03-01T06:30:05Z to now"),
        (Window(UNTIL, UNTIL), True, "2026-03-01T07:30:05Z to 2026-03-01T07:30:05Z"),
        (Window(UNTIL, SINCE), True, "2026-03-01T07:30:05Z to 2026-03-01T06:30:05Z"),
    ],
)
def test_windows(window: Window, empty: bool, shown: str) -> None:
    assert (window.empty, str(window)) == (empty, shown)


@pytest.mark.parametrize(
    ("window", "tasks", "folders"),
    [
        (Window(), None, {"start": "1970-01-01T00:00:00Z"}),
        (
            Window(None, UNTIL),
            {"end": "2026-03-01T07:30:05Z"},
            {"start": "1970-01-01T00:00:00Z", "end": "2026-03-01T07:30:05Z"},
        ),
        (
            Window(SINCE, UNTIL),
            {"start": "2026-03-01T06:30:05Z", "end": "2026-03-01T07:30:05Z"},
            {"start": "2026-03-01T06:30:05Z", "end": "2026-03-01T07:30:05Z"},
        ),
        (Window(SINCE), {"start": "2026-03-01T06:30:05Z"}, {"start": "2026-03-01T06:30:05Z"}),
    ],
)
def test_the_window_becomes_a_filter(
    window: Window, tasks: dict[str, str] | None, folders: dict[str, str] | None
) -> None:
    assert parameters(entity("tasks"), window).get("updatedDate") == tasks
    assert parameters(entity("folders"), window).get("updatedDate") == folders


@pytest.mark.parametrize("declared", [d for d in CATALOGUE if d.read_whole], ids=lambda declared: declared.name)
def test_what_is_read_whole_has_no_filter(declared: Entity) -> None:
    params = parameters(declared, Window(SINCE, UNTIL))
    assert params == parameters(declared, Window())
    assert not [name for name in params if name.endswith("Date")]


@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_all_fields_are_asked_for(declared: Entity) -> None:
    assert parameters(declared, Window()).get("fields", []) == list(declared.fields)


def test_what_is_always_sent() -> None:
    def rest(name: str) -> dict[str, object]:
        params = parameters(entity(name), Window(SINCE, UNTIL))
        return {key: value for key, value in params.items() if key not in {"fields", "updatedDate"}}

    assert rest("tasks") == {
        "descendants": True,
        "subTasks": True,
        "sortField": "UpdatedDate",
        "sortOrder": "Asc",
    }
    assert rest("spaces") == {"withArchived": True}
    assert rest("contacts") == {"deleted": False}
    for name in ("account", "groups", "workflows", "custom_fields", "folders"):
        assert rest(name) == {}


def test_gone_records_are_asked_for_by_themselves() -> None:
    assert parameters(entity("contacts"), Window())["deleted"] is False
    assert parameters(entity("contacts"), Window(), gone=True)["deleted"] is True


def test_refused_fields_are_left_out() -> None:
    without = {"currentBillRate", "currentCostRate", "jobRoleId", "workScheduleId"}
    assert parameters(entity("contacts"), Window(), without=without)["fields"] == ["metadata", "customFields"]


def test_an_empty_list_of_fields_is_not_sent() -> None:
    assert "fields" not in parameters(entity("groups"), Window(), without=iter(["metadata"]))


def test_the_declaration_is_left_as_it_is() -> None:
    params = parameters(entity("tasks"), Window())
    params["subTasks"] = False
    params["fields"].clear()
    assert parameters(entity("tasks"), Window())["subTasks"] is True
    assert parameters(entity("tasks"), Window())["fields"]
