"""The same into PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from include.local.postgres import Postgres, local_postgres
from include.sandbox.client import SandboxClient
from tests.operators.harness import ALL, Harness
from tests.staging.databases import PostgresDatabase, prepare
from wrike_provider.entities import entity
from wrike_provider.operators.errors import StagingDiffersError
from wrike_provider.operators.results import Outcome
from wrike_provider.operators.staging import staging
from wrike_provider.staging.errors import StagingConfigurationError, StagingError
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.writer import EntityWriter


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with local_postgres() as running:
        yield running


@pytest.fixture
def postgres(server: Postgres) -> PostgresDatabase:
    return PostgresDatabase.make(server)


@pytest.fixture
def harness(
    wrike: SandboxClient, postgres: PostgresDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Harness:
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
    return Harness(wrike, tmp_path, monkeypatch, database=postgres)


def test_every_entity_changes_and_deletions(harness: Harness) -> None:
    wrike = harness.wrike
    harness.run(detail_requests=100)
    assert harness.unequal() == []
    tasks, groups = wrike.records("aurora", "tasks"), wrike.records("aurora", "groups")
    wrike.mutate("aurora", "touch", count=3)
    wrike.mutate("aurora", "update", collection="tasks", id=tasks[4]["id"], responsibleIds=[], customFields=[])
    wrike.mutate("aurora", "trash", collection="tasks", id=tasks[5]["id"])
    wrike.mutate("aurora", "remove", collection="groups", id=groups[3]["id"])
    harness.run(detail_requests=100)
    assert harness.unequal() == []
    assert {result.outcome for result in harness.run(verify=True).values()} == {Outcome.SYNCED}
    harness.query(
        "UPDATE tasks_responsible_ids SET responsible_id = responsible_id || 'x' "
        "WHERE task_id = (SELECT min(task_id) FROM tasks_responsible_ids) RETURNING 1"
    )
    with pytest.raises(StagingDiffersError, match="responsible"):
        harness.run("tasks", verify=True)


@pytest.mark.parametrize(
    "written", ["2026-07-01T12:00:00Z", "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_instants_do_not_depend_on_the_databases_time_zone(
    postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_STAGING", json.dumps(postgres.as_connection()))
    with postgres.open("public") as database:
        database.execute(f"ALTER DATABASE {postgres.name} SET TimeZone TO 'America/New_York'")
    store = EntityStore(staging("wrike_staging"), "wrike_team", entity("tasks"))
    prepare(store)
    writer = EntityWriter(store, entity("tasks"))
    writer.add([{"id": "A", "createdDate": written, "dates": {"start": "2026-07-01T09:00:00"}}])
    writer.flush()
    with postgres.open("wrike_team") as database:
        ((instant, start),) = database.execute(
            "SELECT to_char(created_date AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), dates_start FROM tasks"
        )
    assert datetime.fromisoformat(f"{instant}+00:00") == datetime.fromisoformat(written)
    assert start == datetime(2026, 7, 1, 9)  # noqa: DTZ001


def test_many_begin_at_once_in_an_empty_database(harness: Harness, postgres: PostgresDatabase) -> None:
    names = [name for name in ALL if not entity(name).children][:8]

    def first(name: str) -> None:
        store = EntityStore(staging("wrike_staging"), "wrike_team", entity(name))
        prepare(store)
        writer = EntityWriter(store, entity(name))
        writer.add([{entity(name).key.path: "1"}])
        writer.flush()

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(first, names))
    for name in names:
        assert harness.query(f"SELECT {entity(name).key.name} FROM {name}") == [("1",)]  # noqa: S608


def test_nobody_is_let_in_with_a_wrong_password(
    harness: Harness, postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {**postgres.as_connection(), "password": "not-this-one"}
    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_STAGING", json.dumps(wrong))
    with pytest.raises(StagingConfigurationError, match="Correct the staging Connection") as raised:
        harness.run("groups")
    assert "not-this-one" not in str(raised.value)


def test_a_server_that_is_not_there(
    harness: Harness, postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_STAGING", json.dumps({**postgres.as_connection(), "port": 1}))
    with pytest.raises(StagingError, match=r"127\.0\.0\.1:1/.* failed") as raised:
        harness.run("groups")
    assert postgres.server.password not in str(raised.value)
