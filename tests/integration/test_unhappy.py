"""One team's trouble: one clear error, the others go on, and the next good run has everything."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

from include.local.compare import ENTITIES
from include.sandbox.client import SandboxClient, running_sandbox
from tests.integration.conftest import all_tasks
from tests.waiting import wait_until
from tests.web.browser import Browser, row_of

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from wrike_provider.teams import Team

Run = Callable[..., Any]
AddTeam = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def wrike(sample_teams: list[Team]) -> Iterator[SandboxClient]:
    """Another sandbox, whose troubles reach none of the sample teams."""
    with running_sandbox("--seed", "11", "--accounts", "1", "--tasks", "40", "--rate-limit", "0") as client:
        yield client


def working(wrike: SandboxClient) -> dict[str, Any]:
    return {"host": wrike.url, "extra": {"token": wrike.token("aurora")}}


def only(*entities: str) -> dict[str, Any]:
    """A team's field for a DAG that has these entities alone, and no task that would be skipped."""
    return {"entities": {"include": list(entities)}}


def test_missing_connection(add_team: AddTeam, run: Run) -> None:
    ran = run(add_team("lost", None, **only("groups")).dag_id)
    assert ran.state == "failed"
    assert ran.tasks["connect"] == "failed"
    assert "There is no Connection 'wrike_lost'" in ran.log("connect")
    assert "the task whole.people is upstream_failed" in ran.log("summary")


def test_details_are_not_asked_for_without_a_token_that_was_checked(add_team: AddTeam, run: Run) -> None:
    ran = run(add_team("astray", None, **only("tasks", "dependencies")).dag_id)
    assert ran.tasks["changes.tasks"] == "upstream_failed"
    assert ran.tasks["details"] == "failed"
    assert "The task connect has not succeeded: nothing is read." in ran.log("details")
    assert "There is no Connection 'wrike_astray'" in ran.log("summary")


def test_a_staging_database_that_cannot_be_used_is_told_on_the_page(
    add_team: AddTeam, run: Run, wrike: SandboxClient, local_airflow: Airflow, tmp_path: Path
) -> None:
    from include.local.rest import Connection

    local_airflow.api.set_connection(Connection("folder_staging", "duckdb", host=str(tmp_path)))
    staging = {"staging": {"connection_id": "folder_staging"}}
    ran = run(add_team("folder", working(wrike), **only("groups", "tasks"), **staging).dag_id, entities=["groups"])
    local_airflow.api.delete_connection("folder_staging")
    assert ran.tasks["whole.people"] == "failed"
    assert "1 of 1 entities were not synced" in ran.log("summary")
    browser = Browser(local_airflow.url)
    browser.log_in("admin", local_airflow.home.password("admin"))
    told = row_of(browser, "folder")
    assert "1 of 1 entities were not synced" in told
    assert "Correct the staging Connection" in told
    assert "internet connection" not in told


def test_wrong_token(add_team: AddTeam, run: Run, wrike: SandboxClient, local_airflow: Airflow, tmp_path: Path) -> None:
    from include.local.rest import Connection

    told = tmp_path / "told"
    notifier = {
        "class": "tests.operators.notifiers.FileNotifier",
        "arguments": {"path": str(told), "message": "{{ wrike.title }}|{{ wrike.text }}|{{ wrike.page_url }}\n"},
    }
    connection = {"host": wrike.url, "extra": {"token": "nobody-knows-me"}}
    ran = run(add_team("stranger", connection, notify=[notifier], must_finish_within="PT1S", **only("groups")).dag_id)
    assert ran.tasks["connect"] == "failed"
    log = ran.log("connect")
    assert "GET /account: Wrike answered 401 not_authorized" in log
    assert "nobody-knows-me" not in log
    # That a run is late is told by a process of its own.
    words = ("a sync is late", "authorise again")
    wait_until(lambda: told.exists() and all(word in told.read_text() for word in words), "what notifiers tell")
    messages = told.read_text()
    page = f"{local_airflow.url}/wrike/#stranger"
    assert (
        messages.count("Wrike, stranger (team stranger): authorise again|Nothing was synced.\nConnection wrike_") == 1
    )
    assert f"Authorise again, or correct the Connection, as the error says: {page}" in messages
    assert messages.count("Wrike, stranger (team stranger): a sync is late|The run manual__") == 1
    assert messages.count(f"|{page}\n") == 2
    assert "nobody-knows-me" not in messages
    browser = Browser(local_airflow.url)
    browser.log_in("admin", local_airflow.home.password("admin"))
    shown = row_of(browser, "stranger")
    (why,) = re.findall(r'class="muted why">(.*?)</span>', shown, re.S)
    assert why.startswith("Nothing was synced.\nConnection wrike_stranger: GET /account: Wrike answered 401")
    assert '<span class="badge bad">not accepted in the last run</span>' in shown
    local_airflow.api.set_connection(Connection("wrike_stranger", "wrike", **working(wrike)))
    assert '<span class="badge good">permanent token</span>' in row_of(browser, "stranger")


