"""From what a staging Connection says to a place where dlt can load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from filelock import FileLock, Timeout

from wrike_provider.staging.errors import StagingConfigurationError, StagingLockedError

LOCK_TIMEOUT_S: Final = 900
"""Seconds that a task waits for its turn at a DuckDB file."""
POSTGRES_PORT: Final = 5432
_POSTGRES_OPTIONS: Final = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "options", "connect_timeout", "target_session_attrs"}
)


@dataclass(frozen=True, slots=True)
class StagingConnection:
    """What an Airflow Connection for staging says.

    :param type: its type.
    :param host: host of the server; for DuckDB the path of the file, which is made when missing.
    :param schema: the database; for DuckDB the rest of the path, when the Connection was given as a URI.
    :param port: port of the server.
    :param login: name of the role.
    :param password: its password.
    :param extra: options of libpq, such as ``sslmode``; others are for other programs.
    """

    type: str
    host: str | None = None
    schema: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Destination:
    """A staging database.

    :param type: kind of database, as dlt names it.
    :param file: the database's file, None for a server.
    :param server: where the server is, for people: host, port and database.
    :param url: how dlt reaches the server; has the password.
    """

    type: str
    file: Path | None = None
    server: str = ""
    url: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.type}:{self.file or self.server}"

    def dlt(self) -> Any:
        """Make dlt's destination."""
        import dlt

        if self.file is None:
            return dlt.destinations.postgres(credentials=self.url)
        return dlt.destinations.duckdb(credentials=str(self.file))

    @property
    def loader_file_format(self) -> Literal["parquet"] | None:
        """In which form dlt hands rows over; None: as it likes."""
        # Other forms go through text, in which an empty one cannot be told from none.
        return None if self.file else "parquet"

    @contextmanager
    def structure_turn(self, schema: str) -> Iterator[None]:
        """Be the only one who makes tables in a schema: tasks that make the same one at once fail on servers.

        :param schema: the schema.
        """
        if self.file is not None:
            yield
            return
        import psycopg2

        connection = psycopg2.connect(self.url)
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
        """Hold the database for oneself, where it has one writer at a time.

        :raises StagingLockedError: the turn did not come within 15 minutes.
        """
        if self.file is None:
            yield
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.file}.lock", timeout=LOCK_TIMEOUT_S):
                yield
        except Timeout:
            raise StagingLockedError(
                f"Other tasks have kept the staging file {self.file} for {LOCK_TIMEOUT_S} s."
            ) from None


def _duckdb(connection: StagingConnection, home: Path) -> Destination:
    named = "/".join(part for part in ((connection.host or "").rstrip("/"), connection.schema) if part)
    if not named or named == ":memory:":
        raise StagingConfigurationError(
            "The staging Connection of type duckdb names no file. Put the path of the file into its host."
        )
    return Destination("duckdb", (home / named).resolve())


def _postgres(connection: StagingConnection, _: Path) -> Destination:
    missing = [name for name in ("host", "schema", "login") if not getattr(connection, name)]
    if missing:
        raise StagingConfigurationError(
            f"The staging Connection of type postgres lacks {' and '.join(missing)}: "
            "it needs host, schema (the name of the database), login and password."
        )
    port = connection.port or POSTGRES_PORT
    query = {name: str(value) for name, value in connection.extra.items() if name in _POSTGRES_OPTIONS and value}
    url = (
        f"postgresql://{quote(connection.login or '', safe='')}:{quote(connection.password or '', safe='')}"
        f"@{_bracketed(connection.host or '')}:{port}/{quote(connection.schema or '', safe='')}"
    )
    return Destination(
        "postgres",
        server=f"{connection.host}:{port}/{connection.schema}",
        url=f"{url}?{urlencode(query)}" if query else url,
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


_BY_CONNECTION_TYPE: Final[dict[str, Callable[[StagingConnection, Path], Destination]]] = {
    "duckdb": _duckdb,
    "postgres": _postgres,
}


def destination(connection: StagingConnection, home: Path) -> Destination:
    """Find the database that a staging Connection names.

    :param connection: what the Connection says.
    :param home: folder that a relative path starts from.
    :raises StagingConfigurationError: the type is unknown or the place is missing.
    """
    make = _BY_CONNECTION_TYPE.get(connection.type)
    if make is None:
        raise StagingConfigurationError(
            f"The staging Connection has the type {connection.type!r}; known types: "
            f"{', '.join(sorted(_BY_CONNECTION_TYPE))}."
        )
    return make(connection, home)
