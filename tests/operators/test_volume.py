"""A large account is synced in as little memory as a small one.

``WRIKE_VOLUME_TASKS=200000`` (``make volume``) makes it a very large one, and syncs all of what people work on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.local.postgres import local_postgres
from include.sandbox.client import SandboxClient, running_sandbox
from tests.operators.harness import SCHEMA
from tests.operators.volume import sync
from tests.staging.databases import Database, DuckDB, PostgresDatabase
from wrike_provider.entities import CATALOGUE
from wrike_provider.entities.model import Area

FEW = 20_000
TASKS = int(os.environ.get("WRIKE_VOLUME_TASKS", FEW))
FOLDERS, TIMELOGS = TASKS // 4, TASKS * 3 // 2
LARGEST = ("folders", "tasks", "timelogs")
EACH = tuple((declared.name,) for declared in CATALOGUE if declared.area is Area.WORK)
LIMIT_MIB = 700


@pytest.fixture(scope="module")
def wrike() -> Iterator[SandboxClient]:
    sizes = {"accounts": 1, "tasks": TASKS, "folders": FOLDERS, "timelogs": TIMELOGS, "rate-limit": 0}
    with running_sandbox(*(part for name, size in sizes.items() for part in (f"--{name}", str(size)))) as running:
        yield running


@pytest.fixture(params=["duckdb", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "duckdb":
        yield DuckDB(tmp_path / "staging.duckdb")
        return
    with local_postgres() as server:
        yield PostgresDatabase.make(server)


def test_memory_of_a_first_sync(wrike: SandboxClient, database: Database, tmp_path: Path) -> None:
    print()  # noqa: T201
    for task in (LARGEST,) if TASKS <= FEW else EACH:
        for taken in sync(wrike.url, tmp_path, database, *task):
            print(taken)  # noqa: T201
            assert taken.peak_mib < LIMIT_MIB, taken
    with database.open(SCHEMA) as opened:
        tables = (*LARGEST, "tasks_custom_fields")
        counts = {table: opened.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}  # noqa: S608
    # Some more are in the recycle bin.
    assert (counts["folders"], counts["tasks"], counts["timelogs"]) == (FOLDERS + 3, TASKS + 5, TIMELOGS)
    assert counts["tasks_custom_fields"] >= 5 * TASKS
