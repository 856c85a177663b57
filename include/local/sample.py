"""The sample teams: those of the variables file for which the sandbox has an account, connected to it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from include.local.airflow import Airflow
from include.local.home import ROOT
from include.local.rest import AirflowApi, Connection
from include.sandbox.client import SandboxClient

TEAMS_FILE = ROOT / "include" / "teams.yaml"
STAGING_CONNECTION = "wrike_staging"
POOL = "wrike"
_POOL_SLOTS = 4
# How our own Connections are known again: others' are never changed.
_MARK = "Made by make demo or make up, for the local Wrike."
_DAG_SECONDS = 240.0


class SampleError(RuntimeError):
    """The sample teams cannot be used as they are."""


@dataclass(frozen=True)
class SampleTeam:
    """A team of the variables file that the sandbox has an account for."""

    name: str
    endpoint: str

    @property
    def dag_id(self) -> str:
        """Id of its DAG, and of its Connection."""
        return f"wrike_{self.name}"

    @property
    def switch(self) -> str:
        """Key of the Variable that turns its endpoint on."""
        return f"wrike_enabled__{self.endpoint}"

    @property
    def schema(self) -> str:
        """Its schema in the staging database."""
        return f"wrike_{self.name}"


def sample_teams(sandbox: SandboxClient, file: Path = TEAMS_FILE) -> list[SampleTeam]:
    """Return the teams of the variables file that `sandbox` has an account for, in the order of the file."""
    accounts = sandbox.accounts()
    content = yaml.safe_load(file.read_text())
    defaults = content.get("defaults") or {}
    return [
        SampleTeam(entry["name"], entry.get("endpoint") or defaults["endpoint"])
        for entry in content["teams"]
        if entry["name"] in accounts
    ]


def connect(api: AirflowApi, sandbox: SandboxClient, teams: Sequence[SampleTeam], staging: Path) -> list[str]:
    """Create the pool and the Connections of the teams and of the staging file.

    Returns:
        ids of Connections that somebody else has made, which are left as they are
    """
    wanted = [
        Connection(team.dag_id, "wrike", host=sandbox.url, extra={"token": sandbox.token(team.name)}) for team in teams
    ]
    wanted.append(Connection(STAGING_CONNECTION, "duckdb", host=str(staging.absolute())))
    foreign = []
    for connection in wanted:
        description = api.connection_description(connection.connection_id)
        if description in (None, _MARK):
            api.set_connection(replace(connection, description=_MARK))
        else:
            foreign.append(connection.connection_id)
    api.set_pool(POOL, _POOL_SLOTS)
    return foreign


def wait_for_dags(airflow: Airflow, teams: Sequence[SampleTeam]) -> None:
    """Wait until Airflow has read the teams' DAGs; raises SampleError with its import errors when it does not."""
    deadline = time.monotonic() + _DAG_SECONDS
    while missing := {team.dag_id for team in teams} - airflow.api.dag_ids():
        airflow.check()
        errors = airflow.api.import_errors()
        if errors or time.monotonic() > deadline:
            traces = "\n".join(f"{name}:\n{trace}" for name, trace in errors) or "It reports no import error."
            raise SampleError(f"Airflow has no DAG {', '.join(sorted(missing))}. {traces}")
        time.sleep(0.5)
