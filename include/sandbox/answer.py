"""From a request to Wrike's answer: parameters, records, fields, pages (Wrike API v4, "Response format")."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Set
from typing import Any

from include.sandbox.endpoints import ENDPOINTS, FIELD_KEYS, Endpoint
from include.sandbox.errors import invalid_parameter, invalid_request, parameter_required
from include.sandbox.faults import Faults
from include.sandbox.params import integer
from include.sandbox.selection import candidates, filtered, ordered, owner_keys, tree, tree_mode
from include.sandbox.world import Account, Grant, Record

_NESTED_FIELDS = dict.fromkeys(
    ("contractType", "plannedCost", "plannedFees", "actualFees", "actualCost", "budget"), "project"
)
_ACCOUNT_ADMIN_KEYS = ("paid", "userLimit")
_EVERYWHERE = frozenset({"access_token", "state", "method"})
_TREE_FIELDS = frozenset({"space", "contractType"})
_PLAIN = {"plainText": ("text", "comment"), "plainTextDescription": ("description",)}
_QUERIES = 64
_TAG = re.compile(r"<[^>]*>")


class Pages:
    """Page tokens: each belongs to the query that it was given for."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, int, int]] = {}
        self._found: OrderedDict[tuple[str, int], list[Record]] = OrderedDict()

    def records(self, query: str, revision: int, find: Callable[[], list[Record]]) -> list[Record]:
        """Find what a query finds; not anew for each page, as long as nothing has changed.

        :param query: digest of the query.
        :param revision: how often the account was changed.
        :param find: finds the records.
        """
        if (query, revision) not in self._found:
            self._found[query, revision] = find()
        self._found.move_to_end((query, revision))
        if len(self._found) > _QUERIES:
            self._found.popitem(last=False)
        return self._found[query, revision]

    def give(self, query: str, offset: int, size: int) -> str:
        """Make a token.

        :param query: digest of the query.
        :param offset: where the page begins; -1: the token is refused when it comes back.
        :param size: records of a page, unless the request says otherwise.
        """
        token = base64.b32encode(secrets.token_bytes(29)).decode().rstrip("=")[:46]
        self._known[token] = (query, offset, size)
        return token

    def take(self, token: str, query: str, name: str) -> tuple[int, int]:
        """Find where the page of a token begins, and how long it is.

        :param token: the token.
        :param query: digest of the query that it comes with.
        :param name: the request parameter.
        :raises ApiError: it is unknown, or was given for another query.
        """
        known, offset, size = self._known.get(token, ("", -1, 0))
        if known != query or offset < 0:
            raise invalid_parameter(name)
        return offset, size


def answer(
    endpoint: Endpoint,
    ids: str | None,
    raw: Mapping[str, str],
    account: Account,
    grant: Grant | None,
    pages: Pages,
    faults: Faults,
) -> Record:
    """Answer a request.

    :param endpoint: the endpoint.
    :param ids: what stands in the path for ``{id}`` or ``{ids}``.
    :param raw: query parameters as they came.
    :param account: the account.
    :param grant: whom the token belongs to.
    :param pages: page tokens.
    :param faults: what is to go wrong.
    :raises ApiError: Wrike would refuse the request.
    """
    user = grant.user if grant else ""
    admin = account.is_admin(user)
    in_tree = tree_mode(endpoint, raw)
    query = _parsed(endpoint, raw, in_tree=in_tree)
    fields = _fields(endpoint, raw)
    if in_tree:
        hidden = _TREE_FIELDS - fields
        nodes = tree(endpoint, ids, account, query)
        return {"kind": "folderTree", "data": [_without(node, hidden) for node in nodes]}

    def find() -> list[Record]:
        found = filtered(endpoint, candidates(endpoint, ids, account, query), query, user)
        return ordered(endpoint, found, query)

    digest = _digest(endpoint, ids, raw, account.key, user)
    records = find() if endpoint.page_size is None else pages.records(digest, account.revision, find)
    body, chosen = _paged(endpoint, digest, raw, records, pages, faults)
    body["data"] = [_shown(endpoint, record, fields, user, admin=admin) for record in chosen]
    body["data"] = [_plain(record, query) for record in body["data"]]
    if query.get("withUrls"):
        for record in body["data"]:
            record["url"] = f"https://storage.www.wrike.com/attachments/{record['id']}?token={secrets.token_hex(8)}"
    return body


def complete(account: Account, collection: str, user: str) -> list[Record]:
    """All records of a collection with every key that its list endpoint can return.

    Of an endpoint that lists what belongs to one record also ``ownerId``, which that one is.

    :param account: the account.
    :param collection: name of the collection.
    :param user: id of the user who asks.
    """
    admin = account.is_admin(user)
    listing = next(e for e in ENDPOINTS if e.collection == collection)
    every = set(listing.fields)
    owner = next((key for key in owner_keys(listing) if key in listing.absent), None)
    return [
        {**_shown(listing, record, every, user, admin=admin), **({"ownerId": record[owner]} if owner else {})}
        for record in account.of(collection).values()
    ]


