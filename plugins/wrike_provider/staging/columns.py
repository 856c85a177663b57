"""Objects that came as JSON to the columns of tables: all values of a field together, for a page of records at once.

What no column takes, and what does not fit its column's type, is put aside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wrike_provider.entities.model import Child, Column, Type
from wrike_provider.staging.arrow import ARROW_TYPES
from wrike_provider.staging.convert import CONVERTERS, to_json
from wrike_provider.staging.unknown import Found, Leftovers

Row = tuple[Any, ...]
Record = dict[str, Any]

_EMPTY: Final[dict[str, Any]] = {}
_NONE: Final = type(None)
_AS_THEY_ARE: Final[dict[Type, frozenset[type]]] = {
    Type.TEXT: frozenset({str, _NONE}),
    Type.INTEGER: frozenset({int, _NONE}),
    Type.BOOLEAN: frozenset({bool, _NONE}),
}
"""Types of values that are stored just as they come."""
_STRICT: Final = frozenset({Type.TEXT, Type.BOOLEAN})
"""Types of which Arrow takes nothing else that JSON can hold."""
_WRITTEN: Final = frozenset({Type.TIMESTAMP, Type.LOCAL_TIMESTAMP, Type.DATE})
"""Types whose values come as texts, which Arrow reads as well."""


class Told(NamedTuple):
    """The rows of a child.

    :param cells: its table's columns.
    :param told: for each record its rows, as they are told to the digest.
    """

    cells: list[pa.Array]
    told: Sequence[Sequence[Any]]


class Made:
    """What has been made of records so far.

    :param keys: the records' keys.
    :param columns: how many columns there are.
    :param children: how many children.
    """

    def __init__(self, keys: list[str], columns: int, children: int) -> None:
        self.keys = keys
        self.key_cells = pa.array(keys, pa.string())
        self.cells: list[pa.Array] = [None] * columns
        self.told: list[Sequence[Any]] = [()] * columns
        self.children: list[Told] = [Told([], ())] * children
        self.unknown: defaultdict[int, list[Found]] = defaultdict(list)
        """What goes into ``_extra``, by the record's place."""

    def owners(self, counts: Iterable[int]) -> pa.Array:
        """The key of the record for each row of a child.

        :param counts: for each record its number of rows.
        """
        return self.key_cells.take(pa.array(_owners(counts, len(self.keys))))


class Rests(dict[int, dict[str, Any]]):
    """What no column takes, by the object's place."""

    def put(self, place: int, name: str, value: Any) -> None:
        """Keep a field of an object.

        :param place: the object's place.
        :param name: the field.
        :param value: its value.
        """
        self.setdefault(place, {})[name] = value

    def as_json(self, count: int) -> list[str | None]:
        """Write the column ``_extra``.

        :param count: how many objects there are.
        """
        made: list[str | None] = [None] * count
        for place, rest in self.items():
            made[place] = to_json(rest)
        return made


@dataclass(slots=True)
class _Object:
    """What becomes of the fields of an object.

    :param columns: of the columns that hold a field their index, the field, and their type.
    :param arrays: by field the index of the child and what takes its elements.
    :param objects: by field what becomes of the object there.
    :param presence: index of the column that says whether the object is there.
    :param known: all these fields.
    """

    columns: list[tuple[int, str, Type]] = field(default_factory=list)
    arrays: dict[str, tuple[int, _Elements]] = field(default_factory=dict)
    objects: dict[str, _Object] = field(default_factory=dict)
    presence: int | None = None
    known: frozenset[str] = frozenset()

    def inside(self, path: Iterable[str]) -> _Object:
        """Find, or make, the object at a path.

        :param path: names of the fields on the way.
        """
        found = self
        for name in path:
            found.known |= {name}
            found = found.objects.setdefault(name, _Object())
        return found


def plan_of(columns: Sequence[Column], children: Sequence[Child] = ()) -> _Object:
    """Plan what becomes of the fields of an object.

    :param columns: the columns.
    :param children: the tables for its arrays.
    """
    top = _Object()
    for index, column in enumerate(columns):
        *way, name = column.path.split(".")
        if column.presence:
            top.inside((*way, name)).presence = index
        else:
            at = top.inside(way)
            at.columns.append((index, name, column.type))
            at.known |= {name}
    for index, child in enumerate(children):
        *way, name = child.path.split(".")
        at = top.inside(way)
        at.arrays[name] = (index, _Values(child) if child.scalar else _Objects(child))
        at.known |= {name}
    return top


