"""Sync a team of `make up` and compare every row with Wrike: `python -m include.local.verify TEAM`."""

import os
import sys
from pathlib import Path

from rich.console import Console

from include.local import cli
from include.local.airflow import Airflow
from include.local.home import ROOT, AirflowHome
from include.local.sample import TEAMS_FILE, connect, sample_teams, wait_for_dags
from include.local.wrike import local_wrike
from wrike_provider.teams import SUMMARY_TASK, read_teams

_RUN_SECONDS = 3600.0


def main(console: Console) -> int:
    """Run both, and show what the second one says; 1 when something differs."""
    file = Path(os.environ.get("WRIKE_TEAMS_FILE", TEAMS_FILE))
    names = {team.name: team for team in read_teams(file).teams}
    team = names.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if team is None:
        console.print(f"Which team? make verify TEAM=...; {file} has: {', '.join(names)}", markup=False)
        return 2
    home = AirflowHome(ROOT / ".airflow")
    console.print("Airflow starts ...")
    with local_wrike(home.logs / "wrike.log") as sandbox, Airflow(home) as airflow:
        connect(airflow, sandbox, sample_teams(sandbox, file), home.path / "staging.duckdb")
        wait_for_dags(airflow, [team])
        airflow.api.set_variable(team.switch, "true")
        airflow.api.set_paused(team.dag_id, False)
        state = ""
        for conf, what in (({}, "Syncing"), ({"verify": True}, "Comparing")):
            console.print(f"{what} {team.name} ...", markup=False)
            run_id = airflow.api.trigger(team.dag_id, conf)
            state = airflow.api.wait({team.dag_id: run_id}, _RUN_SECONDS)[team.dag_id]
            console.print(airflow.api.log(team.dag_id, run_id, SUMMARY_TASK), markup=False, soft_wrap=True)
    equal = state == "success"
    console.print(
        "Staging equals Wrike." if equal else "Staging does not equal Wrike, or could not be compared.",
        style="green" if equal else "red",
    )
    return 0 if equal else 1


if __name__ == "__main__":
    cli.run(main)
