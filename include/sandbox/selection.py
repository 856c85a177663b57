"""Which records an endpoint answers with: scope of the path, filters, order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from include.sandbox.endpoints import Endpoint
from include.sandbox.endpoints.export import EXPORTS
from include.sandbox.errors import not_found
from include.sandbox.export.operations import operation
from include.sandbox.filters import FILTERS
from include.sandbox.params import an_id, id_batch
from include.sandbox.spans import EVER
from include.sandbox.world import Account, Record, instant

BY_CHANGE = ("folders", "tasks")
"""Collections that are found by the time of change."""
_FIXED: dict[str, list[Record]] = {
    "version": [{"major": "4", "minor": "0"}],
}
_NO_FILTERS = frozenset({"deleted", "fields", "withInvitations", "pageSize", "access_token", "state", "method"})
_SORT_KEYS = {
    "CreatedDate": "createdDate",
    "UpdatedDate": "updatedDate",
    "CompletedDate": "completedDate",
    "Status": "status",
    "Importance": "importance",
    "Title": "title",
}
_BELONGS = {
    "tasks": ("taskId", "predecessorId", "successorId"),
    "folders": ("folderId",),
    "workschedules": ("workScheduleId",),
    "spaces": ("spaceId",),
    "contacts": ("contactId",),
    "placeholders": ("placeholderId",),
}
_IMPORTANCE = {"High": "0", "Normal": "1", "Low": "2"}


def tree_mode(endpoint: Endpoint, query: Mapping[str, str]) -> bool:
    """Whether folders come as the tree: nothing is filtered but by ``deleted``.

    :param endpoint: the endpoint.
    :param query: the parameters as they came.
    """
    filters = {name for name, value in query.items() if (name, value) != ("descendants", "true")}
    return endpoint.tree and not filters - _NO_FILTERS - {endpoint.page_token}


def candidates(endpoint: Endpoint, ids: str | None, account: Account, query: Mapping[str, Any]) -> list[Record]:
    """Find the records that the path itself speaks of.

    :param endpoint: the endpoint.
    :param ids: what stands in the path for ``{id}`` or ``{ids}``.
    :param account: the account.
    :param query: parsed parameters.
    :raises ApiError: an id is unknown, or there are too many.
    """
    if endpoint.collection in _FIXED:
        return _FIXED[endpoint.collection]
    if endpoint.collection == EXPORTS:
        return [operation(account, endpoint.method, ids)]
    records = account.of(endpoint.collection)
    if ids is None:
        if endpoint.collection in BY_CHANGE:
            every = account.changed(endpoint.collection, *query.get("updatedDate", EVER))
        else:
            every = list(records.values())
        return _listed(endpoint, every, account, query)
    if endpoint.path.endswith(("{ids}", "{id}")):
        wanted = id_batch(ids, endpoint.most_ids) if endpoint.path.endswith("{ids}") else [an_id("id", ids)]
        if missing := [one for one in wanted if one not in records]:
            raise not_found(f"{endpoint.kind} {missing[0]}")
        return [records[one] for one in wanted]
    if endpoint.collection in {"folders", "tasks"}:
        return _inside(endpoint, ids, account, query)
    return _belonging(endpoint, ids, account, query)


def _listed(endpoint: Endpoint, records: list[Record], account: Account, query: Mapping[str, Any]) -> list[Record]:
    """Leave out what a list does not tell unless asked."""
    roots = {account.info["rootFolderId"], account.info["recycleBinId"]}
    week = instant(datetime.now(UTC) - timedelta(days=7))
    told: dict[str, Callable[[Record], Any]] = {
        "folders": lambda record: query.get("descendants", True) or roots & set(record["parentIds"]),
        "tasks": lambda record: record["scope"] == "WsTask",
        # Wrike does not say which ones come without the filter; a client must not rely on it.
        "contacts": lambda record: "deleted" in query or query.get("me") or not record["deleted"],
        "spaces": lambda record: query.get("withArchived") or not record["archived"],
        "customitemtypes": lambda record: query.get("withDeleted") or not record["isDeleted"],
        "comments": lambda record: "createdDate" in query or record["createdDate"] >= week,
    }
    check = told.get(endpoint.collection)
    return [record for record in records if check(record)] if check else records


def _inside(endpoint: Endpoint, id_: str, account: Account, query: Mapping[str, Any]) -> list[Record]:
    """Find what is inside a folder or space."""
    an_id("id", id_)
    folders = account.records["folders"]
    if endpoint.path.startswith("/spaces/") and id_ not in account.records["spaces"]:
        raise not_found(f"space {id_}")
    in_bin = id_ == account.info["recycleBinId"]
    if id_ not in folders and not in_bin and id_ != account.info["rootFolderId"]:
        raise not_found(f"folder {id_}")
    around = _subtree(id_, account) if query.get("descendants", endpoint.collection == "folders") else {id_}
    scope = "Rb" if in_bin or folders.get(id_, {}).get("scope") == "RbFolder" else "Ws"
    return [
        record
        for record in account.records[endpoint.collection].values()
        if record["scope"].startswith(scope) and set(record["parentIds"]) & around and not record.get("superTaskIds")
    ]


def _subtree(id_: str, account: Account) -> set[str]:
    """Find a folder's id and those of all folders below it."""
    around, frontier = {id_}, [id_]
    while frontier:
        frontier = [
            folder["id"]
            for folder in account.records["folders"].values()
            if folder["id"] not in around and set(folder["parentIds"]) & set(frontier)
        ]
        around.update(frontier)
    return around


