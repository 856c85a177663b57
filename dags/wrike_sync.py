"""Makes one DAG per team of the variables file."""

from pathlib import Path

from airflow.sdk import get_parsing_context

from wrike_provider.operators.team_dag import team_dags
from wrike_provider.teams import read_teams, teams_file_path

views = Path(__file__).resolve().parent.parent / "include" / "sql"
wanted = get_parsing_context().dag_id
teams = read_teams(teams_file_path(Path(__file__))).teams
for dag in team_dags((team for team in teams if wanted in (None, team.dag_id)), views):
    globals()[dag.dag_id] = dag
