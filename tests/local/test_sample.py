"""The sample teams: which there are, how they get their tokens, and that nobody else's Connections are touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.local.rest import Connection

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient
    from wrike_provider.teams import Team


@pytest.fixture
def teams(local_airflow: Airflow) -> Iterator[list[Team]]:
    """Two teams with Connections of their own, which are taken away afterwards."""
    from wrike_provider.teams import Team

    made = [Team(name=name, connection_id=f"wrike_sample_{name}") for name in ("aurora", "borealis")]
    staging = local_airflow.api.connection_description("wrike_staging")
    yield made
    for connection_id in [team.connection_id for team in made] + (["wrike_staging"] if staging is None else []):
        if local_airflow.api.connection_description(connection_id) is not None:
            local_airflow.api.delete_connection(connection_id)


def test_teams_are_those_that_the_sandbox_knows(sandbox: SandboxClient, tmp_path: Path) -> None:
    from include.local.sample import sample_teams

    file = tmp_path / "teams.yaml"
    file.write_text(
        "defaults: {endpoint: eu1}\nteams: [{name: mine}, {name: borealis}, {name: aurora, endpoint: us1}]\n"
    )
    assert [(team.name, team.endpoint) for team in sample_teams(sandbox, file)] == [
        ("borealis", "eu1"),
        ("aurora", "us1"),
    ]


def test_one_team_is_authorised_and_the_other_has_a_permanent_token(
    local_airflow: Airflow, sandbox: SandboxClient, teams: list[Team], staging_path: Path
) -> None:
    from include.local.sample import connect

    api = local_airflow.api
    for _ in range(2):
        assert connect(local_airflow, sandbox, teams, staging_path) == []
        authorised, permanent = (api.connection_extra(team.connection_id) for team in teams)
        assert authorised["authorized_user"]
        assert "token" not in authorised
        assert set(permanent) == {"token"}
        assert api.get("/connections/wrike_staging")["host"] == str(staging_path)


def test_connections_of_others_are_left_as_they_are(
    local_airflow: Airflow, sandbox: SandboxClient, teams: list[Team], staging_path: Path
) -> None:
    from include.local.sample import connect

    name = teams[0].connection_id
    local_airflow.api.set_connection(Connection(name, "wrike", host="www.wrike.com", description="mine"))
    assert connect(local_airflow, sandbox, teams, staging_path) == [name]
    assert local_airflow.api.get(f"/connections/{name}")["host"] == "www.wrike.com"


def test_a_team_that_cannot_be_authorised(local_airflow: Airflow, sandbox: SandboxClient, teams: list[Team]) -> None:
    from include.local.sample import SampleError, authorize

    app = sandbox.accounts()["aurora"]
    name = teams[0].connection_id
    wrong = Connection(name, "wrike", login=app["client_id"], password="wrong", extra={"login_url": sandbox.url})
    sandbox.register_redirect_uri(f"{local_airflow.url}/wrike/callback")
    local_airflow.api.set_connection(wrong)
    with pytest.raises(SampleError, match=f"{name} was not authorised"):
        authorize(local_airflow, sandbox, name)
