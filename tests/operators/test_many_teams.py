"""A thousand teams in one variables file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import structlog
from airflow.configuration import conf
from airflow.dag_processing.dagbag import DagBag
from airflow.dag_processing.processor import _serialize_dags
from airflow.serialization.serialized_objects import DagSerialization

from wrike_provider.operators.params import run_params
from wrike_provider.operators.team_dag import team_dag
from wrike_provider.teams import Team, read_teams

FILE = Path(__file__).parents[2] / "dags" / "wrike_sync.py"
TEAMS = 1000


@pytest.fixture
def teams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "teams.yaml"
    entries = (
        f"- name: team-{number:04}\n  account_name: Account {number}\n  description: Number {number}.\n"
        f"  endpoint: e{number % 7}\n  tags: [region-{number % 5}]\n"
        for number in range(TEAMS)
    )
    file.write_text("defaults: {timezone: Europe/Berlin}\nteams:\n" + "".join(entries))
    monkeypatch.setenv("WRIKE_TEAMS_FILE", str(file))
    return file


def test_a_thousand_teams_are_parsed_within_the_limits_of_airflow(teams: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Airflow's limit is one of time. The processors may have other tests to run, so CPU seconds are compared with it.
    limit = conf.getfloat("core", "dagbag_import_timeout")
    monkeypatch.setenv("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "600")
    began = time.process_time()
    bag = DagBag(FILE, load_op_links=False)
    assert time.process_time() - began < limit
    assert bag.import_errors == {}
    assert len(bag.dags) == TEAMS
    stored, errors = _serialize_dags(bag, structlog.get_logger())
    assert errors == {}
    assert time.process_time() - began < conf.getfloat("dag_processor", "dag_file_processor_timeout")
    dag = DagSerialization.from_dict(stored[-1].data)
    assert len(dag.tasks) == len(bag.dags[dag.dag_id].tasks)
    assert {name: param.value for name, param in dag.params.items()} == run_params([]).dump()


def test_a_thousand_entries_are_read_in_a_moment(teams: Path) -> None:
    began = time.process_time()
    assert len(read_teams(teams).teams) == TEAMS
    assert time.process_time() - began < 3


def test_tasks_do_not_carry_the_params_of_their_dag() -> None:
    dag = team_dag(Team(name="acme"))
    assert dag.params.validate()["full_refresh"] is False
    assert [task.task_id for task in dag.tasks if task.params] == []


def test_a_start_of_a_task_builds_one_dag(teams: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "wrike_team-0500")
    began = time.process_time()
    bag = DagBag(FILE, load_op_links=False)
    assert list(bag.dags) == ["wrike_team-0500"]
    # To build all of them takes eight to ten.
    assert time.process_time() - began < 2
