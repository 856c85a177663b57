"""Tables of the data export and their columns."""

from __future__ import annotations

from include.sandbox.world import Record

_STRING, _NUMBER, _DATE, _BOOLEAN = "String", "Number", "Date", "Boolean"
_USER, _TASK, _FOLDER = ("user", "user_id"), ("task", "task_id"), ("folder", "folder_id")

_TABLES: dict[str, dict[str, str]] = {
    "user": {
        "user_id": _NUMBER,
        "user_api_id": _STRING,
        "first_name": _STRING,
        "last_name": _STRING,
        "email": _STRING,
        "user_role": _STRING,
        "is_external": _BOOLEAN,
        "is_active": _BOOLEAN,
        "is_deleted": _BOOLEAN,
        "company_name": _STRING,
        "location": _STRING,
    },
    "groups": {
        "group_id": _NUMBER,
        "group_api_id": _STRING,
        "group_name": _STRING,
        "is_my_team": _BOOLEAN,
    },
    "user_group": {"user_id": _NUMBER, "group_id": _NUMBER},
    "timelog": {
        "timelog_id": _NUMBER,
        "timelog_api_id": _STRING,
        "task_id": _NUMBER,
        "user_id": _NUMBER,
        "hours": _NUMBER,
        "tracked_date": _DATE,
        "timelog_comment": _STRING,
        "when_created": _DATE,
        "when_updated": _DATE,
    },
    "task": {
        "task_id": _NUMBER,
        "task_api_id": _STRING,
        "task_title": _STRING,
        "task_description": _STRING,
        "task_status": _STRING,
        "task_importance": _STRING,
        "workflow_stage_id": _NUMBER,
        "author_user_id": _NUMBER,
        "duration_minutes": _NUMBER,
        "start_date": _DATE,
        "due_date": _DATE,
        "is_deleted": _BOOLEAN,
        "when_created": _DATE,
        "when_updated": _DATE,
    },
    "folder": {
        "folder_id": _NUMBER,
        "folder_api_id": _STRING,
        "folder_title": _STRING,
        "folder_description": _STRING,
        "is_project": _BOOLEAN,
        "is_deleted": _BOOLEAN,
        "when_created": _DATE,
        "when_updated": _DATE,
    },
    "attachment_file": {
        "attachment_file_id": _NUMBER,
        "attachment_file_api_id": _STRING,
        "attachment_file_name": _STRING,
        "attachment_file_size_bytes": _NUMBER,
        "attachment_file_content_width": _NUMBER,
        "attachment_file_content_height": _NUMBER,
        "task_id": _NUMBER,
        "folder_id": _NUMBER,
        "user_id": _NUMBER,
        "when_added": _DATE,
    },
    "audit_log": {
        "audit_log_id": _NUMBER,
        "audit_log_object_id": _STRING,
        "audit_log_object_title": _STRING,
        "audit_log_object_type": _STRING,
        "operation_type": _STRING,
        "operation_change_json": _STRING,
        "operation_origin_location_country": _STRING,
        "operation_origin_location_state": _STRING,
        "operation_time": _DATE,
        "origin_user_time_zone": _STRING,
        "user_id": _NUMBER,
    },
    "custom_field_history": {
        "custom_field_history_id": _NUMBER,
        "custom_field_id": _NUMBER,
        "custom_field_api_id": _STRING,
        "task_id": _NUMBER,
        "folder_id": _NUMBER,
        "old_value": _STRING,
        "new_value": _STRING,
        "when_changed": _DATE,
    },
    "workflow_stage_history": {
        "workflow_stage_history_id": _NUMBER,
        "task_id": _NUMBER,
        "workflow_stage_id": _NUMBER,
        "workflow_stage_name": _STRING,
        "start_date": _DATE,
        "end_date": _DATE,
    },
}
_FOREIGN = {
    ("user_group", "user_id"): _USER,
    ("user_group", "group_id"): ("groups", "group_id"),
    ("timelog", "task_id"): _TASK,
    ("timelog", "user_id"): _USER,
    ("task", "author_user_id"): _USER,
    ("attachment_file", "task_id"): _TASK,
    ("attachment_file", "folder_id"): _FOLDER,
    ("attachment_file", "user_id"): _USER,
    ("audit_log", "user_id"): _USER,
    ("custom_field_history", "task_id"): _TASK,
    ("custom_field_history", "folder_id"): _FOLDER,
    ("workflow_stage_history", "task_id"): _TASK,
}


def schema() -> list[Record]:
    """Describe all tables as Wrike does."""
    return [
        {
            "id": table,
            "alias": _alias(table),
            "columns": [_column(table, column, kind) for column, kind in columns.items()],
        }
        for table, columns in _TABLES.items()
    ]


def columns(table: str) -> list[str]:
    """Tell the columns of a table in order.

    :param table: its id.
    """
    return list(_TABLES[table])


def _column(table: str, column: str, kind: str) -> Record:
    described: Record = {"id": column, "alias": _alias(column), "dataType": kind}
    if foreign := _FOREIGN.get((table, column)):
        described["foreignKey"] = dict(zip(("tableId", "columnId"), foreign, strict=True))
    return described


def _alias(name: str) -> str:
    words = name.replace("_", " ").capitalize()
    return " ".join({"id": "ID", "api": "API", "json": "JSON"}.get(word, word) for word in words.split())
