"""Rows to pandas frames with declared types, and frames to Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from wrike_provider.entities.model import Entity
from wrike_provider.staging.arrow import ARROW_TYPES, arrow_schema
from wrike_provider.staging.rows import RecordRows, Row
from wrike_provider.staging.tables import Table, child_tables, record_table


def frames(entity: Entity, records: Sequence[RecordRows], synced_at: datetime) -> dict[str, pd.DataFrame]:
    """Make a frame for each of an entity's tables.

    :param entity: the entity.
    :param records: rows of the records.
    :param synced_at: value of ``_synced_at``, UTC; of ``_deleted_at`` too for records in the recycle bin.
    """
    table = record_table(entity)
    rows = [(*rows.row, rows.digest, synced_at, synced_at if rows.in_bin else None) for rows in records]
    made = {table.name: _frame(table, rows)}
    for index, child in enumerate(child_tables(entity)):
        made[child.name] = _frame(child, [row for record in records for row in record.children[index]])
    return made


def arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    """Turn a frame into an Arrow table of the declared types.

    :param table: the table that the frame is for.
    :param frame: the frame.
    """
    return pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False)


def _frame(table: Table, rows: Sequence[Row]) -> pd.DataFrame:
    values = list(zip(*rows, strict=True)) if rows else [()] * len(table.columns)
    return pd.DataFrame(
        {
            # Not by pandas' own way from a list, which looks at each value first to guess its type.
            column.name: pd.arrays.ArrowExtensionArray(pa.array(cells, ARROW_TYPES[column.type]))
            for column, cells in zip(table.columns, values, strict=True)
        },
        copy=False,
    )
