"""Compare staged rows with the records they were made of.

Written from the naming rules alone (docs on staging), not from the connector's declarations, so that an error there
is found here: a record is spread over table and child tables as the rules say, staged rows are read back, and both
must be the same. What no column takes must be in `_extra`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from include.sandbox.client import SandboxClient

Record = Mapping[str, Any]
Row = dict[str, Any]
ENTITIES = (
    "account",
    "contacts",
    "groups",
    "user_types",
    "access_roles",
    "invitations",
    "job_roles",
    "placeholders",
    "spaces",
    "workflows",
    "space_workflows",
    "custom_fields",
    "custom_item_types",
    "folder_blueprints",
    "task_blueprints",
    "request_forms",
    "webhooks",
    "timelog_categories",
    "work_schedules",
    "folders",
    "tasks",
    "approvals",
    "timelogs",
    "audit_log",
    "comments",
    "attachments",
    "dependencies",
    "users",
    "colors",
    "bookings",
    "timesheets",
    "timesheet_submission_rules",
    "work_schedule_exclusions",
    "work_schedule_capacity_changes",
    "user_schedule_exclusions",
    "user_schedule_partial_exclusions",
    "user_schedule_capacity_changes",
    "contacts_history",
    "folders_history",
    "tasks_history",
    "contacts_hourly_rates",
    "placeholders_hourly_rates",
    "folders_hourly_rates",
)
"""What is staged; the sandbox calls its collections the same, without the underscores."""
_KEYS = {"timesheets": "timesheetId", "timesheet_submission_rules": "workScheduleId", "colors": "name"}
_OWNERS = {
    "space_workflows": "spaceId",
    "work_schedule_exclusions": "workScheduleId",
    "work_schedule_capacity_changes": "workScheduleId",
}
"""What is read at another record has its id."""
_ABOUT = ("_history", "_hourly_rates")
"""What is about another entity's records has their ids."""
_EXTRA = "_extra"
_POSITION = "position"
_SHOWN = 5


class Readable(Protocol):
    """An open connection to a database, DuckDB's or another; JSON comes as text."""

    def execute(self, query: str, /) -> Any:
        """Run a query, and return what its rows can be fetched from."""


class Staged:
    """One schema of a database with staged rows.

    Args:
        database: open connection, possibly read-only
        schema: name of the schema
    """

    def __init__(self, database: Readable, schema: str) -> None:
        self._database = database
        self._schema = schema
        database.execute("SET TimeZone = 'UTC'")
        self.columns: dict[str, dict[str, str]] = {}
        for table, column, kind in database.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "  # noqa: S608
            f"WHERE table_schema = '{schema}'"
        ).fetchall():
            self.columns.setdefault(table, {})[column] = kind

    def rows(self, table: str) -> list[Row]:
        """Return a table's rows: filled columns only, values as JSON would write them.

        Without records that are gone from Wrike, and without the columns of our own that start with `_`.
        """
        columns = self.columns[table]
        present = 'WHERE "_deleted_at" IS NULL' if "_deleted_at" in columns else ""
        names = [name for name in columns if name == _EXTRA or not name.startswith("_")]
        listed = ", ".join(f'"{name}"' for name in names)
        found = self._database.execute(f'SELECT {listed} FROM "{self._schema}"."{table}" {present}').fetchall()  # noqa: S608
        kinds = [columns[name] for name in names]
        result = []
        for values in found:
            row = {
                name: _as_json(value, kind)
                for name, value, kind in zip(names, values, kinds, strict=True)
                if value is not None
            }
            if _EXTRA in row:
                row[_EXTRA] = _without_empty(row[_EXTRA])
                if not row[_EXTRA]:
                    del row[_EXTRA]
            result.append(row)
        return result


def collection(entity: str) -> str:
    """Return what the sandbox calls an entity's records."""
    return entity.replace("_", "")


def wrike_records(sandbox: SandboxClient, account: str, entity: str) -> list[dict[str, Any]]:
    """Return every record of `entity` as Wrike holds it, in the form in which it is staged.

    Args:
        sandbox: the local Wrike
        account: key of the account
        entity: name of the entity
    """
    found = sandbox.records(account, collection(entity))
    owners = [record.pop("ownerId", "") for record in found]
    if about := _OWNERS.get(entity):
        return [{about: owner, **record} for owner, record in zip(owners, found, strict=True)]
    if entity == "dependencies":
        # They are found by the tasks outside of the recycle bin.
        tasks = {one for task in sandbox.records(account, "tasks") for one in task["dependencyIds"]}
        return [record for record in found if record["id"] in tasks]
    if not entity.endswith(_ABOUT):
        return found
    # What is asked for by id is asked for of what is there.
    of = entity.removesuffix("_history").removesuffix("_hourly_rates")
    there = {record["id"] for record in sandbox.records(account, of) if of != "contacts" or not record["deleted"]}
    if entity.endswith("_history"):
        return [record for record in found if record["id"] in there]
    rates: dict[str, list[dict[str, Any]]] = {}
    for owner, record in zip(owners, found, strict=True):
        rates.setdefault(owner, []).append(record)
    return [{"id": owner, "rates": belonging} for owner, belonging in rates.items() if owner in there]


