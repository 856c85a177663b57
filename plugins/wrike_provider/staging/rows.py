"""Records to rows: one row for the record's own table, any number for its child tables.

Nothing that Wrike sends is lost: keys that no column takes and values that do not fit their column's type are
kept in ``_extra``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from wrike_provider.entities.model import Child, Column, Entity, Type
from wrike_provider.staging.convert import CONVERTERS, JSON_OPTIONS, to_json
from wrike_provider.staging.errors import BadRecordError
from wrike_provider.staging.unknown import Found, Leftovers

Row = tuple[Any, ...]

_NOTHING: Final = object()
_BIN: Final = "Rb"
_AS_IT_IS: Final[dict[Type, type]] = {Type.TEXT: str, Type.BOOLEAN: bool}
"""Types whose values mostly come just as they are stored."""


class RecordRows(NamedTuple):
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
    unknown: tuple[Found, ...] = ()


class RowBuilder:
    """Makes the rows of an entity's records.

    :param entity: the entity.
    """

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._children = tuple(_Elements.of(child) for child in entity.children)
        self._plan = _plan(entity.columns, self._children)
        self._blank = _blank(entity.columns)
        self._leftovers = Leftovers.of(entity)

    def build(self, record: dict[str, Any]) -> RecordRows:
        """Make the rows of a record.

        :param record: the record as Wrike sent it; left as it is.
        :raises BadRecordError: the record has no key.
        """
        if not isinstance(record, dict):
            raise BadRecordError(f"{self._entity.name}: Wrike sent {type(record).__name__} where a record should be")
        key = record.get(self._entity.key.path)
        if not isinstance(key, str) or not key:
            raise BadRecordError(
                f"{self._entity.name}: Wrike sent a record without {self._entity.key.path!r}; it has {sorted(record)}"
            )
        values = self._blank.copy()
        found: dict[int, list[Any]] = {}
        rest = _take(record, self._plan, values, found)
        unknown: list[Found] = []
        children = tuple(
            child.rows(key, found[index], unknown) if index in found else ()
            for index, child in enumerate(self._children)
        )
        if rest:
            unknown.extend(self._leftovers.name(rest))
        row = (*values, to_json(rest) if rest else None)
        content = orjson.dumps([row, children], option=JSON_OPTIONS)
        in_bin = self._entity.scope is not None and str(record.get(self._entity.scope)).startswith(_BIN)
        return RecordRows(
            key, row, children, hashlib.blake2b(content, digest_size=16).hexdigest(), in_bin, tuple(unknown)
        )


@dataclass(slots=True)
class _Object:
    """What becomes of the fields of an object.

    :param columns: by field the column's index, the Python type whose values need no conversion, and the conversion.
    :param arrays: by field the index of the child and what takes its elements.
    :param objects: by field what becomes of the object there.
    :param presence: index of the column that says whether the object is there.
    """

    columns: dict[str, tuple[int, type | None, Callable[[Any], Any]]] = field(default_factory=dict)
    arrays: dict[str, tuple[int, _Elements]] = field(default_factory=dict)
    objects: dict[str, _Object] = field(default_factory=dict)
    presence: int | None = None

    def inside(self, path: Iterable[str]) -> _Object:
        """Find, or make, the object at a path.

        :param path: names of the fields on the way.
        """
        found = self
        for name in path:
            found = found.objects.setdefault(name, _Object())
        return found


def _plan(columns: Sequence[Column], children: Sequence[_Elements] = ()) -> _Object:
    top = _Object()
    for index, column in enumerate(columns):
        *way, name = column.path.split(".")
        if column.presence:
            top.inside((*way, name)).presence = index
        else:
            taken = (index, _AS_IT_IS.get(column.type), CONVERTERS[column.type])
            top.inside(way).columns[name] = taken
    for index, elements in enumerate(children):
        *way, name = elements.child.path.split(".")
        top.inside(way).arrays[name] = (index, elements)
    return top


def _blank(columns: Sequence[Column]) -> list[Any]:
    return [False if column.presence else None for column in columns]


def _take(
    record: dict[str, Any], plan: _Object, values: list[Any], found: dict[int, list[Any]]
) -> dict[str, Any] | None:
    """Put the columns' values in their places, and the elements of arrays into ``found``; return what remains."""
    rest: dict[str, Any] | None = None
    columns, arrays, objects = plan.columns, plan.arrays, plan.objects
    for name, value in record.items():
        left = value
        if name in columns:
            index, as_it_is, convert = columns[name]
            if type(value) is as_it_is:
                values[index] = value
                continue
            if value is None:
                continue
            try:
                values[index] = convert(value)
            except (ValueError, OverflowError):
                pass
            else:
                continue
        elif name in arrays:
            if isinstance(value, list):
                index, elements = arrays[name]
                found[index], misfits = elements.sorted_out(value)
                if not misfits:
                    continue
                left = misfits
        elif name in objects:
            left = _take_inside(value, objects[name], values, found)
            if left is _NOTHING:
                continue
        if rest is None:
            rest = {}
        rest[name] = left
    return rest


