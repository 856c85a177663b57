"""The table at the end of a run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Asset

from tests.operators.harness import State
from wrike_provider.entities import entity
from wrike_provider.operators.connect import ERROR_KEY, USER_KEY, matrix
from wrike_provider.operators.errors import SyncFailedError
from wrike_provider.operators.results import RESULTS_KEY, Outcome, Result
from wrike_provider.operators.summary import SummaryOperator, failure, outcomes, sync_run, table

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)


def test_table_has_a_row_per_entity() -> None:
    synced = Result(
        "tasks", Outcome.SYNCED, window="beginning to now", read=1200, inserted=3, updated=2, unchanged=1195, deleted=1
    ).after(NOW, requests=2, seconds=1.234)
    blocked = Result("groups", Outcome.BLOCKED, note="no scope")
    assert "beginning to now; no bin" in table([replace(synced, note="no bin")])
    rows = [line.split() for line in table([synced, blocked]).splitlines()[2:]]
    assert rows == [
        ["tasks", "synced", "1200", "3", "2", "1", "2", "1.2", "beginning", "to", "now"],
        ["groups", "blocked", "0", "0", "0", "0", "0", "0.0", "no", "scope"],
    ]


def test_why_a_run_failed_is_told_line_by_line() -> None:
    dead = {"class": "WrikeAuthorizationError", "message": "Wrike answered 401. Authorise again on the page. Now!"}
    failed = [
        Result(name, Outcome.FAILED, note="no answer", error="WrikeTransientError") for name in ("tasks", "groups")
    ]
    error = failure(failed, 42, dead)
    assert str(error).splitlines() == [
        "Nothing was synced.",
        "Wrike answered 401.",
        "Authorise again on the page.",
        "Now!",
    ]
    assert error.authorise_again
    error = failure([*failed, replace(failed[0], entity="folders", note="broke off")], 42, None)
    assert str(error).splitlines() == [
        "3 of 42 entities were not synced; the next run reads what is missing.",
        "tasks, groups: no answer",
        "folders: broke off",
    ]
    assert not error.authorise_again


def summed_up(
    tasks: dict[str, list[str]], pulled: dict[tuple[str, str], Any], params: dict[str, Any] | None = None
) -> tuple[SyncFailedError, dict[str, Any]]:
    """Sum a run up that has failed: why, and what is handed on."""
    pushed: dict[str, Any] = {}
    operator = SummaryOperator(
        task_id="summary",
        tasks=tasks,
        account=Asset("account"),
        assets=[],
        staging_conn_id="wrike_staging",
        schema="wrike_team",
        views=None,
        connect_task_id="connect",
    )
    context: Any = {
        "dag_run": SimpleNamespace(dag_id="wrike_team", run_id="run"),
        "params": params or {},
        "asset_state_store": defaultdict(State),
        "ti": SimpleNamespace(
            get_task_states=lambda **_: {},
            xcom_pull=lambda task_ids, key: pulled.get((task_ids, key)),
            xcom_push=lambda key, value: pushed.update({key: value}),
        ),
    }
    with pytest.raises(SyncFailedError) as caught:
        operator.execute(context)
    return caught.value, pushed["return_value"]


def handed_on(failed_with: str, by_connect: dict[str, Any]) -> dict[str, Any]:
    """What the summary hands on of a run whose only entity failed."""
    pulled: dict[tuple[str, str], Any] = {("connect", key): value for key, value in by_connect.items()}
    result = Result("groups", Outcome.FAILED, note="why", error=failed_with)
    pulled["people", RESULTS_KEY] = {"groups": result.as_dict()}
    return summed_up({"people": ["groups"]}, pulled)[1]


def test_a_run_that_may_read_nothing_has_failed() -> None:
    blocked = {name: Result(name, Outcome.BLOCKED, note="403").as_dict() for name in ("groups", "users")}
    pulled: dict[tuple[str, str], Any] = {("people", RESULTS_KEY): blocked}
    error, told = summed_up({"people": ["groups", "users"]}, pulled)
    assert error.failed == {"groups": "403", "users": "403"}
    assert told["entities"] == {"groups": "blocked", "users": "blocked"}
    # Who asks for one that is blocked is told so, and no more.
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        summed_up({"people": ["groups", "users"]}, pulled, {"entities": ["groups", "users"]})


def test_what_a_run_was_not_asked_for_has_not_failed() -> None:
    """No task has come so far as to tell what became of its entities."""
    tasks = {"people": ["groups", "users"], "details": ["dependencies"]}
    error, told = summed_up(tasks, {}, {"entities": ["groups"]})
    assert set(error.failed) == {"groups"}
    assert str(error).startswith("1 of 1 entities were not synced")
    assert told["entities"] == {"groups": "failed", "users": "skipped", "dependencies": "skipped"}
    assert set(summed_up(tasks, {})[0].failed) == {"groups", "users", "dependencies"}


def test_what_was_refused_is_handed_on_to_the_page() -> None:
    refused = {"class": "WrikeAuthorizationError", "message": "401", "grant": "of connect"}
    assert handed_on("", {ERROR_KEY: refused})["refused_grant"] == "of connect"
    # The tokens were good when the run began.
    user = {"name": "Ada", "admin": True, "grant": "as it began"}
    assert handed_on("WrikeAuthorizationError", {USER_KEY: user})["refused_grant"] == "as it began"
    assert "refused_grant" not in handed_on("WrikeTransientError", {USER_KEY: user})


def test_what_differs_is_not_mended_by_the_next_run() -> None:
    differs = Result("tasks", Outcome.FAILED, note="Staging does not equal Wrike.", differences={"count": 2})
    head, reason = str(failure([differs], 42, None)).splitlines()
    assert head.startswith("1 of 42 entities differ from Wrike, and nothing was changed. Trigger with Full refresh,")
    assert reason == "tasks: Staging does not equal Wrike."


def test_results_survive_xcom() -> None:
    result = Result("tasks", Outcome.FAILED, note="why", read=3, seconds=0.5, unknown_keys={"a": {"type": "string"}})
    assert Result.from_dict(result.as_dict()) == result


def test_what_is_blocked_is_remembered_until_it_can_be_read() -> None:
    blocked = Result("groups", Outcome.BLOCKED, note="no scope")
    known = outcomes({"tasks": ""}, [blocked, Result("folders", Outcome.FAILED, note="no answer")])
    assert known == {"tasks": "", "groups": "no scope"}
    assert outcomes(known, [Result("groups", Outcome.SKIPPED, note="not asked for")]) == known
    assert outcomes(known, [Result("groups", Outcome.SYNCED)]) == {"tasks": "", "groups": ""}


def test_matrix_of_entities_and_permissions() -> None:
    lines = matrix(
        [entity("tasks"), entity("groups"), entity("audit_log")],
        frozenset({"wsReadOnly"}),
        {"tasks": "", "groups": "Wrike answered 403"},
    ).splitlines()[2:]
    assert lines[0].split("  ")[0] == "tasks"
    assert "yes" in lines[0]
    assert lines[0].endswith("read")
    assert " NO " in lines[1]
    assert lines[1].endswith("blocked: Wrike answered 403")
    assert "an Enterprise plan" in lines[2]
    assert lines[2].endswith("not tried yet")
    assert "not known" in matrix([entity("tasks")], None, {})


def test_row_of_the_table_of_runs() -> None:
    result = Result(
        "tasks",
        Outcome.SYNCED,
        since=NOW.isoformat(),
        pages=2,
        read=5,
        deleted=1,
        unknown_keys={"new": {"type": "string", "count": 5}},
        differences={"count": 0},
    ).after(NOW, requests=3, seconds=2.5)
    row = sync_run(result, "run", "scheduled")
    assert (row.run_id, row.run_type, row.entity, row.outcome) == ("run", "scheduled", "tasks", "synced")
    assert (row.started_at, row.finished_at) == (NOW, NOW + timedelta(seconds=2.5))
    assert (row.window_since, row.window_until) == (NOW, None)
    assert (row.pages, row.requests, row.records_read, row.marked_deleted) == (2, 3, 5, 1)
    assert row.unknown_keys == {"new": {"type": "string", "count": 5}}
    assert (row.verified, row.differences) == (True, 0)
    unverified = sync_run(Result("tasks", Outcome.SYNCED).after(NOW, requests=0, seconds=0), "run", "manual")
    assert (unverified.verified, unverified.differences) == (None, None)
