"""The DAGs that the variables file makes: their number, shape and settings."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, CronDataIntervalTimetable
from airflow.serialization.serialized_objects import DagSerialization
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from wrike_provider.entities import CATALOGUE
from wrike_provider.operators.retries import RETRY_POLICY
from wrike_provider.operators.team_dag import team_dag
from wrike_provider.teams import Team

DAGS = Path(__file__).parents[2] / "dags"


def dag_of(**fields: Any) -> DAG:
    return team_dag(Team.model_validate({"name": "acme", "endpoint": "eu1", **fields}))


def load(monkeypatch: pytest.MonkeyPatch, teams: Path) -> DagBag:
    monkeypatch.setenv("WRIKE_TEAMS_FILE", str(teams))
    return DagBag(DAGS)


def test_one_dag_per_team_and_no_import_error() -> None:
    bag = DagBag(DAGS)
    assert bag.import_errors == {}
    assert sorted(bag.dags) == ["wrike_aurora", "wrike_borealis"]


def test_a_wrong_entry_is_an_import_error_and_takes_no_other_team_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "teams.yaml"
    file.write_text("teams:\n- name: good\n- name: bad\n  schedul: '@daily'\n- name: fine\n")
    bag = load(monkeypatch, file)
    assert sorted(bag.dags) == ["wrike_fine", "wrike_good"]
    ((failing, error),) = bag.import_errors.items()
    assert failing.endswith("wrike_teams_check.py")
    assert f"{file}:4: team bad: schedul: unknown field" in error


TEXT = st.text() | st.text("aß. {}/#\0\n")
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])


@settings(deadline=None, max_examples=200)
@given(
    fields=st.one_of(
        *(st.fixed_dictionaries({name: TEXT}) for name in ("account_name", "connection_id", "description", "pool")),
        st.fixed_dictionaries({"owner": TEXT}),
        st.fixed_dictionaries({"tags": st.lists(TEXT | st.integers(98, 102).map("x".__mul__))}),
        st.fixed_dictionaries({"start_date": st.dates() | st.sampled_from([date.min, date.max]), "timezone": ZONES}),
        st.fixed_dictionaries({"schedule": st.sampled_from(["0 0 30 2 *", "H H(1-5) * * *"]), "timezone": ZONES}),
        st.fixed_dictionaries({"must_finish_within": st.timedeltas()}),
        st.fixed_dictionaries({"deletion_limit": st.floats(), "detail_requests": st.integers()}),
    )
)
def test_a_team_that_the_variables_file_takes_has_a_dag_that_airflow_takes(fields: dict[str, Any]) -> None:
    """Otherwise the file of all teams would be an import error, and no DAG of it would run."""
    try:
        team = Team.model_validate({"name": "acme", **fields})
    except ValidationError:
        return
    made = DagSerialization.to_dict(team_dag(team))
    assert "\\u0000" not in json.dumps(made)


def test_shape() -> None:
    dag = dag_of()
    edges = {task_id: sorted(task.downstream_task_ids) for task_id, task in dag.task_dict.items()}
    read = ("approvals", "attachments", "audit_log", "comments", "folders", "tasks", "timelogs")
    entity_tasks = [f"changes.{name}" for name in read]
    entity_tasks += ["details", "whole.capacity", "whole.definitions", "whole.people"]
    assert edges == {
        "feature_enabled": ["connect"],
        "connect": entity_tasks,
        **{task_id: ["summary"] for task_id in entity_tasks},
        "changes.folders": ["details", "summary"],
        "changes.tasks": ["details", "summary"],
        "summary": [],
    }


def test_every_entity_has_one_asset_and_one_task() -> None:
    outlets = [outlet.uri for task in dag_of().tasks for outlet in task.outlets]
    assert sorted(outlets) == sorted(f"wrike://acme/{entity.name}" for entity in CATALOGUE)


def test_entities_that_are_not_wanted_make_no_task() -> None:
    dag = dag_of(entities={"include": ["tasks", "groups"], "exclude": ["groups"]})
    assert set(dag.task_ids) == {"feature_enabled", "connect", "changes.tasks", "summary"}


def test_settings_of_the_dag() -> None:
    dag = dag_of(
        schedule="15 6 * * 1", timezone="Europe/Berlin", tags=["research"], owner="bi", start_date="2026-02-03"
    )
    assert dag.dag_id == "wrike_acme"
    assert dag.catchup is False
    assert dag.max_active_runs == 2
    assert dag.tags == {"wrike", "research"}
    assert isinstance(dag.timetable, CronDataIntervalTimetable)
    assert dag.timetable.expression == "15 6 * * 1"
    assert dag.start_date is not None
    assert dag.start_date.isoformat() == "2026-02-02T23:00:00+00:00"
    assert dag.doc_md
    assert "`wrike_enabled__eu1`" in dag.doc_md
    assert set(dag.params) == {"entities", "full_refresh", "since", "until", "accept_deletions", "verify"}


def test_without_schedule_it_runs_by_hand_only() -> None:
    assert dag_of(schedule=None).timetable.can_be_scheduled is False


@pytest.mark.parametrize("task_id", dag_of().task_ids)
def test_settings_of_each_task(task_id: str) -> None:
    task = dag_of(owner="bi", pool="wrike").get_task(task_id)
    assert task.owner == "bi"
    assert task.pool == "wrike"
    assert task.doc_md
    assert task.retry_policy is RETRY_POLICY
    assert task.retries == 3
    alone = task_id.startswith(("whole.", "changes.", "details", "summary"))
    assert task.max_active_tis_per_dag == (1 if alone else None)
    rules = {"summary": "all_done", "details": "all_done"}
    assert task.trigger_rule == rules.get(task_id, "all_success")
    assert task.priority_weight == (2 if task_id == "changes.tasks" else 1)


def test_the_data_export_is_one_more_task_when_it_is_on() -> None:
    assert "data_export" not in dag_of().task_ids
    dag = dag_of(data_export=True)
    task = dag.get_task("data_export")
    assert (task.upstream_task_ids, task.downstream_task_ids) == ({"connect"}, {"summary"})
    assert [outlet.uri for outlet in task.outlets] == ["wrike://acme/data_export"]
    assert task.retry_policy is RETRY_POLICY
    assert task.max_active_tis_per_dag == 1
    assert dag.get_task("summary").tasks["data_export"] == ["data_export"]
    assert dag.params["entities"] == []
    assert "data_export" in dag.params.get_param("entities").schema["items"]["enum"]
