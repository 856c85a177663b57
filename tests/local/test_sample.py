"""The sample teams: which there are, and that nobody else's Connections are touched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from include.local.rest import AirflowApi, Connection
from include.local.sample import SampleTeam, connect, sample_teams

if TYPE_CHECKING:
    from include.sandbox.client import SandboxClient


class Sandbox:
    """What is asked of the sandbox here."""

    url = "http://127.0.0.1:1"

    def accounts(self) -> dict[str, object]:
        return {"aurora": {}, "borealis": {}}

    def token(self, account: str) -> str:
        return f"token of {account}"


class Api:
    """What is asked of Airflow here, remembered."""

    def __init__(self, *existing: Connection) -> None:
        self.connections = {connection.connection_id: connection for connection in existing}

    def connection_description(self, connection_id: str) -> str | None:
        found = self.connections.get(connection_id)
        return None if found is None else found.description or ""

    def set_connection(self, connection: Connection) -> None:
        self.connections[connection.connection_id] = connection

    def set_pool(self, name: str, slots: int) -> None: ...


SANDBOX = cast("SandboxClient", Sandbox())
TEAMS = [SampleTeam("aurora", "eu1")]


def test_teams_are_those_that_the_sandbox_knows(tmp_path: Path) -> None:
    file = tmp_path / "teams.yaml"
    file.write_text(
        "defaults: {endpoint: eu1}\nteams: [{name: mine}, {name: borealis}, {name: aurora, endpoint: us1}]\n"
    )
    assert sample_teams(SANDBOX, file) == [SampleTeam("borealis", "eu1"), SampleTeam("aurora", "us1")]


def test_connections_are_made_and_on_the_next_run_changed(tmp_path: Path) -> None:
    api = Api()
    for name in ("one.duckdb", "two.duckdb"):
        assert connect(cast("AirflowApi", api), SANDBOX, TEAMS, tmp_path / name) == []
        team, staging = api.connections["wrike_aurora"], api.connections["wrike_staging"]
        assert (team.conn_type, team.host, team.extra) == ("wrike", SANDBOX.url, {"token": "token of aurora"})
        assert (staging.conn_type, staging.host) == ("duckdb", str(tmp_path / name))


def test_connections_of_others_are_left_as_they_are(tmp_path: Path) -> None:
    theirs = Connection("wrike_aurora", "wrike", host="www.wrike.com", extra={"token": "real"})
    api = Api(theirs)
    assert connect(cast("AirflowApi", api), SANDBOX, TEAMS, tmp_path / "staging.duckdb") == ["wrike_aurora"]
    assert api.connections["wrike_aurora"] == theirs
