"""The comparison of staged rows with records: the same is the same, and every kind of difference is found."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from include.local.compare import Staged, differences

TABLES = """
CREATE SCHEMA w;
CREATE TABLE w.tasks (
    id TEXT, title TEXT, updated_date TIMESTAMPTZ, dates_start TIMESTAMP, dates_duration BIGINT, effort DOUBLE,
    recurrent BOOLEAN, settings JSON, _extra JSON, _hash TEXT, _deleted_at TIMESTAMPTZ);
CREATE TABLE w.tasks_responsible_ids (task_id TEXT, responsible_id TEXT);
CREATE TABLE w.tasks_custom_fields (task_id TEXT, custom_field_id TEXT, value TEXT, _extra JSON);
CREATE TABLE w.folders (id TEXT, is_project BOOLEAN, project_end_date DATE, _extra JSON, _deleted_at TIMESTAMPTZ);
CREATE TABLE w.folders_project_owner_ids (folder_id TEXT, owner_id TEXT);
CREATE TABLE w.workflows (id TEXT, _extra JSON, _deleted_at TIMESTAMPTZ);
CREATE TABLE w.workflows_custom_statuses (workflow_id TEXT, position BIGINT, custom_status_id TEXT, "group" TEXT);
INSERT INTO w.tasks VALUES
    ('T1', 'One', '2026-03-01T10:05:30Z', '2026-03-02T09:00:00', 960, 1.5,
     false, '{"a": {}}', '{"new": {"key": 1}}', 'h', NULL),
    ('T0', 'gone', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'h', '2026-03-01T00:00:00Z');
INSERT INTO w.tasks_responsible_ids VALUES ('T1', 'U1'), ('T1', 'U2'), ('T0', 'U1');
INSERT INTO w.tasks_custom_fields VALUES ('T1', 'F1', '2000', '{"odd": true}');
INSERT INTO w.folders VALUES ('F1', true, '2026-06-30', NULL, NULL), ('F2', false, NULL, NULL, NULL);
INSERT INTO w.folders_project_owner_ids VALUES ('F1', 'U1');
INSERT INTO w.workflows VALUES ('W1', NULL, NULL);
INSERT INTO w.workflows_custom_statuses VALUES ('W1', 0, 'S1', 'Active'), ('W1', 1, 'S2', 'Completed');
"""


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def task(**changed: Any) -> dict[str, Any]:
    return {
        "id": "T1",
        "title": "One",
        "updatedDate": "2026-03-01T10:05:30Z",
        "dates": {"start": "2026-03-02T09:00:00", "duration": 960},
        "effort": 1.5,
        "recurrent": False,
        "settings": {"a": {}},
        "responsibleIds": ["U2", "U1", "U1"],
        "customFields": [{"id": "F1", "value": "2000", "odd": True}],
        "new": {"key": 1.0},
        **changed,
    }


FOLDERS = [{"id": "F1", "project": {"ownerIds": ["U1"], "endDate": "2026-06-30"}}, {"id": "F2"}]
WORKFLOWS = [
    {"id": "W1", "customStatuses": [{"id": "S1", "group": "Active"}, {"id": "S2", "group": "Completed"}]},
]


@pytest.mark.parametrize(
    ("entity", "records"), [("tasks", [task()]), ("folders", FOLDERS), ("workflows", WORKFLOWS), ("spaces", [])]
)
def test_equal(database: duckdb.DuckDBPyConnection, entity: str, records: list[dict[str, Any]]) -> None:
    assert differences(Staged(database, "w"), entity, records) == []


@pytest.mark.parametrize(
    ("entity", "records", "expected"),
    [
        ("spaces", [{"id": "S"}], "spaces: no table"),
        ("tasks", [], "tasks: 1 not in Wrike: T1"),
        ("tasks", [task(), task(id="T2", responsibleIds=[], customFields=[])], "tasks: 1 missing: T2"),
        ("tasks", [task(title="Two")], "tasks: 1 values differ: T1.title: staged 'One', Wrike 'Two'"),
        ("tasks", [task(updatedDate="2026-03-01T10:05:31Z")], "tasks: 1 values differ: T1.updated_date: "),
        ("tasks", [task(dates={"start": "2026-03-02T09:00:01", "duration": 960})], "tasks: 1 values differ: T1.dates"),
        ("tasks", [task(dates={"start": "2026-03-02T09:00:00"})], "tasks: 1 values differ: T1.dates_duration: "),
        ("tasks", [task(recurrent=0)], "tasks: 1 values differ: T1.recurrent: staged False, Wrike 0"),
        ("tasks", [task(new={"key": 2})], "tasks: 1 values differ: T1._extra: "),
        ("tasks", [task(other=1)], "tasks: 1 values differ: T1._extra: "),
        ("tasks", [task(responsibleIds=["U1"])], "tasks_responsible_ids: 1 rows not in Wrike: "),
        ("tasks", [task(responsibleIds=["U1", "U2", "U3"])], "tasks_responsible_ids: 1 rows missing: "),
        ("tasks", [task(customFields=[{"id": "F1", "value": "2000"}])], "tasks_custom_fields: 1 rows missing: "),
        ("folders", [{"id": "F1"}, {"id": "F2"}], "folders: 2 values differ: F1.is_project: staged True, Wrike False"),
        ("workflows", [{"id": "W1", "customStatuses": WORKFLOWS[0]["customStatuses"][::-1]}], "2 rows missing: "),
    ],
)
def test_different(
    database: duckdb.DuckDBPyConnection, entity: str, records: list[dict[str, Any]], expected: str
) -> None:
    found = differences(Staged(database, "w"), entity, records)
    assert expected in found[0], found
