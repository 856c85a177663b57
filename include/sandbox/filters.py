"""What each filter lets through (Wrike API v4, "Query Tasks", "Get folder tree", "Query contacts")."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from include.sandbox.world import Record

Check = Callable[[Record], bool]
Filter = Callable[[Any], Check]
_ABSENT = ""


def _at(record: Record, path: str) -> Any:
    """Find a value inside a record; the empty text when there is none."""
    found: Any = record
    for key in path.split("."):
        found = found.get(key, _ABSENT) if isinstance(found, dict) else _ABSENT
    return found


def _between(path: str) -> Filter:
    return lambda span: lambda record: bool(at := _at(record, path)) and span[0] <= at < span[1]


def _among(path: str) -> Filter:
    return lambda wanted: lambda record: _at(record, path) in wanted


def _shares(path: str) -> Filter:
    return lambda wanted: lambda record: not set(wanted).isdisjoint(_at(record, path))


def _equals(path: str) -> Filter:
    return lambda wanted: lambda record: bool(_at(record, path) == wanted)


def _holds(path: str) -> Filter:
    return lambda part: lambda record: part in _at(record, path)


def _has_metadata(wanted: Mapping[str, str]) -> Check:
    return lambda record: any(wanted.items() <= pair.items() for pair in record.get("metadata", ()))


def _scheduled(span: tuple[str, str]) -> Check:
    def check(record: Record) -> bool:
        begin, end = _at(record, "dates.start") or _at(record, "dates.due"), _at(record, "dates.due")
        return bool(begin and end) and begin < span[1] and end >= span[0]

    return check


def _overlaps(span: tuple[str, str]) -> Check:
    return lambda record: bool(record["fromDate"] < span[1] and record["toDate"] >= span[0])


def _decides(status: str = "") -> Filter:
    return lambda wanted: (
        lambda record: any(
            one["approverId"] in wanted and one["status"].startswith(status) for one in record["decisions"]
        )
    )


def _number(value: str) -> tuple[int, float | str]:
    try:
        return 0, float(value)
    except ValueError:
        return 1, value


def _elements(value: str) -> set[str]:
    """Split a value of several: an array in JSON, or words between commas."""
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = value.split(",")
    return {str(one) for one in parsed} if isinstance(parsed, list) else {value}


_COMPARATORS: dict[str, Callable[[str, Record], bool]] = {
    "EqualTo": lambda value, wanted: value == str(wanted["value"]),
    "IsEmpty": lambda value, wanted: not value,  # noqa: ARG005
    "IsNotEmpty": lambda value, wanted: bool(value),  # noqa: ARG005
    "LessThan": lambda value, wanted: bool(value) and _number(value) < _number(str(wanted["value"])),
    "LessOrEqualTo": lambda value, wanted: bool(value) and _number(value) <= _number(str(wanted["value"])),
    "GreaterThan": lambda value, wanted: bool(value) and _number(value) > _number(str(wanted["value"])),
    "GreaterOrEqualTo": lambda value, wanted: bool(value) and _number(value) >= _number(str(wanted["value"])),
    "InRange": lambda value, wanted: bool(value) and _in_range(value, wanted),
    "NotInRange": lambda value, wanted: bool(value) and not _in_range(value, wanted),
    "Contains": lambda value, wanted: str(wanted["value"]) in value,
    "StartsWith": lambda value, wanted: value.startswith(str(wanted["value"])),
    "EndsWith": lambda value, wanted: value.endswith(str(wanted["value"])),
    "ContainsAll": lambda value, wanted: set(map(str, wanted["values"])) <= _elements(value),
    "ContainsAny": lambda value, wanted: bool(set(map(str, wanted["values"])) & _elements(value)),
}


def _in_range(value: str, wanted: Record) -> bool:
    return _number(str(wanted["minValue"])) <= _number(value) <= _number(str(wanted["maxValue"]))


def _custom_field(wanted: Record) -> Check:
    def check(record: Record) -> bool:
        values = (field["value"] for field in record.get("customFields", ()) if field["id"] == wanted["id"])
        return _COMPARATORS[wanted["comparator"]](next(values, ""), wanted)

    return check


def _custom_fields(all_wanted: list[Record]) -> Check:
    checks = [_custom_field(wanted) for wanted in all_wanted]
    return lambda record: all(check(record) for check in checks)


_COMMON: dict[str, Filter] = {
    "createdDate": _between("createdDate"),
    "updatedDate": _between("updatedDate"),
    "title": _holds("title"),
    "permalink": _equals("permalink"),
    "metadata": _has_metadata,
    "customField": _custom_field,
    "customFields": _custom_fields,
    "customItemTypes": _among("customItemTypeId"),
}
FILTERS: dict[str, dict[str, Filter]] = {
    "account": {"metadata": _has_metadata},
    "groups": {"metadata": _has_metadata},
    "contacts": {
        "metadata": _has_metadata,
        "customFields": _custom_fields,
        "types": _among("type"),
        "deleted": _equals("deleted"),
        "active": lambda wanted: lambda record: any(p.get("active", True) == wanted for p in record["profiles"]),
        "name": lambda part: lambda record: part in f"{record.get('firstName', '')} {record.get('lastName', '')}",
        "emails": lambda wanted: lambda record: any(p.get("email") in wanted for p in record["profiles"]),
    },
    "spaces": {"title": _holds("title"), "accessTypes": _among("accessType")},
    "customfields": {
        "title": _holds("title"),
        "types": _among("type"),
        "applicableEntityTypes": _shares("settings.applicableEntityTypes"),
        "inheritanceTypes": _among("settings.inheritanceType"),
    },
    "folders": {
        **_COMMON,
        "deleted": lambda wanted: lambda record: (record["scope"] == "RbFolder") == wanted,
        "project": lambda wanted: lambda record: ("project" in record) == wanted,
        "contractTypes": _among("project.contractType"),
        "customStatuses": _among("project.customStatusId"),
        "authors": _among("project.authorId"),
        "owners": _shares("project.ownerIds"),
        "startDate": _between("project.startDate"),
        "endDate": _between("project.endDate"),
        "completedDate": _between("project.completedDate"),
    },
    "tasks": {
        **_COMMON,
        "status": _among("status"),
        "importance": _equals("importance"),
        "startDate": _between("dates.start"),
        "dueDate": _between("dates.due"),
        "scheduledDate": _scheduled,
        "completedDate": _between("completedDate"),
        "authors": _shares("authorIds"),
        "responsibles": _shares("responsibleIds"),
        "responsiblePlaceholders": _shares("responsiblePlaceholderIds"),
        "type": _among("dates.type"),
        "customStatuses": _among("customStatusId"),
        "billingTypes": _among("billingType"),
        "subTasks": lambda wanted: lambda record: wanted or not record["superTaskIds"],
    },
    "approvals": {
        **_COMMON,
        "statuses": _among("status"),
        "approvers": _decides(),
        "pendingApprovers": _decides("Pending"),
        "type": _among("type"),
        "dueDate": _between("dueDate"),
    },
    "comments": {**_COMMON, "types": _among("type")},
    "attachments": _COMMON,
    "timelogs": {
        **_COMMON,
        "trackedDate": _between("trackedDate"),
        "timelogCategories": _among("categoryId"),
        "exportStatuses": _among("exportStatus"),
        "billingTypes": _among("billingType"),
        "approvalStatuses": _among("approvalStatus"),
    },
    "contactshistory": _COMMON,
    "foldershistory": _COMMON,
    "taskshistory": _COMMON,
    "bookings": {
        "startDate": lambda first: lambda record: record["bookingDates"]["finishDate"] >= first,
        "finishDate": lambda last: lambda record: record["bookingDates"]["startDate"] <= last,
        "responsibleIds": _among("responsibleId"),
        "responsiblePlaceholderIds": _among("responsiblePlaceholderId"),
    },
    "workscheduleexclusions": {"dateRange": _overlaps},
    "userscheduleexclusions": {"dateRange": _overlaps, "userIds": _among("userId")},
    "auditlog": {
        "eventDate": _between("eventDate"),
        "operations": _among("operation"),
        "objectType": _equals("objectType"),
        "objectIds": _among("objectId"),
        "users": _among("userId"),
    },
    "customitemtypes": {"title": _holds("title"), "type": _equals("relatedType")},
    "folderblueprints": _COMMON,
    "taskblueprints": _COMMON,
    "timesheets": {
        "periodStartDate": _between("periodStartDate"),
        "userIds": _among("userId"),
        "timeframes": _among("timeframe"),
    },
}
"""Filters of each collection, by parameter."""
