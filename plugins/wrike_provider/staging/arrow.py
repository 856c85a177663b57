"""The Arrow types of staging tables, and how texts become instants of them."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from wrike_provider.entities.model import Type
from wrike_provider.staging.tables import Table

ARROW_TYPES: Final[dict[Type, pa.DataType]] = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.BOOLEAN: pa.bool_(),
    Type.TIMESTAMP: pa.timestamp("us", "UTC"),
    Type.LOCAL_TIMESTAMP: pa.timestamp("us"),
    Type.DATE: pa.date32(),
    Type.JSON: pa.string(),
}
WRITTEN: Final = frozenset({Type.TIMESTAMP, Type.LOCAL_TIMESTAMP, Type.DATE})
"""Types whose values come as texts, which Arrow reads as well."""


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a staging table.

    :param table: the table.
    """
    return pa.schema(
        pa.field(column.name, ARROW_TYPES[column.type], nullable=column.nullable) for column in table.columns
    )


def instants(written: pa.Array, kind: Type) -> pa.Array:
    """Read instants or dates.

    :param written: texts as Wrike writes them.
    :param kind: the type.
    :raises ValueError: one is none, or so far away that Python cannot hold it.
    :raises OverflowError: the same.
    """
    cells = written.cast(ARROW_TYPES[kind])
    pc.min_max(cells).as_py()
    return cells
