"""The staging tables of one entity of one team: what they hold, and how rows get there.

dlt loads frames into tables of the same shape in a loading schema; from there one transaction moves them, so
that a record and its child rows change together or not at all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from wrike_provider.entities.model import Details, Entity, Type
from wrike_provider.staging.arrow import arrow_schema
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import (
    StagingConfigurationError,
    StagingError,
    StagingFullError,
    StagingLockedError,
    StagingMissingError,
)
from wrike_provider.staging.tables import DELETED_AT, HASH, SYNCED_AT, Table, tables

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")
os.environ.setdefault("PROVIDERS__ENABLE_AIRFLOW_SECRETS", "false")
os.environ.setdefault("RESTORE_FROM_DESTINATION", "false")

import dlt

if TYPE_CHECKING:
    import pyarrow as pa
    from dlt.common.schema.typing import TSchemaTables
    from dlt.destinations.job_client_impl import SqlJobClientBase
    from dlt.pipeline.pipeline import Pipeline

KEYS_PER_QUERY: Final = 1000

# What dlt cannot tell from an Arrow type.
_HINTS: Final[dict[Type, dict[str, Any]]] = {
    Type.JSON: {"data_type": "json"},
    Type.LOCAL_TIMESTAMP: {"data_type": "timestamp", "timezone": False},
}


class EntityStore:
    """Reads and writes the staging tables of an entity.

    :param destination: the staging database.
    :param schema: the team's schema.
    :param entity: the entity.
    :raises StagingConfigurationError: file and schema have one name.
    """

    def __init__(self, destination: Destination, schema: str, entity: Entity) -> None:
        self._destination = destination
        self._schema = schema
        self._loading_schema = f"{schema}_load"
        self._entity = entity
        self._tables = tables(entity)
        # DuckDB calls the database by the file's name up to the first dot.
        catalog = destination.file.name.split(".")[0].lower() if destination.file else None
        if catalog in {self._schema, self._loading_schema}:
            raise StagingConfigurationError(
                f"The staging file {destination.file} is named like the schema {catalog!r}; DuckDB "
                "cannot tell them apart. Give the file or the schema another name."
            )

    def complete(self) -> bool:
        """Whether all tables and columns are there; otherwise the entity has to be read from the beginning.

        :raises StagingError: the database cannot be read.
        """
        with self._turn(), self._declared() as pipeline, pipeline.destination_client() as client:
            if not client.is_storage_initialized():
                return False
            scanner = cast("SqlJobClientBase", client)
            there = dict(scanner.get_storage_tables([table.name for table in self._tables]))
        return all(column.name in there.get(table.name, ()) for table in self._tables for column in table.columns)

    def prepare(self) -> bool:
        """Make the tables and columns that are missing.

        :returns: whether anything was missing.
        :raises StagingError: the database cannot be written.
        """
        with self._turn(), self._declared() as pipeline:
            added = _make_tables(pipeline)
        return any(table.name in added for table in self._tables)

    def digests(self, keys: Sequence[str]) -> dict[str, str | None]:
        """Read the digests of records.

        :param keys: keys of the records; those that staging does not have are left out of the answer.
        :raises StagingError: the database cannot be read.
        """
        found: dict[str, str | None] = {}
        with self._sql() as client:
            table = client.make_qualified_table_name(self._entity.name)
            for some in _chunks(keys):
                found.update(
                    client.execute_sql(
                        f"SELECT {self._key}, {HASH} FROM {table} WHERE {self._key} IN ({_places(some)})",  # noqa: S608
                        *some,
                    )
                    or ()
                )
        return found

    def present_keys(self) -> tuple[set[str], set[str]]:
        """Read the keys of all records that are not marked as deleted.

        :returns: keys of the records that Wrike lists, and of those that it lists as gone only.
        :raises StagingError: the database cannot be read.
        """
        gone = self._entity.gone or "FALSE"
        with self._sql() as client:
            table = client.make_qualified_table_name(self._entity.name)
            rows = client.execute_sql(
                f"SELECT {self._key}, COALESCE({gone}, FALSE) FROM {table} WHERE {DELETED_AT} IS NULL"  # noqa: S608
            )
        return {key for key, is_gone in rows or () if not is_gone}, {key for key, is_gone in rows or () if is_gone}

    def written(self, of: Entity, details: Details) -> dict[str, datetime]:
        """Read when the records that details are about were last written.

        :param of: the entity that has their ids.
        :param details: which ids count.
        :returns: when, UTC, by id; only of records that are there.
        :raises StagingMissingError: there are no tables of that entity.
        :raises StagingError: the database cannot be read.
        """
        key = of.key.name
        conditions = [f"r.{DELETED_AT} IS NULL"]
        if of.gone:
            conditions.append(f"NOT COALESCE(r.{of.gone}, FALSE)")
        if details.only:
            conditions.append(f"r.{details.only[0]} = %s")
        child = next((child for child in of.children if child.path == details.array), None)
        with self._sql() as client:
            there = "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
            if not client.execute_sql(there, self._schema, of.name):
                raise StagingMissingError(
                    f"{self._entity.name} are read of {of.name}, and staging has none: the team has to take them too."
                )
            records = client.make_qualified_table_name(of.name)
            if child is None:
                source, found = f"{records} r", f"r.{key}"
            else:
                elements = client.make_qualified_table_name(of.child_table(child))
                source, found = f"{elements} e JOIN {records} r ON r.{key} = e.{of.parent_key}", f"e.{child.key[0]}"
            rows = client.execute_sql(
                f"SELECT {found}, MAX(r.{SYNCED_AT}) FROM {source} WHERE {' AND '.join(conditions)} GROUP BY 1",  # noqa: S608
                *((details.only[1],) if details.only else ()),
            )
        return {found: at.astimezone(UTC) for found, at in rows or ()}

    def present_about(self, column: str) -> dict[str, str]:
        """Read what the records that are not marked as deleted are about.

        :param column: the column that tells.
        :returns: its value by the record's key.
        :raises StagingError: the database cannot be read.
        """
        with self._sql() as client:
            table = client.make_qualified_table_name(self._entity.name)
            rows = client.execute_sql(f"SELECT {self._key}, {column} FROM {table} WHERE {DELETED_AT} IS NULL")  # noqa: S608
        return dict(rows or ())

    def write(self, rows: Mapping[str, pa.Table]) -> None:
        """Put records and their child rows in the place of what staging has of these records.

        :param rows: an Arrow table for each of the entity's tables.
        :raises StagingError: nothing was written.
        """
        with self._turn(), self._pipeline(self._loading_schema) as pipeline:
            pipeline.extract([_resource(table, rows[table.name], "replace") for table in self._tables])
            pipeline.normalize()
            _make_tables(pipeline)
            pipeline.load().raise_on_failed_jobs()
            with pipeline.sql_client() as client, client.begin_transaction():
                loaded = {table.name: client.make_qualified_table_name(table.name) for table in self._tables}
                with client.with_alternative_dataset_name(self._schema):
                    staged = {table.name: client.make_qualified_table_name(table.name) for table in self._tables}
                for table in self._tables:
                    columns = ", ".join(client.escape_column_name(column.name) for column in table.columns)
                    client.execute_sql(
                        f"DELETE FROM {staged[table.name]} WHERE {table.record_key} IN "  # noqa: S608
                        f"(SELECT {self._key} FROM {loaded[self._entity.name]})"
                    )
                    client.execute_sql(
                        f"INSERT INTO {staged[table.name]} ({columns}) SELECT {columns} FROM {loaded[table.name]}"  # noqa: S608
                    )
                for name in loaded.values():
                    client.execute_sql(f"DELETE FROM {name}")  # noqa: S608

    def mark_deleted(self, keys: Iterable[str], at: datetime) -> None:
        """Mark records that vanished from Wrike; when they come back they are written anew.

        :param keys: keys of the records.
        :param at: when they were found to be gone, UTC.
        :raises StagingError: nothing was written.
        """
        with self._sql() as client, client.begin_transaction():
            table = client.make_qualified_table_name(self._entity.name)
            for some in _chunks(sorted(keys)):
                client.execute_sql(
                    f"UPDATE {table} SET {DELETED_AT} = %s, {SYNCED_AT} = %s, {HASH} = NULL "  # noqa: S608
                    f"WHERE {self._key} IN ({_places(some)})",
                    at,
                    at,
                    *some,
                )

    @property
    def _key(self) -> str:
        return self._entity.key.name

    @contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            with self._destination.turn():
                yield
        except Exception as error:
            raise _explained(error, self._destination) from error

    @contextmanager
    def _pipeline(self, schema: str) -> Iterator[Pipeline]:
        # A folder of its own: what an interrupted run left behind is never loaded, the records are read again.
        with tempfile.TemporaryDirectory(prefix="wrike-load-") as folder:
            yield dlt.pipeline(
                pipeline_name=self._entity.name,
                destination=self._destination.dlt(),
                dataset_name=schema,
                pipelines_dir=folder,
            )

    @contextmanager
    def _declared(self) -> Iterator[Pipeline]:
        """A pipeline that knows the tables as they are declared."""
        with self._pipeline(self._schema) as pipeline:
            pipeline.extract([_resource(table, arrow_schema(table).empty_table(), "append") for table in self._tables])
            yield pipeline

    @contextmanager
    def _sql(self) -> Iterator[Any]:
        with self._turn(), self._pipeline(self._schema) as pipeline, pipeline.sql_client() as client:
            yield client


def _resource(table: Table, rows: pa.Table, disposition: str) -> Any:
    return dlt.resource(
        [rows],
        name=table.name,
        write_disposition=disposition,  # type: ignore[call-overload]
        # A copy each: dlt writes the column's name into the hints.
        columns={column.name: dict(_HINTS[column.type]) for column in table.columns if column.type in _HINTS},
    )


def _make_tables(pipeline: Pipeline) -> TSchemaTables:
    """Make the tables and columns that are missing; the answer says which."""
    with pipeline.destination_client() as client:
        if not client.is_storage_initialized():
            client.initialize_storage()
        # Forced: dlt would otherwise trust its own notes, and not see a table that somebody dropped.
        return client.update_stored_schema(force=True) or {}


def _places(keys: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(keys))


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + KEYS_PER_QUERY] for start in range(0, len(keys), KEYS_PER_QUERY))


def _explained(error: Exception, destination: Destination) -> StagingError:
    if isinstance(error, StagingError):
        return error
    said = _messages(error)
    place = destination.file or destination.type
    if "Could not set lock on file" in said or "being used by another process" in said:
        return StagingLockedError(
            f"Another program has the staging file {place} open. Close it there, or work on a copy. ({said})"
        )
    if any(
        sign in said
        for sign in ("No space left on device", "disk full", "Disk quota exceeded", "out of disk", "File too large")
    ):
        return StagingFullError(
            f"There is no room left for the staging database {place}. Make room and run again. ({said})"
        )
    if any(sign in said for sign in ("Permission denied", "permission denied", "Read-only file system")):
        return StagingConfigurationError(
            f"The staging database {place} may not be written to. Check its rights. ({said})"
        )
    return StagingError(f"The staging database {place} failed: {said}")


def _messages(error: BaseException) -> str:
    """The texts of an error and its causes, each once: dlt wraps what the database says several times."""
    said: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        text = " ".join(str(seen).split())
        if text and not any(text in other for other in said):
            said = [other for other in said if other not in text]
            said.append(text)
        seen = seen.__cause__ or seen.__context__
    return " | ".join(said)[:2000]
