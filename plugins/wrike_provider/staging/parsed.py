"""Answers that are parsed straight to columns: without an object for each record, in a fraction of the time.

Only for what is just as declared. An answer with a field that no column takes, or a value that does not fit, is for
the others who parse, and loses nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from wrike_provider.api.parsing import parsed
from wrike_provider.api.records import Columns, Record
from wrike_provider.entities.model import Column, Entity, Type
from wrike_provider.staging.arrow import ARROW_TYPES, WRITTEN, instants
from wrike_provider.staging.convert import to_json
from wrike_provider.staging.made import ChildRows, Made
from wrike_provider.staging.plan import Elements, Plan, plan_of

_DATA: Final = "data"
_ENVELOPE: Final = (("kind", pa.string()), ("nextPageToken", pa.string()), ("responseSize", pa.int64()))


class UnfitError(Exception):
    """Something is not just as declared."""


class ParsedRecords(Columns):
    """Records of an answer that was parsed to columns.

    :param array: the records.
    :param content: the answer.
    """

    def __init__(self, array: pa.StructArray, content: bytes) -> None:
        self.array = array
        self._content = content

    def values(self, field: str) -> list[Any]:
        """The values of a field, one a record; None where it is not there.

        :param field: name of the field.
        """
        known = self.array.type.get_field_index(field) >= 0
        return list(self.array.field(field).to_pylist()) if known else [None] * len(self)

    @cached_property
    def _records(self) -> list[Record]:
        records: list[Record] = parsed(self._content)[_DATA]
        return records

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> list[Record]: ...
    def __getitem__(self, place: int | slice) -> Record | list[Record]:
        return self._records[place]


class Parser:
    """Parses answers with records of an entity, to be given to whoever asks Wrike.

    :param entity: the entity.
    """

    def __init__(self, entity: Entity) -> None:
        record = _shape(plan_of(entity.columns, entity.children))
        self._options = pj.ParseOptions(
            explicit_schema=pa.schema([*_ENVELOPE, (_DATA, pa.list_(record))]), unexpected_field_behavior="error"
        )

    def __call__(self, content: bytes) -> dict[str, Any] | None:
        """Parse an answer; None: something is not just as declared.

        :param content: the answer.
        """
        # Of a bare null Arrow's parser dies (26.0), and zero characters it lets pass.
        if content[:1] != b"{" or rb"\u0000" in content:
            return None
        reading = pj.ReadOptions(use_threads=False, block_size=len(content) + 1)
        try:
            table = pj.read_json(pa.BufferReader(content), reading, self._options)
            # The parser lets bytes pass that are no text.
            table.validate(full=True)
        except (pa.ArrowException, OverflowError):
            return None
        if table.num_rows != 1:
            return None
        answer: dict[str, Any] = {name: table.column(name)[0].as_py() for name, _ in _ENVELOPE}
        lists = table.column(_DATA).chunk(0)
        records = lists.flatten()
        if lists.null_count or records.null_count or not all(map(_finite, _numbers(records))):
            return None
        return {**answer, _DATA: ParsedRecords(records, content)}


def _numbers(values: pa.Array) -> Iterator[pa.Array]:
    """All fractional numbers in some values."""
    if pa.types.is_struct(values.type):
        for field in values.flatten():
            yield from _numbers(field)
    elif pa.types.is_list(values.type):
        yield from _numbers(values.flatten())
    elif pa.types.is_floating(values.type):
        yield values


def _finite(numbers: pa.Array) -> bool:
    """Whether numbers are finite; JSON has no others, but the parser takes some."""
    return pc.all(pc.is_finite(numbers)).as_py() is not False


def _shape(plan: Plan) -> pa.DataType:
    """The Arrow type of the objects of a plan, without what may be anything."""
    fields = [(name, _as_sent(column)) for _, name, column in plan.columns if _is_told(column)]
    for name, (_, elements) in plan.arrays.items():
        inside = elements.inside
        fields.append((name, pa.list_(_as_sent(elements.child.columns[0]) if inside is None else _shape(inside))))
    fields.extend((name, _shape(inside)) for name, inside in plan.objects.items())
    return pa.struct(fields)


def _is_told(column: Column) -> bool:
    """Whether it is known what the values of a column are like."""
    return column.type is not Type.JSON or bool(column.elements)


def _as_sent(column: Column) -> pa.DataType:
    if column.elements:
        return pa.list_(pa.struct([(name, ARROW_TYPES[kind]) for name, kind in column.elements]))
    return pa.string() if column.type in WRITTEN else ARROW_TYPES[column.type]


def take(array: pa.StructArray, plan: Plan, made: Made) -> None:
    """Put the columns' cells and the children's rows in their places.

    :param array: the objects.
    :param plan: what becomes of their fields.
    :param made: takes what is made.
    :raises UnfitError: something would be left.
    """
    fields = _fields(array)
    for index, name, column in plan.columns:
        if _is_told(column):
            made.cells[index] = _cells(fields[name], column)
        elif name in fields:
            # Of what others take of it, it cannot be made whole again.
            raise UnfitError
        else:
            made.cells[index] = pa.nulls(len(array), ARROW_TYPES[column.type])
    for name, (index, elements) in plan.arrays.items():
        made.children[index] = _rows(fields[name], elements)
    for name, inside in plan.objects.items():
        if inside.presence is not None:
            made.cells[inside.presence] = fields[name].is_valid()
        elif _empty(fields[name]):
            raise UnfitError
        take(fields[name], inside, made)


def _fields(array: pa.StructArray) -> Mapping[str, pa.Array]:
    """The fields by name; they are empty where the object is."""
    return {field.name: values for field, values in zip(array.type, array.flatten(), strict=True)}


def _empty(array: pa.StructArray) -> bool:
    """Whether there may be an object without fields, which is something too."""
    anything = pa.array(np.zeros(len(array), bool))
    for values in array.flatten():
        anything = pc.or_(anything, values.is_valid())
    return pc.any(pc.and_not(array.is_valid(), anything)).as_py() is True


def _cells(values: pa.Array, column: Column) -> pa.Array:
    if column.type in WRITTEN:
        try:
            return instants(values, column.type)
        except (ValueError, OverflowError):
            raise UnfitError from None
    return _json(values) if column.elements else values


def _json(arrays: pa.ListArray) -> pa.Array:
    if any(field.null_count for field in arrays.flatten().flatten()):
        # Whether it is null or not there is not known any more.
        raise UnfitError
    return pa.array([None if array is None else to_json(array) for array in arrays.to_pylist()], pa.string())


def _rows(arrays: pa.ListArray, elements: Elements) -> ChildRows:
    flat = arrays.flatten()
    # What is in an array is an element, also null; and text in JSON has quotation marks.
    if flat.null_count or (elements.inside is None and elements.type is Type.JSON):
        raise UnfitError
    counts = pc.fill_null(pc.list_value_length(arrays), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    if elements.inside is None:
        return ChildRows(counts, [_cells(flat, elements.child.columns[0])])
    inside = Made(len(elements.child.columns))
    take(flat, elements.inside, inside)
    return ChildRows(counts, [*inside.cells, pa.nulls(len(flat), pa.string())])