def take(objects: Sequence[Record], plan: _Object, made: Made, rests: Rests) -> None:
    """Put the columns' values and the children's rows in their places, and what remains of each object aside.

    :param objects: the objects; left as they are.
    :param plan: what becomes of their fields.
    :param made: takes what is made.
    :param rests: takes what remains.
    """
    sent: set[str] = set().union(*objects)
    for index, name, kind in plan.columns:
        if name in sent:
            values = [one.get(name) for one in objects]
            made.cells[index], made.told[index] = _cells(kind, values, rests, name)
        else:
            made.cells[index], made.told[index] = pa.nulls(len(objects), ARROW_TYPES[kind]), [None] * len(objects)
    for name, (index, elements) in plan.arrays.items():
        arrays = _arrays(objects, name, rests) if name in sent else [()] * len(objects)
        made.children[index] = elements.rows(arrays, made, rests, name)
    for name, inside in plan.objects.items():
        _take_inside(objects, name, inside, made, rests)
    if unknown := sent - plan.known:
        for place, one in enumerate(objects):
            for name in one:
                if name in unknown:
                    rests.put(place, name, one[name])


def _arrays(objects: Sequence[Record], name: str, rests: Rests) -> list[Sequence[Any]]:
    """The arrays in a field of objects. None is none, and what else is no array is put aside."""
    arrays: list[Any] = [one.get(name, ()) for one in objects]
    if not {list, tuple}.issuperset(map(type, arrays)):
        for place, array in enumerate(arrays):
            if not isinstance(array, list | tuple):
                arrays[place] = ()
                if array is not None:
                    rests.put(place, name, array)
    return arrays


def _take_inside(objects: Sequence[Record], name: str, plan: _Object, made: Made, rests: Rests) -> None:
    """The same for what should be objects inside; an empty one is something too, unless a column tells of it."""
    insides: list[Any] = [one.get(name) for one in objects]
    if plan.presence is not None:
        there = [inside is not None for inside in insides]
        made.cells[plan.presence], made.told[plan.presence] = pa.array(there, pa.bool_()), there
    for place, inside in enumerate(insides):
        if inside is None:
            insides[place] = _EMPTY
        elif not isinstance(inside, dict) or not (inside or plan.presence is not None):
            rests.put(place, name, inside)
            insides[place] = _EMPTY
    left = Rests()
    take(insides, plan, made, left)
    for place, rest in left.items():
        rests.put(place, name, rest)


def _cells(kind: Type, values: list[Any], rests: Rests, name: str) -> tuple[pa.Array, Sequence[Any]]:
    """Make a column's cells of values; put those aside that do not fit.

    Says as well what the digest is told: the values, without those that do not fit, but instants and dates as Wrike
    wrote them.
    """
    arrow_type = ARROW_TYPES[kind]
    try:
        if kind in _WRITTEN:
            cells = pa.array(values, pa.string()).cast(arrow_type)
            # Python has to be able to hold them too.
            pc.min_max(cells).as_py()
            return cells, values
        # Arrow looks at each value's type anyway.
        if kind in _STRICT or set(map(type, values)) <= _AS_THEY_ARE.get(kind, frozenset((_NONE,))):
            return pa.array(values, arrow_type), values
    except (TypeError, ValueError, OverflowError):
        # One does not fit; which?
        pass
    convert = CONVERTERS[kind]
    made: list[Any] = []
    told = values.copy()
    for place, value in enumerate(values):
        try:
            made.append(None if value is None else convert(value))
        except (ValueError, OverflowError):
            rests.put(place, name, value)
            made.append(None)
            told[place] = None
    return pa.array(made, arrow_type), told if kind in _WRITTEN else made


class _Elements(Protocol):
    def rows(self, arrays: Sequence[Sequence[Any]], made: Made, rests: Rests, name: str) -> Told:
        """Make the rows.

        :param arrays: for each record its array.
        :param made: what has been made of the records.
        :param rests: takes the elements that no row can be made of.
        :param name: the field that the arrays are in.
        """


