"""Rows of the data export, made from an account's records."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterable
from typing import Any

from include.sandbox.export.schema import columns
from include.sandbox.ids import number_of
from include.sandbox.world import Account, Record

_BREAK, _TAG = re.compile(r"<br ?/?>"), re.compile(r"<[^>]*>")
_PLACES = (("Germany", "Berlin"), ("United States", "New York, NY"), ("Brasil", "São Paulo"))


def tables(account: Account) -> dict[str, str]:
    """Write all tables as CSV (RFC 4180, UTF-8, ids of the columns first).

    :param account: the account.
    """
    rows = _Rows(account)
    made: dict[str, Iterable[Record]] = {
        "user": rows.users(),
        "groups": rows.groups(),
        "user_group": rows.members(),
        "timelog": rows.timelogs(),
        "task": rows.tasks(),
        "folder": rows.folders(),
        "attachment_file": rows.files(),
        "audit_log": rows.audit(),
        "custom_field_history": rows.values(),
        "workflow_stage_history": rows.stages(),
    }
    return {table: _csv(columns(table), some) for table, some in made.items()}


def _csv(names: list[str], rows: Iterable[Record]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_written(row.get(name)) for name in names] for row in rows)
    return text.getvalue()


def _written(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))


class _Rows:
    """Rows of one account; ids become numbers, of tasks and folders those of their permalinks.

    :param account: the account.
    """

    def __init__(self, account: Account) -> None:
        self._records = account.records
        self._numbers = {
            one["id"]: int(one["permalink"].rpartition("=")[2])
            for name in ("tasks", "folders")
            for one in account.records[name].values()
        }

    def _all(self, collection: str) -> list[Record]:
        return list(self._records[collection].values())

    def _number(self, id_: str | None) -> int | None:
        return None if id_ is None else self._numbers.get(id_) or number_of(id_)

    def users(self) -> Iterable[Record]:
        for person in self._all("contacts"):
            if person["type"] == "Person":
                profile: Record = next(iter(person["profiles"]), {})
                yield {
                    "user_id": self._number(person["id"]),
                    "user_api_id": person["id"],
                    "first_name": person.get("firstName"),
                    "last_name": person.get("lastName"),
                    "email": profile.get("email"),
                    "user_role": profile.get("role"),
                    "is_external": profile.get("external"),
                    "is_active": profile.get("active"),
                    "is_deleted": person["deleted"],
                    "company_name": person.get("companyName"),
                    "location": person.get("location"),
                }

    def groups(self) -> Iterable[Record]:
        for group in self._all("groups"):
            yield {
                "group_id": self._number(group["id"]),
                "group_api_id": group["id"],
                "group_name": group["title"],
                "is_my_team": group.get("myTeam", False),
            }

    def members(self) -> Iterable[Record]:
        for group in self._all("groups"):
            for person in group["memberIds"]:
                yield {"user_id": self._number(person), "group_id": self._number(group["id"])}

    def timelogs(self) -> Iterable[Record]:
        for entry in self._all("timelogs"):
            yield {
                "timelog_id": self._number(entry["id"]),
                "timelog_api_id": entry["id"],
                "task_id": self._number(entry["taskId"]),
                "user_id": self._number(entry["userId"]),
                "hours": entry["hours"],
                "tracked_date": entry["trackedDate"],
                "timelog_comment": _plain(entry["comment"]),
                "when_created": entry["createdDate"],
                "when_updated": entry["updatedDate"],
            }

    def tasks(self) -> Iterable[Record]:
        for task in self._all("tasks"):
            dates = task["dates"]
            yield {
                "task_id": self._number(task["id"]),
                "task_api_id": task["id"],
                "task_title": task["title"],
                "task_description": _plain(task["description"]),
                "task_status": task["status"],
                "task_importance": task["importance"],
                "workflow_stage_id": self._number(task["customStatusId"]),
                "author_user_id": self._number(next(iter(task["authorIds"]), None)),
                "duration_minutes": dates.get("duration"),
                "start_date": dates.get("start"),
                "due_date": dates.get("due"),
                "is_deleted": task["scope"] == "RbTask",
                "when_created": task["createdDate"],
                "when_updated": task["updatedDate"],
            }

    def folders(self) -> Iterable[Record]:
        for folder in self._all("folders"):
            yield {
                "folder_id": self._number(folder["id"]),
                "folder_api_id": folder["id"],
                "folder_title": folder["title"],
                "folder_description": _plain(folder["description"]),
                "is_project": "project" in folder,
                "is_deleted": folder["scope"] == "RbFolder",
                "when_created": folder["createdDate"],
                "when_updated": folder["updatedDate"],
            }

    def files(self) -> Iterable[Record]:
        for file in self._all("attachments"):
            yield {
                "attachment_file_id": self._number(file["id"]),
                "attachment_file_api_id": file["id"],
                "attachment_file_name": file["name"],
                "attachment_file_size_bytes": file["size"],
                "attachment_file_content_width": file.get("width"),
                "attachment_file_content_height": file.get("height"),
                "task_id": self._number(file.get("taskId")),
                "folder_id": self._number(file.get("folderId")),
                "user_id": self._number(file["authorId"]),
                "when_added": file["createdDate"],
            }

    def audit(self) -> Iterable[Record]:
        for number, entry in enumerate(self._all("auditlog")):
            country, state = _PLACES[number % len(_PLACES)]
            yield {
                "audit_log_id": self._number(entry["id"]),
                "audit_log_object_id": entry["objectId"],
                "audit_log_object_title": entry["objectName"],
                "audit_log_object_type": entry["objectType"],
                "operation_type": entry["operation"],
                "operation_change_json": json.dumps(entry["details"], ensure_ascii=False),
                "operation_origin_location_country": country,
                "operation_origin_location_state": state,
                "operation_time": entry["eventDate"],
                "origin_user_time_zone": "Europe/Berlin",
                "user_id": self._number(entry["userId"]),
            }

    def values(self) -> Iterable[Record]:
        number = 0
        for key, collection in (("task_id", "tasks"), ("folder_id", "folders")):
            for one in self._all(collection):
                for value in one["customFields"]:
                    number += 1
                    yield {
                        "custom_field_history_id": number,
                        "custom_field_id": self._number(value["id"]),
                        "custom_field_api_id": value["id"],
                        key: self._number(one["id"]),
                        "new_value": value["value"],
                        "when_changed": one["updatedDate"],
                    }

    def stages(self) -> Iterable[Record]:
        flows = [flow["customStatuses"] for name in ("workflows", "spaceworkflows") for flow in self._all(name)]
        known = {status["id"]: (flow[0], status) for flow in flows for status in flow}
        number = 0
        for task in self._all("tasks"):
            now: Record = {"id": task["customStatusId"], "name": None}
            first, now = known.get(task["customStatusId"], (now, now))
            moved = first["id"] != now["id"]
            spans = [(first, task["createdDate"], task["updatedDate"])] if moved else []
            spans.append((now, task["updatedDate"] if moved else task["createdDate"], None))
            for stage, begin, end in spans:
                number += 1
                yield {
                    "workflow_stage_history_id": number,
                    "task_id": self._number(task["id"]),
                    "workflow_stage_id": self._number(stage["id"]),
                    "workflow_stage_name": stage["name"],
                    "start_date": begin,
                    "end_date": end,
                }
