"""How many requests a sync makes, beside how many the account itself makes necessary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from include.sandbox.client import SandboxClient, running_sandbox
from tests.operators.harness import ALL, Harness
from tests.waiting import wait_until
from wrike_provider.api.errors import WrikePageExpiredError
from wrike_provider.operators.results import Result

PAGE = {
    "request_forms": 100,
    **dict.fromkeys(("tasks", "folders", "timelogs", "approvals", "audit_log", "task_blueprints", "groups"), 1000),
}
"""Records of the largest page, of lists that have pages (Wrike API v4, "Pagination")."""
DAYS = {"comments": 7, "attachments": 31}
"""Days that a window has to be shorter than."""
TWO_LISTS = ("tasks", "contacts")
"""Tasks in the recycle bin have a list of their own, removed people too."""
ABOUT = {
    "users": ("people", 1),
    "contacts_history": ("people", 100),
    "contacts_hourly_rates": ("people", 100),
    "placeholders_hourly_rates": ("placeholders", 100),
    "space_workflows": ("spaces", 1),
    "work_schedule_exclusions": ("workschedules", 1),
    "work_schedule_capacity_changes": ("workschedules", 1),
    "dependencies": ("dependencies", 100),
    "folders_history": ("projects", 100),
    "folders_hourly_rates": ("projects", 1),
    "tasks_history": ("tasks", 100),
}
"""What can be asked for by id only: whose ids, and how many a request takes."""


@pytest.fixture(scope="module")
def wrike() -> Iterator[SandboxClient]:
    sizes = ("--tasks", "3300", "--folders", "1200", "--timelogs", "2200", "--contacts", "12")
    with running_sandbox("--accounts", "1", "--rate-limit", "0", *sizes) as running:
        yield running


@pytest.fixture(scope="module")
def harness(wrike: SandboxClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
        yield Harness(wrike, tmp_path_factory.mktemp("requests"), patch)


@pytest.fixture(scope="module")
def first(harness: Harness) -> dict[str, Result]:
    """What the first sync did; the others below follow it."""
    return harness.run()


def counts(wrike: SandboxClient) -> dict[str, int]:
    """Count what there is, by what the floor asks for."""
    contacts = wrike.records("aurora", "contacts")
    return {
        "people": sum(one["type"] == "Person" and not one["deleted"] for one in contacts),
        "projects": sum("project" in folder for folder in wrike.records("aurora", "folders")),
        **{name: len(wrike.records("aurora", name.replace("_", ""))) for name in (*PAGE, "tasks", "placeholders")},
        **{name: len(wrike.records("aurora", name)) for name in ("spaces", "workschedules", "dependencies")},
    }


def floors(wrike: SandboxClient) -> dict[str, int]:
    """The fewest requests of a first sync, by entity: pages and windows."""
    there = counts(wrike)
    (account,) = wrike.records("aurora", "account")
    age = datetime.now(UTC) - datetime.fromisoformat(account["createdDate"])
    floor = dict.fromkeys(ALL, 1)
    # The task `connect` has read it.
    floor["account"] = 0
    floor |= {name: max(1, -(-there[name] // size)) for name, size in PAGE.items()}
    floor |= {name: -(-age // timedelta(days=days, seconds=-1)) for name, days in DAYS.items()}
    floor |= {name: -(-there[of] // batch) for name, (of, batch) in ABOUT.items()}
    return {name: floor[name] + (name in TWO_LISTS) for name in ALL}


def shown(results: dict[str, Result], floor: dict[str, int]) -> str:
    lines = [f"{name:34}{result.requests:>6}{floor[name]:>6}" for name, result in results.items()]
    made, needed = sum(result.requests for result in results.values()), sum(floor.values())
    return "\n".join(("", f"{'entity':34}  made floor", *lines, f"{'together':34}{made:>6}{needed:>6}"))


def test_a_first_sync_needs_no_more_than_pages_and_windows(
    harness: Harness, wrike: SandboxClient, first: dict[str, Result]
) -> None:
    floor = floors(wrike)
    print(shown(first, floor))  # noqa: T201
    assert sum(result.requests for result in first.values()) <= 1.02 * sum(floor.values())
    assert harness.unequal() == []


def test_without_changes_one_request_an_entity(harness: Harness, first: dict[str, Result]) -> None:
    again = harness.run()
    # What is in the recycle bin is looked for in each run.
    floor = {name: {"account": 0, "tasks": 2}.get(name, 1) for name in ALL}
    print(shown(again, floor))  # noqa: T201
    assert {name: result.requests for name, result in again.items() if result.requests > floor[name]} == {}
    assert {name: result.inserted + result.updated + result.deleted for name, result in again.items()} == dict.fromkeys(
        ALL, 0
    )


def clock(wrike: SandboxClient) -> datetime:
    return parsedate_to_datetime(requests.head(wrike.url, timeout=60).headers["Date"])


def test_with_changes_one_request_a_page_of_them(
    harness: Harness, wrike: SandboxClient, first: dict[str, Result]
) -> None:
    changed = {"tasks": 2300, "timelogs": 1100, "folders": 400, "comments": 0, "attachments": 0, "approvals": 3}
    for name, count in changed.items():
        if count:
            wrike.mutate("aurora", "touch", collection=name, count=count)
        else:
            wrike.mutate("aurora", "create", collection=name)
    # What changes in the very second in which a scan begins may move while it goes on, and is looked for twice.
    newest = datetime.now(UTC).replace(microsecond=0)
    wait_until(lambda: clock(wrike) > newest or None, "the next second of Wrike's clock")
    floor = {name: max(1, -(-count // 1000)) + (name in TWO_LISTS) for name, count in changed.items()}
    results = harness.run(*changed)
    print(shown(results, floor))  # noqa: T201
    assert {name: result.requests for name, result in results.items()} == floor
    assert harness.unequal(*changed) == []


def test_a_page_token_that_dies_lets_the_next_try_begin_again(
    harness: Harness, wrike: SandboxClient, first: dict[str, Result]
) -> None:
    before = harness.states["tasks"]["watermark"]
    wrike.fault("/tasks", status=400, code="invalid_parameter", skip=1)
    with pytest.raises(WrikePageExpiredError, match="the scan starts again"):
        harness.run("tasks", full_refresh=True)
    wrike.heal()
    assert harness.states["tasks"]["watermark"] == before
    assert harness.run("tasks", full_refresh=True)["tasks"].requests == floors(wrike)["tasks"]
    assert harness.unequal("tasks") == []
