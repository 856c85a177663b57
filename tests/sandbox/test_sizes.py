"""Large accounts, and answers that take their time."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from include.sandbox.client import running_sandbox
from include.sandbox.data.seed import Size
from include.sandbox.generate import make_account


def test_tasks_have_as_many_custom_fields_as_asked_for() -> None:
    tasks = make_account(0, 7, Size(tasks=30, custom_fields=10)).records["tasks"].values()
    assert {len({value["id"] for value in task["customFields"]}) for task in tasks} == {10}


def test_what_hangs_on_tasks_can_be_made_for_some_only() -> None:
    records = make_account(0, 7, Size(tasks=300, related=30)).records
    assert len(records["timelogs"]) == 30
    assert len(records["tasks"]) == 305
    assert len(records["taskshistory"]) == 10


def test_an_import_has_two_pages_of_tasks_a_second_at_the_most() -> None:
    tasks = make_account(0, 7, Size(tasks=12_000, related=0)).records["tasks"].values()
    assert Counter(task["updatedDate"] for task in tasks).most_common(1)[0][1] in range(2000, 2100)


def test_records_take_time() -> None:
    with running_sandbox("--accounts", "1", "--tasks", "200", "--latency-ms-per-1000", "5000") as wrike:
        api = _Api(wrike)
        few, many = api.seconds(1), api.seconds(200)
    assert many - few >= 0.9


def test_a_change_shows_on_the_next_page() -> None:
    with running_sandbox("--accounts", "1", "--tasks", "40") as wrike:
        api = _Api(wrike)
        first = api.ask(pageSize=20)
        last = api.ask(pageSize=20, nextPageToken=first["nextPageToken"])["data"][-1]
        again = api.ask(pageSize=20)
        wrike.mutate("aurora", "update", collection="tasks", id=again["data"][0]["id"], title="Moved")
        moved = api.ask(pageSize=20, nextPageToken=again["nextPageToken"])["data"]
    assert moved[-1]["id"] == again["data"][0]["id"] != last["id"]
    assert moved[-1]["title"] == "Moved"


class _Api:
    def __init__(self, wrike: Any) -> None:
        import requests

        self._url = f"{wrike.url}/api/v4/tasks"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"bearer {wrike.token('aurora')}"

    def ask(self, **params: Any) -> Any:
        response = self._session.get(self._url, params=params, timeout=60)
        response.raise_for_status()
        return response.json()

    def seconds(self, count: int) -> float:
        begin = time.monotonic()
        assert len(self.ask(pageSize=count)["data"]) == count
        return time.monotonic() - begin
