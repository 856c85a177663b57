"""Which records an endpoint answers with: scope of the path, filters, order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from include.sandbox.endpoints import Endpoint
from include.sandbox.errors import not_found
from include.sandbox.params import id_batch
from include.sandbox.world import Account, Record

_FIXED: dict[str, list[Record]] = {
    "colors": [{"name": "Blue", "hex": "#2196F3"}, {"name": "Green", "hex": "#8BC34A"}],
    "version": [{"major": "4", "minor": "0"}],
}
TREE_PARAMS = frozenset({"deleted", "fields", "withInvitations"})


def tree_mode(endpoint: Endpoint, query: Mapping[str, Any]) -> bool:
    """Whether ``/folders`` answers with the tree: no filter but ``deleted``.

    :param endpoint: the endpoint.
    :param query: names of the parameters sent.
    """
    return endpoint.path == "/folders" and not set(query) - TREE_PARAMS - {"pageSize", "nextPageToken"}


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
    records = account.records[endpoint.collection]
    if ids is None:
        return _listed(endpoint, list(records.values()), query)
    if endpoint.path.endswith(("{ids}", "{id}")):
        wanted = id_batch(ids) if endpoint.path.endswith("{ids}") else [ids]
        if missing := [one for one in wanted if one not in records]:
            raise not_found(f"{endpoint.kind} {missing[0]}")
        return [records[one] for one in wanted]
    return _inside(endpoint, ids, account, query)


def _listed(endpoint: Endpoint, records: list[Record], query: Mapping[str, Any]) -> list[Record]:
    if endpoint.collection == "tasks":
        return [record for record in records if record["scope"] == "WsTask"]
    if endpoint.collection == "contacts" and "deleted" not in query and not query.get("me"):
        # Wrike does not say which ones come without the filter; a client must not rely on it.
        return [record for record in records if not record["deleted"]]
    if endpoint.collection == "spaces" and not query.get("withArchived"):
        return [record for record in records if not record["archived"]]
    return records


def _inside(endpoint: Endpoint, id_: str, account: Account, query: Mapping[str, Any]) -> list[Record]:
    """Find what is inside a folder or space."""
    folders = account.records["folders"]
    in_bin = id_ == account.info["recycleBinId"]
    if id_ not in folders and not in_bin and id_ != account.info["rootFolderId"]:
        raise not_found(f"folder {id_}")
    around = {id_}
    if query.get("descendants", endpoint.collection == "folders"):
        frontier = [id_]
        while frontier:
            inner = [
                folder["id"]
                for folder in folders.values()
                if folder["id"] not in around and set(folder["parentIds"]) & set(frontier)
            ]
            around.update(inner)
            frontier = inner
    scope = "Rb" if in_bin or folders.get(id_, {}).get("scope") == "RbFolder" else "Ws"
    return [
        record
        for record in account.records[endpoint.collection].values()
        if record["scope"].startswith(scope) and set(record["parentIds"]) & around and not record.get("superTaskIds")
    ]


def tree(account: Account, *, deleted: bool | None) -> list[Record]:
    """Make the folder tree (Wrike API v4, "Get folder tree").

    :param account: the account.
    :param deleted: only what is in the recycle bin, or only what is not; None: both.
    """
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
        keys = ("id", "title", "color", "childIds", "scope", "project", "space", "customItemTypeId")
        made += [{key: folder[key] for key in keys if key in folder} for folder in inner]
    return made


def filtered(records: Iterable[Record], query: Mapping[str, Any], user: str) -> list[Record]:
    """Keep the records that the filters let through.

    :param records: the records.
    :param query: parsed parameters.
    :param user: id of the calling user.
    """
    checks = [FILTERS[name](value) for name, value in query.items() if name in FILTERS]
    if query.get("me"):
        checks.append(lambda record: record["id"] == user)
    return [record for record in records if all(check(record) for check in checks)]


def ordered(records: list[Record], query: Mapping[str, Any]) -> list[Record]:
    """Bring records into the order asked for; without, the oldest change first.

    :param records: the records.
    :param query: parsed parameters.
    """
    if not records or "updatedDate" not in records[0]:
        return records
    field = query.get("sortField", "UpdatedDate")
    key = field[0].lower() + field[1:]
    return sorted(records, key=lambda record: str(record.get(key, "")), reverse=query.get("sortOrder") == "Desc")


def _between(key: str) -> Callable[[tuple[str, str]], Callable[[Record], bool]]:
    return lambda span: lambda record: key in record and span[0] <= record[key] < span[1]


def _among(key: str) -> Callable[[list[str]], Callable[[Record], bool]]:
    return lambda wanted: lambda record: record.get(key) in wanted


def _shares(key: str) -> Callable[[list[str]], Callable[[Record], bool]]:
    return lambda wanted: lambda record: bool(set(record.get(key, ())) & set(wanted))


def _has_metadata(wanted: Record) -> Callable[[Record], bool]:
    return lambda record: any(wanted.items() <= pair.items() for pair in record.get("metadata", ()))


FILTERS: dict[str, Callable[[Any], Callable[[Record], bool]]] = {
    "createdDate": _between("createdDate"),
    "updatedDate": _between("updatedDate"),
    "completedDate": _between("completedDate"),
    "status": _among("status"),
    "importance": lambda word: lambda record: record["importance"] == word,
    "permalink": lambda link: lambda record: record["permalink"] == link,
    "title": lambda part: lambda record: part in record["title"],
    "types": _among("type"),
    "accessTypes": _among("accessType"),
    "customStatuses": _among("customStatusId"),
    "customItemTypes": _among("customItemTypeId"),
    "billingTypes": _among("billingType"),
    "authors": _shares("authorIds"),
    "responsibles": _shares("responsibleIds"),
    "metadata": _has_metadata,
    "project": lambda wanted: lambda record: ("project" in record) == wanted,
    "subTasks": lambda wanted: lambda record: wanted or not record["superTaskIds"],
    "active": lambda wanted: lambda record: any(p.get("active", True) == wanted for p in record["profiles"]),
    # Of folders it is the recycle bin, of contacts the removed people.
    "deleted": lambda wanted: (
        lambda record: ((record["scope"] == "RbFolder") if "scope" in record else record["deleted"]) == wanted
    ),
}
