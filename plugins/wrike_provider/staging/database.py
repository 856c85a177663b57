"""One schema of a staging database, by way of dlt."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.destination.capabilities import adjust_schema_to_capabilities
from dlt.common.libs.pyarrow import py_arrow_to_table_schema_columns
from dlt.common.schema import Schema
from dlt.common.schema.utils import new_table
from dlt.dataset.utils import get_destination_clients
from dlt.destinations.exceptions import DatabaseException

from wrike_provider.entities.model import Type
from wrike_provider.staging.arrow import ARROW_TYPES, arrow_schema
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import StagingConfigurationError, explained
from wrike_provider.staging.kinds import Comments, Kind
from wrike_provider.staging.portable import PortableClient, cell
from wrike_provider.staging.tables import Table, TableColumn

if TYPE_CHECKING:
    import pyarrow as pa
    from dlt.pipeline.pipeline import Pipeline

# What dlt cannot tell from an Arrow type.
_JSON: Final[dict[str, Any]] = {"data_type": "json"}
_LOCAL_TIMESTAMP: Final[dict[str, Any]] = {"data_type": "timestamp", "timezone": False}

# Both databases that take our SQL write these types as text alike, whatever zone the session has, and hold more than
# Python does.
_AS_TEXT: Final[dict[Type, str]] = {
    Type.TIMESTAMP: "CAST({column} AT TIME ZONE 'UTC' AS VARCHAR)",
    Type.LOCAL_TIMESTAMP: "CAST({column} AS VARCHAR)",
    Type.DATE: "CAST({column} AS VARCHAR)",
    Type.JSON: "CAST({column} AS VARCHAR)",
}


_DLT_SETTINGS: Final = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "PROVIDERS__ENABLE_AIRFLOW_SECRETS": "false",
    "RESTORE_FROM_DESTINATION": "false",
}
"""How we use dlt: it keeps nothing between runs, and has no configuration of its own."""


@cache
def _settle() -> None:
    """Tell dlt so, in the process of a task: what is imported before the fork is there for tasks of others too."""
    for name, value in _DLT_SETTINGS.items():
        os.environ.setdefault(name, value)
    # What dlt found out while it was imported, it found out without them.
    if PluggableRunContext in Container():
        Container()[PluggableRunContext].reload()


_INDEXED: Final = {"postgres"}
"""Databases that find records by an index; others read a column fast enough without one."""


class _Open(threading.local):
    def __init__(self) -> None:
        self.clients: dict[tuple[Destination, str], Any] = {}


_open = _Open()


class Database:
    """Reaches a schema; what it runs belongs inside a :meth:`turn`.

    :param destination: the staging database.
    :param schema: the schema, which is made when missing.
    :param name: what dlt notes its loads under.
    :raises StagingConfigurationError: file and schema have one name.
    """

    def __init__(self, destination: Destination, schema: str, name: str) -> None:
        _settle()
        self.schema = schema
        self._destination = destination
        self._name = name
        # DuckDB calls the database by the file's name up to the first dot.
        if destination.file and destination.file.name.split(".")[0].lower() == schema:
            raise StagingConfigurationError(
                f"The staging file {destination.file} is named like the schema {schema!r}; DuckDB "
                "cannot tell them apart. Give the file or the schema another name."
            )

    @property
    def type(self) -> str:
        """Kind of database, as dlt names it."""
        return self._destination.type

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the database for oneself, where it has one writer at a time, and explain what goes wrong.

        :raises StagingError: the database could not be used.
        """
        try:
            with self._destination.turn():
                yield
        except Exception as error:
            raise explained(error, self._destination.file or self._destination.server) from error

    @contextmanager
    def pipeline(self) -> Iterator[Pipeline]:
        """Open dlt's pipeline into the schema."""
        # A folder of its own: what an interrupted run left behind is never loaded, the records are read again.
        with tempfile.TemporaryDirectory(prefix="wrike-load-") as folder:
            yield dlt.pipeline(
                pipeline_name=self._name,
                destination=self._destination.dlt(),
                dataset_name=self.schema,
                pipelines_dir=folder,
            )

    @contextmanager
    def sql(self) -> Iterator[Any]:
        """Open an SQL client, in a turn of its own; inside of it the same one is given again."""
        with self._job_client() as client:
            yield self._spoken(client.sql_client)

    @contextmanager
    def client(self, pipeline: Pipeline) -> Iterator[Any]:
        """Open a pipeline's SQL client.

        :param pipeline: a pipeline into the schema.
        """
        with pipeline.sql_client() as client:
            yield self._spoken(client)

    def has_schema(self) -> bool:
        """Whether the schema is there."""
        with self._job_client() as client:
            return bool(client.is_storage_initialized())

    def columns(self, tables: Sequence[Table]) -> set[tuple[str, str]]:
        """Those columns of tables that are there, with the table's name; maybe columns of others too.

        :param tables: the tables.
        """
        with self._job_client() as client:
            if not self._kind.dialect:
                there = client.sql_client.execute_sql(
                    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s",
                    self.schema,
                )
                return {(table, column) for table, column in there or ()}
            if not client.is_storage_initialized():
                return set()
            fold = client.capabilities.casefold_identifier
            found = dict(client.get_storage_tables([table.name for table in tables]))
        return {
            (table.name, column.name)
            for table in tables
            for column in table.columns
            if fold(column.name) in found.get(table.name, ())
        }

    def has(self, tables: Sequence[Table]) -> bool:
        """Whether tables are there with all their columns.

        :param tables: the tables.
        """
        return {(table.name, column.name) for table in tables for column in table.columns} <= self.columns(tables)

    def cell_text(self, client: Any, column: TableColumn) -> str:
        """How a column is asked for, so that :meth:`read` can tell what it holds.

        :param client: an SQL client.
        :param column: the column.
        """
        name = client.escape_column_name(column.name)
        return name if self._kind.dialect else _AS_TEXT.get(column.type, "{column}").format(column=name)

    def read(self, table: Table, rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
        """Bring rows of a table into the form that all databases share.

        :param table: the table.
        :param rows: values of its columns, asked for as :meth:`cell_text` says.
        :returns: the same; instants (UTC), dates and JSON as text.
        """
        if not self._kind.dialect:
            return map(tuple, rows)
        types = [column.type for column in table.columns]
        return (tuple(map(cell, types, row)) for row in rows)

    def make(self, tables: Sequence[Table]) -> None:
        """Make the tables and columns that are missing, and say in the database what they mean.

        :param tables: the tables.
        """
        with self.turn(), self._declaring(tables) as dlt_client:
            self.make_missing(dlt_client)
            client = self._spoken(dlt_client.sql_client)
            with client.begin_transaction():
                self.comment(client, tables)
                keyed = [table for table in tables if table.record_key]
                if keyed and self._destination.type in _INDEXED:
                    client.execute_many(list(_indexes(client, keyed)))

    def comment(self, client: Any, tables: Sequence[Table]) -> None:
        """Say in the database what tables mean, where that takes statements.

        :param client: an SQL client of the schema that they are in.
        :param tables: the tables.
        """
        if self._kind.comments is Comments.STATEMENT:
            client.execute_many(list(_comments(client, tables)))

    def make_missing(self, client: Any) -> None:
        """Make the tables and columns that are missing.

        :param client: dlt's client of the schema, open, which knows the tables.
        """
        with self._destination.structure_turn(self.schema):
            if not client.is_storage_initialized():
                try:
                    client.initialize_storage()
                except DatabaseException:
                    # Another task of the team may have made it meanwhile.
                    if not client.is_storage_initialized():
                        raise
            # Forced: dlt would otherwise trust its own notes, and not see a table that somebody dropped.
            client.update_stored_schema(force=True)

    def extract(self, pipeline: Pipeline, resources: list[Any]) -> None:
        """Hand rows to a pipeline.

        :param pipeline: the pipeline.
        :param resources: the rows by table, as :func:`resource` makes them.
        """
        pipeline.extract(resources, loader_file_format=self._destination.loader_file_format)

    def resource(self, table: Table, rows: pa.Table | Iterable[pa.Table], disposition: str) -> Any:
        """Make dlt's resource of a table.

        :param table: the table.
        :param rows: its rows; of those that come in pieces no more than one is held at a time.
        :param disposition: what becomes of the rows that are there, as dlt names it.
        """
        made = dlt.resource(
            _zoned([rows] if hasattr(rows, "column_names") else rows, self._zoned(table)),
            name=table.name,
            write_disposition=disposition,  # type: ignore[call-overload]
            columns={name: hint for name, hint in self._hints(table).items() if hint},
        )
        if self._kind.comments is Comments.HINT:
            made.apply_hints(additional_table_hints={"description": table.description})
        return made

    @contextmanager
    def _job_client(self) -> Iterator[Any]:
        """Open dlt's client, in a turn of its own; inside of it the same one is given again."""
        key = (self._destination, self.schema)
        if (held := _open.clients.get(key)) is not None:
            yield held
            return
        with self.turn(), _job_client(*key, threading.get_ident()) as client:
            _open.clients[key] = client
            try:
                yield client
            finally:
                del _open.clients[key]

    def _spoken(self, client: Any) -> Any:
        """A client that takes our SQL."""
        return PortableClient(client, self._kind.dialect) if self._kind.dialect else client

    @property
    def _kind(self) -> Kind:
        return self._destination.kind

    def _hints(self, table: Table) -> dict[str, dict[str, Any]]:
        """What dlt is to know of each column beyond its Arrow type."""
        hints: dict[str, dict[str, Any]] = {column.name: {} for column in table.columns}
        for column in table.columns:
            if column.type is Type.JSON and self._kind.json:
                hints[column.name] |= _JSON
            if column.type is Type.LOCAL_TIMESTAMP and self._kind.local_timestamps:
                hints[column.name] |= _LOCAL_TIMESTAMP
            if self._kind.comments is Comments.HINT:
                hints[column.name]["description"] = column.comment
        return hints

    def _zoned(self, table: Table) -> list[int]:
        """Places of the columns whose local timestamps have to pass for instants."""
        if self._kind.local_timestamps:
            return []
        return [place for place, column in enumerate(table.columns) if column.type is Type.LOCAL_TIMESTAMP]

    @contextmanager
    def _declaring(self, tables: Sequence[Table]) -> Iterator[Any]:
        """Open dlt's client, which knows the tables as they are declared."""
        known = _job_client(self._destination, self.schema, threading.get_ident())
        schema = Schema(self._name)
        for table in tables:
            arrow = _zoned([arrow_schema(table).empty_table()], self._zoned(table))
            columns = adjust_schema_to_capabilities(
                py_arrow_to_table_schema_columns(next(arrow).schema), known.capabilities
            )
            hints = self._hints(table)
            made = new_table(
                table.name,
                write_disposition="append",
                columns=[{**column, **hints[name]} for name, column in columns.items()],  # type: ignore[typeddict-item]
            )
            if self._kind.comments is Comments.HINT:
                made["description"] = table.description
            schema.update_table(made)
        # dlt takes only a schema that has been put aside and not changed since.
        stored = Schema.from_stored_schema(schema.to_dict())
        with type(known)(stored, known.config, known.capabilities) as client:
            yield client


@lru_cache(maxsize=64)
def _job_client(destination: Destination, schema: str, _thread: int) -> Any:
    # One for all statements of a thread: to make it takes dlt longer than most of them. It is open only while in use.
    client, _ = get_destination_clients(Schema(schema), destination=destination.dlt(), destination_dataset_name=schema)
    return client


def _zoned(pieces: Iterable[pa.Table], places: Sequence[int]) -> Iterator[pa.Table]:
    """Let local timestamps pass for instants, where there are no others."""
    for rows in pieces:
        for place in places:
            instants = rows.column(place).cast(ARROW_TYPES[Type.TIMESTAMP])
            rows = rows.set_column(place, rows.column_names[place], instants)  # noqa: PLW2901
        yield rows


def _comments(client: Any, tables: Sequence[Table]) -> Iterator[str]:
    literal = client.literal if isinstance(client, PortableClient) else client.capabilities.escape_literal
    for table in tables:
        name = client.make_qualified_table_name(table.name)
        yield f"COMMENT ON TABLE {name} IS {literal(table.description)}"
        for column in table.columns:
            yield f"COMMENT ON COLUMN {name}.{client.escape_column_name(column.name)} IS {literal(column.comment)}"


def _indexes(client: Any, tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        digest = hashlib.blake2b(table.name.encode(), digest_size=4).hexdigest()
        name = client.escape_column_name(f"{table.name[:46]}_{digest}_idx")
        key = client.escape_column_name(table.record_key)
        yield f"CREATE INDEX IF NOT EXISTS {name} ON {client.make_qualified_table_name(table.name)} ({key})"
