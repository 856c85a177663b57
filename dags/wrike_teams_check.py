"""Shows what is wrong in the variables file as an import error; makes no DAG, and takes none away."""

from pathlib import Path

from airflow.sdk import get_parsing_context

from wrike_provider.teams import read_teams, teams_file_path

if get_parsing_context().dag_id is None:
    read_teams(teams_file_path(Path(__file__)), installed=True).check()
