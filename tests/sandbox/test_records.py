"""What is read record by record: dependencies, exclusions of work schedules, the recycle bin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.sandbox.client import SandboxClient, running_sandbox


def test_dependencies(wrike: Any, sandbox: SandboxClient) -> None:
    dependencies = {one["id"]: one for one in sandbox.records("aurora", "dependencies")}
    tasks = sandbox.records("aurora", "tasks")
    assert {one for task in tasks for one in task["dependencyIds"]} <= set(dependencies)
    for task in tasks:
        found = wrike.data(f"/tasks/{task['id']}/dependencies") if task["dependencyIds"] else []
        assert sorted(one["id"] for one in found) == sorted(task["dependencyIds"])
        assert all(task["id"] in {one["predecessorId"], one["successorId"]} for one in found)
    assert wrike.data(f"/tasks/{next(t['id'] for t in tasks if not t['dependencyIds'])}/dependencies") == []
    ids = list(dependencies)
    assert wrike.data(f"/dependencies/{','.join(ids)}") == list(dependencies.values())
    assert wrike.refusal(f"/dependencies/{ids[0]},MgAAAAEMOI1lMwAAAAEMOI1m") == (404, "resource_not_found")
    assert wrike.refusal(f"/dependencies/{','.join([ids[0]] * 101)}") == (400, "invalid_parameter")
    assert wrike.refusal("/tasks/MAAAAAAAAAAA/dependencies") == (404, "resource_not_found")
    assert wrike.refusal("/dependencies") == (404, "method_not_found")


def test_exclusions_of_work_schedules(wrike: Any) -> None:
    schedules = wrike.ids("/workschedules")
    each = [wrike.data(f"/workschedules/{schedule}/workschedule_exclusions") for schedule in schedules]
    assert [len(some) for some in each] == [5, 5, 0]
    assert all("workScheduleId" not in one for some in each for one in some)
    assert wrike.data(f"/workschedule_exclusions/{each[1][0]['id']}") == each[1][:1]
    path = f"/workschedules/{schedules[0]}/workschedule_exclusions"
    one = next(one for one in each[0] if one["fromDate"] < one["toDate"])
    assert one in wrike.data(path, dateRange={"equal": one["toDate"]})
    assert one in wrike.data(path, dateRange={"start": one["toDate"]})
    assert one not in wrike.data(path, dateRange={"end": one["fromDate"]})
    assert wrike.refusal(path, dateRange={"start": "2026-01-01T00:00:00"}) == (400, "invalid_parameter")
    assert wrike.refusal(path, fields=["userIds"]) == (400, "invalid_request")
    assert wrike.refusal("/workschedules/IEAAAAAAMIAAAAAA/workschedule_exclusions") == (404, "resource_not_found")


def test_exclusions_of_users(wrike: Any, sandbox: SandboxClient) -> None:
    absences = wrike.data("/user_schedule_exclusions")
    assert absences == sandbox.records("aurora", "userscheduleexclusions")
    user = absences[0]["userId"]
    assert wrike.data("/user_schedule_exclusions", userIds=[user]) == [a for a in absences if a["userId"] == user]
    first = absences[0]
    assert first in wrike.data("/user_schedule_exclusions", dateRange={"equal": first["fromDate"]})
    assert wrike.data(f"/user_schedule_exclusions/{first['id']}") == [first]
    assert wrike.refusal("/user_schedule_exclusions", userIds=[]) == (400, "invalid_parameter")


@pytest.fixture
def changing() -> Iterator[SandboxClient]:
    """A sandbox that a test may change."""
    with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "40", "--folders", "24") as running:
        yield running


def test_the_recycle_bin_tells_what_was_trashed_since(wrike: Any, changing: SandboxClient) -> None:
    api = type(wrike)(changing, changing.token("aurora"))
    recent = {"start": (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    bin_tasks = f"/folders/{api.data('/account')[0]['recycleBinId']}/tasks"
    tasks = api.data("/tasks", fields=["superTaskIds", "parentIds"])
    subtask = next(task["id"] for task in tasks if task["superTaskIds"])
    folder = next(
        folder["id"]
        for folder in api.data("/folders", project="true", deleted="false")
        if any(task["parentIds"] == [folder["id"]] for task in tasks)
    )
    inside = {task["id"] for task in tasks if task["parentIds"] == [folder]}
    changing.mutate("aurora", "trash", collection="tasks", id=subtask)
    changing.mutate("aurora", "trash", collection="folders", id=folder)
    assert {subtask} | inside <= set(api.ids(bin_tasks, descendants="true", updatedDate=recent, pageSize=1000))
    assert folder in api.ids("/folders", deleted="true", updatedDate=recent, pageSize=1000)
    changing.mutate(
        "aurora", "remove", collection="dependencies", id=changing.records("aurora", "dependencies")[0]["id"]
    )
    dependencies = {one["id"] for one in changing.records("aurora", "dependencies")}
    assert {one for task in changing.records("aurora", "tasks") for one in task["dependencyIds"]} <= dependencies
