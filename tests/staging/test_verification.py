"""Staging against Wrike: whatever is changed by hand in a real DuckDB file is found and named."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.staging.conftest import Query
from tests.staging.databases import prepare
from wrike_provider.entities import entity
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.differences import Differences
from wrike_provider.staging.errors import BadRecordError, StagingError
from wrike_provider.staging.rows import RowBuilder
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.verification import Verification
from wrike_provider.staging.writer import EntityWriter

Record = dict[str, Any]
TASKS = entity("tasks")
A: Record = {
    "id": "A",
    "title": "Größe",
    "description": "x" * 500 + "the end",
    "createdDate": "2026-06-01T12:00:00Z",
    "dates": {"start": "2026-06-01T09:00:00", "duration": 480, "workOnWeekends": False},
    "effortAllocation": {
        "dailyAllocationPercentage": 12.5,
        "responsibleAllocation": [
            {"userId": "U1", "dailyAllocation": [{"date": "2026-06-01", "minutes": 60.0}]},
            {"userId": "U2", "new": 1},
        ],
    },
    "scope": "WsTask",
    "responsibleIds": ["U2", "U1"],
    "metadata": [{"key": "k", "value": "v"}],
    "customFields": [{"id": "F1", "value": "1"}, {"id": "F2", "value": "2"}],
    "new": {"b": [1, 2.50], "a": None},
}
B: Record = {"id": "B", "title": "two", "scope": "WsTask", "responsibleIds": ["U1"]}
BINNED: Record = {"id": "C", "title": "three", "scope": "RbTask"}
VANISHED: Record = {"id": "D", "title": "four", "scope": "WsTask", "responsibleIds": ["U1"]}
LISTED = [A, B, BINNED]
(DIGEST,) = RowBuilder(TASKS).build([A]).digests


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staged")
    made = open_store(folder / "staging.duckdb")
    prepare(made)
    writer = EntityWriter(made, TASKS)
    writer.add([*LISTED, VANISHED])
    writer.flush()
    writer.mark_deleted({"D"})
    return folder


@pytest.fixture
def file(staged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(staged, tmp_path / "copy")) / "staging.duckdb"


@pytest.fixture
def store(file: Path) -> EntityStore:
    return open_store(file)


@pytest.fixture(scope="module")
def right_digest(staged: Path) -> str:
    return verify(open_store(staged / "staging.duckdb")).wrike_digest


def open_store(file: Path) -> EntityStore:
    return EntityStore(Destination("duckdb", file), "wrike_team", TASKS)


def verify(store: EntityStore, *pages: list[Record]) -> Differences:
    verification = Verification(store, TASKS)
    for page in pages or (LISTED,):
        verification.check(page)
    return verification.finish()


def test_what_was_written_equals_wrike(store: EntityStore) -> None:
    found = verify(store)
    assert found.equal is True
    assert (found.compared, found.count, found.examples) == (3, 0, ())
    assert found.staged_digest == found.wrike_digest
    assert int(found.wrike_digest, 16)
    assert str(found) == f"tasks: staging equals Wrike, 3 records compared, digest {found.wrike_digest}."


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "UPDATE tasks SET title = 'small' WHERE id = 'A'",
            "A in tasks, column title: staging has 'small', Wrike 'Größe'",
        ),
        ("UPDATE tasks SET title = NULL WHERE id = 'A'", "column title: staging has nothing, Wrike 'Größe'"),
        ("UPDATE tasks SET title = title || ' ' WHERE id = 'A'", "column title: staging has 'Größe ', Wrike 'Größe'"),
        ("UPDATE tasks SET status = '' WHERE id = 'A'", "column status: staging has '', Wrike nothing"),
        (
            "UPDATE tasks SET description = replace(description, 'end', 'beginning') WHERE id = 'A'",
            f"column description: staging has …'{'x' * 16}the beginning', Wrike …'{'x' * 16}the end'",
        ),
        (
            "UPDATE tasks SET created_date = created_date + INTERVAL 1 MICROSECOND WHERE id = 'A'",
            "column created_date: staging has '2026-06-01 12:00:00.000001', Wrike '2026-06-01 12:00:00'",
        ),
        (
            "UPDATE tasks SET created_date = 'infinity' WHERE id = 'A'",
            "column created_date: staging has 'infinity', Wrike '2026-06-01 12:00:00'",
        ),
        (
            "UPDATE tasks SET dates_start = dates_start + INTERVAL 1 HOUR WHERE id = 'A'",
            "column dates_start: staging has '2026-06-01 10:00:00', Wrike '2026-06-01 09:00:00'",
        ),
        (
            "UPDATE tasks SET dates_duration = dates_duration + 1 WHERE id = 'A'",
            "column dates_duration: staging has 481, Wrike 480",
        ),
        (
            "UPDATE tasks SET dates_work_on_weekends = NULL WHERE id = 'A'",
            "column dates_work_on_weekends: staging has nothing, Wrike False",
        ),
        (
            "UPDATE tasks SET effort_allocation_daily_allocation_percentage = 12.500000000000002 WHERE id = 'A'",
            "percentage: staging has 12.500000000000002, Wrike 12.5",
        ),
        (
            "UPDATE tasks SET effort_allocation_daily_allocation_percentage = 'nan' WHERE id = 'A'",
            "percentage: staging has nan, Wrike 12.5",
        ),
        (
            """UPDATE tasks SET _extra = '{"new":{"a":null,"b":[2,1]}}' WHERE id = 'A'""",
            """column _extra: staging has '{"new":{"a":null,"b":[2,1]}}', Wrike '{"new":{"a":null,"b":[1,2.5]}}'""",
        ),
        ("UPDATE tasks SET _extra = NULL WHERE id = 'A'", "column _extra: staging has nothing, Wrike '{"),
        ("UPDATE tasks SET _extra = '{}' WHERE id = 'B'", "B in tasks, column _extra: staging has '{}', Wrike nothing"),
        ("UPDATE tasks SET _hash = 'x' WHERE id = 'A'", f"column _hash: staging has 'x', Wrike '{DIGEST}'"),
        ("UPDATE tasks SET _hash = NULL WHERE id = 'A'", f"column _hash: staging has nothing, Wrike '{DIGEST}'"),
        (
            "UPDATE tasks SET _deleted_at = TIMESTAMPTZ '2026-06-02 00:00:00+00' WHERE id = 'A'",
            "A in tasks, column _deleted_at: staging has '2026-06-02 00:00:00', Wrike nothing",
        ),
        (
            "UPDATE tasks SET _deleted_at = NULL WHERE id = 'C'",
            "C in tasks, column _deleted_at: staging has nothing, Wrike 'an instant, for it is in the recycle bin'",
        ),
        ("DELETE FROM tasks WHERE id = 'A'", "1 missing in staging: A"),
        ("DELETE FROM tasks", "3 missing in staging: A, B, C"),
        ("UPDATE tasks SET id = 'Z' WHERE id = 'A'", "1 missing in staging: A"),
        ("UPDATE tasks SET id = 'Z' WHERE id = 'A'", "not marked as deleted, but not listed by Wrike: Z"),
        (
            "UPDATE tasks SET _deleted_at = NULL WHERE id = 'D'",
            "1 in staging, not marked as deleted, but not listed by Wrike: D",
        ),
        (
            "INSERT INTO tasks SELECT * FROM tasks WHERE id = 'B'",
            "B in tasks: staging has a row that Wrike does not have: ('B', nothing, 'two', ",
        ),
        (
            "DELETE FROM tasks_responsible_ids WHERE task_id = 'A' AND responsible_id = 'U1'",
            "A in tasks_responsible_ids: staging lacks a row: ('A', 'U1')",
        ),
        (
            "INSERT INTO tasks_responsible_ids VALUES ('A', 'U3')",
            "A in tasks_responsible_ids: staging has a row that Wrike does not have: ('A', 'U3')",
        ),
        (
            "INSERT INTO tasks_responsible_ids VALUES ('A', 'U1')",
            "A in tasks_responsible_ids: staging has a row that Wrike does not have: ('A', 'U1')",
        ),
        (
            "INSERT INTO tasks_sub_task_ids VALUES ('B', 'A')",
            "B in tasks_sub_task_ids: staging has a row that Wrike does not have: ('B', 'A')",
        ),
        (
            "UPDATE tasks_responsible_ids SET task_id = 'B' WHERE responsible_id = 'U2'",
            "B in tasks_responsible_ids: staging has a row that Wrike does not have: ('B', 'U2')",
        ),
        (
            "UPDATE tasks_custom_fields SET value = '3' WHERE custom_field_id = 'F2'",
            "A in tasks_custom_fields, column value: staging has '3', Wrike '2'",
        ),
        ("DELETE FROM tasks_metadata", "A in tasks_metadata: staging lacks a row: ('A', 'k', 'v', nothing)"),
        (
            "UPDATE tasks_effort_allocation_responsible_allocation SET position = 1 - position",
            "responsible_allocation, column user_id: staging has 'U2', Wrike 'U1'",
        ),
        (
            "UPDATE tasks_effort_allocation_responsible_allocation SET _extra = NULL",
            """responsible_allocation, column _extra: staging has nothing, Wrike '{"new":1}'""",
        ),
        (
            "INSERT INTO tasks_responsible_ids VALUES ('nowhere', 'U3')",
            "1 with rows in child tables only, unknown to Wrike: nowhere",
        ),
    ],
)
def test_what_was_changed_by_hand_is_found(
    damage: str, said: str, store: EntityStore, query: Query, right_digest: str
) -> None:
    query(f"USE wrike_team; {damage}")
    found = verify(store)
    assert found.equal is False
    assert said in str(found)
    assert found.staged_digest != found.wrike_digest
    assert found.wrike_digest == right_digest
    told = json.loads(json.dumps(found.as_dict()))
    assert told["equal"] is False
    assert sum(told[kind]["count"] for kind in ("missing", "unlisted", "differing", "orphaned")) == found.count > 0


@pytest.mark.parametrize(
    "rewriting",
    [
        """UPDATE tasks SET _extra = '{ "new": {"b": [1, 25e-1], "a": null} }' WHERE id = 'A'""",
        """UPDATE tasks_effort_allocation_responsible_allocation
           SET daily_allocation = '[{"minutes":60,"date":"2026-06-01"}]' WHERE position = 0""",
        "CREATE OR REPLACE TABLE tasks_custom_fields AS FROM tasks_custom_fields ORDER BY ALL DESC",
        "UPDATE tasks SET _synced_at = now(), _deleted_at = now() WHERE id = 'C'",
        "ALTER TABLE tasks ADD COLUMN my_note VARCHAR DEFAULT 'x'",
    ],
)
def test_what_means_the_same_is_equal(rewriting: str, store: EntityStore, query: Query, right_digest: str) -> None:
    query(f"USE wrike_team; {rewriting}")
    found = verify(store)
    assert found.equal, str(found)
    assert found.staged_digest == right_digest


@pytest.mark.parametrize(
    ("pages", "compared"),
    [
        ([[B], [BINNED, A]], 3),
        ([[A, B], [], [B, BINNED], [A]], 3),
        ([[{**A, "title": "before"}, A, B, BINNED]], 3),
        ([[{**A, "title": "before"}, B], [A, BINNED]], 3),
    ],
)
def test_pages_come_in_any_order_and_records_twice(
    pages: list[list[Record]], compared: int, store: EntityStore, right_digest: str
) -> None:
    found = verify(store, *pages)
    assert found.equal, str(found)
    assert found.compared == compared
    assert found.staged_digest == found.wrike_digest == right_digest


def test_a_record_that_comes_again_otherwise_differs(store: EntityStore, right_digest: str) -> None:
    found = verify(store, LISTED, [{**A, "title": "after"}])
    assert (found.differing, found.compared) == (frozenset("A"), 3)
    assert found.wrike_digest == verify(store, [{**A, "title": "after"}, B, BINNED]).wrike_digest
    assert found.staged_digest == right_digest


def test_records_of_wrike_that_staging_does_not_have_yet(store: EntityStore, right_digest: str) -> None:
    found = verify(store, [*LISTED, {"id": "E"}])
    assert (found.missing, found.differing, found.count) == (frozenset("E"), frozenset(), 1)
    assert found.staged_digest == right_digest != found.wrike_digest


def test_a_vanished_record_that_wrike_lists_again(store: EntityStore) -> None:
    found = verify(store, [*LISTED, VANISHED])
    assert found.differing == frozenset("D")
    assert {example.column for example in found.examples} == {"_hash", "_deleted_at"}


def test_records_that_wrike_lists_as_gone_count_as_listed(tmp_path: Path) -> None:
    contacts = entity("contacts")
    store = EntityStore(Destination("duckdb", tmp_path / "staging.duckdb"), "wrike_team", contacts)
    prepare(store)
    writer = EntityWriter(store, contacts)
    records = [{"id": "A", "deleted": False}, {"id": "B", "deleted": True}]
    writer.add(records)
    writer.flush()
    verification = Verification(store, contacts)
    verification.check(records[:1])
    assert verification.finish().unlisted == frozenset("B")
    verification.check(records[1:])
    assert verification.finish().equal


def test_nothing_is_written(store: EntityStore, query: Query, file: Path) -> None:
    query("UPDATE wrike_team.tasks SET title = 'small' WHERE id = 'A'")
    before = file.read_bytes()
    verify(store)
    assert file.read_bytes() == before


def test_many_differences_are_told_in_few_words(store: EntityStore, query: Query) -> None:
    many = [{"id": f"K{number:04}", "title": "x" * 5000, "responsibleIds": ["U"]} for number in range(1500)]
    writer = EntityWriter(store, TASKS)
    writer.add(many)
    writer.flush()
    query(
        "UPDATE wrike_team.tasks SET title = title || 'y', status = 'x', importance = 'x', scope = 'x', priority = 'x'"
    )
    query("DELETE FROM wrike_team.tasks_responsible_ids")
    found = verify(store, LISTED, many[:1000], many[1000:], [{"id": "m" * 1000 + str(n)} for n in range(500)])
    assert len(found.differing) == 1503
    assert len(found.missing) == 500
    assert len({example.key for example in found.examples}) == 5
    assert len(json.dumps(found.as_dict())) < 15_000
    assert len(str(found)) < 15_000
    assert "1503 with other content: A, B, C, K0000," in str(found)


def test_a_missing_table_is_no_difference_but_an_error(store: EntityStore, query: Query) -> None:
    query("DROP TABLE wrike_team.tasks_metadata")
    with pytest.raises(StagingError, match="tasks_metadata"):
        verify(store)


def test_a_record_without_key_is_refused(store: EntityStore) -> None:
    with pytest.raises(BadRecordError):
        verify(store, [{"title": "x"}])


def test_rows_are_read_as_declared(store: EntityStore) -> None:
    rows = store.rows(["A", "Z", "D"])
    assert sorted(row[0] for row in rows["tasks"]) == ["A", "D"]
    assert sorted(rows["tasks_responsible_ids"]) == [("A", "U1"), ("A", "U2"), ("D", "U1")]
    assert {name: len(found) for name, found in store.rows([]).items() if found} == {}
    assert set(rows) == {"tasks", *(TASKS.child_table(child) for child in TASKS.children)}


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_zone_of_the_machine_does_not_matter(
    zone: str, store: EntityStore, monkeypatch: pytest.MonkeyPatch, right_digest: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    found = verify(store)
    assert found.staged_digest == found.wrike_digest == right_digest


def test_a_sync_mends_what_was_found_only_when_the_digest_was_changed_too(store: EntityStore, query: Query) -> None:
    """Why verification does not rely on the stored digest: the next sync does."""
    query("UPDATE wrike_team.tasks SET title = 'small' WHERE id = 'A'")
    for expected in (False, True):
        writer = EntityWriter(store, TASKS)
        writer.add(LISTED)
        writer.flush()
        assert verify(store).equal is expected
        query("UPDATE wrike_team.tasks SET _hash = NULL WHERE id = 'A'")
        store.mark_deleted({"B"}, datetime.now(UTC))
