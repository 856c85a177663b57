"""Exports as they are asked for, made and fetched."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

from include.sandbox.errors import not_found
from include.sandbox.export.rows import tables
from include.sandbox.ids import legacy_id
from include.sandbox.world import Account, Export, Record, instant

_FRESH = timedelta(hours=1)


def operation(account: Account, method: str, id_: str | None) -> Record:
    """Tell about an export, and begin one when none is there; what was being made before is done now.

    :param account: the account.
    :param method: GET: the latest one; POST: a new one, unless the latest is fresh.
    :param id_: the one asked for; None: no special one.
    :raises ApiError: it is unknown.
    """
    if not account.export_held:
        for one in account.exports:
            if not one.completed:
                _complete(account, one)
    if id_ is not None:
        return _told(_find(account, id_))
    waiting = next((one for one in account.exports if not one.completed), None)
    if waiting:
        return _told(waiting)
    latest = _latest(account)
    if latest and not account.export_held and (method == "GET" or _fresh(latest)):
        return _told(latest)
    return _told(_begin(account))


def exported_file(account: Account, id_: str, name: str) -> str:
    """Find a table of an export.

    :param account: the account.
    :param id_: id of the export.
    :param name: name of the file.
    :raises ApiError: there is no such file.
    """
    table = name.removesuffix(".csv")
    files = _find(account, id_).files
    if name == table or table not in files:
        raise not_found(f"file {name}")
    return files[table]


def exported_rows(account: Account) -> dict[str, list[Record]]:
    """Tell all rows of the latest export by table; nothing when there is none.

    :param account: the account.
    """
    latest = _latest(account)
    files = latest.files if latest else {}
    return {table: list(csv.DictReader(io.StringIO(text, newline=""))) for table, text in files.items()}


def change(account: Account, wanted: Record) -> Record:
    """Do what a test wants of exports.

    :param account: the account.
    :param wanted: ``hold`` whether they stay in progress; ``forget`` all; ``new`` for one that is done at once,
        perhaps with a ``completedDate`` of its own, with ``files`` (CSV by table) in place of some or beside them,
        with certain ``tables`` only, with a ``failure`` (a status), or with files that are said to be ``elsewhere``
        (address of a server).
    :returns: the new one, if any.
    """
    account.export_held = wanted.get("hold", account.export_held)
    if wanted.get("forget"):
        account.exports.clear()
    if not wanted.get("new"):
        return {}
    made = _begin(account)
    _complete(account, made)
    made.completed = wanted.get("completedDate", made.completed)
    made.files |= wanted.get("files", {})
    made.files = {table: text for table, text in made.files.items() if table in wanted.get("tables", made.files)}
    made.failure, made.elsewhere = wanted.get("failure", ""), wanted.get("elsewhere", "")
    return _told(made)


def _begin(account: Account) -> Export:
    account.serial += 1
    account.exports.append(Export(legacy_id(account.number, "D", account.serial)))
    return account.exports[-1]


def _complete(account: Account, export: Export) -> None:
    export.completed, export.files = instant(), tables(account)


def _latest(account: Account) -> Export | None:
    return next((one for one in reversed(account.exports) if one.completed), None)


def _fresh(export: Export) -> bool:
    return datetime.now(UTC) - datetime.fromisoformat(export.completed) < _FRESH


def _find(account: Account, id_: str) -> Export:
    found = next((one for one in account.exports if one.id == id_), None)
    if found is None:
        raise not_found(f"data export {id_}")
    return found


def _told(export: Export) -> Record:
    if not export.completed:
        return {"id": export.id, "status": "InProgress"}
    if export.failure:
        return {"id": export.id, "status": export.failure, "completedDate": export.completed}
    return {
        "id": export.id,
        "status": "Completed",
        "completedDate": export.completed,
        "resources": [
            {"name": table, "url": f"{export.elsewhere}/api/v4/data_export_files/{export.id}/{table}.csv"}
            for table in export.files
        ],
    }