def _parsed(endpoint: Endpoint, raw: Mapping[str, str], *, in_tree: bool) -> dict[str, Any]:
    query: dict[str, Any] = {}
    for name, value in raw.items():
        if name in _EVERYWHERE or (name == "fields" and endpoint.fields):
            continue
        if name in {"pageSize", endpoint.page_token} and endpoint.page_size is not None and not in_tree:
            if name == "pageSize" and integer(name, value) > endpoint.page_size:
                raise invalid_parameter(name)
            continue
        if name not in endpoint.params:
            raise invalid_request(f"Parameter '{name}' is not allowed")
        query[name] = endpoint.params[name](name, value)
    needed = (*endpoint.required, *(other for name in query for other in endpoint.needs.get(name, ())))
    if missing := [name for name in needed if name not in query]:
        raise parameter_required(missing[0])
    return {**endpoint.defaults, **query}


def _fields(endpoint: Endpoint, raw: Mapping[str, str]) -> set[str]:
    if "fields" not in raw or not endpoint.fields:
        return set()
    text = raw["fields"]
    try:
        names = json.loads(text)
    except ValueError:
        names = [name.strip() for name in text.strip("[]").split(",")]
    if not isinstance(names, list) or not names or any(name not in endpoint.fields for name in names):
        raise invalid_parameter("fields")
    return set(names)


def _paged(
    endpoint: Endpoint, digest: str, raw: Mapping[str, str], records: list[Record], pages: Pages, faults: Faults
) -> tuple[Record, list[Record]]:
    token = raw.get(endpoint.page_token) if endpoint.page_size is not None else None
    if endpoint.page_size is None or (token is None and "pageSize" not in raw):
        limit = int(raw["limit"]) if "limit" in raw else endpoint.usual or len(records)
        return {"kind": endpoint.kind}, records[: min(limit, endpoint.cap or limit)]
    offset, size = (0, 0) if token is None else pages.take(token, digest, endpoint.page_token)
    size = int(raw.get("pageSize", size))
    chosen = records[offset : offset + size]
    body: Record = {"kind": endpoint.kind}
    if offset + size < len(records) or (faults.empty_last_page and chosen):
        body |= {"nextPageToken": pages.give(digest, offset + size, size), "responseSize": len(records)}
    elif faults.empty_last_page:
        body |= {"nextPageToken": pages.give(digest, -1, size)}
    return body, chosen


def _digest(endpoint: Endpoint, ids: str | None, raw: Mapping[str, str], account: str, user: str) -> str:
    kept = sorted(item for item in raw.items() if item[0] not in {"pageSize", endpoint.page_token, *_EVERYWHERE})
    return hashlib.sha256(json.dumps([endpoint.path, ids, kept, account, user]).encode()).hexdigest()


def _marked(record: Record, user: str, *, admin: bool) -> Record:
    """Add what depends on who asks."""
    if record.get("id") == user:
        return {**record, "me": True}
    if "subscription" in record and not admin:
        subscription = {key: value for key, value in record["subscription"].items() if key not in _ACCOUNT_ADMIN_KEYS}
        return {**record, "subscription": subscription}
    return record


def _shown(endpoint: Endpoint, record: Record, fields: set[str], user: str, *, admin: bool) -> Record:
    hidden = set(endpoint.fields) - fields
    if endpoint.collection == "folders":
        hidden.discard("description")
    keys = {key for name in hidden for key in FIELD_KEYS.get(name, (name,))}
    return _without(_marked(record, user, admin=admin), keys | set(endpoint.absent))


def _without(record: Record, hidden: Set[str]) -> Record:
    """Leave out keys, those inside of others too."""
    shown = {key: value for key, value in record.items() if key not in hidden}
    for name, outer in _NESTED_FIELDS.items():
        if name in hidden and outer in shown:
            shown[outer] = {key: value for key, value in shown[outer].items() if key != name}
            if not shown[outer]:
                del shown[outer]
    return shown


def _plain(record: Record, query: Mapping[str, Any]) -> Record:
    """Strip what is asked for as plain text of its tags."""
    shown = record
    for name, keys in _PLAIN.items():
        if query.get(name):
            shown = shown | {key: html.unescape(_TAG.sub("", shown[key])) for key in keys if key in shown}
    if query.get("plainTextCustomFields") and "customFields" in shown:
        values = [{**value, "value": _TAG.sub("", value["value"])} for value in shown["customFields"]]
        shown = {**shown, "customFields": values}
    return shown
