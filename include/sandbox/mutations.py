"""Changes to an account, as its people would make them."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from include.sandbox.errors import not_found
from include.sandbox.ids import renumbered, work_id
from include.sandbox.world import Account, Record, instant

_LEAVES = (
    "approvals",
    "timelogs",
    "comments",
    "attachments",
    "dependencies",
    "bookings",
    "foldershistory",
    "foldershourlyrates",
    "taskshistory",
)
_STAMPS = ("createdDate", "updatedDate", "eventDate", "trackedDate")
_WORDS = {"approvals": "description", "timelogs": "comment", "comments": "text", "attachments": "name"}


def mutate(account: Account, action: str, arguments: dict[str, Any]) -> Record:
    """Change an account.

    :param account: the account.
    :param action: one of :data:`ACTIONS`.
    :param arguments: what the action takes.
    :returns: the record that was changed or made; of several the last.
    :raises ApiError: the action or the record is unknown, or the record can never change.
    """
    if action not in ACTIONS:
        raise not_found(f"action {action}")
    if arguments.get("collection") == "auditlog" and action != "create":
        raise not_found(f"action {action} of the audit log")
    return ACTIONS[action](account, **arguments)


def _update(account: Account, collection: str, id: str, **values: Any) -> Record:  # noqa: A002
    record = _find(account, collection, id)
    record.update(values)
    if "updatedDate" in record and collection != "comments":
        record["updatedDate"] = instant()
    return record


def _unset(account: Account, collection: str, id: str, keys: list[str]) -> Record:  # noqa: A002
    record = _find(account, collection, id)
    for key in keys:
        record.pop(key, None)
    return _update(account, collection, id)


def _touch(account: Account, collection: str = "tasks", count: int = 1, seed: int = 0) -> Record:
    records = [r for r in account.records[collection].values() if r.get("scope", "Ws").startswith("Ws")]
    for record in random.Random(seed).sample(records, k=min(count, len(records))):  # noqa: S311
        key = _WORDS.get(collection, "title")
        _update(account, collection, record["id"], **{key: f"{record[key]}!"})
    return record


def _create(account: Account, collection: str = "tasks", **values: Any) -> Record:
    if collection not in {"folders", "tasks"}:
        return _add(account, collection, values)
    records = account.records[collection]
    pattern = next(r for r in reversed(records.values()) if r["scope"].startswith("Ws"))
    number = max(int(r["permalink"].rpartition("=")[2]) for r in records.values()) + 1
    made = {
        **deepcopy(pattern),
        "id": work_id("0" if collection == "tasks" else "1", number),
        "permalink": f"https://www.wrike.com/open.htm?id={number}",
        "createdDate": instant(),
        "updatedDate": instant(),
        **values,
    }
    for key in ("superTaskIds", "subTaskIds", "dependencyIds", "childIds"):
        if key in made and key not in values:
            made[key] = []
    records[made["id"]] = made
    if collection == "folders":
        _link(account, made)
    return made


def _add(account: Account, collection: str, values: Record) -> Record:
    """Add a record like the last one of its collection, created now."""
    records = account.records.get(collection, {})
    alike = [one for one in records.values() if "type" not in values or one.get("type") == values["type"]]
    pattern = deepcopy((alike or list(records.values()) or [{}])[-1])
    account.serial += 1
    try:
        id_ = renumbered(pattern.get("id", ""), account.serial)
    except ValueError:
        raise not_found(f"ids for {collection}") from None
    if "taskId" in values or "folderId" in values:
        pattern.pop("taskId", None)
        pattern.pop("folderId", None)
    created = values.get("createdDate", instant())
    stamps = {key: created[: len(pattern[key])] for key in _STAMPS if key in pattern}
    made = {**pattern, "id": id_, **stamps, **values}
    if collection == "attachments":
        _set_version(records, made, values.get("originVersionId", id_))
    records[id_] = made
    return made


def _set_version(attachments: dict[str, Record], made: Record, origin: str) -> None:
    """Make an attachment the newest version of a file."""
    earlier = [one for one in attachments.values() if one["originVersionId"] == origin]
    for one in earlier:
        one["currentAttachmentId"] = made["id"]
    made.pop("currentAttachmentId", None)
    made |= {"originVersionId": origin, "version": 1 + len(earlier)}


def _remove(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    """Delete for good, and leave no trace: no date changes."""
    record = _find(account, collection, id)
    if collection == "dependencies":
        for task in account.records["tasks"].values():
            task["dependencyIds"] = [one for one in task["dependencyIds"] if one != id]
    del account.records[collection][id]
    return record


def _trash(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    record = _find(account, collection, id)
    _unlink(account, record)
    if collection == "tasks":
        # What was a subtask lies in the bin itself.
        record["superTaskIds"] = []
    return _move(account, collection, id, account.info["recycleBinId"], "Rb")


def _restore(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    _find(account, collection, id)
    return _move(account, collection, id, account.info["rootFolderId"], "Ws")


def _move(account: Account, collection: str, id_: str, parent: str, scope: str) -> Record:
    """Move a task or folder into or out of the recycle bin, with all that is in it and nowhere else."""
    for inner in ("folders", "tasks"):
        for record in list(account.records[inner].values()):
            holders = record["parentIds"] if collection == "folders" else record.get("superTaskIds", [])
            moves = id_ in holders and not record["scope"].startswith(scope)
            if moves and _all_scoped(account, holders, id_, scope):
                _move(account, inner, record["id"], "", scope)
    kind = "Task" if collection == "tasks" else "Folder"
    return _update(account, collection, id_, scope=f"{scope}{kind}", **({"parentIds": [parent]} if parent else {}))


def _all_scoped(account: Account, holders: list[str], but: str, scope: str) -> bool:
    known = {**account.records["folders"], **account.records["tasks"]}
    return all(known[one]["scope"].startswith(scope) for one in holders if one != but and one in known)


def _erase(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    record = _find(account, collection, id)
    _unlink(account, record)
    for leaves in _LEAVES:
        for leaf in list(account.records[leaves].values()):
            if id in {leaf.get(key) for key in ("taskId", "folderId", "predecessorId", "successorId")}:
                _remove(account, leaves, leaf["id"])
    return account.records[collection].pop(id)


def _link(account: Account, folder: Record) -> None:
    for parent in folder["parentIds"]:
        if parent in account.records["folders"]:
            inner = account.records["folders"][parent]["childIds"]
            _update(account, "folders", parent, childIds=[*inner, folder["id"]])


def _unlink(account: Account, record: Record) -> None:
    """Take a folder out of its parents, a subtask out of the tasks above."""
    for collection, key in (("folders", "childIds"), ("tasks", "subTaskIds")):
        for above in account.records[collection].values():
            if record["id"] in above.get(key, ()):
                left = [one for one in above[key] if one != record["id"]]
                _update(account, collection, above["id"], **{key: left})


def _find(account: Account, collection: str, id_: str) -> Record:
    if id_ not in account.records.get(collection, {}):
        raise not_found(f"{collection} {id_}")
    return account.records[collection][id_]


ACTIONS: dict[str, Callable[..., Record]] = {
    "update": _update,
    "unset": _unset,
    "touch": _touch,
    "create": _create,
    "trash": _trash,
    "restore": _restore,
    "erase": _erase,
    "remove": _remove,
}
