"""The sample teams: those of a variables file for which the sandbox has an account, connected to it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from include.local.airflow import Airflow
from include.local.home import ROOT
from include.local.rest import Connection
from include.local.waiting import wait_until
from include.sandbox.client import SandboxClient
from wrike_provider.teams import Team, read_teams

TEAMS_FILE = ROOT / "include" / "teams.yaml"
STAGING_CONNECTION = "wrike_staging"
POOL = "wrike"
_POOL_SLOTS = 4
# How our own Connections are known again: others' are never changed.
_MARK = "Made by make demo or make up, for the local Wrike."
_DAG_SECONDS = 240.0
_POLL_SECONDS = 0.5


class SampleError(RuntimeError):
    """The sample teams cannot be used as they are."""


def sample_teams(sandbox: SandboxClient, file: Path = TEAMS_FILE) -> list[Team]:
    """Return the teams of a variables file that `sandbox` has an account for, in the order of the file."""
    accounts = sandbox.accounts()
    return [team for team in read_teams(file).teams if team.name in accounts]


def connect(airflow: Airflow, sandbox: SandboxClient, teams: Sequence[Team], staging: Path) -> list[str]:
    """Make the pool and the Connections of the teams and of the staging file, and authorise the teams in `sandbox`.

    The last of several teams gets a permanent token instead, so that both ways can be seen.

    Returns:
        ids of Connections that somebody else has made, which are left as they are
    """
    accounts = sandbox.accounts()
    sandbox.register_redirect_uri(f"{airflow.url}/wrike/callback")
    wanted = {}
    for team in teams:
        app = accounts[team.name]
        if len(teams) > 1 and team is teams[-1]:
            made = Connection(team.connection_id, "wrike", host=sandbox.url, extra={"token": app["tokens"]["admin"]})
        else:
            made = Connection(
                team.connection_id,
                "wrike",
                login=app["client_id"],
                password=app["client_secret"],
                extra={"login_url": sandbox.url},
            )
        wanted[made.connection_id] = made
    wanted[STAGING_CONNECTION] = Connection(STAGING_CONNECTION, "duckdb", host=str(staging.absolute()))
    foreign = []
    for connection_id, connection in wanted.items():
        if airflow.api.connection_description(connection_id) not in (None, _MARK):
            foreign.append(connection_id)
            continue
        airflow.api.set_connection(replace(connection, description=_MARK))
        if connection.login:
            authorize(airflow, sandbox, connection_id)
    airflow.api.set_pool(POOL, _POOL_SLOTS)
    return foreign


def authorize(airflow: Airflow, sandbox: SandboxClient, connection_id: str, user: str = "admin") -> None:
    """Go the way of the button Authorise, and accept in `sandbox` as `user`; raises SampleError when that fails."""
    there = airflow.api.redirect("POST", f"/wrike/connections/{connection_id}/authorise")
    back = sandbox.consent(there, user=user) if there.startswith(sandbox.url) else there
    end = airflow.api.redirect("GET", back.removeprefix(airflow.url)) if "/wrike/callback" in back else back
    if not airflow.api.connection_extra(connection_id).get("access_token"):
        raise SampleError(f"{connection_id} was not authorised. What Airflow says: {airflow.url}{end}")


def wait_for_dags(airflow: Airflow, teams: Sequence[Team]) -> None:
    """Wait until Airflow has read the teams' DAGs; raises SampleError with its import errors when it does not."""
    wanted = {team.dag_id for team in teams}
    if not wanted <= airflow.api.dag_ids():
        airflow.api.parse_dag_files()

    def look() -> bool:
        if wanted <= airflow.api.dag_ids():
            return True
        airflow.check()
        if errors := airflow.api.import_errors():
            raise lacking("\n".join(f"{name}:\n{trace}" for name, trace in errors))
        return False

    def lacking(why: str = "It reports no import error.") -> SampleError:
        return SampleError(f"Airflow has no DAG {', '.join(sorted(wanted - airflow.api.dag_ids()))}. {why}")

    wait_until(look, _DAG_SECONDS, lacking, _POLL_SECONDS)
