"""The staging tables of one entity of one team: what they hold, and how rows get there.

One transaction writes a record and its child rows: they change together or not at all. Databases without a way of
their own for many rows (see :mod:`~wrike_provider.staging.direct`) are first given them by dlt, in tables of the same
shape in a loading schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrike_provider.entities.model import Details, Entity
from wrike_provider.staging.database import Database
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.direct import INSERTS, one_of
from wrike_provider.staging.errors import StagingMissingError
from wrike_provider.staging.portable import instant
from wrike_provider.staging.seen import Seen
from wrike_provider.staging.tables import DELETED_AT, HASH, SYNCED_AT, Table, record_table, tables
from wrike_provider.staging.writes import SYNC_WRITES, count_write

if TYPE_CHECKING:
    import pyarrow as pa

KEYS_PER_QUERY: Final = 1000
PRESENT_AT_ONCE: Final = 10_000


class Absent(NamedTuple):
    """Records that staging has and Wrike did not list.

    :param listed: keys of those that Wrike used to list.
    :param gone: keys of those that it used to list as gone only.
    :param present: how many records staging has, these included.
    """

    listed: set[str]
    gone: set[str]
    present: int


class EntityStore:
    """Reads and writes the staging tables of an entity.

    :param destination: the staging database.
    :param schema: the team's schema.
    :param entity: the entity.
    :raises StagingConfigurationError: file and schema have one name.
    """

    def __init__(self, destination: Destination, schema: str, entity: Entity) -> None:
        self.destination = destination
        self.schema = schema
        self.entity = entity
        self.writes: int | None = None
        """How often its tables have been written, as counted with the last write; None: it was not counted."""
        self._staged = Database(destination, schema, entity.name)
        self._loading = Database(destination, f"{schema}_load", entity.name)
        self._tables = tables(entity)

    def distrust(self) -> None:
        """Let no record count as unchanged, and remove child rows of records that are not there.

        :raises StagingError: the database cannot be written.
        """
        with self._staged.sql() as client, client.begin_transaction():
            records, *children = (client.make_qualified_table_name(table.name) for table in self._tables)
            client.execute_sql(f"UPDATE {records} SET {HASH} = NULL WHERE TRUE")  # noqa: S608
            for child in children:
                client.execute_sql(
                    f"DELETE FROM {child} WHERE {self.entity.parent_key} NOT IN (SELECT {self._key} FROM {records})"  # noqa: S608
                )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the database open for several calls: to open a file takes longer than most of them.

        :raises StagingError: the database cannot be opened.
        """
        with self._staged.sql():
            yield

    def digests(self, keys: Sequence[str]) -> dict[str, str | None]:
        """Read the digests of records.

        :param keys: keys of the records; those that staging does not have are left out of the answer.
        :raises StagingError: the database cannot be read.
        """
        found: dict[str, str | None] = {}
        with self._staged.sql() as client:
            table = client.make_qualified_table_name(self.entity.name)
            for condition, values in self._among(self._key, keys):
                sql = f"SELECT {self._key}, {HASH} FROM {table} WHERE {condition}"  # noqa: S608
                found.update(client.execute_sql(sql, *values) or ())
        return found

    def present(self) -> Iterator[Sequence[tuple[str, bool]]]:
        """Read the keys of all records that are not marked as deleted, many at a time.

        :returns: each key, and whether Wrike lists the record as gone only.
        :raises StagingError: the database cannot be read.
        """
        gone = self.entity.gone or "NULL"
        with self._staged.sql() as client:
            table = client.make_qualified_table_name(self.entity.name)
            sql = f"SELECT {self._key}, {gone} FROM {table} WHERE {DELETED_AT} IS NULL"  # noqa: S608
            if self._staged.type not in INSERTS:
                # For all we know, keys that differ are one to the order of such a database.
                yield [(key, bool(is_gone)) for key, is_gone in client.execute_sql(sql) or ()]
                return
            if self._staged.type == "duckdb":
                with client.execute_query(sql) as cursor:
                    while rows := cursor.fetchmany(PRESENT_AT_ONCE):
                        yield [(key, bool(is_gone)) for key, is_gone in rows]
                return
            # Its client takes all rows of an answer at once; but the keys have an index.
            last = ""
            while rows := client.execute_sql(
                f"{sql} AND {self._key} > %s ORDER BY {self._key} LIMIT {PRESENT_AT_ONCE}", last
            ):
                yield [(key, bool(is_gone)) for key, is_gone in rows]
                last = rows[-1][0]

    def absent(self, seen: Seen) -> Absent:
        """Find the records that are not marked as deleted and were not seen.

        :param seen: keys of the records that were.
        :raises StagingError: the database cannot be read.
        """
        listed: set[str] = set()
        gone: set[str] = set()
        present = 0
        for rows in self.present():
            present += len(rows)
            lacking = set(seen.lacking([key for key, _ in rows]))
            for key, is_gone in rows if lacking else ():
                if key in lacking:
                    (gone if is_gone else listed).add(key)
        return Absent(listed, gone, present)

    def written(self, of: Entity, details: Details) -> dict[str, datetime]:
        """Read when the records that details are about were last written.

        :param of: the entity that has their ids.
        :param details: which ids count.
        :returns: when, UTC, by id; only of records that are there.
        :raises StagingMissingError: there are no tables of that entity.
        :raises StagingError: the database cannot be read.
        """
        conditions = [f"r.{DELETED_AT} IS NULL"]
        if of.gone:
            conditions.append(f"(r.{of.gone} IS NULL OR NOT r.{of.gone})")
        if details.only:
            conditions.append(f"r.{details.only[0]} = %s")
        values = (details.only[1],) if details.only else ()
        return {key: instant(at) for key, at in self._owners(of, details, " AND ".join(conditions), values)}

    def listed(self, of: Entity, details: Details) -> set[str]:
        """Read the ids of all records that details can be about, also of those that are gone.

        :param of: the entity that has their ids.
        :param details: which ids count.
        :raises StagingMissingError: there are no tables of that entity.
        :raises StagingError: the database cannot be read.
        """
        return {key for key, _ in self._owners(of, details, "TRUE", ())}

    def _owners(self, of: Entity, details: Details, condition: str, values: Sequence[Any]) -> Sequence[tuple[str, Any]]:
        """Ids by which the records of an entity, or what an array of theirs holds, are asked about; when written."""
        key = of.key.name
        child = next((child for child in of.children if child.path == details.array), None)
        with self._staged.sql() as client:
            if not any(table == of.name for table, _ in self._staged.columns([record_table(of)])):
                raise StagingMissingError(
                    f"{self.entity.name} are read of {of.name}, and staging has none: the team has to take them too."
                )
            records = client.make_qualified_table_name(of.name)
            if child is None:
                source, found = f"{records} r", f"r.{key}"
            else:
                elements = client.make_qualified_table_name(of.child_table(child))
                source, found = f"{elements} e JOIN {records} r ON r.{key} = e.{of.parent_key}", f"e.{child.key[0]}"
            rows = client.execute_sql(
                f"SELECT {found}, MAX(r.{SYNCED_AT}) FROM {source} WHERE {condition} GROUP BY {found}",  # noqa: S608
                *values,
            )
        return rows or ()

    def oldest(self, of: Entity) -> datetime | None:
        """Read when the oldest record of an entity was made.

        :param of: the entity.
        :returns: when, UTC; None: there are no records, or they do not say so.
        :raises StagingError: the database cannot be read.
        """
        made = next((column.name for column in of.columns if column.path == "createdDate"), None)
        with self._staged.sql() as client:
            if (of.name, made) not in self._staged.columns([record_table(of)]):
                return None
            table = client.make_qualified_table_name(of.name)
            rows = client.execute_sql(f"SELECT MIN({made}) FROM {table}")  # noqa: S608
        return next((instant(at) for (at,) in rows or () if at is not None), None)

    def gone(self) -> set[str]:
        """Read the keys of the records that are marked as deleted.

        :raises StagingError: the database cannot be read.
        """
        with self._staged.sql() as client:
            table = client.make_qualified_table_name(self.entity.name)
            rows = client.execute_sql(f"SELECT {self._key} FROM {table} WHERE {DELETED_AT} IS NOT NULL")  # noqa: S608
        return {key for (key,) in rows or ()}

    def present_about(self, column: str) -> dict[str, str]:
        """Read what the records that are not marked as deleted are about.

        :param column: the column that tells.
        :returns: its value by the record's key.
        :raises StagingError: the database cannot be read.
        """
        with self._staged.sql() as client:
            table = client.make_qualified_table_name(self.entity.name)
            rows = client.execute_sql(f"SELECT {self._key}, {column} FROM {table} WHERE {DELETED_AT} IS NULL")  # noqa: S608
        return dict(rows or ())

    def rows(self, keys: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
        """Read the rows of records, of all tables.

        :param keys: keys of the records.
        :returns: by table its rows, values in the order of the declared columns; instants (UTC), dates and JSON as the
            database writes them.
        :raises StagingError: the database cannot be read.
        """
        found: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in self._tables}
        with self._staged.sql() as client:
            for table in self._tables:
                columns = ", ".join(self._staged.cell_text(client, column) for column in table.columns)
                name = client.make_qualified_table_name(table.name)
                for condition, values in self._among(table.record_key, keys):
                    rows = client.execute_sql(f"SELECT {columns} FROM {name} WHERE {condition}", *values)  # noqa: S608
                    found[table.name].extend(self._staged.read(table, rows or ()))
        return found

    def orphans(self) -> set[str]:
        """Find child rows whose record is not there.

        :returns: the keys that such rows name.
        :raises StagingError: the database cannot be read.
        """
        found: set[str] = set()
        with self._staged.sql() as client:
            records = client.make_qualified_table_name(self.entity.name)
            for table in self._tables[1:]:
                name = client.make_qualified_table_name(table.name)
                rows = client.execute_sql(
                    f"SELECT {table.record_key} FROM {name} EXCEPT SELECT {self._key} FROM {records}"  # noqa: S608
                )
                found.update(str(key) for (key,) in rows or ())
        return found

    def write(self, rows: Mapping[str, pa.Table], replaced: Iterable[str]) -> None:
        """Put records and their child rows in the place of what staging has of these records.

        :param rows: an Arrow table for each of the entity's tables.
        :param replaced: keys of those records that staging has.
        :raises StagingError: nothing was written.
        """
        # Without rows there is nothing to load, and dlt cannot load it everywhere.
        filled = [table for table in self._tables if rows[table.name].num_rows]
        insert = INSERTS.get(self._staged.type)
        if insert is None:
            self._write_by_dlt(rows, filled)
            return
        keys = sorted(replaced)
        with self._staged.sql() as client, client.begin_transaction():
            for table in self._tables:
                name = client.make_qualified_table_name(table.name)
                for condition, values in self._among(table.record_key, keys):
                    client.execute_sql(f"DELETE FROM {name} WHERE {condition}", *values)  # noqa: S608
            for table in filled:
                insert(client, client.make_qualified_table_name(table.name), rows[table.name])
            writes = self._count(client)
        self.writes = writes

    def _write_by_dlt(self, rows: Mapping[str, pa.Table], filled: Sequence[Table]) -> None:
        with self._loading.turn(), self._loading.pipeline() as pipeline:
            self._loading.extract(
                pipeline, [self._loading.resource(table, rows[table.name], "replace") for table in filled]
            )
            pipeline.normalize()
            with pipeline.destination_client() as client:
                self._loading.make_missing(client)
            pipeline.load().raise_on_failed_jobs()
            with self._loading.client(pipeline) as client, client.begin_transaction():
                loaded = {table.name: client.make_qualified_table_name(table.name) for table in filled}
                with client.with_alternative_dataset_name(self._staged.schema):
                    staged = {table.name: client.make_qualified_table_name(table.name) for table in self._tables}
                for table in self._tables:
                    client.execute_sql(
                        f"DELETE FROM {staged[table.name]} WHERE {table.record_key} IN "  # noqa: S608
                        f"(SELECT {self._key} FROM {loaded[self.entity.name]})"
                    )
                # The record comes last: where there are no transactions, one that was cut off is written again.
                for table in reversed(filled):
                    columns = ", ".join(client.escape_column_name(column.name) for column in table.columns)
                    client.execute_sql(
                        f"INSERT INTO {staged[table.name]} ({columns}) SELECT {columns} FROM {loaded[table.name]}"  # noqa: S608
                    )
                for name in loaded.values():
                    client.execute_sql(f"DELETE FROM {name} WHERE TRUE")  # noqa: S608

    def mark_deleted(self, keys: Iterable[str], at: datetime) -> None:
        """Mark records that vanished from Wrike; when they come back they are written anew.

        :param keys: keys of the records.
        :param at: when they were found to be gone, UTC.
        :raises StagingError: nothing was written.
        """
        with self._staged.sql() as client, client.begin_transaction():
            table = client.make_qualified_table_name(self.entity.name)
            for condition, values in self._among(self._key, sorted(keys)):
                client.execute_sql(
                    f"UPDATE {table} SET {DELETED_AT} = %s, {SYNCED_AT} = %s, {HASH} = NULL WHERE {condition}",  # noqa: S608
                    at,
                    at,
                    *values,
                )
            writes = self._count(client)
        self.writes = writes

    def _count(self, client: Any) -> int | None:
        """Count a write in its transaction, where that is done; returns how many there are now."""
        if self._staged.type not in INSERTS:
            return None
        return count_write(client, client.make_qualified_table_name(SYNC_WRITES.name), self.entity.name)

    def _among(self, column: str, keys: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        """Conditions that together are true of the rows with these keys, each with its values."""
        if self._staged.type in INSERTS:
            if keys:
                yield one_of(column), (list(keys),)
            return
        for start in range(0, len(keys), KEYS_PER_QUERY):
            some = keys[start : start + KEYS_PER_QUERY]
            yield f"{column} IN ({', '.join(['%s'] * len(some))})", some

    @property
    def _key(self) -> str:
        return self.entity.key.name
