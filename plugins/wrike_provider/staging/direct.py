"""Rows straight into tables, by a database's own way for many rows at once.

dlt takes files through a schema of its own, which costs several times as much, and most of it however few rows there
are. What has no such way here goes through dlt.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

Insert = Callable[[Any, str, "pa.Table"], None]

_VIEW: Final = "wrike_rows"
_PIECE_BYTES: Final = 1 << 20


def _duckdb(client: Any, table: str, rows: pa.Table) -> None:
    connection = client.native_connection
    columns = ", ".join(map(client.escape_column_name, rows.column_names))
    # DuckDB reads Arrow's memory where it is.
    connection.register(_VIEW, rows)
    try:
        client.execute_sql(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_VIEW}")  # noqa: S608
    finally:
        connection.unregister(_VIEW)


def _postgres(client: Any, table: str, rows: pa.Table) -> None:
    import pyarrow as pa
    from pyarrow import csv

    columns = ", ".join(map(client.escape_column_name, rows.column_names))
    # In one piece: for one without rows Arrow's writer writes whatever its buffer holds.
    rows = rows.combine_chunks()
    for index, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            rows = rows.set_column(index, field.name, _instants(rows.column(index)))
    written = io.BytesIO()
    # What is empty stands in quotation marks, and what is not there does not: as PostgreSQL's COPY wants it.
    csv.write_csv(rows, written, csv.WriteOptions(include_header=False, quoting_style="all_valid"))
    written.seek(0)
    with client.native_connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, ENCODING 'UTF8')", written, _PIECE_BYTES)


def _instants(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write instants, UTC; Arrow itself takes twenty times as long when they have a time zone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(cells.cast(pa.timestamp("us")).cast(pa.string()), "Z", "")


INSERTS: Final[Mapping[str, Insert]] = {"duckdb": _duckdb, "postgres": _postgres}
"""By type of database: puts rows, whose columns are named like the table's, into a table given by its quoted name."""


def one_of(column: str) -> str:
    """The condition that a column has one of the texts of a list, which is its parameter.

    :param column: the column.
    """
    return f"{column} IN (SELECT unnest(CAST(%s AS TEXT[])))"
