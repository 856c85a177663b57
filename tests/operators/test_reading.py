"""Lists of which Wrike refuses a part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.server import Asked, Server, page, refusal, running_server
from wrike_provider.api.errors import WrikeBlockedError, WrikeMethodNotFoundError, WrikeRequestError
from wrike_provider.entities import entity
from wrike_provider.entities.requests import Window
from wrike_provider.hooks.wrike import WrikeHook
from wrike_provider.operators.details import PROBES, DetailReading
from wrike_provider.operators.reading import LOOK, Reading

FOLDER = {"id": "F", "updatedDate": "2026-01-01T00:00:00Z"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
    with running_server() as running:
        connection = {"conn_type": "wrike", "host": running.url, "extra": {"token": "any"}}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_READ", json.dumps(connection))
        yield running


def read(reading: Reading) -> list[Any]:
    changed_by = reading.entity.changed_by
    pages = reading.changed(changed_by, Window()) if changed_by else reading.whole()
    return [record["id"] for records in pages for record in records]


def reading_of(name: str, **more: Any) -> Reading:
    return Reading(WrikeHook("wrike_read"), entity(name), **more)


def fields(asked: Asked) -> set[str]:
    return set(json.loads(asked.query["fields"]))


def test_a_field_that_the_answer_names_is_left_out(server: Server) -> None:
    server.will(refusal(400, "invalid_parameter", "Parameter 'fields': value 'contractType' is unknown"), page(FOLDER))
    reading = reading_of("folders")
    assert read(reading) == ["F"]
    assert fields(server.asked[0]) - fields(server.asked[1]) == {"contractType"} == reading.refusals.without


def test_field_after_field(server: Server) -> None:
    server.will(
        refusal(400, "invalid_parameter", "'space' is unknown"),
        refusal(403, "not_allowed", "metadata is not in your plan"),
        page(FOLDER),
    )
    reading = reading_of("folders")
    assert read(reading) == ["F"]
    assert reading.refusals.without == {"space", "metadata"}


def test_when_none_is_named_those_are_left_out_that_may_be_refused(server: Server) -> None:
    refused = refusal(400, "invalid_parameter", "Parameter 'fields' value is invalid")
    for times, without in ((1, {"contractType"}), (2, {"description"}), (3, {"contractType", "description"})):
        server.will(*[refused] * times, page(FOLDER))
        reading = reading_of("folders")
        assert read(reading) == ["F"]
        assert reading.refusals.without == without


def test_they_are_left_out_step_by_step(server: Server) -> None:
    server.will(refusal(403, "not_allowed"), page({"id": "U", "jobRoleId": "J"}))
    rates = reading_of("contacts")
    assert read(rates) == ["U"]
    assert rates.refusals.without == {"currentBillRate", "currentCostRate"}
    server.will(refusal(403, "not_allowed"), refusal(403, "not_allowed"), page({"id": "U"}))
    all_of_them = reading_of("contacts")
    assert read(all_of_them) == ["U"]
    assert all_of_them.refusals.without == rates.refusals.without | {"jobRoleId", "workScheduleId"}


WRONG_FIELDS = refusal(400, "invalid_parameter", "Parameter 'fields' value is invalid")


def test_when_it_is_not_said_which_field_is_wrong_it_is_found_out(server: Server) -> None:
    server.will(*[WRONG_FIELDS] * 4, page({"id": "L"}))
    reading = reading_of("timelogs")
    assert read(reading) == ["L"]
    assert reading.refusals.without == {"exportStatus"}
    assert "exportStatus" in reading.refusals.note


def test_no_guess_is_made_twice(server: Server) -> None:
    server.will(WRONG_FIELDS)
    with pytest.raises(WrikeRequestError):
        read(reading_of("folders"))
    guesses = [asked.query.get("fields") for asked in server.asked]
    assert len(guesses) == len(set(guesses))
    assert guesses[-1] is None


def test_when_several_are_wrong_none_is_asked_for(server: Server) -> None:
    server.will(*[WRONG_FIELDS] * 5, page({"id": "L"}))
    reading = reading_of("timelogs")
    assert read(reading) == ["L"]
    assert "fields" not in server.asked[-1].query
    # Without any it is not the fields.
    server.will(WRONG_FIELDS)
    reading = reading_of("timelogs")
    with pytest.raises(WrikeRequestError):
        read(reading)
    assert not reading.refusals.without


def test_an_answer_may_list_what_is_allowed(server: Server) -> None:
    allowed = "Value is invalid, allowed: approvalStatus, lockStatus, exportStatus"
    server.will(refusal(400, "invalid_parameter", allowed), page({"id": "L"}))
    reading = reading_of("timelogs")
    assert read(reading) == ["L"]
    assert reading.refusals.without == {"billingType"}


def test_comments_of_all_kinds_are_asked_for_unless_that_is_refused(server: Server) -> None:
    beginning = datetime.now(UTC) - timedelta(days=1)
    server.will(refusal(400, "invalid_request", "Parameter 'types' is not allowed"), page({"id": "C"}))
    comments = reading_of("comments", beginning=beginning)
    assert read(comments) == ["C"]
    assert [asked.query.get("types") for asked in server.asked] == ['["Email","Regular"]', None]
    assert all(fields(asked) == {"type"} for asked in server.asked)
    assert comments.refusals.note == "Wrike refuses the parameter types: the list is read without it."


@pytest.mark.parametrize("name", ["sortField", "sortOrder"])
def test_tasks_are_read_though_their_order_is_refused(server: Server, name: str) -> None:
    refused = refusal(400, "invalid_parameter", f"Parameter '{name}' is not allowed")
    # Both ends are looked at.
    server.will(refused, refused, page({"id": "T", "updatedDate": "2026-01-01T00:00:00Z"}))
    reading = reading_of("tasks")
    assert read(reading) == ["T"]
    assert [name in asked.query for asked in server.asked] == [True, True, False]
    assert all(
        asked.query["fields"] == server.asked[0].query["fields"] and "subTasks" in asked.query for asked in server.asked
    )
    assert reading.refusals.note == f"Wrike refuses the parameter {name}: the list is read without it."
    # What is known to be refused is not asked for, and nothing is concluded from an order.
    server.asked.clear()
    server.will(page({"id": "T", "updatedDate": "2026-01-01T00:00:00Z"}))
    assert read(reading_of("tasks", refused=reading.refusals.without)) == ["T"]
    assert [name in asked.query for asked in server.asked] == [False]


def test_a_field_of_details_that_may_be_refused_is_left_out(server: Server) -> None:
    declared = entity("space_workflows")
    assert declared.details is not None
    server.will(refusal(403, "not_allowed"), page({"id": "W"}))
    reading = DetailReading(WrikeHook("wrike_read"), declared, declared.details)
    assert list(reading.about(["S"], ["S"])) == [[{"spaceId": "S", "id": "W"}]]
    assert reading.refusals.without == {"dataUsageStatistics"}
    # Without it too it is not the field.
    server.will(refusal(403, "not_allowed"))
    reading = DetailReading(WrikeHook("wrike_read"), declared, declared.details)
    with pytest.raises(WrikeBlockedError):
        list(reading.about(["S"], ["S"]))
    assert not reading.refusals.without


def test_a_field_of_details_that_the_answer_names_is_left_out(server: Server) -> None:
    server.will(refusal(400, "invalid_parameter", "'costRate' is unknown"), page({"id": "C"}))
    declared = entity("contacts_history")
    assert declared.details is not None
    reading = DetailReading(WrikeHook("wrike_read"), declared, declared.details)
    assert list(reading.about(["C"], ["C"])) == [[{"id": "C"}]]
    assert [fields(asked) for asked in server.asked] == [{"billRate", "costRate"}, {"billRate"}]
    server.will(page({"id": "C"}))
    reading = DetailReading(WrikeHook("wrike_read"), declared, declared.details, {"billRate"})
    assert list(reading.about(["C"], ["C"])) == [[{"id": "C"}]]
    assert fields(server.asked[-1]) == {"costRate"}


def test_a_list_without_a_filter_is_read_until_all_has_come_that_wrike_counts(server: Server) -> None:
    """Records moved across the border of its pages, for others were deleted meanwhile."""
    a, b, c, d = ({"id": name} for name in "abcd")
    server.will(page(a, b, token="2", total=4), page(d), page(b, c, token="3", total=3), page(d))
    assert read(reading_of("groups")) == ["a", "b", "d", "b", "c", "d"]
    # What Wrike counts and does not give comes in no further reading.
    server.will(page(a, token="4", total=3), page(b), page(a, token="5", total=3), page(b))
    assert read(reading_of("groups")) == ["a", "b", "a", "b"]
    server.will(page(a, token="6", total=2), page(b))
    assert read(reading_of("groups")) == ["a", "b"]
    assert len(server.asked) == 10


@pytest.mark.parametrize(
    ("status", "code", "kind", "requests"),
    [(400, "invalid_parameter", WrikeRequestError, 4), (403, "not_allowed", WrikeBlockedError, 3)],
)
def test_what_is_refused_without_them_too_is_refused(
    server: Server, status: int, code: str, kind: type[Exception], requests: int
) -> None:
    server.will(refusal(status, code, "No"))
    with pytest.raises(kind):
        read(reading_of("folders"))
    assert len(server.asked) == requests


@pytest.mark.parametrize(("scope", "asked"), [("wsReadOnly", 1), ("amReadOnlyUser", 1 + PROBES)])
def test_details_out_of_the_scope_of_the_grant_are_asked_for_once(
    server: Server, monkeypatch: pytest.MonkeyPatch, scope: str, asked: int
) -> None:
    grant = {"access_token": "a", "refresh_token": "r", "scope": scope, "expires_at": "2999-01-01T00:00:00+00:00"}
    monkeypatch.setenv(
        "AIRFLOW_CONN_WRIKE_READ", json.dumps({"conn_type": "wrike", "host": server.url, "extra": grant})
    )
    server.will(refusal(403, "access_forbidden"))
    users = entity("users")
    assert users.details is not None
    ids = [f"U{number}" for number in range(100)]
    reading = DetailReading(WrikeHook("wrike_read"), users, replace(users.details, batch=100))
    with pytest.raises(WrikeBlockedError):
        list(reading.about(ids, ids))
    assert len(server.asked) == asked


@pytest.mark.parametrize("code", ["method_not_found", ""])
def test_a_path_that_wrike_does_not_have_is_asked_for_once(server: Server, code: str) -> None:
    server.will(refusal(404, code))
    with pytest.raises(WrikeMethodNotFoundError):
        read(reading_of("workflows"))
    assert len(server.asked) == 1


def test_what_is_refused_later_is_not_asked_for_again(server: Server) -> None:
    server.will(page(FOLDER, token="2"), refusal(403, "not_allowed", "metadata"))
    with pytest.raises(WrikeBlockedError):
        read(reading_of("folders"))
    assert len(server.asked) == 2


@pytest.mark.parametrize("refused", [refusal(400, "invalid_parameter"), refusal(403, "not_allowed"), refusal(404)])
def test_a_recycle_bin_that_cannot_be_read_takes_no_task_away(server: Server, refused: Any) -> None:
    server.will(page({**FOLDER, "id": "T"}), refused)
    reading = reading_of("tasks", bin_id="IEAHJS5RI7777776", expected=1)
    assert read(reading) == ["T"]
    (note,) = reading.notes
    assert note.startswith("Which tasks are in the recycle bin cannot be read. GET /folders/")
    assert server.asked[1].path == "/api/v4/folders/IEAHJS5RI7777776/tasks"


def test_at_the_end_of_a_list_that_turns_out_to_be_long_a_few_records_are_looked_at(server: Server) -> None:
    """Of 41 records a page has two."""
    days = [{"id": f"T{day}", "updatedDate": f"2026-01-{day:02d}T00:00:00Z"} for day in range(1, 5)]
    server.will(page(*days[:2], token="1", total=41), page(days[3], days[2], token="2", total=41), page(), page())
    assert sorted(read(reading_of("tasks", expected=2))) == ["T1", "T2", "T3", "T4"]
    first, last, *parts = (asked.query for asked in server.asked)
    assert (first["sortOrder"], first["pageSize"]) == ("Asc", "1000")
    assert (last["sortOrder"], last["pageSize"]) == ("Desc", str(LOOK))
    *parts, late, early = parts
    assert [part["pageSize"] for part in parts] == ["1000"] * 2
    # Not all has come that was counted: it may have changed meanwhile, or the ends were in order by chance.
    assert "end" not in late["updatedDate"]
    assert "start" not in early["updatedDate"]


@pytest.mark.parametrize(
    ("expected", "window", "first"),
    [
        (None, Window(), {("Asc", str(LOOK)), ("Desc", str(LOOK))}),
        (16_000, Window(), {("Asc", str(LOOK)), ("Desc", str(LOOK))}),
        (15_999, Window(), {("Asc", "1000")}),
        # What has changed since then is seldom much.
        (None, Window(datetime(2026, 1, 1, tzinfo=UTC)), {("Asc", "1000")}),
    ],
)
def test_both_ends_of_a_list_are_looked_at_at_once_if_it_may_be_long(
    server: Server, expected: int | None, window: Window, first: set[tuple[str, str]]
) -> None:
    server.will(*[page({"id": "T1", "updatedDate": "2026-01-01T00:00:00Z"}, token="1", total=15)] * len(first), page())
    assert list(reading_of("tasks", expected=expected).changed("updatedDate", window))
    asked = [(each.query["sortOrder"], each.query["pageSize"]) for each in server.asked]
    assert set(asked[: len(first)]) == first
    # Few are read page by page.
    assert set(asked[len(first) :]) == {("Asc", "1000")}


@pytest.mark.parametrize("refused", [refusal(400, "invalid_parameter"), refusal(403, "not_allowed"), refusal(404)])
def test_without_a_look_at_its_end_a_list_is_read_all_the_same(server: Server, refused: Any) -> None:
    days = [{"id": f"T{day}", "updatedDate": f"2026-01-{day:02d}T00:00:00Z"} for day in range(1, 3)]
    server.will(page(*days, token="1", total=41), refused, page())
    assert read(reading_of("tasks", expected=2)) == ["T1", "T2"]


def test_rates_that_do_not_say_whose_they_are_are_asked_for_one_by_one(server: Server) -> None:
    server.will(page({"rate": 1}), page({"rate": 1}), page())
    declared = entity("contacts_hourly_rates")
    assert declared.details is not None
    reading = DetailReading(WrikeHook("wrike_read"), declared, declared.details)
    assert list(reading.about(["A", "B"], ["A", "B"])) == [[{"id": "A", "rates": [{"rate": 1}]}], []]
    assert [asked.path.split("/")[-2] for asked in server.asked] == ["A,B", "A", "B"]


def test_what_is_not_listed_as_a_whole_is_no_failure(server: Server) -> None:
    server.will(refusal(400, "parameter_required", "Parameter 'userIds' is required"))
    with pytest.raises(WrikeBlockedError, match=r"'userIds' is required.*It is not listed as a whole"):
        read(reading_of("user_schedule_partial_exclusions"))
    assert len(server.asked) == 1
