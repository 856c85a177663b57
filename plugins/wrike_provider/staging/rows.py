"""Records to rows: one row for the record's own table, any number for its child tables.

Nothing that Wrike sends is lost: keys that no column takes and values that do not fit their column's type are
kept in ``_extra``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple, Protocol

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
_TEXT_OR_NONE: Final = frozenset({str, type(None)})


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
        self._plan = _plan(entity.columns, entity.children)
        self._blank = _blank(entity.columns)
        self._childless: list[tuple[Row, ...]] = [()] * len(entity.children)
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
        made = _Made(key, self._blank.copy(), self._childless.copy(), [])
        rest = _take(record, self._plan, made)
        if rest:
            made.unknown.extend(self._leftovers.name(rest))
        row = (*made.values, to_json(rest) if rest else None)
        children = tuple(made.children)
        content = orjson.dumps([row, children], option=JSON_OPTIONS)
        in_bin = self._entity.scope is not None and str(record.get(self._entity.scope)).startswith(_BIN)
        return RecordRows(
            key, row, children, hashlib.blake2b(content, digest_size=16).hexdigest(), in_bin, tuple(made.unknown)
        )


class _Made(NamedTuple):
    """What has been made of a record so far.

    :param key: the record's key.
    :param values: the columns' values.
    :param children: for each child its rows.
    :param unknown: what goes into ``_extra``.
    """

    key: str
    values: list[Any]
    children: list[tuple[Row, ...]]
    unknown: list[Found]


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


def _plan(columns: Sequence[Column], children: Sequence[Child] = ()) -> _Object:
    top = _Object()
    for index, column in enumerate(columns):
        *way, name = column.path.split(".")
        if column.presence:
            top.inside((*way, name)).presence = index
        else:
            taken = (index, _AS_IT_IS.get(column.type), CONVERTERS[column.type])
            top.inside(way).columns[name] = taken
    for index, child in enumerate(children):
        *way, name = child.path.split(".")
        top.inside(way).arrays[name] = (index, _Values(child) if child.scalar else _Objects(child))
    return top


def _blank(columns: Sequence[Column]) -> list[Any]:
    return [False if column.presence else None for column in columns]


def _take(record: dict[str, Any], plan: _Object, made: _Made) -> dict[str, Any] | None:
    """Put the columns' values and the children's rows in their places; return what remains."""
    rest: dict[str, Any] | None = None
    columns, values = plan.columns, made.values
    for name, value in record.items():
        left = value
        column = columns.get(name)
        if column is not None:
            index, as_it_is, convert = column
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
        elif name in plan.arrays:
            left = _take_elements(value, *plan.arrays[name], made)
        elif name in plan.objects:
            left = _take_inside(value, plan.objects[name], made)
        if left is _NOTHING:
            continue
        if rest is None:
            rest = {}
        rest[name] = left
    return rest


def _take_elements(value: Any, index: int, elements: _Elements, made: _Made) -> Any:
    """The same for what should be an array."""
    if not isinstance(value, list):
        return value
    if not value:
        return _NOTHING
    made.children[index], misfits = elements.rows(value, made)
    return misfits or _NOTHING


def _take_inside(value: Any, plan: _Object, made: _Made) -> Any:
    """The same for what should be an object inside; an empty one is something too, unless a column tells of it."""
    if plan.presence is not None:
        made.values[plan.presence] = True
    if not isinstance(value, dict) or not (value or plan.presence is not None):
        return value
    left = _take(value, plan, made)
    return _NOTHING if left is None else left


class _Elements(Protocol):
    def rows(self, array: list[Any], made: _Made) -> tuple[tuple[Row, ...], Sequence[Any]]:
        """Make the rows of a child.

        :param array: the elements of its array; at least one.
        :param made: what has been made of the record.
        :returns: the rows, and the elements that no row can be made of.
        """


class _Values:
    """Makes the rows of a child from plain values.

    :param child: the child.
    """

    def __init__(self, child: Child) -> None:
        kind = child.columns[0].type
        self._ordered = child.ordered
        self._convert = CONVERTERS[kind]
        self._as_they_are = {_AS_IT_IS.get(kind)}

    def rows(self, array: list[Any], made: _Made) -> tuple[tuple[Row, ...], Sequence[Any]]:
        key = made.key
        misfits: list[Any] = []
        # Mostly nothing is to be converted, and a look at them all at once is quicker than one at each.
        if set(map(type, array)) == self._as_they_are:
            fitting = list(enumerate(array)) if self._ordered else array
        else:
            fitting = []
            for place, element in enumerate(array):
                try:
                    value = self._convert(element)
                except (ValueError, OverflowError):
                    misfits.append(element)
                else:
                    fitting.append((place, value) if self._ordered else value)
        if self._ordered:
            return tuple([(key, place, value) for place, value in fitting]), misfits
        return tuple([(key, value) for value in (sorted(set(fitting)) if len(fitting) > 1 else fitting)]), misfits


class _Objects:
    """Makes the rows of a child from objects.

    :param child: the child.
    """

    def __init__(self, child: Child) -> None:
        self._ordered = child.ordered
        self._plan = _plan(child.columns)
        self._blank = _blank(child.columns)
        self._leftovers = Leftovers(child.columns, prefix=f"{child.path}[].")
        self._names = [column.path for column in child.columns]
        texts = all(column.type is Type.TEXT and "." not in column.path for column in child.columns)
        self._texts = itemgetter(*self._names) if texts and len(self._names) > 1 else None

    def rows(self, array: list[Any], made: _Made) -> tuple[tuple[Row, ...], Sequence[Any]]:
        key = made.key
        if self._texts is not None and not self._ordered:
            rows = self._of_texts(key, array, self._texts)
            if rows is not None:
                return _distinct(rows), ()
        misfits: list[Any] = []
        rows = []
        for place, element in enumerate(array):
            if not isinstance(element, dict):
                misfits.append(element)
                continue
            values = self._blank.copy()
            left = _take(element, self._plan, _Made(key, values, [], made.unknown))
            if left:
                made.unknown.extend(self._leftovers.name(left))
            extra = to_json(left) if left else None
            rows.append((key, place, *values, extra) if self._ordered else (key, *values, extra))
        return tuple(rows) if self._ordered else _distinct(rows), misfits

    def _of_texts(self, key: str, array: list[Any], texts: Callable[[Any], tuple[Any, ...]]) -> list[Row] | None:
        """Make the rows of objects that all have just the texts that the columns take; None: they do not."""
        try:
            found = list(map(texts, array))
        except (KeyError, TypeError):
            return None
        if sum(map(len, array)) != len(array) * len(self._names):
            return None
        if not _TEXT_OR_NONE.issuperset(map(type, chain.from_iterable(found))):
            return None
        return [(key, *values, None) for values in found]


def _distinct(rows: list[Row]) -> tuple[Row, ...]:
    """Drop repeated rows and bring the rest into one order: Wrike gives these arrays in any."""
    if len(rows) < 2:
        return tuple(rows)
    different = set(rows)
    try:
        return tuple(sorted(different))
    except TypeError:
        # An empty value beside another one in the column that decides; which always is so, or never, of given rows.
        return tuple(sorted(different, key=repr))
