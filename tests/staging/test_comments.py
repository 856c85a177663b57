"""What the database itself says of its tables and columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.staging import databases
from tests.staging.conftest import Query
from wrike_provider.entities import CATALOGUE, Entity, entity
from wrike_provider.entities.model import Column
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.tables import tables
from wrike_provider.staging.writes import SYNC_WRITES

TASKS = entity("tasks")


def prepare(file: Path, declared: Entity) -> bool:
    return databases.prepare(EntityStore(Destination("duckdb", file), "wrike_team", declared))


def table_comments(query: Query, schema: str = "wrike_team") -> dict[str, str | None]:
    return dict(
        query(
            "SELECT table_name, comment FROM duckdb_tables() "
            "WHERE schema_name = ? AND table_name NOT LIKE '\\_dlt%' ESCAPE '\\'",
            schema,
        )
    )


def column_comments(query: Query, table: str) -> dict[str, str | None]:
    return dict(
        query(
            "SELECT column_name, comment FROM duckdb_columns() WHERE schema_name = 'wrike_team' AND table_name = ?",
            table,
        )
    )


@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_every_table_and_column_says_what_it_means(declared: Entity, file: Path, query: Query) -> None:
    prepare(file, declared)
    made = (*tables(declared), SYNC_WRITES)
    assert table_comments(query) == {table.name: table.description for table in made}
    for table in tables(declared):
        said = column_comments(query, table.name)
        assert said == {column.name: column.comment for column in table.columns}
        assert all(said.values()), said


def test_a_column_names_its_field_of_wrike(file: Path, query: Query) -> None:
    prepare(file, TASKS)
    tasks = column_comments(query, "tasks")
    assert tasks["dates_due"] == "Planned end; Wrike gives no zone. Wrike: dates.due"
    assert tasks["_synced_at"] == "When this state of the record was written."
    assert column_comments(query, "tasks_follower_ids") == {
        "task_id": "The task.",
        "follower_id": "Wrike: followerIds[]",
    }
    allocation = column_comments(query, "tasks_effort_allocation_responsible_allocation")
    assert allocation["user_id"] == "The assignee. Wrike: effortAllocation.responsibleAllocation[].userId"
    assert allocation["position"] == "Place in the list, from 0."
    prepare(file, entity("folders"))
    assert column_comments(query, "folders")["is_project"] == "Whether it is a project. Wrike: project"


def test_comments_follow_the_declaration_when_it_has_a_new_column(file: Path, query: Query) -> None:
    awkward = 'It\'s "100 %"; %s ä -- DROP'
    key = replace(TASKS.key, description=awkward)
    prepare(file, TASKS)
    changed = replace(TASKS, description=awkward, columns=(key, *TASKS.columns[1:], Column("brandNew")))
    assert prepare(file, changed) is True
    assert table_comments(query)["tasks"] == awkward
    assert column_comments(query, "tasks")["id"] == f"{awkward} Wrike: id"


def test_tables_of_an_older_version_get_their_comments(file: Path, query: Query) -> None:
    prepare(file, TASKS)
    query("ALTER TABLE wrike_team.tasks DROP COLUMN title")
    for table in tables(TASKS):
        query(f"COMMENT ON TABLE wrike_team.{table.name} IS NULL")
        query(f"COMMENT ON COLUMN wrike_team.{table.name}.{table.record_key} IS NULL")
    assert prepare(file, TASKS) is True
    assert table_comments(query) == {table.name: table.description for table in (*tables(TASKS), SYNC_WRITES)}
    assert column_comments(query, "tasks_follower_ids")["task_id"] == "The task."


def test_columns_views_and_indexes_of_the_user_are_left_alone(file: Path, query: Query) -> None:
    prepare(file, TASKS)
    query("ALTER TABLE wrike_team.tasks ADD COLUMN my_note VARCHAR")
    query("COMMENT ON COLUMN wrike_team.tasks.my_note IS 'mine'")
    query("CREATE INDEX by_title ON wrike_team.tasks (title)")
    query("CREATE VIEW wrike_team.titles AS SELECT title FROM wrike_team.tasks")
    assert prepare(file, TASKS) is False
    assert column_comments(query, "tasks")["my_note"] == "mine"
    assert query("SELECT index_name FROM duckdb_indexes()") == [("by_title",)]
    assert query("SELECT * FROM wrike_team.titles") == []
