"""Airflow with its UI in the foreground, the local Wrike beside it, until Ctrl-C.

`python -m include.local.up`. WRIKE_TEAMS_FILE names another variables file than include/teams.yaml.
"""

import os
import time
from pathlib import Path

from rich.console import Console

from include.local import cli
from include.local.airflow import UI_PORT, Airflow
from include.local.home import ADMIN, ROOT, AirflowHome
from include.local.sample import TEAMS_FILE, connect, sample_teams
from include.local.wrike import local_wrike

_CHECK_SECONDS = 1.0


def main(console: Console) -> int:
    """Run Airflow until this process is interrupted or a component ends."""
    home = AirflowHome(ROOT / ".airflow")
    staging = home.path / "staging.duckdb"
    console.print("Airflow starts ...")
    with local_wrike(home.logs / "wrike.log") as sandbox, Airflow(home) as airflow:
        teams = sample_teams(sandbox, Path(os.environ.get("WRIKE_TEAMS_FILE", TEAMS_FILE)))
        foreign = connect(airflow, sandbox, teams, staging)
        for team in teams:
            if airflow.api.variable(team.switch) is None:
                airflow.api.set_variable(team.switch, "true")
        if airflow.port != UI_PORT:
            console.print(f"Port {UI_PORT} is taken, so the UI is at another one.", style="yellow")
        lines = [
            "",
            f"Airflow      {airflow.url}",
            f"User         {ADMIN}",
            f"Password     {home.password()}",
            f"Staging      {staging} (DuckDB; one process at a time can write, so query it while nothing syncs)",
            f"Page Wrike   {airflow.url}/plugin/wrike",
            f"Local Wrike  {sandbox.url}, for the sample teams {', '.join(team.name for team in teams) or '(none)'}",
            "",
            "Turn a DAG on and trigger it. Ctrl-C stops everything.",
        ]
        if foreign:
            lines.append(f"Left as they are, since not made here: the Connections {', '.join(foreign)}.")
        for line in lines:
            console.print(line, markup=False, soft_wrap=True)
        while True:
            airflow.check()
            time.sleep(_CHECK_SECONDS)


if __name__ == "__main__":
    cli.run(main)
