"""Backfills: exactly their interval, in any order, beside everything else that goes on."""

from __future__ import annotations

import queue
import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.local.postgres import local_postgres
from include.sandbox.client import SandboxClient
from tests.operators.harness import Harness
from tests.staging.databases import Database, DuckDB, PostgresDatabase
from wrike_provider.entities.model import snake_case
from wrike_provider.operators.staging import staging

DAY = timedelta(days=1)
END = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = [(END - number * DAY, END - (number - 1) * DAY) for number in range(30, 0, -1)]
"""The last thirty days of the sandbox's data."""
CHANGED_BY = {
    "folders": "updatedDate",
    "tasks": "updatedDate",
    "timelogs": "updatedDate",
    "comments": "createdDate",
    "attachments": "createdDate",
    "approvals": "updatedDate",
    "audit_log": "eventDate",
}
MONTH = ("folders", "tasks", "comments")
"""What the month is tried with: a list with the recycle bin in it, one without, one that is read in windows."""
AT_ONCE = 4


def stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def empty(harness: Harness, *names: str) -> None:
    """Make the tables: in that span nothing is."""
    harness.run(*names, run_type="backfill", interval=(LONG_AGO, LONG_AGO + DAY))


@pytest.fixture(params=["duckdb", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "duckdb":
        yield DuckDB(tmp_path / "staging.duckdb")
        return
    with local_postgres() as server:
        yield PostgresDatabase.make(server)


class Team:
    """Runs of a team's DAG, several at once: of the task of an entity one at a time, as Airflow sees to.

    :param harness: runs the tasks.
    """

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.read: dict[str, int] = defaultdict(int)
        self.begun: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._turns = {name: threading.Lock() for name in MONTH}
        empty(harness, *MONTH)

    def backfill(self, interval: tuple[datetime, datetime]) -> None:
        """Run a backfill run, and look at each entity before and after."""
        for name in MONTH:
            with self._turns[name]:
                self.begun.put(name)
                before = self._stamps(name), self.harness.states[name].get("watermark")
                result = self.harness.run(name, run_type="backfill", interval=interval)[name]
                after = self._stamps(name), self.harness.states[name].get("watermark")
            self.read[name] += result.read
            assert (result.since, result.until) == tuple(instant.isoformat() for instant in interval)
            assert after[1] == before[1], f"{name}: the watermark moved"
            older = {key for key, at in before[0].items() if key not in after[0] or after[0][key] < at}
            assert not older, f"{name}: older than before: {older}"

    def scheduled(self) -> None:
        """Run what the schedule would start now."""
        now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        for name in MONTH:
            with self._turns[name]:
                self.harness.run(name, run_type="scheduled", interval=(now - timedelta(hours=1), now))

    def _stamps(self, name: str) -> dict[str, Any]:
        column = snake_case(CHANGED_BY[name])
        # A DuckDB file has one user at a time.
        with staging("wrike_staging").turn():
            return dict(self.harness.query(f"SELECT id, {column} FROM {name}"))  # noqa: S608


def change(wrike: SandboxClient, number: int) -> None:
    """Change something, as people do all the time."""
    chance = random.Random(number)  # noqa: S311
    name = chance.choice([*MONTH, "tasks"])
    if name == "comments" or number % 5 == 0:
        wrike.mutate("aurora", "create", collection=name)
    elif name == "tasks" and number % 3 == 0:
        trashed = bool(number % 2)
        some = wrike.records("aurora", "tasks", trashed=trashed)
        wrike.mutate("aurora", "restore" if trashed else "trash", collection="tasks", id=chance.choice(some)["id"])
    else:
        wrike.mutate("aurora", "touch", collection=name, seed=number)


def test_a_month_in_any_order_while_data_changes_and_syncs_go_on(
    wrike: SandboxClient, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
    team = Team(Harness(wrike, tmp_path, monkeypatch, database=database))
    shuffled = random.Random(7).sample(DAYS, k=len(DAYS))  # noqa: S311
    with ThreadPoolExecutor(AT_ONCE) as backfills, ThreadPoolExecutor(1) as schedule:
        runs: list[Future[None]] = [backfills.submit(team.backfill, interval) for interval in shuffled]
        last, syncs, changes = schedule.submit(team.scheduled), 1, 0
        while not all(run.done() for run in runs):
            with suppress(queue.Empty):
                team.begun.get(timeout=0.1)
                changes += 1
                change(wrike, changes)
            if last.done():
                last.result()
                last, syncs = schedule.submit(team.scheduled), syncs + 1
        for run in (*runs, last):
            run.result()
    assert syncs > 1
    assert changes > 2 * len(DAYS)
    assert all(team.read[name] for name in MONTH)
    team.scheduled()
    assert team.harness.unequal(*MONTH) == []


def test_each_run_reads_what_changed_in_its_interval_alone(harness: Harness, wrike: SandboxClient) -> None:
    edges = [DAYS[9][0], DAYS[9][0] - timedelta(seconds=1)]
    for name, key in CHANGED_BY.items():
        for edge in edges:
            wrike.mutate("aurora", "create", collection=name.replace("_", ""), **{key: stamp(edge)})
    empty(harness, *CHANGED_BY)
    for begin, end in (DAYS[9], DAYS[8], DAYS[20]):
        for name, key in CHANGED_BY.items():
            before = {row[0] for row in harness.query(f"SELECT id FROM {name}")}  # noqa: S608
            result = harness.run(name, run_type="backfill", interval=(begin, end))[name]
            now = {row[0] for row in harness.query(f"SELECT id FROM {name}")}  # noqa: S608
            there = (wrike.records("aurora", name.replace("_", ""), trashed=trashed) for trashed in (False, True))
            records = [record for some in there for record in some]
            expected = {record["id"] for record in records if stamp(begin) <= record[key] < stamp(end)}
            assert expected or begin == DAYS[20][0]
            assert (now - before, result.read) == (expected, len(expected))
    assert not any("watermark" in harness.states[name] for name in CHANGED_BY)
    # What was backfilled does not count as synced: the first other run reads all.
    assert harness.run("tasks", run_type="scheduled", interval=(END, END + DAY))["tasks"].window.startswith("beginning")
    assert harness.unequal("tasks") == []