def owner_keys(endpoint: Endpoint) -> tuple[str, ...]:
    """Keys by which an endpoint's records tell to which record they belong that the path begins with.

    :param endpoint: the endpoint.
    """
    return _BELONGS[endpoint.path.split("/")[1]] if "}/" in endpoint.path else ()


def _belonging(endpoint: Endpoint, ids: str, account: Account, query: Mapping[str, Any]) -> list[Record]:
    """Find what belongs to the records that the path begins with."""
    owners = endpoint.path.split("/")[1]
    wanted = id_batch(ids, endpoint.most_ids) if "{ids}" in endpoint.path else [an_id("id", ids)]
    if missing := [one for one in wanted if one not in account.records[owners]]:
        raise not_found(f"{owners} {missing[0]}")
    around = _subtree(wanted[0], account) if query.get("showDescendants") else set(wanted)
    keys = owner_keys(endpoint)
    records = account.records[endpoint.collection].values()
    return [record for record in records if any(record.get(key) in around for key in keys)]


def tree(endpoint: Endpoint, ids: str | None, account: Account, query: Mapping[str, Any]) -> list[Record]:
    """Make the folder tree (Wrike API v4, "Get folder tree").

    :param endpoint: the endpoint.
    :param ids: the folder or space that the path speaks of; None: all, below virtual roots.
    :param account: the account.
    :param query: parsed parameters; of ``deleted`` only what is in the recycle bin, or only what is not.
    :raises ApiError: there is no such folder or space.
    """
    deleted = query.get("deleted")
    if ids is not None:
        inner = _inside(endpoint, ids, account, query)
        return [_node(folder) for folder in inner if deleted in {None, folder["scope"] == "RbFolder"}]
    roots = {"WsRoot": account.info["rootFolderId"], "RbRoot": account.info["recycleBinId"]}
    made: list[Record] = []
    for scope, root in roots.items():
        if deleted is not None and deleted != (scope == "RbRoot"):
            continue
        inner = [folder for folder in account.records["folders"].values() if folder["scope"][:2] == scope[:2]]
        made.append(
            {
                "id": root,
                "title": "Root" if scope == "WsRoot" else "Recycle Bin",
                "childIds": [folder["id"] for folder in inner if root in folder["parentIds"]],
                "scope": scope,
            }
        )
        made += [_node(folder) for folder in inner]
    return made


def _node(folder: Record) -> Record:
    keys = ("id", "title", "color", "childIds", "scope", "project", "space", "customItemTypeId")
    return {key: folder[key] for key in keys if key in folder}


def filtered(endpoint: Endpoint, records: Iterable[Record], query: Mapping[str, Any], user: str) -> list[Record]:
    """Keep the records that the filters let through.

    :param endpoint: the endpoint.
    :param records: the records.
    :param query: parsed parameters.
    :param user: id of the calling user.
    """
    filters = FILTERS.get(endpoint.collection, {})
    checks = [filters[name](value) for name, value in query.items() if name in filters]
    if query.get("me"):
        key = "userId" if endpoint.collection == "timelogs" else "id"
        checks.append(lambda record: record[key] == user)
    if query.get("userIsMember"):
        checks.append(lambda record: any(member["id"] == user for member in record["members"]))
    if endpoint.collection == "attachments" and not endpoint.path.endswith("{ids}") and not query.get("versions"):
        checks.append(lambda record: "currentAttachmentId" not in record)
    kept = list(records)
    for check in checks:
        kept = [record for record in kept if check(record)]
    return kept


def ordered(endpoint: Endpoint, records: list[Record], query: Mapping[str, Any]) -> list[Record]:
    """Bring tasks and folders into the order asked for, without one the oldest change first; comments newest first.

    Others come in no order that means anything.

    :param endpoint: the endpoint.
    :param records: the records.
    :param query: parsed parameters.
    """
    if endpoint.collection == "comments":
        return sorted(records, key=lambda record: str(record["createdDate"]), reverse=True)
    if endpoint.collection not in {"folders", "tasks"}:
        return records
    field = query.get("sortField", "UpdatedDate")

    def key(record: Record) -> str:
        if field in {"DueDate", "StartFinishInterval"}:
            return str(record["dates"].get("start" if field == "StartFinishInterval" else "due", ""))
        value = str(record.get(_SORT_KEYS.get(field, "updatedDate"), ""))
        return _IMPORTANCE.get(value, value)

    return sorted(records, key=key, reverse=query.get("sortOrder") == "Desc")
