"""Records to rows: one row for the record's own table, any number for its child tables.

Nothing that Wrike sends is lost: keys that no column takes and values that do not fit their column's type are
kept in ``_extra``.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from wrike_provider.entities.model import Child, Column, Entity
from wrike_provider.staging.convert import CONVERTERS, JSON_OPTIONS, to_json
from wrike_provider.staging.errors import BadRecordError
from wrike_provider.staging.unknown import Found, Leftovers

Row = tuple[Any, ...]

_MISSING: Final = object()
_BIN: Final = "Rb"


@dataclass(frozen=True, slots=True)
class RecordRows:
    """The rows of one record.

    :param key: the record's key.
    :param row: values of the columns that the entity declares, then ``_extra``.
    :param children: for each child of the entity its rows; each the record's key, ``position`` when the child is
        ordered, the declared columns, and ``_extra`` unless its elements are plain values.
    :param digest: digest of all the above.
    :param in_bin: whether the record is in the recycle bin.
    :param unknown: what went into ``_extra``, here and in the children.
    """

    key: str
    row: Row
    children: tuple[tuple[Row, ...], ...]
    digest: str
    in_bin: bool = False
    unknown: tuple[Found, ...] = field(default=(), compare=False)


class RowBuilder:
    """Makes the rows of an entity's records.

    :param entity: the entity.
    """

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._columns = _paths(entity.columns)
        self._leftovers = Leftovers.of(entity)
        self._children = tuple(
            _ChildPaths(
                child,
                tuple(child.path.split(".")),
                _paths(child.columns),
                Leftovers(child.columns, prefix=f"{child.path}[]."),
            )
            for child in entity.children
        )

    def build(self, record: dict[str, Any]) -> RecordRows:
        """Make the rows of a record.

        :param record: the record as Wrike sent it; left as it is.
        :raises BadRecordError: the record has no key.
        """
        if not isinstance(record, dict):
            raise BadRecordError(f"{self._entity.name}: Wrike sent {type(record).__name__} where a record should be")
        rest = _thin_copy(record)
        key = record.get(self._entity.key.path)
        if not isinstance(key, str) or not key:
            raise BadRecordError(
                f"{self._entity.name}: Wrike sent a record without {self._entity.key.path!r}; it has {sorted(record)}"
            )
        unknown: list[Found] = []
        children = tuple(_child_rows(key, rest, child, unknown) for child in self._children)
        values = _take(rest, self._columns, record)
        if rest:
            unknown.extend(self._leftovers.name(rest))
        row = (*values, to_json(rest) if rest else None)
        content = orjson.dumps([row, children], option=JSON_OPTIONS)
        in_bin = self._entity.scope is not None and str(record.get(self._entity.scope)).startswith(_BIN)
        return RecordRows(
            key, row, children, hashlib.blake2b(content, digest_size=16).hexdigest(), in_bin, tuple(unknown)
        )


@dataclass(frozen=True, slots=True)
class _Path:
    column: Column
    keys: tuple[str, ...]


def _paths(columns: Sequence[Column]) -> list[_Path]:
    return [_Path(column, tuple(column.path.split("."))) for column in columns]


@dataclass(frozen=True, slots=True)
class _ChildPaths:
    child: Child
    keys: tuple[str, ...]
    columns: list[_Path]
    leftovers: Leftovers


def _child_rows(key: str, rest: dict[str, Any], paths: _ChildPaths, unknown: list[Found]) -> tuple[Row, ...]:
    child = paths.child
    elements = _pop(rest, paths.keys)
    if elements is _MISSING:
        return ()
    if not isinstance(elements, list):
        _put_back(rest, paths.keys, elements)
        return ()
    rows: list[Row] = []
    misfits = []
    for position, element in enumerate(elements):
        place = (position,) if child.ordered else ()
        if child.scalar:
            value = _scalar(element, child.columns[0])
            if value is _MISSING:
                misfits.append(element)
            else:
                rows.append((key, *place, value))
        elif isinstance(element, dict):
            left = _thin_copy(element)
            values = _take(left, paths.columns, element)
            if left:
                unknown.extend(paths.leftovers.name(left))
            rows.append((key, *place, *values, to_json(left) if left else None))
        else:
            misfits.append(element)
    if misfits:
        _put_back(rest, paths.keys, misfits)
    return tuple(rows) if child.ordered else _distinct(rows)


def _thin_copy(record: dict[str, Any]) -> dict[str, Any]:
    """Copy the objects but not the arrays of a record: objects are emptied while values are taken out."""
    return {name: _thin_copy(value) if isinstance(value, dict) else value for name, value in record.items()}


def _take(rest: dict[str, Any], paths: list[_Path], record: dict[str, Any]) -> list[Any]:
    """Take the columns' values out of a copy of a record; what remains there is what no column takes."""
    values: list[Any] = []
    for path in paths:
        if path.column.presence:
            values.append(_find(record, path.keys) is not _MISSING)
            if _find(rest, path.keys) == {}:
                _pop(rest, path.keys)
            continue
        value = _pop(rest, path.keys)
        if value is _MISSING or value is None:
            values.append(None)
            continue
        try:
            values.append(CONVERTERS[path.column.type](value))
        except (ValueError, OverflowError):
            values.append(None)
            _put_back(rest, path.keys, value)
    return values


def _find(record: dict[str, Any], keys: tuple[str, ...]) -> Any:
    for key in keys[:-1]:
        inner = record.get(key)
        if not isinstance(inner, dict):
            return _MISSING
        record = inner
    return record.get(keys[-1], _MISSING)


def _pop(record: dict[str, Any], keys: tuple[str, ...]) -> Any:
    """Take a value out; an object that only held it goes too."""
    if len(keys) == 1:
        return record.pop(keys[0], _MISSING)
    inner = record.get(keys[0])
    if not isinstance(inner, dict):
        return _MISSING
    value = _pop(inner, keys[1:])
    if value is not _MISSING and not inner:
        del record[keys[0]]
    return value


def _put_back(record: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    for key in keys[:-1]:
        record = record.setdefault(key, {})
    record[keys[-1]] = copy.copy(value)


def _scalar(element: Any, column: Column) -> Any:
    try:
        return CONVERTERS[column.type](element)
    except (ValueError, OverflowError):
        return _MISSING


def _distinct(rows: list[Row]) -> tuple[Row, ...]:
    """Drop repeated rows and bring the rest into one order: Wrike gives these arrays in any."""
    return tuple(sorted(set(rows), key=repr))
