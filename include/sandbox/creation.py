"""New records in an account."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from include.sandbox.edits import find, update
from include.sandbox.errors import invalid_request, not_found
from include.sandbox.ids import dependency_id, renumbered, work_id
from include.sandbox.world import Account, Record, instant

_STAMPS = ("createdDate", "updatedDate", "eventDate", "trackedDate")
_GONE = ("deleted", "isDeleted", "archived", "hidden")
_EITHER = ({"taskId", "folderId"}, {"responsibleId", "responsiblePlaceholderId"})
_OF_WORK = {"tasks": "0", "folders": "1", "folderblueprints": "4", "taskblueprints": "5"}
_OF_OWNERS = {
    "contactshistory": ("contacts", "contactId"),
    "contactshourlyrates": ("contacts", "contactId"),
    "foldershistory": ("folders", "folderId"),
    "placeholdershourlyrates": ("placeholders", "placeholderId"),
    "taskshistory": ("tasks", "taskId"),
}


def create(account: Account, collection: str = "tasks", **values: Any) -> Record:
    """Make a record like the last one of its collection that is not deleted, created now.

    :param account: the account.
    :param collection: name of the collection.
    :param values: keys that it is to have.
    :raises ApiError: the collection takes no more records, or what the record is about is unknown.
    """
    return _MAKERS.get(collection, _add)(account, collection, values)


def _pattern(records: dict[str, Record], kind: str | None) -> Record:
    """Choose the record that a new one is like: the last of this type, if possible not deleted."""
    alike = [one for one in records.values() if kind is None or one.get("type") == kind] or list(records.values())
    present = [one for one in alike if not any(one.get(key) for key in _GONE)]
    return deepcopy((present or alike or [{}])[-1])


def _add(account: Account, collection: str, values: Record) -> Record:
    records = account.records.get(collection, {})
    pattern = _pattern(records, values.get("type", "Person" if collection == "contacts" else None))
    key = "timesheetId" if collection == "timesheets" else "id"
    account.serial += 1
    try:
        id_ = renumbered(pattern.get(key, ""), account.serial)
    except ValueError:
        raise not_found(f"ids for {collection}") from None
    for either in _EITHER:
        if either & set(values):
            pattern = {name: value for name, value in pattern.items() if name not in either}
    created = values.get("createdDate", instant())
    stamps = {name: created[: len(pattern[name])] for name in _STAMPS if name in pattern}
    made = {**pattern, key: id_, **stamps, **_own(account, collection, pattern, id_), **values}
    if collection == "attachments":
        _set_version(records, made, values.get("originVersionId", id_))
    if collection == "bookings":
        _set_effort(made)
    records[id_] = made
    return made


def _own(account: Account, collection: str, pattern: Record, id_: str) -> Record:
    """Make the parts of a record that no two can have in common."""
    if collection == "contacts" and "primaryEmail" in pattern:
        email = f"user{account.serial}@{account.key}.example.test"
        profiles = [{**one, "email": email, "admin": False, "owner": False} for one in pattern["profiles"]]
        return {"primaryEmail": email, "profiles": profiles}
    if collection in {"workflows", "spaceworkflows"}:
        return {"standard": False, "customStatuses": [_renumbered(account, one) for one in pattern["customStatuses"]]}
    if collection == "requestforms":
        pages = enumerate(pattern["pages"], start=1)
        return {"pages": [{**page, "id": f"{id_}:{place}"} for place, page in pages]}
    return {"rows": []} if collection == "timesheets" else {}


def _renumbered(account: Account, record: Record) -> Record:
    account.serial += 1
    return {**record, "id": renumbered(record["id"], account.serial)}


def _set_version(attachments: dict[str, Record], made: Record, origin: str) -> None:
    """Make an attachment the newest version of a file."""
    earlier = [one for one in attachments.values() if one["originVersionId"] == origin]
    for one in earlier:
        one["currentAttachmentId"] = made["id"]
    made.pop("currentAttachmentId", None)
    made |= {"originVersionId": origin, "version": 1 + len(earlier)}


def _set_effort(booking: Record) -> None:
    """Allot the effort of a booking to whom it is for."""
    person = booking.get("responsibleId")
    who = {"userId": person} if person else {"placeholderId": booking.get("responsiblePlaceholderId")}
    effort = booking["effortAllocation"]
    effort["responsibleAllocation"] = [
        {**who, "dailyAllocation": one["dailyAllocation"]} for one in effort["responsibleAllocation"]
    ]


def _add_work(account: Account, collection: str, values: Record) -> Record:
    """Add a task, folder or blueprint, whose id and permalink have one number."""
    records = account.records[collection]
    present = [one for one in records.values() if not one["scope"].startswith("Rb")]
    pattern: Record = deepcopy(next((one for one in reversed(present) if not one.get("space")), present[-1]))
    number = max(int(one["permalink"].rpartition("=")[2]) for one in records.values()) + 1
    stamps: Record = {name: instant() for name in ("createdDate", "updatedDate") if name in pattern}
    empty: Record = {
        name: [] for name in ("superTaskIds", "subTaskIds", "dependencyIds", "childIds") if name in pattern
    }
    made: Record = {
        **pattern,
        "id": work_id(_OF_WORK[collection], number),
        "permalink": f"https://www.wrike.com/open.htm?id={number}",
        **stamps,
        **empty,
        **values,
    }
    records[made["id"]] = made
    if collection == "folders":
        _link(account, made)
    return made


def _link(account: Account, folder: Record) -> None:
    for parent in folder["parentIds"]:
        if parent in account.records["folders"]:
            inner = account.records["folders"][parent]["childIds"]
            update(account, "folders", parent, childIds=[*inner, folder["id"]])


def _add_space(account: Account, collection: str, values: Record) -> Record:
    """Add a space, and the folder that it is too."""
    pattern = _pattern(account.records[collection], None)
    title = values.get("title", pattern["title"])
    folder = _add_work(account, "folders", {"title": title, "space": True, "parentIds": [account.info["rootFolderId"]]})
    folder.pop("project", None)
    made = {**pattern, **values, "id": folder["id"]}
    account.records[collection][made["id"]] = made
    return made


def _add_dependency(account: Account, collection: str, values: Record) -> Record:
    """Add a dependency, and tell both tasks; without tasks of its own it is between two that have none."""
    tasks = account.records["tasks"]
    free = [one["id"] for one in tasks.values() if one["scope"] == "WsTask" and not one["dependencyIds"]]
    spare = (one for one in free if one not in values.values())
    ends = [values.get(name) or next(spare, "") for name in ("predecessorId", "successorId")]
    before, after = (int(find(account, "tasks", one)["permalink"].rpartition("=")[2]) for one in ends)
    id_ = dependency_id(before, after)
    if id_ in account.records[collection]:
        raise invalid_request("The tasks depend on each other already")
    defaults = {"relationType": "FinishToStart", "lagTime": 0}
    made = {"id": id_, "predecessorId": ends[0], "successorId": ends[1], **defaults, **values}
    account.records[collection][id_] = made
    for one in dict.fromkeys(ends):
        update(account, "tasks", one, dependencyIds=[*tasks[one]["dependencyIds"], id_])
    return made


def _add_to_owner(account: Account, collection: str, values: Record) -> Record:
    """Add a history or rate, known by the id of whom it is about; without one of the first who has none."""
    owners, key = _OF_OWNERS[collection]
    records = account.records[collection]
    without = (one for one in account.records[owners] if one not in records)
    id_ = find(account, owners, values.get("id") or values.get(key) or next(without, ""))["id"]
    pattern = _pattern(records, None)
    subject = {"rateSubjectId": id_} if "rateSubjectId" in pattern else {"updatedDate": instant()}
    records[id_] = {**pattern, **subject, **values, "id": id_, key: id_}
    return records[id_]


def _add_rate_of_folder(account: Account, collection: str, values: Record) -> Record:
    pattern = _pattern(account.records[collection], None)
    made = {**pattern, **values}
    find(account, "folders", made["folderId"])
    made["id"] = f"{made['folderId']}:{made['rateSubjectId']}"
    account.records[collection][made["id"]] = made
    return made


def _refuse(account: Account, collection: str, values: Record) -> Record:  # noqa: ARG001
    raise not_found(f"ids for {collection}")


_MAKERS: dict[str, Callable[[Account, str, Record], Record]] = {
    "account": _refuse,
    "spaces": _add_space,
    "dependencies": _add_dependency,
    "foldershourlyrates": _add_rate_of_folder,
    **dict.fromkeys(_OF_WORK, _add_work),
    **dict.fromkeys(_OF_OWNERS, _add_to_owner),
}
