"""dlt's DuckDB, whose files are attached to an instance that stays, with small row groups.

Whenever a file is closed DuckDB writes row groups that are not full anew, together with what is next to them, and holds
them in memory meanwhile. With row groups as large as DuckDB makes them unasked, each batch of a long sync would cost
more than the one before, in time and in memory. Their size is told only when a file is attached, not when it is opened;
and to attach one to an instance that is there takes a quarter of the time of making an instance for it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from functools import lru_cache
from typing import Any, Final

import duckdb
from dlt.common.configuration import configspec
from dlt.destinations import duckdb as dlt_duckdb
from dlt.destinations.impl.duckdb.configuration import (
    DuckDbClientConfiguration,
    DuckDbConnectionPool,
    DuckDbCredentials,
)

log = logging.getLogger(__name__)

ROW_GROUP_ROWS: Final = 16_384
"""Rows of a row group. Whoever opens the file otherwise can read them; their number has to be a multiple of 2,048."""


@lru_cache(maxsize=8)
def _instance(name: str, _process: int) -> Any:
    """Keep a DuckDB in memory as long as this process lives; one that was forked off needs its own."""
    return duckdb.connect(name)


class _Pool(DuckDbConnectionPool):
    """Connections in which names mean what is in the file."""

    def borrow_conn(
        self,
        global_config: dict[str, Any] | None = None,
        local_config: dict[str, Any] | None = None,
        pragmas: list[str] | None = None,
    ) -> Any:
        # As long as the schema is not there the second one fails, and dlt goes on with the first one.
        local = {"schema": f"{self._file}.main", **(local_config or {})}
        if schema := local.get("search_path"):
            local["search_path"] = f"{self._file}.{schema}"
        _instance(self.credentials._conn_str(), os.getpid())
        try:
            return super().borrow_conn(global_config or {}, local, pragmas or [])
        except Exception:
            if self._conn is None:
                self._detach()
            raise

    @property
    def _file(self) -> str:
        """What the file is called in the instance: by its path, so that no two are called alike."""
        path = str(self.credentials.database).replace('"', '""')
        return f'"{path}"'

    def _execute_statements(self, conn: Any) -> None:
        path = str(self.credentials.database).replace("'", "''")
        conn.execute(f"ATTACH '{path}' AS {self._file} (ROW_GROUP_SIZE {ROW_GROUP_ROWS})")
        super()._execute_statements(conn)

    def _close_conn(self) -> None:
        if self._conn:
            super()._close_conn()
            self._detach()

    def _detach(self) -> None:
        """Let go of the file, for others to open it; what was committed is in it or beside it in any case."""
        try:
            with _instance(self.credentials._conn_str(), os.getpid()).cursor() as cursor:
                cursor.execute(f"DETACH DATABASE IF EXISTS {self._file}")
        except duckdb.Error as error:
            log.warning(
                "%s was closed before all was moved into it, which is done when it is opened again: %s",
                self.credentials.database,
                error,
            )
            # With the last connection the instance ends, and lets go of its files whatever state they are in.
            _instance.cache_clear()


@configspec(init=False)
class FileCredentials(DuckDbCredentials):
    """What dlt knows of a file."""

    def on_resolved(self) -> None:
        """Make the pool of connections."""
        self.conn_pool = _Pool(self)

    def _conn_str(self) -> str:
        # Global settings are those of an instance.
        settings = json.dumps(self.global_config or {}, sort_keys=True)
        return f":memory:wrike_{hashlib.blake2b(settings.encode(), digest_size=8).hexdigest()}"


@configspec(init=False)
class FileConfiguration(DuckDbClientConfiguration):
    """dlt's configuration of DuckDB, with these credentials."""

    credentials: FileCredentials = None  # type: ignore[assignment]


class DuckDbFile(dlt_duckdb):
    """dlt's destination for a DuckDB file."""

    spec = FileConfiguration
