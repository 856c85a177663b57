"""Requests of a full and of an incremental sync, beside the fewest with which Wrike can be read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from include.bench.charts import Chart
from include.bench.part import Part, Ratio, Result, Told, table
from include.bench.world import ACCOUNT, PAGE, Connector, Sizes, duckdb_connection
from include.sandbox.client import SandboxClient, running_sandbox

TASKS = 5000
_PAGES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("groups", "task_blueprints", "folders", "tasks", "approvals", "timelogs", "audit_log"), PAGE),
    "request_forms": 100,
}
_SPANS: Final = {"comments": timedelta(days=7), "attachments": timedelta(days=31)}
_FILTERED: Final = {"folders", "tasks", "approvals", "timelogs", "audit_log"}
# As many records as one request can be about.
_BATCHES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("dependencies", "contacts_hourly_rates", "placeholders_hourly_rates"), 100),
    **dict.fromkeys(("contacts_history", "folders_history", "tasks_history"), 1000),
    **dict.fromkeys(("users", "space_workflows", "folders_hourly_rates"), 1),
    **dict.fromkeys(("work_schedule_exclusions", "work_schedule_capacity_changes"), 1),
}


def measure(size: float, folder: Path) -> Result:
    """Sync everything, change one task in a hundred and some folders, and sync again."""
    sizes = Sizes.of(TASKS * size)
    begin = datetime.now(UTC).replace(microsecond=0)
    with running_sandbox(*sizes.arguments(related=sizes.tasks), "--rate-limit", "0") as wrike:
        connector = Connector(wrike, duckdb_connection(folder / "staging.duckdb"), folder / "home", unlimited=True)
        full = _counted(wrike, connector)
        for collection, number in (("tasks", sizes.tasks), ("folders", sizes.folders)):
            wrike.mutate(ACCOUNT, "touch", collection=collection, count=max(1, number // 100))
        incremental = _counted(wrike, connector)
        return {
            "tasks": sizes.tasks,
            "full": {"requests": full, "fewest": fewest(wrike, None)},
            "incremental": {"requests": incremental, "fewest": fewest(wrike, begin)},
        }


def fewest(wrike: SandboxClient, since: datetime | None) -> dict[str, int]:
    """Count the requests without which the records cannot be read, from what the sandbox holds.

    Args:
        wrike: the sandbox
        since: read what changed from here on; None: everything

    Returns:
        requests by entity, those alone that need another number than one
    """
    changed = {
        name: [one for one in wrike.records(ACCOUNT, name.replace("_", "")) if _after(one, since)]
        for name in ("tasks", "folders", "approvals", "timelogs", "audit_log", "contacts")
    }
    binned = [one for one in wrike.records(ACCOUNT, "tasks", trashed=True) if _after(one, since)]
    lists = {
        name: len(changed[name] if name in _FILTERED else wrike.records(ACCOUNT, name.replace("_", "")))
        for name in _PAGES
    }
    found = {name: max(1, math.ceil(number / _PAGES[name])) for name, number in lists.items()}
    # Tasks in the recycle bin are listed apart; contacts that were removed too, which only a full sync has to ask for.
    found["tasks"] += max(1, math.ceil(len(binned) / PAGE))
    found["contacts"] = 2 if since is None else 1
    # `connect` reads the account for all tasks.
    found["account"] = 0
    (account,) = wrike.records(ACCOUNT, "account")
    span = datetime.now(UTC) - (since or datetime.fromisoformat(account["createdDate"]))
    found |= {name: math.ceil(span / longest) for name, longest in _SPANS.items()}
    people = [one for one in changed["contacts"] if one["type"] == "Person" and not one["deleted"] and since is None]
    projects = [one for one in changed["folders"] if "project" in one]
    schedules = [] if since else wrike.records(ACCOUNT, "workschedules")
    placeholders = [] if since else wrike.records(ACCOUNT, "placeholders")
    spaces = [] if since else wrike.records(ACCOUNT, "spaces")
    about: dict[str, int] = {
        **dict.fromkeys(("users", "contacts_hourly_rates", "contacts_history"), len(people)),
        **dict.fromkeys(("folders_hourly_rates", "folders_history"), len(projects)),
        **dict.fromkeys(("work_schedule_exclusions", "work_schedule_capacity_changes"), len(schedules)),
        "placeholders_hourly_rates": len(placeholders),
        "space_workflows": len(spaces),
        "tasks_history": len(changed["tasks"]),
        "dependencies": len({one for task in changed["tasks"] for one in task["dependencyIds"]}),
    }
    return found | {name: math.ceil(number / _BATCHES[name]) for name, number in about.items()}


def tell(result: Result) -> Told:
    """Tell a result."""
    both = {name: result[name] for name in ("full", "incremental")}
    totals = {name: (sum(one["requests"].values()), sum(_floor(one).values())) for name, one in both.items()}
    ratios = [
        Ratio(f"Requests of {_A[name]} sync against the fewest", made / floor, None, unit=" x")
        for name, (made, floor) in totals.items()
    ]
    # Where it differs, and where there are many.
    shown = [
        name
        for name in both["full"]["requests"]
        if any(one["requests"][name] != _floor(one)[name] or one["requests"][name] > 5 for one in both.values())
    ]
    rows = [
        [name, *(str(number) for one in both.values() for number in (one["requests"][name], _floor(one)[name]))]
        for name in shown
    ]
    rows.append(["all entities", *(str(number) for total in totals.values() for number in total)])
    head = ["", "full sync", "fewest", "incremental sync", "fewest"]
    text = _INTRODUCTION.format(tasks=result["tasks"])
    chart = Chart(
        "Requests of a sync of all entities",
        "requests",
        [f"{name} sync" for name in both],
        {"made": [made for made, _ in totals.values()], "fewest": [floor for _, floor in totals.values()]},
    )
    return Told([text, table(head, rows)], ratios, chart)


def _counted(wrike: SandboxClient, connector: Connector) -> dict[str, int]:
    wrike.forget_requests()
    synced = connector.sync()
    if synced.requests != (answered := len(wrike.requests())):
        raise RuntimeError(f"The connector counted {synced.requests} requests, the local Wrike {answered}.")
    return {result["entity"]: result["requests"] for result in synced.results}


def _floor(one: Mapping[str, Any]) -> dict[str, int]:
    return {name: one["fewest"].get(name, 1) for name in one["requests"]}


def _after(record: Mapping[str, Any], since: datetime | None) -> bool:
    told = record.get("updatedDate") or record.get("eventDate")
    return since is None or told is None or datetime.fromisoformat(told) >= since


_A = {"full": "a full", "incremental": "an incremental"}
_INTRODUCTION = """\
All entities of an account with {tasks:,} tasks, half as many comments as tasks, and so on; then one task and one
folder in a hundred change. The fewest requests follow from what the local Wrike holds: pages of 1,000, windows of 7
and 31 days since the account exists, and as many ids a request as Wrike takes. An incremental sync spends up to one
request more an entity on details that have not changed, for Wrike does not tell when they do (`detail_requests` in
the [variables file](variables-file.md)). Before it is known how long the list of tasks is, both its ends are looked at,
which takes two requests. Entities not shown take one request."""

PART = Part(1, "requests", "Requests, beside the fewest that there can be", measure, tell)