class _Values:
    """Makes the rows of a child from plain values.

    :param child: the child.
    """

    def __init__(self, child: Child) -> None:
        self._type = child.columns[0].type
        self._ordered = child.ordered

    def rows(self, arrays: Sequence[Sequence[Any]], made: Made, rests: Rests, name: str) -> Told:
        places: Iterable[int] | None = None
        flat = list(chain.from_iterable(arrays))
        # None is no value here.
        if not set(map(type, flat)) <= _AS_THEY_ARE.get(self._type, frozenset()) - {_NONE}:
            found = [self._fitting(array, place, rests, name) for place, array in enumerate(arrays)]
            arrays = [[value for _, value in array] for array in found]
            places = [position for array in found for position, _ in array]
            flat = list(chain.from_iterable(arrays))
        if not self._ordered and max(map(len, arrays), default=0) > 1:
            arrays = [sorted(set(array)) if len(array) > 1 else array for array in arrays]
            flat = list(chain.from_iterable(arrays))
        cells = [made.owners(map(len, arrays))]
        if self._ordered:
            cells.append(pa.array(_positions(arrays) if places is None else places, pa.int64()))
        return Told([*cells, pa.array(flat, ARROW_TYPES[self._type])], arrays)

    def _fitting(self, array: Sequence[Any], place: int, rests: Rests, name: str) -> list[tuple[int, Any]]:
        fitting = []
        misfits = []
        for position, element in enumerate(array):
            try:
                fitting.append((position, CONVERTERS[self._type](element)))
            except (ValueError, OverflowError):
                misfits.append(element)
        if misfits:
            rests.put(place, name, misfits)
        return fitting


class _Objects:
    """Makes the rows of a child from objects.

    :param child: the child.
    """

    def __init__(self, child: Child) -> None:
        self._ordered = child.ordered
        self._plan = plan_of(child.columns)
        self._columns = len(child.columns)
        self._leftovers = Leftovers(child.columns, prefix=f"{child.path}[].")

    def rows(self, arrays: Sequence[Sequence[Any]], made: Made, rests: Rests, name: str) -> Told:
        positions: Iterable[int] | None = None
        if not {dict}.issuperset(map(type, chain.from_iterable(arrays))):
            positions = [
                position for array in arrays for position, element in enumerate(array) if isinstance(element, dict)
            ]
            arrays = [_objects(array, place, rests, name) for place, array in enumerate(arrays)]
        elements = list(chain.from_iterable(arrays))
        inside = Made([], self._columns, 0)
        left = Rests()
        take(elements, self._plan, inside, left)
        if left:
            owners = _owners(map(len, arrays), len(arrays))
            for place, rest in sorted(left.items()):
                made.unknown[int(owners[place])].extend(self._leftovers.name(rest))
        extras = left.as_json(len(elements))
        cells = [made.owners(map(len, arrays)), *inside.cells, pa.array(extras, pa.string())]
        rows = list(zip(*inside.told, extras, strict=True))
        told = [rows[start:end] for start, end in pairwise(accumulate(map(len, arrays), initial=0))]
        if self._ordered:
            cells.insert(1, pa.array(_positions(arrays) if positions is None else positions, pa.int64()))
            return Told(cells, told)
        distinct = [_distinct(some) if len(some) > 1 else some for some in told]
        if sum(map(len, distinct)) < len(rows):
            kept = pa.array(_first_places(told), pa.int32())
            cells = [column.take(kept) for column in cells]
        return Told(cells, distinct)


def _objects(array: Sequence[Any], place: int, rests: Rests, name: str) -> list[Record]:
    misfits = [element for element in array if not isinstance(element, dict)]
    if misfits:
        rests.put(place, name, misfits)
    return [element for element in array if isinstance(element, dict)]


def _owners(counts: Iterable[int], records: int) -> Any:
    """For each row of a child the place of its record.

    :param counts: for each record its number of rows.
    :param records: how many records there are.
    """
    return np.repeat(np.arange(records), np.fromiter(counts, np.int64, records))


def _positions(arrays: Sequence[Sequence[Any]]) -> Iterator[int]:
    return chain.from_iterable(map(range, map(len, arrays)))


def _distinct(rows: list[Row]) -> list[Row]:
    """Drop repeated rows and bring the rest into one order: Wrike gives these arrays in any."""
    different = set(rows)
    try:
        return sorted(different)
    except TypeError:
        # An empty value beside another one in the column that decides; which always is so, or never, of given rows.
        return sorted(different, key=repr)


def _first_places(told: Sequence[Sequence[Row]]) -> list[int]:
    """Where the rows are, counted through all records, that are the first of their kind in their record."""
    places: list[int] = []
    start = 0
    for rows in told:
        places.extend({row: start + place for place, row in reversed(list(enumerate(rows)))}.values())
        start += len(rows)
    return sorted(places)
