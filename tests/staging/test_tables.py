"""From an entity to its staging tables."""

from __future__ import annotations

from wrike_provider.entities import Type, entity
from wrike_provider.staging.tables import child_tables, record_table, tables


def test_the_table_with_one_row_a_record() -> None:
    table = record_table(entity("folders"))
    columns = {column.name: column for column in table.columns}
    assert (table.name, table.record_key) == ("folders", "id")
    assert columns["is_project"].type is Type.BOOLEAN
    assert columns["project_start_date"].type is Type.DATE
    assert columns["_extra"].type is Type.JSON
    assert columns["_deleted_at"].type is Type.TIMESTAMP
    assert [name for name, column in columns.items() if not column.nullable] == ["id", "_synced_at"]


def test_the_tables_with_one_row_an_element() -> None:
    children = {table.name: table for table in child_tables(entity("workflows"))}
    statuses = children["workflows_custom_statuses"]
    assert [column.name for column in statuses.columns][:3] == ["workflow_id", "position", "custom_status_id"]
    assert statuses.columns[-1].name == "_extra"
    assert [column.name for column in statuses.columns if not column.nullable] == ["workflow_id", "position"]
    shared = next(table for table in child_tables(entity("tasks")) if table.name == "tasks_shared_ids")
    assert [column.name for column in shared.columns] == ["task_id", "shared_id"]


def test_the_record_table_comes_first() -> None:
    assert [table.name for table in tables(entity("spaces"))] == ["spaces", "spaces_members"]


def test_columns_know_their_field_of_wrike() -> None:
    tasks = {table.name: {column.name: column.source for column in table.columns} for table in tables(entity("tasks"))}
    assert tasks["tasks"]["dates_due"] == "dates.due"
    assert tasks["tasks"]["_hash"] == ""
    assert tasks["tasks_shared_ids"] == {"task_id": "", "shared_id": "sharedIds[]"}
    assert tasks["tasks_custom_fields"]["custom_field_id"] == "customFields[].id"


def test_tables_know_what_tells_rows_apart() -> None:
    assert [table.key for table in tables(entity("account"))] == [
        ("id",),
        ("account_id", "position"),
        ("account_id", "key"),
        ("account_id", "custom_field_id"),
    ]
