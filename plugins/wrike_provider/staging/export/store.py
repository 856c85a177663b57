"""The tables of a team's data export in the staging database.

dlt loads the rows of a table into a loading schema; from there one transaction puts them in the place of the old
ones. The table itself stays, with what people have made on top of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from wrike_provider.entities.model import Type
from wrike_provider.staging.database import Database
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import StagingError, explained
from wrike_provider.staging.tables import EXTRA, Table, TableColumn

if TYPE_CHECKING:
    import pyarrow as pa

_NAME: Final = "data_export"
_DUCKDB_MEMORY: Final = "256MiB"
"""Otherwise it keeps in memory what it has read and written, however much that is."""
_EXTRA: Final = TableColumn(EXTRA, Type.JSON, "Every table of an export has it.")


class ExportStore:
    """Writes the tables of a data export.

    :param destination: the staging database.
    :param schema: the schema of the export, which is made when missing.
    :raises StagingConfigurationError: file and schema have one name.
    """

    def __init__(self, destination: Destination, schema: str) -> None:
        destination = destination.with_memory(_DUCKDB_MEMORY)
        self._place = destination.file or destination.server
        self._staged = Database(destination, schema, _NAME)
        self._loading = Database(destination, f"{schema}_load", _NAME)
        self._types_are_known = not destination.kind.dialect
        self.most_columns = destination.most_columns
        """How many columns a table may have; None: as many as the database takes."""

    def counts(self, tables: Collection[str]) -> dict[str, int]:
        """Count rows.

        :param tables: names of tables.
        :returns: their numbers of rows; without tables that are not there.
        :raises StagingError: the database cannot be read.
        """
        missing = self.missing(tables)
        with self._staged.sql() as client:
            return {
                name: client.execute_sql(f"SELECT COUNT(*) FROM {client.make_qualified_table_name(name)}")[0][0]  # noqa: S608
                for name in tables
                if name not in missing
            }

    def missing(self, tables: Collection[str]) -> set[str]:
        """Tell which tables are not there.

        :param tables: names of tables.
        :raises StagingError: the database cannot be read.
        """
        there = self._staged.columns([Table(name, (_EXTRA,), "", "", ()) for name in tables])
        return set(tables) - {name for name, _ in there}

    def replace(self, table: Table, pieces: Iterable[pa.Table]) -> int:
        """Put rows in the place of all that a table has; until then readers see the old ones.

        :param table: the table, which is made when missing.
        :param pieces: the rows; no more than one piece is held at a time.
        :returns: how many there are now.
        :raises StagingError: nothing was changed: the rows could not be read, or not be written.
        """
        pieces = iter(pieces)
        first = next(pieces, None)
        rows = _Counted(chain([] if first is None else [first], pieces))
        with self._loading.pipeline() as pipeline:
            if first is not None:
                # Not yet in a turn: others may have the database while the file is read.
                try:
                    self._loading.extract(pipeline, [self._loading.resource(table, rows, "replace")])
                    pipeline.normalize()
                except Exception as error:
                    raise rows.problem or explained(error, self._place) from error
            with self._loading.turn():
                if not self._staged.has((table,)):
                    self._staged.make((table,))
                if first is None:
                    self._empty(table)
                else:
                    self._load(pipeline, table)
                    self._move(pipeline, table)
        return rows.count

    def _empty(self, table: Table) -> None:
        with self._staged.sql() as client, client.begin_transaction():
            client.execute_sql(f"DELETE FROM {client.make_qualified_table_name(table.name)} WHERE TRUE")  # noqa: S608
            self._staged.comment(client, (table,))

    def _load(self, pipeline: Any, table: Table) -> None:
        if self._loading.has_schema():
            with self._loading.client(pipeline) as client:
                # A load that broke off may have left one with other types.
                client.execute_sql(f"DROP TABLE IF EXISTS {client.make_qualified_table_name(table.name)}")
        with pipeline.destination_client() as client:
            self._loading.make_missing(client)
        pipeline.load().raise_on_failed_jobs()

    def _move(self, pipeline: Any, table: Table) -> None:
        with self._loading.client(pipeline) as client:
            new = client.make_qualified_table_name(table.name)
            columns = ", ".join(client.escape_column_name(column.name) for column in table.columns)
            other_types = self._types_are_known and self._other_types(client, table)
            with client.with_alternative_dataset_name(self._staged.schema):
                staged = client.make_qualified_table_name(table.name)
            with client.begin_transaction():
                if other_types:
                    client.execute_sql(f"DROP TABLE {staged}")
                    client.execute_sql(f"CREATE TABLE {staged} AS SELECT {columns} FROM {new}")  # noqa: S608
                else:
                    client.execute_sql(f"DELETE FROM {staged} WHERE TRUE")  # noqa: S608
                    client.execute_sql(f"INSERT INTO {staged} ({columns}) SELECT {columns} FROM {new}")  # noqa: S608
                client.execute_sql(f"DROP TABLE {new}")
                with client.with_alternative_dataset_name(self._staged.schema):
                    self._staged.comment(client, (table,))

    def _other_types(self, client: Any, table: Table) -> bool:
        """Whether a column has another type than in the table that is there."""
        types: dict[str, dict[str, str]] = {}
        for schema, column, kind in client.execute_sql(
            "SELECT table_schema, column_name, data_type FROM information_schema.columns "
            "WHERE table_name = %s AND table_schema IN (%s, %s)",
            table.name,
            self._staged.schema,
            self._loading.schema,
        ):
            types.setdefault(schema, {})[column] = kind
        staged = types[self._staged.schema]
        return any(staged[column] != kind for column, kind in types[self._loading.schema].items())


class _Counted:
    """Counts rows on their way, and keeps what goes wrong: dlt wraps it in errors of its own."""

    def __init__(self, pieces: Iterator[pa.Table]) -> None:
        self._pieces = pieces
        self.count = 0
        self.problem: StagingError | None = None

    def __iter__(self) -> Iterator[pa.Table]:
        try:
            for piece in self._pieces:
                self.count += piece.num_rows
                yield piece
        except StagingError as error:
            self.problem = error
            raise
