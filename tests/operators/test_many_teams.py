"""A thousand teams in one variables file."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy
import structlog
from airflow.configuration import conf
from airflow.dag_processing.dagbag import DagBag
from airflow.dag_processing.processor import _serialize_dags
from airflow.serialization.serialized_objects import DagSerialization

from include.local.home import AirflowHome
from include.local.postgres import local_postgres
from wrike_provider.entities import CATALOGUE
from wrike_provider.operators.params import run_params
from wrike_provider.operators.team_dag import team_dag
from wrike_provider.teams import Team, read_teams

FILES = sorted((Path(__file__).parents[2] / "dags").glob("wrike_sync_*.py"))
TEAMS = 1000
AIRFLOW_S = 300


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


def test_a_thousand_teams_are_parsed_within_the_limits_of_airflow(
    teams: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Airflow's limit is one of time. The processors may have other tests to run, so CPU seconds are compared with it.
    limit = conf.getfloat("core", "dagbag_import_timeout")
    monkeypatch.setenv("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "600")
    # Also when all of them are in one file, as long as that is a copy of one of ours.
    alone = tmp_path / "dags" / FILES[0].name
    alone.parent.mkdir()
    alone.write_text(FILES[0].read_text())
    began = time.process_time()
    bag = DagBag(alone, load_op_links=False)
    assert time.process_time() - began < limit
    assert bag.import_errors == {}
    assert len(bag.dags) == TEAMS
    stored, errors = _serialize_dags(bag, structlog.get_logger())
    assert errors == {}
    assert time.process_time() - began < conf.getfloat("dag_processor", "dag_file_processor_timeout")
    dag = DagSerialization.from_dict(stored[-1].data)
    assert len(dag.tasks) == len(bag.dags[dag.dag_id].tasks)
    assert {name: param.value for name, param in dag.params.items()} == run_params([]).dump()


def test_a_thousand_teams_are_stored_by_airflow(teams: Path, tmp_path: Path) -> None:
    """Airflow asks for all assets of a file in one statement; PostgreSQL does not take one with all of these."""
    with local_postgres() as server:
        server.create_database("airflow")
        home = AirflowHome(tmp_path / "home", settings={"WRIKE_TEAMS_FILE": str(teams)}, database=server.url("airflow"))
        home.prepare()
        try:
            command = [sys.executable, "-m", "airflow", "dag-processor", "--num-runs", "1"]
            done = subprocess.run(
                command, env=home.environment(0), capture_output=True, text=True, timeout=AIRFLOW_S, check=True
            )
        finally:
            home.release()
        engine = sqlalchemy.create_engine(server.url("airflow"))
        with engine.connect() as connection:
            files = connection.execute(
                sqlalchemy.text("SELECT relative_fileloc, count(*) FROM dag WHERE NOT is_stale GROUP BY 1 ORDER BY 1")
            ).all()
        engine.dispose()
    assert [file for file, _ in files] == [file.name for file in FILES], done.stdout
    shares = [share for _, share in files]
    assert sum(shares) == TEAMS
    # PostgreSQL takes about 8,000 assets in a statement, and a team has 44 at the most.
    assert max(shares) < 180


def test_watermarks_outlive_dags_that_are_gone_for_a_moment(tmp_path: Path) -> None:
    """As while the variables file has a mistake, when one of the DAG files was removed before or is then."""
    file = tmp_path / "teams.yaml"
    file.write_text("teams:\n- {name: one, data_export: true}\n- name: two\n")
    home = AirflowHome(tmp_path / "home", settings={"WRIKE_TEAMS_FILE": str(file)})
    home.prepare()
    try:
        for command in (["airflow", "dag-processor", "--num-runs", "1"], ["tests.operators.forgetting"]):
            done = subprocess.run(
                [sys.executable, "-m", *command],
                env=home.environment(0),
                cwd=FILES[0].parents[1],
                capture_output=True,
                text=True,
                timeout=AIRFLOW_S,
                check=True,
            )
    finally:
        home.release()
    told = json.loads(done.stdout.splitlines()[-1])
    assert len(told["all"]) == 2 * len(CATALOGUE) + 1
    assert told["forgotten"] == []


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
    found: list[str] = []
    for file in FILES:
        began = time.process_time()
        found += DagBag(file, load_op_links=False).dags
        # To build all of them takes eight to ten.
        assert time.process_time() - began < 2
    assert found == ["wrike_team-0500"]


def test_the_dag_files_differ_in_their_names_only() -> None:
    assert len(FILES) == 8
    assert len({file.read_text() for file in FILES}) == 1
