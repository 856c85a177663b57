"""What belongs to records that are named by their ids: rates and histories, bookings, changes of capacity."""

from __future__ import annotations

from typing import Any

import pytest

from include.sandbox.client import SandboxClient


def test_a_history_has_what_was_asked_for(wrike: Any, sandbox: SandboxClient) -> None:
    known = sandbox.records("aurora", "contactshistory")
    ids = ",".join(record["id"] for record in known)
    path = f"/contacts/{ids}/contacts_history"
    assert wrike.body(path)["data"] == [{"id": record["id"]} for record in known]
    bills = wrike.body(path, fields='["billRate"]')["data"]
    assert all(set(record) == {"id", "billRateHistory"} for record in bills)
    every = wrike.body(path, fields='["billRate","costRate"]')["data"]
    assert every == [{key: value for key, value in record.items() if key != "ownerId"} for record in known]


def test_amounts_of_projects_are_inside_the_project(wrike: Any, sandbox: SandboxClient) -> None:
    (first, *_) = sandbox.records("aurora", "foldershistory")
    (found,) = wrike.body(f"/folders/{first['id']}/folders_history", fields='["budget"]')["data"]
    assert found == {"id": first["id"], "project": {"budget": first["project"]["budget"]}}


def test_histories_have_a_filter_by_time_of_change(wrike: Any, sandbox: SandboxClient) -> None:
    ids = [record["id"] for record in sandbox.records("aurora", "taskshistory")][:50]
    path = f"/tasks/{','.join(ids)}/tasks_history"
    halves = [
        wrike.body(path, updatedDate='{"end":"2025-12-01T00:00:00Z"}')["data"],
        wrike.body(path, updatedDate='{"start":"2025-12-01T00:00:00Z"}')["data"],
    ]
    assert all(halves)
    assert sorted(record["id"] for half in halves for record in half) == sorted(ids)


@pytest.mark.parametrize("path", ["/contacts/{}/contacts_history", "/contacts/{}/hourly_rates"])
def test_one_unknown_id_refuses_all(wrike: Any, path: str) -> None:
    known = wrike.ids("/contacts", types="Person")[0]
    assert wrike.ask(path.format(known)).status_code == 200
    assert wrike.refusal(path.format(f"{known},KUAAAAAA"))[0] == 404


def test_rates_of_a_project_name_people(wrike: Any, sandbox: SandboxClient) -> None:
    owner = sandbox.records("aurora", "foldershourlyrates")[0]["ownerId"]
    rates = wrike.body(f"/folders/{owner}/hourly_rates")["data"]
    assert len(rates) == 2
    assert {rate["rateSubjectId"] for rate in rates} <= set(wrike.ids("/contacts", types="Person"))
    assert not {"id", "folderId"} & {key for rate in rates for key in rate}


def test_bookings_of_some_days(wrike: Any) -> None:
    every = wrike.body("/bookings")["data"]
    some = wrike.body("/bookings", startDate="2026-01-20", finishDate="2026-02-10")["data"]
    expected = [
        booking
        for booking in every
        if booking["bookingDates"]["finishDate"] >= "2026-01-20"
        and booking["bookingDates"]["startDate"] <= "2026-02-10"
    ]
    assert some == expected
    assert 0 < len(some) < len(every)
    assert wrike.refusal("/bookings", startDate="20 Jan")[0] == 400


def test_bookings_of_a_project(wrike: Any) -> None:
    every = wrike.body("/bookings")["data"]
    project = every[0]["folderId"]
    found = wrike.body(f"/folders/{project}/bookings")["data"]
    assert found == [booking for booking in every if booking["folderId"] == project]


def test_changes_of_capacity_belong_to_a_schedule(wrike: Any) -> None:
    schedules = wrike.ids("/workschedules")
    found = [wrike.body(f"/workschedules/{one}/workschedule_capacity_change")["data"] for one in schedules]
    assert [len(some) for some in found] == [3, 2, 0]
    assert "workScheduleId" not in found[0][0]


def test_histories_without_fields_are_ids_only(wrike: Any, sandbox: SandboxClient) -> None:
    for collection, path in (
        ("foldershistory", "/folders/{}/folders_history"),
        ("taskshistory", "/tasks/{}/tasks_history"),
    ):
        first = sandbox.records("aurora", collection)[0]["id"]
        assert wrike.data(path.format(first)) == [{"id": first}]
        assert wrike.refusal(path.format(first), fields=["billRate"]) == (400, "invalid_parameter")


