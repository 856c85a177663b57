"""Changes to an account, as its people would make them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from include.sandbox.creation import create
from include.sandbox.edits import find, update
from include.sandbox.errors import not_found
from include.sandbox.world import Account, Record

_LEAVES = ("approvals", "timelogs", "comments", "attachments")
_BELONGS: dict[str, dict[str, tuple[str, ...]]] = {
    "tasks": {
        **dict.fromkeys((*_LEAVES, "taskshistory"), ("taskId",)),
        "dependencies": ("predecessorId", "successorId"),
    },
    "folders": dict.fromkeys((*_LEAVES, "bookings", "foldershistory", "foldershourlyrates"), ("folderId",)),
    "contacts": dict.fromkeys(("contactshistory", "contactshourlyrates"), ("contactId",)),
    "spaces": {"spaceworkflows": ("spaceId",)},
    "placeholders": {"placeholdershourlyrates": ("placeholderId",)},
    "workschedules": dict.fromkeys(
        ("workscheduleexclusions", "workschedulecapacitychanges", "timesheetsubmissionrules"), ("workScheduleId",)
    ),
}
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
    account.revision += 1
    return ACTIONS[action](account, **arguments)


def _unset(account: Account, collection: str, id: str, keys: list[str]) -> Record:  # noqa: A002
    record = find(account, collection, id)
    for key in keys:
        record.pop(key, None)
    return update(account, collection, id)


def _touch(account: Account, collection: str = "tasks", count: int = 1, seed: int = 0) -> Record:
    records = [r for r in account.records[collection].values() if r.get("scope", "Ws").startswith("Ws")]
    for record in random.Random(seed).sample(records, k=min(count, len(records))):  # noqa: S311
        key = _WORDS.get(collection, "title")
        update(account, collection, record["id"], **{key: f"{record[key]}!"})
    return record


def _remove(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    """Delete for good with all that belongs to it, and leave no trace; only tasks that lose a dependency change."""
    record = find(account, collection, id)
    if collection in {"folders", "tasks"}:
        _unlink(account, record)
    for belonging, keys in _BELONGS.get(collection, {}).items():
        for inner, one in list(account.records[belonging].items()):
            if id in {one.get(key) for key in keys}:
                _remove(account, belonging, inner)
    if collection == "dependencies":
        _free(account, id)
    return account.records[collection].pop(id)


def _free(account: Account, dependency: str) -> None:
    """Take a dependency away from both tasks."""
    for task in account.records["tasks"].values():
        if dependency in task["dependencyIds"]:
            left = [one for one in task["dependencyIds"] if one != dependency]
            update(account, "tasks", task["id"], dependencyIds=left)


def _trash(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    record = find(account, collection, id)
    _unlink(account, record)
    if collection == "tasks":
        # What was a subtask lies in the bin itself.
        record["superTaskIds"] = []
    return _move(account, collection, id, account.info["recycleBinId"], "Rb")


def _restore(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    find(account, collection, id)
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
    return update(account, collection, id_, scope=f"{scope}{kind}", **({"parentIds": [parent]} if parent else {}))


def _all_scoped(account: Account, holders: list[str], but: str, scope: str) -> bool:
    known = {**account.records["folders"], **account.records["tasks"]}
    return all(known[one]["scope"].startswith(scope) for one in holders if one != but and one in known)


def _unlink(account: Account, record: Record) -> None:
    """Take a folder out of its parents, a subtask out of the tasks above."""
    for collection, key in (("folders", "childIds"), ("tasks", "subTaskIds")):
        for above in account.records[collection].values():
            if record["id"] in above.get(key, ()):
                left = [one for one in above[key] if one != record["id"]]
                update(account, collection, above["id"], **{key: left})


ACTIONS: dict[str, Callable[..., Record]] = {
    "update": update,
    "unset": _unset,
    "touch": _touch,
    "create": create,
    "trash": _trash,
    "restore": _restore,
    "erase": _remove,
    "remove": _remove,
}
