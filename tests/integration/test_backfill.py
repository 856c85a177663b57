"""A backfill that somebody asks Airflow for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.conftest import RUN_S, all_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

BEGIN, END = "2026-01-28T00:00:00Z", "2026-01-31T00:00:00Z"
"""Three days."""
SCHEMA = "wrike_backfilled"


@pytest.fixture
def wrike(tmp_path: Path) -> Iterator[SandboxClient]:
    """A local Wrike of its own."""
    from include.local.wrike import local_wrike

    with local_wrike(tmp_path / "log", "--accounts", "1", "--tasks", "200") as running:
        yield running


def sql(staging: Path, statement: str) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect(str(staging)) as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute(f"USE {SCHEMA}")
        return database.execute(statement).fetchall()


def test_a_backfill_of_three_days(
    sample_teams: list[Any],
    local_airflow: Airflow,
    wrike: SandboxClient,
    add_team: Callable[..., Any],
    run: Callable[..., Any],
    staging_path: Path,
) -> None:
    team = add_team(
        "backfilled",
        {"host": wrike.url, "extra": {"token": wrike.token("aurora")}},
        schedule="0 0 * * *",
        entities={"include": ["groups", "tasks"]},
    )
    before = datetime.now(UTC).replace(microsecond=0)
    assert run(team.dag_id).state == "success"
    after = datetime.now(UTC)
    sql(staging_path, "UPDATE tasks SET title = 'Spoiled', _hash = NULL")
    wrike.forget_requests()

    runs = local_airflow.api.backfill(team.dag_id, BEGIN, "2026-01-30T00:00:00Z")
    # All three are there at once and take turns at each task, with Airflow's own settings.
    assert len(runs) == 3
    states = [local_airflow.api.wait({team.dag_id: run_id}, RUN_S)[team.dag_id] for run_id in runs]
    assert states == ["success"] * 3

    asked = {request["query"]["updatedDate"] for request in wrike.requests() if request["path"] == "/tasks"}
    days = ("28", "29", "30", "31")
    assert asked == {
        f'{{"start":"2026-01-{day}T00:00:00Z","end":"2026-01-{then}T00:00:00Z"}}' for day, then in pairwise(days)
    }
    expected = {task["id"] for task in all_tasks(wrike) if BEGIN <= task["updatedDate"] < END}
    assert expected
    assert {row[0] for row in sql(staging_path, "SELECT id FROM tasks WHERE title <> 'Spoiled'")} == expected

    ledger = sql(
        staging_path,
        "SELECT entity, outcome, note, records_read, window_until - window_since FROM sync_runs "
        "WHERE run_type = 'backfill' ORDER BY entity",
    )
    skipped = "Wrike has no filter by time of change for it, so there is nothing to backfill"
    assert ledger[:3] == [("groups", "skipped", skipped, 0, None)] * 3
    assert {(row[0], row[1], row[2], row[4]) for row in ledger[3:]} == {("tasks", "synced", None, timedelta(days=1))}
    assert sum(row[3] for row in ledger) == len(expected)
    for run_id in runs:
        tasks = {task.task_id: task.state for task in local_airflow.api.task_instances(team.dag_id, run_id)}
        assert (tasks["whole.people"], tasks["changes.tasks"]) == ("skipped", "success")
        assert skipped in local_airflow.api.log(team.dag_id, run_id, "whole.people")

    wrike.forget_requests()
    assert run(team.dag_id, entities=["tasks"]).state == "success"
    (window,) = [request["query"]["updatedDate"] for request in wrike.requests() if request["path"] == "/tasks"]
    since = datetime.fromisoformat(window.removeprefix('{"start":"').removesuffix('"}'))
    # The watermark is where the run before the backfill has left it.
    assert before <= since + timedelta(minutes=10) <= after
