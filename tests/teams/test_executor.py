"""A run that is late is told of by the executor, if that can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXECUTORS = [
    ("LocalExecutor", True),
    ("CeleryExecutor,airflow.executors.base_executor.BaseExecutor", True),
    ("airflow.executors.base_executor.BaseExecutor", False),
    # Whether there is such an Airflow team is asked of the database, which is closed where DAG files are read.
    ("LocalExecutor;team1=CeleryExecutor", True),
    ("a:b:c", False),
    # Its provider is not installed here; it could not do so either.
    ("KubernetesExecutor", False),
]
DEADLINE = """
from wrike_provider.operators.team_dag import team_dag
from wrike_provider.teams import Team
print(bool(team_dag(Team(name="a", must_finish_within="45m")).deadline))
"""


def python(executor: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    teams = {"AIRFLOW__CORE__MULTI_TEAM": str(";" in executor)}
    environment = {**os.environ, "AIRFLOW__CORE__EXECUTOR": executor, **teams}
    return subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, timeout=120, env=environment
    )


@pytest.mark.parametrize(("executor", "can"), EXECUTORS)
def test_who_could_not_be_told_is_a_problem_of_the_file(executor: str, can: bool, tmp_path: Path) -> None:
    file = tmp_path / "teams.yaml"
    file.write_text(
        "defaults:\n  must_finish_within: 45m\nteams:\n- name: a\n- name: b\n  must_finish_within: 1h\n- name: c\n"
        "  must_finish_within: null\n"
    )
    done = python(executor, "-m", "wrike_provider.teams", str(file))
    places = [line.partition(": nobody is told")[0] for line in done.stderr.splitlines() if "nobody is told" in line]
    wrong = [f"{file}:2: defaults: must_finish_within", f"{file}:6: team b: must_finish_within"]
    assert places == ([] if can else wrong)
    assert f"{file}: 3 teams, {len(places)} problems" in done.stdout


@pytest.mark.parametrize(("executor", "can"), EXECUTORS)
def test_airflow_is_given_no_deadline_that_would_end_its_scheduler(executor: str, can: bool) -> None:
    assert python(executor, "-c", DEADLINE).stdout.splitlines()[-1] == str(can)
