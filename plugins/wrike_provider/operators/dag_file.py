"""Which teams' DAGs a file of the DAGs folder makes.

Airflow stores what a DAG file holds in one transaction, and asks for all assets of it in one statement. PostgreSQL does
not take a statement with much more than 8,000 of them, and then all DAGs of that file vanish. A team has 43 or 44.
"""

from __future__ import annotations

import re
from pathlib import Path
from zlib import crc32

from airflow.sdk import DAG, get_parsing_context

from wrike_provider.teams import read_teams, teams_file_path


def dags_of(file: Path) -> dict[str, DAG]:
    """Make the DAGs of a file: those of its share of the teams, or the one that the task that starts is of.

    Files beside each other whose names differ in a number at the end share the teams by a stable hash.

    :param file: the DAG file; `include/sql` beside its folder has the views.
    :returns: the DAGs by id.
    """
    sharing = sorted(one.name for one in file.parent.iterdir() if _series(one) == _series(file))
    share = sharing.index(file.name)
    wanted = get_parsing_context().dag_id
    teams = [
        team
        for team in read_teams(teams_file_path(file)).teams
        if wanted in (None, team.dag_id) and crc32(team.name.encode()) % len(sharing) == share
    ]
    if not teams:
        return {}
    # Files are parsed again and again, and most have nothing to do where teams are few.
    from wrike_provider.operators.team_dag import team_dags

    views = file.resolve().parent.parent / "include" / "sql"
    return {dag.dag_id: dag for dag in team_dags(teams, views)}


def _series(file: Path) -> str:
    return re.sub(r"\d+\.py$", "", file.name)
