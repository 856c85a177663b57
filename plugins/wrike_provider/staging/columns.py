"""Objects that came as JSON to the columns of tables: all values of a field together, for a page of records at once.

What no column takes, and what does not fit its column's type, is put aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
import pyarrow as pa

from wrike_provider.api.records import Record
from wrike_provider.entities.model import Type
from wrike_provider.staging.arrow import ARROW_TYPES, WRITTEN, instants
from wrike_provider.staging.convert import CONVERTERS, to_json
from wrike_provider.staging.made import ChildRows, Made, Numbers
from wrike_provider.staging.plan import Elements, Plan

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


class Rests(dict[int, dict[str, Any]]):
    """What no column takes, by the object's place."""

    def put(self, place: int, name: str, value: Any) -> None:
        """Keep a field of an object.

        :param place: the object's place.
        :param name: the field.
        :param value: its value.
        """
        self.setdefault(place, {})[name] = value

    def cells(self, count: int) -> pa.Array:
        """Make the column ``_extra``.

        :param count: how many objects there are.
        """
        made: list[str | None] = [None] * count
        for place, rest in self.items():
            made[place] = to_json(rest)
        return pa.array(made, pa.string())


def take(objects: Sequence[Record], plan: Plan, made: Made, rests: Rests) -> None:
    """Put the columns' cells and the children's rows in their places, and what remains of each object aside.

    :param objects: the objects; left as they are.
    :param plan: what becomes of their fields.
    :param made: takes what is made.
    :param rests: takes what remains.
    """
    sent: set[str] = set().union(*objects)
    for index, name, column in plan.columns:
        if name in sent:
            made.cells[index] = _cells(column.type, [one.get(name) for one in objects], rests, name)
        else:
            made.cells[index] = pa.nulls(len(objects), ARROW_TYPES[column.type])
    for name, (index, elements) in plan.arrays.items():
        arrays = _arrays(objects, name, rests) if name in sent else [()] * len(objects)
        if elements.inside is None:
            made.children[index] = _values(elements.type, arrays, rests, name)
        else:
            made.children[index] = _objects(elements, elements.inside, arrays, made, rests, name)
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


def _take_inside(objects: Sequence[Record], name: str, plan: Plan, made: Made, rests: Rests) -> None:
    """The same for what should be objects inside; an empty one is something too, unless a column tells of it."""
    insides: list[Any] = [one.get(name) for one in objects]
    if plan.presence is not None:
        made.cells[plan.presence] = pa.array([inside is not None for inside in insides], pa.bool_())
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


def _cells(kind: Type, values: list[Any], rests: Rests, name: str) -> pa.Array:
    """Make a column's cells of values; put those aside that do not fit."""
    arrow_type = ARROW_TYPES[kind]
    try:
        if kind in WRITTEN:
            return instants(pa.array(values, pa.string()), kind)
        # Arrow looks at each value's type anyway.
        if kind in _STRICT or set(map(type, values)) <= _AS_THEY_ARE.get(kind, frozenset((_NONE,))):
            return pa.array(values, arrow_type)
    except (TypeError, ValueError, OverflowError):
        # One does not fit; which?
        pass
    convert = CONVERTERS[kind]
    made: list[Any] = []
    for place, value in enumerate(values):
        try:
            made.append(None if value is None else convert(value))
        except (ValueError, OverflowError):
            rests.put(place, name, value)
            made.append(None)
    return pa.array(made, arrow_type)


def _values(kind: Type, arrays: Sequence[Sequence[Any]], rests: Rests, name: str) -> ChildRows:
    """Make the rows of a child from plain values."""
    positions: list[int] | None = None
    flat = list(chain.from_iterable(arrays))
    # None is no value here.
    if not set(map(type, flat)) <= _AS_THEY_ARE.get(kind, frozenset()) - {_NONE}:
        found = [_fitting(kind, array, place, rests, name) for place, array in enumerate(arrays)]
        arrays = [[value for _, value in array] for array in found]
        positions = [position for array in found for position, _ in array]
        flat = list(chain.from_iterable(arrays))
    return ChildRows(_counts(arrays), [pa.array(flat, ARROW_TYPES[kind])], positions)


def _fitting(kind: Type, array: Sequence[Any], place: int, rests: Rests, name: str) -> list[tuple[int, Any]]:
    fitting = []
    misfits = []
    for position, element in enumerate(array):
        try:
            fitting.append((position, CONVERTERS[kind](element)))
        except (ValueError, OverflowError):
            misfits.append(element)
    if misfits:
        rests.put(place, name, misfits)
    return fitting


def _objects(
    elements: Elements, plan: Plan, arrays: Sequence[Sequence[Any]], made: Made, rests: Rests, name: str
) -> ChildRows:
    """Make the rows of a child from objects."""
    positions: list[int] | None = None
    if not {dict}.issuperset(map(type, chain.from_iterable(arrays))):
        positions = [
            position for array in arrays for position, element in enumerate(array) if isinstance(element, dict)
        ]
        arrays = [_only_objects(array, place, rests, name) for place, array in enumerate(arrays)]
    flat = list(chain.from_iterable(arrays))
    inside = Made(len(elements.child.columns))
    left = Rests()
    take(flat, plan, inside, left)
    counts = _counts(arrays)
    if left:
        owners = np.repeat(np.arange(len(arrays)), counts)
        for place, rest in sorted(left.items()):
            made.unknown[int(owners[place])].extend(elements.leftovers.name(rest))
    return ChildRows(counts, [*inside.cells, left.cells(len(flat))], positions)


def _only_objects(array: Sequence[Any], place: int, rests: Rests, name: str) -> list[Record]:
    misfits = [element for element in array if not isinstance(element, dict)]
    if misfits:
        rests.put(place, name, misfits)
    return [element for element in array if isinstance(element, dict)]


def _counts(arrays: Sequence[Sequence[Any]]) -> Numbers:
    return np.fromiter(map(len, arrays), np.int64, len(arrays))
