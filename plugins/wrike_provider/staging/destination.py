"""From what a staging Connection says to a place where dlt can load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from wrike_provider.staging.errors import StagingConfigurationError, StagingLockedError

LOCK_TIMEOUT_S: Final = 900
"""Seconds that a task waits for its turn at a DuckDB file."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A staging database.

    :param type: kind of database, as dlt names it.
    :param file: the database's file, None for a server.
    """

    type: str
    file: Path | None = None

    def dlt(self) -> Any:
        """Make dlt's destination."""
        import dlt

        return dlt.destinations.duckdb(credentials=str(self.file))

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


def _duckdb(host: str, schema: str, home: Path) -> Destination:
    named = "/".join(part for part in (host.rstrip("/"), schema) if part)
    if not named or named == ":memory:":
        raise StagingConfigurationError(
            "The staging Connection of type duckdb names no file. Put the path of the file into its host."
        )
    return Destination("duckdb", (home / named).resolve())


_BY_CONNECTION_TYPE: Final[dict[str, Callable[[str, str, Path], Destination]]] = {"duckdb": _duckdb}


def destination(connection_type: str | None, host: str | None, schema: str | None, home: Path) -> Destination:
    """Read a staging Connection.

    :param connection_type: type of the Connection.
    :param host: its host; for DuckDB the path of the file, which is made when missing.
    :param schema: its schema; for DuckDB the rest of the path, when the Connection was given as a URI.
    :param home: folder that a relative path starts from.
    :raises StagingConfigurationError: the type is unknown or the place is missing.
    """
    make = _BY_CONNECTION_TYPE.get(connection_type or "")
    if make is None:
        raise StagingConfigurationError(
            f"The staging Connection has the type {connection_type!r}; known types: "
            f"{', '.join(sorted(_BY_CONNECTION_TYPE))}."
        )
    return make(host or "", schema or "", home)
