"""What the tasks that fill staging have in common."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset, BaseOperator


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