def test_wrong_host(add_team: AddTeam, run: Run, wrike: SandboxClient) -> None:
    team = add_team("astray", working(wrike), **only("groups"))
    wrike.fault("/account", status=300, code="", times=-1)
    ran = run(team.dag_id)
    wrike.heal()
    assert ran.tasks["connect"] == "failed"
    assert "Wrike answered 300" in ran.log("connect")
    assert "Check the host of the Connection" in ran.log("connect")


def test_refused_entity_is_left_out(
    add_team: AddTeam, run: Run, wrike: SandboxClient, unequal: Callable[..., list[str]], staging_path: Path
) -> None:
    some = ["contacts", "groups", "folders"]
    team = add_team("half", working(wrike), **only(*some))
    wrike.block("aurora", "/groups")
    wrike.block("aurora", "/folders", "access_forbidden")
    others = set(ENTITIES) - set(some)
    ran = run(team.dag_id)
    assert ran.state == "success"
    assert ran.row("groups")[0] == ran.row("folders")[0] == "blocked"
    assert ran.tasks["changes.folders"] == "skipped"
    assert "403 not_allowed" in ran.log("summary")
    assert unequal(staging_path, "wrike_half", wrike, "aurora", "groups", "folders", *others) == []
    wrike.block("aurora", "/groups", None)
    wrike.block("aurora", "/folders", None)
    assert run(team.dag_id).state == "success"
    assert unequal(staging_path, "wrike_half", wrike, "aurora", *others) == []


def test_failing_entity_stops_no_other(
    add_team: AddTeam, run: Run, wrike: SandboxClient, unequal: Callable[..., list[str]], staging_path: Path
) -> None:
    some = ["spaces", "workflows", "tasks"]
    team = add_team("broken", working(wrike), **only(*some))
    wrike.fault("/spaces", status=400, code="invalid_parameter", times=-1)
    others = set(ENTITIES) - set(some)
    ran = run(team.dag_id)
    wrike.heal()
    assert ran.state == "failed"
    assert ran.tasks["whole.definitions"] == "failed"
    assert ran.row("workflows")[0] == ran.row("tasks")[0] == "synced"
    assert ran.row("spaces")[0] == "failed"
    assert "spaces: GET /spaces: Wrike answered 400 invalid_parameter" in ran.log("summary")
    assert unequal(staging_path, "wrike_broken", wrike, "aurora", "spaces", *others) == []
    assert run(team.dag_id).state == "success"
    assert unequal(staging_path, "wrike_broken", wrike, "aurora", *others) == []


def test_passing_failures_of_wrike_are_waited_out(
    add_team: AddTeam, run: Run, wrike: SandboxClient, unequal: Callable[..., list[str]], staging_path: Path
) -> None:
    some = ["contacts", "workflows", "folders", "tasks"]
    team = add_team("rough", working(wrike), **only(*some))
    wrike.fault("/tasks", status=429, code="too_many_requests", headers={"Retry-After": "1"})
    wrike.fault("/folders", status=503, code="")
    wrike.fault("/contacts", kind="reset")
    wrike.fault("/workflows", kind="truncate")
    ran = run(team.dag_id)
    assert ran.state == "success"
    assert "Next try in" in ran.log("changes.tasks")
    assert unequal(staging_path, "wrike_rough", wrike, "aurora", *(set(ENTITIES) - set(some))) == []


