"""Changes to an account, as its people would make them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from include.sandbox.errors import not_found
from include.sandbox.ids import work_id
from include.sandbox.world import Account, Record, instant


def mutate(account: Account, action: str, arguments: dict[str, Any]) -> Record:
    """Change an account.

    :param account: the account.
    :param action: one of :data:`ACTIONS`.
    :param arguments: what the action takes.
    :returns: the record that was changed or made; of several the last.
    :raises ApiError: the action or the record is unknown.
    """
    if action not in ACTIONS:
        raise not_found(f"action {action}")
    return ACTIONS[action](account, **arguments)


def _update(account: Account, collection: str, id: str, **values: Any) -> Record:  # noqa: A002
    record = _find(account, collection, id)
    record.update(values)
    if "updatedDate" in record:
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
        record["title"] = f"{record['title']}!"
        record["updatedDate"] = instant()
    return record


def _create(account: Account, collection: str = "tasks", **values: Any) -> Record:
    records = account.records[collection]
    pattern = next(r for r in reversed(records.values()) if r["scope"].startswith("Ws"))
    number = max(int(r["permalink"].rpartition("=")[2]) for r in records.values()) + 1
    made = {
        **pattern,
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
    return made


def _trash(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    scope = "RbTask" if collection == "tasks" else "RbFolder"
    return _update(account, collection, id, scope=scope, parentIds=[account.info["recycleBinId"]])


def _restore(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    scope = "WsTask" if collection == "tasks" else "WsFolder"
    return _update(account, collection, id, scope=scope, parentIds=[account.info["rootFolderId"]])


def _erase(account: Account, collection: str, id: str) -> Record:  # noqa: A002
    _find(account, collection, id)
    return account.records[collection].pop(id)


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
}
