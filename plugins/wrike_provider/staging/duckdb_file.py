"""dlt's DuckDB, whose files are opened with small row groups.

Whenever a file is closed DuckDB writes row groups that are not full anew, together with what is next to them, and holds
them in memory meanwhile. With row groups as large as DuckDB makes them unasked, each batch of a long sync would cost
more than the one before, in time and in memory. Their size is told only when a file is attached, not when it is opened.
"""

from __future__ import annotations

from typing import Any, Final

from dlt.common.configuration import configspec
from dlt.destinations import duckdb
from dlt.destinations.impl.duckdb.configuration import (
    DuckDbClientConfiguration,
    DuckDbConnectionPool,
    DuckDbCredentials,
)

ROW_GROUP_ROWS: Final = 16_384
"""Rows of a row group. Whoever opens the file otherwise can read them; their number has to be a multiple of 2,048."""
_FILE: Final = '"staging file"'


class _Pool(DuckDbConnectionPool):
    """Connections to a DuckDB in memory that has the file attached, and in which names mean what is in the file."""

    def borrow_conn(
        self,
        global_config: dict[str, Any] | None = None,
        local_config: dict[str, Any] | None = None,
        pragmas: list[str] | None = None,
    ) -> Any:
        # As long as the schema is not there the second one fails, and dlt goes on with the first one.
        local = {"schema": f"{_FILE}.main", **(local_config or {})}
        if schema := local.get("search_path"):
            local["search_path"] = f"{_FILE}.{schema}"
        return super().borrow_conn(global_config or {}, local, pragmas or [])

    def _execute_statements(self, conn: Any) -> None:
        path = str(self.credentials.database).replace("'", "''")
        conn.execute(f"ATTACH '{path}' AS {_FILE} (ROW_GROUP_SIZE {ROW_GROUP_ROWS})")
        super()._execute_statements(conn)


@configspec(init=False)
class FileCredentials(DuckDbCredentials):
    """What dlt knows of a file."""

    def on_resolved(self) -> None:
        """Make the pool of connections."""
        self.conn_pool = _Pool(self)

    def _conn_str(self) -> str:
        return ":memory:"


@configspec(init=False)
class FileConfiguration(DuckDbClientConfiguration):
    """dlt's configuration of DuckDB, with these credentials."""

    credentials: FileCredentials = None  # type: ignore[assignment]


class DuckDbFile(duckdb):
    """dlt's destination for a DuckDB file."""

    spec = FileConfiguration
