"""From what a staging Connection says to a place where dlt can load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from filelock import FileLock, Timeout

from wrike_provider.staging.connection import StagingConnection
from wrike_provider.staging.credentials import POSTGRES_PORT
from wrike_provider.staging.errors import StagingConfigurationError, StagingLockedError
from wrike_provider.staging.kinds import KINDS, Kind

__all__ = ("Destination", "StagingConnection", "destination")

LOCK_TIMEOUT_S: Final = 900
"""Seconds that a task waits for its turn at a database in a file."""
_LOOK_S: Final = 0.01
"""Seconds between two looks whether it is one's turn: a turn mostly lasts a few of these."""
POSTGRES_COLUMNS: Final = 400
"""As many columns fit into a row of PostgreSQL whatever they hold: one of 8 kB, with a pointer of 18 bytes for each."""
_LAKES: Final = frozenset({"aws", "s3", "fs", "gcs", "wasb", "adls", "azure_data_lake", "hdfs", "webhdfs", "sftp"})


@dataclass(frozen=True, slots=True)
class Destination:
    """A staging database.

    :param type: name of the kind of database.
    :param file: the database's file, None for a server.
    :param server: where the server is, for people.
    :param arguments: how dlt reaches the server; has the password.
    """

    type: str
    file: Path | None = None
    server: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    def __str__(self) -> str:
        return f"{self.type}:{self.file or self.server}"

    @property
    def kind(self) -> Kind:
        """The kind of database."""
        return KINDS[self.type]

    @property
    def most_columns(self) -> int | None:
        """How many columns a table may have; None: as many as the database takes."""
        return POSTGRES_COLUMNS if self.type == "postgres" else None

    def with_memory(self, limit: str) -> Destination:
        """The same database, of whose content DuckDB keeps no more than so much in memory.

        :param limit: how much, as DuckDB writes it.
        """
        if self.type != "duckdb":
            return self
        credentials = {"database": str(self.file), "global_config": {"memory_limit": limit}}
        return replace(self, arguments={"credentials": credentials})

    def dlt(self) -> Any:
        """Make dlt's destination.

        :raises StagingConfigurationError: the driver is not installed.
        """
        try:
            made = self._factory(**(self.arguments or {"credentials": self.kind.file_url.format(self.file)}))
            # Imports the driver.
            _ = made.client_class
        except ImportError as error:
            wanted = " ".join(f"'{name}'" for name in self.kind.install)
            raise StagingConfigurationError(
                f"The driver for a staging database of the kind {self.type} is not installed "
                f"({error.name or self.kind.dlt}). Install it where Airflow's tasks run: pip install {wanted}"
            ) from None
        return made

    @property
    def _factory(self) -> Any:
        if self.type == "duckdb":
            from wrike_provider.staging.duckdb_file import DuckDbFile

            return DuckDbFile
        import dlt

        return getattr(dlt.destinations, self.kind.dlt)

    @property
    def loader_file_format(self) -> Literal["parquet"] | None:
        """In which form dlt hands rows over; None: as it likes."""
        # Other forms go through text, in which an empty one cannot be told from none.
        return "parquet" if self.kind.parquet else None

    @contextmanager
    def structure_turn(self, schema: str) -> Iterator[None]:
        """Be the only one who makes tables in a schema: tasks that make the same one at once fail on servers.

        :param schema: the schema.
        """
        if self.type != "postgres":
            yield
            return
        import psycopg2

        connection = psycopg2.connect(self.arguments["credentials"])
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (f"wrike staging {schema}",))
            # Closing gives the turn back.
            yield
        finally:
            connection.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the database for oneself, where it has one writer at a time; a thread that has it may take it again.

        :raises StagingLockedError: the turn did not come within 15 minutes.
        """
        if self.file is None:
            yield
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _lock(f"{self.file}.lock").acquire(LOCK_TIMEOUT_S, poll_interval=_LOOK_S):
                yield
        except Timeout:
            raise StagingLockedError(
                f"Other tasks have kept the staging file {self.file} for {LOCK_TIMEOUT_S} s."
            ) from None


@lru_cache(maxsize=64)
def _lock(file: str) -> FileLock:
    # The same object for all turns: only that one knows that this thread holds it already.
    return FileLock(file)


def destination(connection: StagingConnection, home: Path) -> Destination:
    """Find the database that a staging Connection names.

    :param connection: what the Connection says.
    :param home: folder that a relative path starts from.
    :raises StagingConfigurationError: the type is unknown, or something is missing or cannot be read.
    """
    kind = next((kind for kind in KINDS.values() if connection.type in kind.types), None)
    if kind is None:
        lake = " Files in a lake cannot be staging: it takes a database with SQL." if connection.type in _LAKES else ""
        known = ", ".join(sorted(name for kind in KINDS.values() for name in kind.types))
        raise StagingConfigurationError(
            f"The staging Connection has the type {connection.type!r}; known types: {known}.{lake}"
        )
    if kind.file_url:
        return Destination(kind.name, _file(connection, home))
    arguments = kind.arguments(connection)
    return Destination(kind.name, server=_place(connection, arguments), arguments=arguments)


def _file(connection: StagingConnection, home: Path) -> Path:
    named = "/".join(part for part in ((connection.host or "").rstrip("/"), connection.schema) if part)
    if not named or named == ":memory:":
        raise StagingConfigurationError(
            f"The staging Connection of type {connection.type} names no file. Put the path of the file into its host."
        )
    return (home / named).resolve()


def _place(connection: StagingConnection, arguments: Mapping[str, Any]) -> str:
    """Where the server is, for people: without login and password."""
    said = arguments.get("credentials")
    if not isinstance(said, Mapping):
        default = POSTGRES_PORT if connection.type == "postgres" else None
        said = {"host": connection.host, "port": connection.port or default, "database": connection.schema}
    host = said.get("host") or said.get("server_hostname") or arguments.get("project_id") or ""
    port = f":{said['port']}" if said.get("port") else ""
    database = said.get("database") or said.get("catalog") or ""
    return f"{host}{port}{f'/{database}' if database else ''}"
