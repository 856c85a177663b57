"""What runs did, in a real DuckDB file."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.staging.conftest import Query
from tests.staging.databases import prepare
from wrike_provider.entities import CATALOGUE, entity
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import StagingConfigurationError, StagingError, StagingLockedError
from wrike_provider.staging.ledger import SYNC_RUNS, RunLedger, SyncRun
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.tables import tables

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
FULL = SyncRun(
    run_id="scheduled__2026-06-01",
    run_type="scheduled",
    entity="tasks",
    started_at=NOON,
    finished_at=NOON + timedelta(seconds=7, microseconds=5),
    window_since=NOON - timedelta(days=1),
    window_until=NOON,
    outcome="synced",
    note='it\'s 100 % "so"; %s',
    pages=1,
    requests=2,
    records_read=3,
    inserted=4,
    updated=5,
    unchanged=6,
    marked_deleted=7,
    seconds=8.5,
    unknown_keys={"project.new": {"type": "string", "count": 9}, "ä": {"type": "null", "count": 1}},
    verified=False,
    differences=10,
)
LEAST = SyncRun(
    run_id="manual__1", run_type="manual", entity="groups", started_at=NOON, finished_at=NOON, outcome="skipped"
)


@pytest.fixture
def ledger(file: Path) -> RunLedger:
    return RunLedger(Destination("duckdb", file), "wrike_team")


def rows(query: Query) -> list[dict[str, Any]]:
    names = [column.name for column in SYNC_RUNS.columns]
    found = query(f"SELECT {', '.join(names)} FROM wrike_team.sync_runs ORDER BY run_id, entity")  # noqa: S608
    return [dict(zip(names, row, strict=True)) for row in found]


def test_every_field_has_its_column() -> None:
    assert {field.name for field in fields(SyncRun)} == {column.name for column in SYNC_RUNS.columns}
    assert all(column.description for column in SYNC_RUNS.columns)


def test_no_entity_has_a_table_of_this_name() -> None:
    assert SYNC_RUNS.name not in {table.name for declared in CATALOGUE for table in tables(declared)}


def test_rows_are_written_as_they_are(ledger: RunLedger, query: Query) -> None:
    ledger.write([FULL, LEAST])
    least, full = rows(query)
    assert json.loads(full.pop("unknown_keys")) == FULL.unknown_keys
    assert full == {name: getattr(FULL, name) for name in full}
    assert least.pop("unknown_keys") is None
    assert least == {name: getattr(LEAST, name) for name in least}


def test_columns_are_typed_and_commented(ledger: RunLedger, query: Query) -> None:
    ledger.write([LEAST])
    of_table = "FROM duckdb_columns() WHERE schema_name = 'wrike_team' AND table_name = 'sync_runs'"
    types = dict(query(f"SELECT column_name, data_type {of_table}"))
    assert types["started_at"] == types["window_until"] == "TIMESTAMP WITH TIME ZONE"
    assert (types["unknown_keys"], types["verified"], types["pages"]) == ("JSON", "BOOLEAN", "BIGINT")
    comments = dict(query(f"SELECT column_name, comment {of_table}"))
    assert comments == {column.name: column.description for column in SYNC_RUNS.columns}
    assert query("SELECT comment FROM duckdb_tables() WHERE table_name = 'sync_runs'") == [(SYNC_RUNS.description,)]


def test_an_instant_of_any_zone_is_the_same_moment(ledger: RunLedger, query: Query) -> None:
    ledger.write([replace(LEAST, started_at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30))))])
    assert rows(query)[0]["started_at"] == NOON


def test_what_a_run_writes_again_replaces_what_it_wrote(ledger: RunLedger, query: Query) -> None:
    other_entity, other_run = replace(FULL, entity="folders"), replace(FULL, run_id="scheduled__2026-06-02")
    ledger.write([FULL, other_entity, other_run])
    ledger.write([replace(FULL, outcome="failed", note=None, verified=None)])
    found = {(row["run_id"], row["entity"]): (row["outcome"], row["verified"]) for row in rows(query)}
    assert found == {
        (FULL.run_id, "tasks"): ("failed", None),
        (FULL.run_id, "folders"): ("synced", False),
        (other_run.run_id, "tasks"): ("synced", False),
    }
    assert len(rows(query)) == 3


def test_of_one_entity_twice_the_later_counts(ledger: RunLedger, query: Query) -> None:
    ledger.write([FULL, replace(FULL, pages=99)])
    assert [row["pages"] for row in rows(query)] == [99]


def test_writing_nothing_makes_nothing(ledger: RunLedger, file: Path) -> None:
    ledger.write([])
    assert not file.exists()


def test_an_older_table_gets_the_columns_that_are_new(ledger: RunLedger, query: Query) -> None:
    ledger.write([FULL])
    query("ALTER TABLE wrike_team.sync_runs DROP COLUMN verified")
    query("ALTER TABLE wrike_team.sync_runs ADD COLUMN my_note VARCHAR")
    ledger.write([replace(LEAST, verified=True)])
    assert [(row["entity"], row["verified"]) for row in rows(query)] == [("groups", True), ("tasks", None)]
    assert query("SELECT DISTINCT my_note FROM wrike_team.sync_runs") == [(None,)]


@pytest.mark.parametrize(
    "damage",
    ["DROP TABLE wrike_team.sync_runs", "DROP SCHEMA wrike_team CASCADE", "DROP TABLE wrike_team._dlt_version"],
)
def test_what_was_dropped_is_made_again(damage: str, ledger: RunLedger, query: Query) -> None:
    ledger.write([FULL])
    query(damage)
    ledger.write([LEAST])
    assert "groups" in [row["entity"] for row in rows(query)]


def test_entities_and_teams_are_not_disturbed(ledger: RunLedger, file: Path, query: Query) -> None:
    store = EntityStore(Destination("duckdb", file), "wrike_team", entity("groups"))
    prepare(store)
    ledger.write([FULL])
    RunLedger(Destination("duckdb", file), "wrike_other").write([LEAST])
    assert prepare(store) is False
    assert len(rows(query)) == 1


def test_all_rows_are_written_or_none(ledger: RunLedger, query: Query) -> None:
    ledger.write([FULL])
    broken: Any = None
    with pytest.raises(StagingError, match="run_id"):
        ledger.write([replace(FULL, outcome="failed"), replace(FULL, run_id=broken)])
    assert [row["outcome"] for row in rows(query)] == ["synced"]


def test_a_file_named_like_the_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StagingConfigurationError, match="Give the file or the schema another name"):
        RunLedger(Destination("duckdb", tmp_path / "wrike_team.duckdb"), "wrike_team")


def test_a_file_that_another_program_has_open_is_explained(ledger: RunLedger, file: Path) -> None:
    ledger.write([FULL])
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StagingLockedError, match="Another program has the staging file"):
            ledger.write([LEAST])