def test_staging_file_of_another_program(
    add_team: AddTeam,
    local_airflow: Airflow,
    wrike: SandboxClient,
    unequal: Callable[..., list[str]],
    tmp_path: Path,
    run: Run,
) -> None:
    from include.local.rest import Connection

    file = tmp_path / "held.duckdb"
    local_airflow.api.set_connection(Connection("staging_held", "duckdb", host=str(file)))
    team = add_team("patient", working(wrike), staging={"connection_id": "staging_held"}, **only("groups"))
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(file)!r}); print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    api = local_airflow.api
    run_id = api.trigger(team.dag_id)

    def held(_dag_id: str, tasks: list[Any]) -> None:
        if ("whole.people", "up_for_retry") in [(task.task_id, task.state) for task in tasks]:
            holder.communicate("\n")
            log = api.log(team.dag_id, run_id, "whole.people")
            assert f"Another program has the staging file {file} open" in log
            api.end_unfinished_runs(team.dag_id)

    assert api.wait({team.dag_id: run_id}, 180, held) == {team.dag_id: "failed"}
    assert run(team.dag_id).state == "success"
    assert unequal(file, "wrike_patient", wrike, "aurora", *(set(ENTITIES) - {"groups"})) == []
    browser = Browser(local_airflow.url)
    browser.log_in("admin", local_airflow.home.password("admin"))
    local_airflow.api.delete_connection("staging_held")
    # As where only the workers have it: a run has written there.
    assert "There is no Connection" not in row_of(browser, "patient")


def test_lost_table_is_filled_again_even_if_the_first_try_fails(
    add_team: AddTeam, run: Run, wrike: SandboxClient, staging_path: Path
) -> None:
    team = add_team("forgetful", working(wrike), **only("tasks"))
    expected = ["synced", str(len(all_tasks(wrike))), str(len(wrike.records("aurora", "tasks")))]
    assert run(team.dag_id).row("tasks")[:3] == expected
    with duckdb.connect(str(staging_path)) as database:
        database.execute("DROP TABLE wrike_forgetful.tasks")
    wrike.fault("/tasks", status=400, code="invalid_parameter", times=-1)
    assert run(team.dag_id).state == "failed"
    wrike.heal()
    assert run(team.dag_id).row("tasks")[:3] == expected


def test_unknown_kind_of_staging(add_team: AddTeam, run: Run, wrike: SandboxClient, local_airflow: Airflow) -> None:
    from include.local.rest import Connection

    local_airflow.api.set_connection(Connection("staging_odd", "ftp", host="nowhere"))
    ran = run(add_team("odd", working(wrike), staging={"connection_id": "staging_odd"}, **only("groups")).dag_id)
    assert ran.state == "failed"
    assert re.search(r"has the type 'ftp'; known types: .*\bduckdb\b.*\bpostgres\b", ran.log("whole.people"))


def test_wrong_entry_of_the_variables_file(local_airflow: Airflow, teams_file: Path) -> None:
    before = teams_file.read_text()
    others = {f"wrike_{team['name']}" for team in yaml.safe_load(before)["teams"]}
    teams_file.write_text(before + "\n  - name: oops\n    schedule: whenever\n")
    try:
        (error,) = _import_errors(local_airflow, there=True)
    finally:
        teams_file.write_text(before)
    # The next test may add a team, and is told of errors.
    _import_errors(local_airflow, there=False)
    assert error[0].endswith("wrike_teams_check.py")
    assert "team oops: schedule: 'whenever' is neither a cron expression" in error[1]
    assert local_airflow.api.dag_ids() >= others


def _import_errors(airflow: Airflow, *, there: bool) -> list[tuple[str, str]]:
    wait_until(lambda: bool(airflow.api.import_errors()) is there, "the DAG processor's look at the file")
    return airflow.api.import_errors()