def test_histories_take_larger_batches(wrike: Any) -> None:
    (first, *_) = wrike.ids("/contacts", types="Person")
    path = "/contacts/{}/contacts_history"
    assert wrike.ask(path.format(",".join([first] * 1000))).status_code == 200
    assert wrike.refusal(path.format(",".join([first] * 1001))) == (400, "invalid_parameter")
    assert wrike.refusal(f"/contacts/{','.join([first] * 101)}/hourly_rates") == (400, "invalid_parameter")


def test_who_has_no_history_is_left_out(wrike: Any, sandbox: SandboxClient) -> None:
    known = {record["id"] for record in sandbox.records("aurora", "contactshistory")}
    other = next(one for one in wrike.ids("/contacts", types="Person") if one not in known)
    assert wrike.data(f"/contacts/{other}/contacts_history") == []


def test_rates_name_their_subject(wrike: Any, sandbox: SandboxClient) -> None:
    for head in ("contacts", "placeholders"):
        rates = sandbox.records("aurora", f"{head}hourlyrates")
        ids = ",".join(rate["ownerId"] for rate in rates)
        found = wrike.data(f"/{head}/{ids}/hourly_rates")
        assert [rate["rateSubjectId"] for rate in found] == [rate["ownerId"] for rate in rates]
        assert all({"rateSubjectType", "billRate"} <= set(rate) for rate in found)


def test_bookings_of_a_subtree(wrike: Any) -> None:
    every = wrike.data("/bookings")
    space = next(one for one in wrike.ids("/spaces") if wrike.data(f"/folders/{one}/bookings", showDescendants="true"))
    below = {space, *wrike.ids(f"/folders/{space}/folders")}
    found = wrike.data(f"/folders/{space}/bookings", showDescendants="true")
    assert found == [one for one in every if one["folderId"] in below]
    own = wrike.data(f"/folders/{space}/bookings")
    assert own == [one for one in every if one["folderId"] == space]
    assert len(own) < len(found)


def test_bookings_of_people_and_placeholders(wrike: Any) -> None:
    every = wrike.data("/bookings")
    assert all(("responsibleId" in one) != ("responsiblePlaceholderId" in one) for one in every)
    for key, parameter in (
        ("responsibleId", "responsibleIds"),
        ("responsiblePlaceholderId", "responsiblePlaceholderIds"),
    ):
        who = next(one[key] for one in every if key in one)
        assert wrike.data("/bookings", **{parameter: [who]}) == [one for one in every if one.get(key) == who]
    assert wrike.data(f"/bookings/{every[1]['id']},{every[0]['id']}") == [every[1], every[0]]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"startDate": "2026-02-30"}, "invalid_parameter"),
        ({"startDate": {"start": "2026-02-01"}}, "invalid_parameter"),
        ({"responsibleIds": []}, "invalid_parameter"),
        ({"pageSize": 10}, "invalid_request"),
        ({"fields": ["title"]}, "invalid_request"),
    ],
)
def test_refusals_of_bookings(wrike: Any, params: dict[str, Any], code: str) -> None:
    assert wrike.refusal("/bookings", **params) == (400, code)


@pytest.mark.parametrize("name", ["user_schedule_partial_exclusion", "user_schedule_capacity_change"])
def test_what_is_special_about_people(wrike: Any, sandbox: SandboxClient, name: str) -> None:
    records = wrike.data(f"/{name}")
    assert records == sandbox.records("aurora", f"{name.replace('_', '')}s")
    assert {one["userId"] for one in records} <= set(wrike.ids("/contacts", types="Person"))
    assert wrike.data(f"/{name}/{records[1]['id']},{records[0]['id']}") == [records[1], records[0]]
    assert wrike.refusal(f"/{name}", userIds=["KUAAAAAA"]) == (400, "invalid_request")


def test_rules_of_a_schedule(wrike: Any) -> None:
    rules = wrike.data("/timesheet_submission_rules")
    found = [wrike.data(f"/workschedules/{one}/timesheet_submission_rules") for one in wrike.ids("/workschedules")]
    assert found == [rules[:1], rules[1:], []]


def test_no_two_kinds_of_records_share_an_id(sandbox: SandboxClient) -> None:
    kinds = (
        "placeholders",
        "usertypes",
        "bookings",
        "userschedulepartialexclusions",
        "userschedulecapacitychanges",
        "workschedulecapacitychanges",
    )
    ids = [record["id"] for kind in kinds for record in sandbox.records("aurora", kind)]
    assert len(ids) == len(set(ids))