def differences(staged: Staged, entity: str, records: Sequence[Record]) -> list[str]:
    """Return what differs between the staged rows of `entity` and Wrike's `records`, in words; [] when nothing does.

    Args:
        staged: where the rows are
        entity: name of the entity and of its table
        records: every record of it as Wrike holds it, all optional fields included
    """
    if entity not in staged.columns:
        return [f"{entity}: no table"] if records else []
    key = _KEYS.get(entity, "id")
    column = _snake(key)
    about = next((entity.removesuffix(end) for end in _ABOUT if entity.endswith(end)), entity)
    parent_key = _singular(about) + "_id"
    longer = tuple(other for other in ENTITIES if other.startswith(entity + "_"))
    arrays = {
        name: kinds
        for name, kinds in staged.columns.items()
        if name.startswith(entity + "_") and not name.startswith(longer)
    }
    expected: dict[str, Row] = {}
    expected_children: dict[str, list[Row]] = {name: [] for name in arrays}
    for record in records:
        spread = _Spread(staged.columns[entity], arrays, entity)
        spread.add(record)
        expected[record[key]] = spread.row
        for table, rows in spread.children.items():
            expected_children[table] += [{parent_key: record[key], **row} for row in rows]

    found = {row[column]: row for row in staged.rows(entity)}
    messages = _different_records(entity, expected, found)
    for table, rows in expected_children.items():
        # Rows of records that are gone stay as long as the record does.
        present = [row for row in staged.rows(table) if row.get(parent_key) in found]
        messages += _different_rows(table, rows, present)
    return messages


class _Spread:
    """What the naming rules make of one record (or of one object in an array: then without arrays of its own)."""

    def __init__(self, columns: Mapping[str, str], arrays: Mapping[str, Mapping[str, str]], prefix: str) -> None:
        self._columns = columns
        self._arrays = arrays
        self._prefix = prefix
        self.row: Row = {}
        self.children: dict[str, list[Row]] = {}

    def add(self, value: Record, path: tuple[str, ...] = ()) -> None:
        """Spread an object found at `path` of the record."""
        for key, inner in value.items():
            self._add_value(inner, (*path, key))
        if path:
            return
        for column in self._columns:
            # A column such as is_project, beside project_status, tells whether the record has the object at all.
            thing = column.removeprefix("is_")
            if thing != column and any(other.startswith(thing + "_") for other in self._columns):
                self.row[column] = thing in value

    def _add_value(self, value: Any, path: tuple[str, ...]) -> None:
        column = _snake("_".join(path))
        table = f"{self._prefix}_{column}"
        if isinstance(value, list) and table in self._arrays:
            self.children[table] = list(_array_rows(value, self._arrays[table], table, path[-1]))
        elif column in self._columns:
            self.row[column] = _plain(value)
        elif isinstance(value, Mapping):
            self.add(value, path)
        else:
            target = self.row.setdefault(_EXTRA, {})
            for key in path[:-1]:
                target = target.setdefault(key, {})
            target[path[-1]] = _plain(value)


def _array_rows(values: Sequence[Any], columns: Mapping[str, str], table: str, name: str) -> Iterable[Row]:
    """Spread an array over its child table; yields rows without the parent's key."""
    # The first column is the parent's key; of plain values the other one is the value.
    parent_key, *others = [column for column in columns if column != _POSITION and not column.startswith("_")]
    element = _singular(_snake(name))
    # These names are taken by, or would be unclear beside, the parent's key.
    renamed = {"id": f"{element}_id", parent_key: f"{element}_{parent_key}"}
    seen = set()
    for position, value in enumerate(values):
        if isinstance(value, Mapping):
            spread = _Spread(columns, {}, table)
            spread.add({renamed.get(_snake(str(key)), str(key)): inner for key, inner in value.items()})
            row = spread.row
        else:
            row = {others[0]: _plain(value)}
        if _POSITION in columns:
            row[_POSITION] = position
        fingerprint = _text(row)
        if fingerprint not in seen:
            seen.add(fingerprint)
            yield row


def _different_records(entity: str, expected: Mapping[str, Row], found: Mapping[str, Row]) -> list[str]:
    messages = []
    for word, ids in (("missing", expected.keys() - found.keys()), ("not in Wrike", found.keys() - expected.keys())):
        if ids:
            messages.append(f"{entity}: {len(ids)} {word}: {_some(sorted(ids))}")
    changed = [
        f"{key}.{column}: staged {found[key].get(column)!r}, Wrike {expected[key].get(column)!r}"
        for key in sorted(expected.keys() & found.keys())
        for column in sorted(expected[key].keys() | found[key].keys())
        if _text(expected[key].get(column)) != _text(found[key].get(column))
    ]
    if changed:
        messages.append(f"{entity}: {len(changed)} values differ: {_some(changed)}")
    return messages


def _different_rows(table: str, expected: Iterable[Row], found: Iterable[Row]) -> list[str]:
    wanted, got = Counter(map(_text, expected)), Counter(map(_text, found))
    messages = []
    for word, rows in (("missing", wanted - got), ("not in Wrike", got - wanted)):
        if rows:
            messages.append(f"{table}: {rows.total()} rows {word}: {_some(list(rows))}")
    return messages


def _as_json(value: Any, kind: str) -> Any:
    """Return a value read from the database in the form in which Wrike would write it."""
    if kind.upper() == "JSON":
        return _plain(json.loads(value))
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return _plain(value)


def _plain(value: Any) -> Any:
    """Return a JSON value with 1 and 1.0 made the same."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float | Decimal):
        return int(value) if value == int(value) else float(value)
    return value


def _without_empty(value: Any) -> Any:
    """Return a JSON value without empty objects: where all keys have columns, nothing is left to keep."""
    if isinstance(value, Mapping):
        inner = {key: _without_empty(each) for key, each in value.items()}
        return {key: each for key, each in inner.items() if each != {}}
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _singular(name: str) -> str:
    return name.removesuffix("es") if name.endswith("uses") else name.removesuffix("s")


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _some(items: Sequence[Any]) -> str:
    shown = ", ".join(str(item) for item in items[:_SHOWN])
    return shown + (f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else "")
