"""What the tasks that fill staging have in common."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, BaseHook, BaseOperator, Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from wrike_provider.staging.destination import Destination, StagingConnection, destination
from wrike_provider.staging.errors import StagingConfigurationError


class TeamOperator(BaseOperator):
    """Reads a team's account and writes it into staging.

    :param team: the team's name.
    :param assets: the asset of each thing that is read, by its name.
    :param wrike_conn_id: the team's Connection.
    :param staging_conn_id: Connection of the staging database.
    :param schema: the schema in it.
    """

    def __init__(
        self,
        *,
        team: str,
        assets: dict[str, Asset],
        wrike_conn_id: str,
        staging_conn_id: str,
        schema: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(outlets=list(assets.values()), **kwargs)
        self.team = team
        self.assets = assets
        self.wrike_conn_id = wrike_conn_id
        self.staging_conn_id = staging_conn_id
        self.schema = schema


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
            "Admin > Connections: type duckdb, the path of the database file as its host; or another database."
        ) from None
    home = Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()
    return destination(
        staging_connection(connection),
        home,
    )


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
