"""Makes the sample teams' Connections to a sandbox, with permanent tokens, and turns their endpoints on.

`python -m include.local.connect_sandbox URL`, where Airflow's database can be reached. WRIKE_TEAMS_FILE names the
variables file.
"""

import json
import os
import sys
from pathlib import Path

from airflow.models.connection import Connection
from airflow.models.variable import Variable
from airflow.utils.session import create_session
from sqlalchemy import select

from include.local.sample import TEAMS_FILE, sample_teams
from include.sandbox.client import SandboxClient


def main(url: str) -> None:
    """Make what is missing; what is there already is left alone."""
    sandbox = SandboxClient(url)
    teams = sample_teams(sandbox, Path(os.environ.get("WRIKE_TEAMS_FILE", TEAMS_FILE)))
    with create_session() as session:
        for team in teams:
            if session.scalar(select(Connection).where(Connection.conn_id == team.connection_id)) is None:
                made = Connection(team.connection_id, "wrike", "The local Wrike's sample team.", host=url)
                made.set_extra(json.dumps({"token": sandbox.token(team.name)}))
                session.add(made)
            if session.scalar(select(Variable).where(Variable.key == team.switch)) is None:
                session.add(Variable(team.switch, "true"))  # type: ignore[no-untyped-call]
    sys.stdout.write(f"Connected to {url}: {', '.join(team.name for team in teams)}.\n")


if __name__ == "__main__":
    main(sys.argv[1])
