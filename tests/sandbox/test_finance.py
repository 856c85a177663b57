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