def _take_inside(value: Any, plan: _Object, values: list[Any], found: dict[int, list[Any]]) -> Any:
    """The same for what should be an object inside; an empty one is something too, unless a column tells of it."""
    if plan.presence is not None:
        values[plan.presence] = True
    if not isinstance(value, dict) or not (value or plan.presence is not None):
        return value
    left = _take(value, plan, values, found)
    return _NOTHING if left is None else left


@dataclass(frozen=True, slots=True)
class _Elements:
    """Makes the rows of a child from the elements of its array.

    :param child: the child.
    :param convert: for plain values: makes a column's value of one.
    :param as_it_is: for plain values: the Python type whose values need no conversion.
    :param plan: for objects: what becomes of their fields.
    :param blank: for objects: the columns' values of an empty one.
    :param leftovers: for objects: names what remains.
    """

    child: Child
    convert: Callable[[Any], Any]
    as_it_is: type | None
    plan: _Object
    blank: list[Any]
    leftovers: Leftovers

    @classmethod
    def of(cls, child: Child) -> _Elements:
        """Plan it.

        :param child: the child.
        """
        kind = child.columns[0].type
        columns = () if child.scalar else child.columns
        return cls(
            child,
            CONVERTERS[kind],
            _AS_IT_IS.get(kind),
            _plan(columns),
            _blank(columns),
            Leftovers(child.columns, prefix=f"{child.path}[]."),
        )

    def sorted_out(self, array: list[Any]) -> tuple[list[Any], list[Any]]:
        """Part the elements that rows can be made of from the others.

        :param array: the elements.
        :returns: place and value of each that fits, and those that do not fit.
        """
        if self.child.scalar:
            return self._plain(array)
        fitting = [(place, element) for place, element in enumerate(array) if isinstance(element, dict)]
        if len(fitting) == len(array):
            return fitting, []
        return fitting, [element for element in array if not isinstance(element, dict)]

    def _plain(self, array: list[Any]) -> tuple[list[Any], list[Any]]:
        fitting: list[Any] = []
        misfits = []
        for place, element in enumerate(array):
            if type(element) is self.as_it_is:
                fitting.append((place, element))
                continue
            try:
                fitting.append((place, self.convert(element)))
            except (ValueError, OverflowError):
                misfits.append(element)
        return fitting, misfits

    def rows(self, key: str, elements: list[tuple[int, Any]], unknown: list[Found]) -> tuple[Row, ...]:
        """Make the rows.

        :param key: the record's key.
        :param elements: place and value of each element.
        :param unknown: gets what goes into ``_extra``.
        """
        if not elements:
            return ()
        if self.child.scalar:
            if self.child.ordered:
                return tuple((key, place, value) for place, value in elements)
            return tuple((key, value) for value in sorted({value for _, value in elements}))
        rows: list[Row] = []
        for place, element in elements:
            values = self.blank.copy()
            left = _take(element, self.plan, values, {})
            if left:
                unknown.extend(self.leftovers.name(left))
            extra = to_json(left) if left else None
            rows.append((key, place, *values, extra) if self.child.ordered else (key, *values, extra))
        return tuple(rows) if self.child.ordered else _distinct(rows)


def _distinct(rows: list[Row]) -> tuple[Row, ...]:
    """Drop repeated rows and bring the rest into one order: Wrike gives these arrays in any."""
    if len(rows) == 1:
        return (rows[0],)
    different = set(rows)
    try:
        return tuple(sorted(different))
    except TypeError:
        # An empty value beside another one in the column that decides; which always is so, or never, of given rows.
        return tuple(sorted(different, key=repr))
