"""The simplest changes to an account: find a record, set keys of it."""

from __future__ import annotations

from typing import Any

from include.sandbox.errors import not_found
from include.sandbox.world import Account, Record, instant


def find(account: Account, collection: str, id_: str) -> Record:
    """Find a record.

    :param account: the account.
    :param collection: name of the collection.
    :param id_: id of the record, or what stands for it.
    :raises ApiError: there is none.
    """
    if id_ not in account.records.get(collection, {}):
        raise not_found(f"{collection} {id_}")
    return account.records[collection][id_]


def update(account: Account, collection: str, id: str, **values: Any) -> Record:  # noqa: A002
    """Set keys of a record; its ``updatedDate`` is now, unless it is a comment.

    :param account: the account.
    :param collection: name of the collection.
    :param id: id of the record.
    :param values: the keys.
    :raises ApiError: there is no such record.
    """
    record = find(account, collection, id)
    record.update(values)
    if "updatedDate" in record and collection != "comments":
        record["updatedDate"] = instant()
    return record
