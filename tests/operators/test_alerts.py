"""Who is told what, with a real notifier."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from airflow.sdk.execution_time.callback_supervisor import execute_callback
from airflow.serialization.serialized_objects import DagSerialization

from wrike_provider.operators.alerts import FailureAlert, deadline
from wrike_provider.operators.errors import NotificationFailedError, SyncFailedError
from wrike_provider.operators.team_dag import team_dag
from wrike_provider.teams import Team

CLASS = "tests.operators.notifiers.FileNotifier"
TASK_URL = "http://localhost:8080/dags/wrike_acme/runs/r/tasks/summary"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "told"


def team(file: Path, *more: dict[str, Any], message: str = "{{ wrike.title }}\n{{ wrike.text }}") -> Team:
    notifier = {"class": CLASS, "arguments": {"path": str(file), "message": message}}
    return Team.model_validate(
        {"name": "acme", "account_name": "Acme Ltd", "notify": [*more, notifier], "must_finish_within": "45m"}
    )


def context(error: object) -> Any:
    return {"exception": error, "ti": SimpleNamespace(log_url=TASK_URL)}


def test_a_failure_is_told_with_team_entity_error_and_links(file: Path) -> None:
    error = SyncFailedError("1 of 2 entities were not synced. tasks: no answer", {"tasks": "no answer"})
    FailureAlert(team(file))(context(error))
    assert file.read_text().splitlines() == [
        "Wrike, Acme Ltd (team acme): the sync failed",
        "1 of 2 entities were not synced. tasks: no answer",
        f"Run: {TASK_URL}",
        "Team: http://localhost:8080/wrike/#acme",
    ]


def test_authorise_again_is_told_apart(file: Path) -> None:
    FailureAlert(team(file))(context(SyncFailedError("Nothing was synced. 401", authorise_again=True)))
    lines = file.read_text().splitlines()
    assert lines[0] == "Wrike, Acme Ltd (team acme): authorise again"
    assert lines[-1].endswith(
        "Authorise again, or correct the Connection, as the error says: http://localhost:8080/wrike/#acme"
    )


def test_templates_can_use_the_parts(file: Path) -> None:
    message = "{{ wrike.team }} {{ wrike.authorise_again }} {{ wrike.failed }}"
    FailureAlert(team(file, message=message))(context(SyncFailedError("x", {"tasks": "{{ 1 + 1 }}"})))
    assert file.read_text() == "acme False {'tasks': '{{ 1 + 1 }}'}\n"


@pytest.mark.parametrize("error", [None, "killed"])
def test_a_task_that_was_killed_is_told_too(file: Path, error: object) -> None:
    FailureAlert(team(file))(context(error))
    assert file.read_text().splitlines()[1] == (error or "The task ended without an error of its own.")


def test_a_notifier_that_fails_keeps_no_other_from_being_told(file: Path, tmp_path: Path) -> None:
    broken = [
        {"class": "nowhere.Notifier"},
        {"class": CLASS, "arguments": {"path": str(tmp_path / "no" / "folder"), "message": "x"}},
    ]
    with pytest.raises(NotificationFailedError) as caught:
        FailureAlert(team(file, *broken))(context(SyncFailedError("x")))
    assert "nowhere.Notifier cannot be imported" in str(caught.value)
    assert f"{CLASS}: FileNotFoundError" in str(caught.value)
    assert file.read_text().startswith("Wrike, Acme Ltd")


def test_a_late_run_is_told_as_airflow_tells_it(file: Path) -> None:
    alert = deadline(team(file))
    assert alert is not None
    assert alert.interval == team(file).must_finish_within
    run = {"dag_id": "wrike_acme", "dag_run_id": "manual__1"}
    kwargs = {**alert.callback.kwargs, "context": {"dag_run": run}}
    assert execute_callback(alert.callback.path, kwargs, Path(), None, structlog.get_logger()) == (True, None)
    assert file.read_text().splitlines() == [
        "Wrike, Acme Ltd (team acme): a sync is late",
        "The run manual__1 has not ended 0:45:00 after it was queued.",
        "Run: http://localhost:8080/dags/wrike_acme/runs/manual__1",
        "Team: http://localhost:8080/wrike/#acme",
    ]


def test_a_task_does_not_find_out_about_the_executor(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "wrike_acme")
    assert deadline(team(file)) is None


def test_only_who_asks_for_it_is_watched(file: Path) -> None:
    plain, watched = team_dag(Team(name="plain")), team_dag(team(file))
    assert plain.deadline is None or plain.deadline == []
    assert plain.get_task("summary").on_failure_callback == []
    assert watched.deadline
    stored = DagSerialization.from_dict(DagSerialization.to_dict(watched))
    assert stored.deadline
    assert stored.get_task("summary").has_on_failure_callback
    assert [type(each) for each in watched.get_task("summary").on_failure_callback] == [FailureAlert]
