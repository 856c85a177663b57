"""Rows that came by the page to one pandas frame a table, and frames to Arrow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wrike_provider.entities.model import Entity, Type
from wrike_provider.staging.arrow import ARROW_TYPES, arrow_schema
from wrike_provider.staging.rows import Rows
from wrike_provider.staging.tables import DELETED_AT, SYNCED_AT, Table, tables

Part = tuple[Rows, Collection[str]]
"""Rows, and the keys of those records whose rows are taken."""


def frames(entity: Entity, parts: Sequence[Part], synced_at: datetime) -> dict[str, pd.DataFrame]:
    """Make a frame for each of an entity's tables.

    :param entity: the entity.
    :param parts: what is taken; at least one part.
    :param synced_at: value of ``_synced_at``, UTC; of ``_deleted_at`` too for records in the recycle bin.
    """
    made = {
        table.name: _frame(pa.concat_tables([_taken(rows, index, keys) for rows, keys in parts]))
        for index, table in enumerate(tables(entity))
    }
    records = made[entity.name]
    records[SYNCED_AT] = _instants([synced_at] * len(records))
    records[DELETED_AT] = _instants(
        [
            synced_at if in_bin else None
            for rows, keys in parts
            for key, in_bin in zip(rows.keys, rows.in_bin, strict=True)
            if key in keys
        ]
    )
    return made


def arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    """Turn a frame into an Arrow table of the declared types.

    :param table: the table that the frame is for.
    :param frame: the frame.
    """
    return pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False)


def _taken(rows: Rows, index: int, keys: Collection[str]) -> pa.Table:
    table = rows.tables[index]
    if len(keys) == len(rows.keys):
        return table
    return table.filter(pc.is_in(table.column(0), pa.array(keys, pa.string())))


def _frame(table: pa.Table) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.arrays.ArrowExtensionArray(column)
            for name, column in zip(table.column_names, table.columns, strict=True)
        },
        copy=False,
    )


def _instants(values: list[datetime | None]) -> pd.arrays.ArrowExtensionArray:
    return pd.arrays.ArrowExtensionArray(pa.array(values, ARROW_TYPES[Type.TIMESTAMP]))
