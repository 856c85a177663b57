"""The staging database that a Connection names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from wrike_provider.staging.destination import Destination, StagingConnection, destination
from wrike_provider.staging.errors import StagingConfigurationError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def staging(connection_id: str) -> Destination:
    """Find the staging database.

    :param connection_id: id of its Connection.
    :raises StagingConfigurationError: there is no such Connection, or it names no database.
    """
    try:
        connection = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise StagingConfigurationError(
            f"There is no Connection {connection_id!r} for staging. Make it under "
            "Admin > Connections: type DuckDB file, and the file's path; or another database."
        ) from None
    password = connection.password or ""
    # Airflow masks the password; drivers may quote a URL that has it.
    for written in {*(quote(password, safe=safe) for safe in ("", "/", " +")), quote_plus(password)} - {password}:
        mask_secret(written)
    home = Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()
    try:
        return destination(staging_connection(connection), home)
    except StagingConfigurationError as error:
        raise StagingConfigurationError(f"Connection {connection_id}: {error}") from None


def staging_connection(connection: Connection) -> StagingConnection:
    """Take what staging needs from a Connection.

    :param connection: Airflow's Connection.
    """
    return StagingConnection(
        connection.conn_type or "",
        connection.host,
        connection.schema,
        connection.port,
        connection.login,
        connection.password,
        connection.extra_dejson,
    )


class DuckDbFileHook(BaseHook):
    """Reads the DuckDB file that a Connection names; by it the form of Airflow's Connections knows the type.

    :param staging_conn_id: the Connection.
    """

    conn_name_attr = "staging_conn_id"
    default_conn_name = "wrike_staging"
    conn_type = "duckdb"
    hook_name = "DuckDB file"

    def __init__(self, staging_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.staging_conn_id = staging_conn_id

    def get_conn(self) -> DuckDBPyConnection:
        """Open the file to read it. Nobody can write it meanwhile.

        :raises StagingConfigurationError: the Connection names no file.
        :raises duckdb.Error: there is no such file, it is not one of DuckDB's, or a program has it open to write.
        """
        import duckdb

        return duckdb.connect(str(staging(self.staging_conn_id).file), read_only=True)

    def test_connection(self) -> tuple[bool, str]:
        """Say whether the file can be used, seen from here; for the button of Airflow's Connections page."""
        import duckdb

        try:
            file = staging(self.staging_conn_id).file
            if file is not None and not file.exists():
                folder = next(parent for parent in file.parents if parent.exists())
                if not os.access(folder, os.W_OK | os.X_OK):
                    return False, f"{file} is not there, and {folder} cannot be written."
                return True, f"{file} is not there yet: the first sync makes it."
            self.get_conn().close()
        except (StagingConfigurationError, duckdb.Error) as error:
            return False, str(error)
        return True, f"{file} is a DuckDB file."
