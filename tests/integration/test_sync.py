"""The sample teams on a real Airflow against the sandbox, run after run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.conftest import ROOT
from tests.integration.conftest import all_tasks
from tests.web.browser import Browser, row_of, text_of
from wrike_provider.entities import CATALOGUE

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient
    from wrike_provider.teams import Team

AURORA = "wrike_aurora"


@pytest.fixture(scope="module", autouse=True)
def first_run(sample_teams: list[Team], run: Callable[..., Any]) -> Any:
    assert [team.name for team in sample_teams] == ["aurora", "borealis"]
    return run(AURORA)


def test_first_run_stages_every_record_and_field(
    first_run: Any, unequal: Callable[..., list[str]], staging_path: Path, sandbox: SandboxClient
) -> None:
    assert first_run.state == "success"
    assert set(first_run.tasks.values()) == {"success"}
    assert unequal(staging_path, AURORA, sandbox, "aurora") == []


def test_the_questions_of_the_readme_have_answers(first_run: Any, staging_path: Path) -> None:
    questions = re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(questions) == 2
    with duckdb.connect(str(staging_path), read_only=True) as database:
        for question in questions:
            assert database.execute(question).fetchall(), question


def test_connect_tells_account_and_user(first_run: Any, sandbox: SandboxClient) -> None:
    account = sandbox.accounts()["aurora"]
    log = first_run.log("connect")
    assert f"Connected to the Wrike account '{account['name']}' ({account['id']}) as " in log
    assert "administrator" in log


def test_unchanged_account_costs_no_more_requests_than_there_are_entities(
    first_run: Any, run: Callable[..., Any], sandbox: SandboxClient
) -> None:
    sandbox.forget_requests()
    second = run(AURORA)
    assert second.state == "success"
    assert {entity.name: second.row(entity.name)[2:5] for entity in CATALOGUE} == {
        entity.name: ["0", "0", "0"] for entity in CATALOGUE
    }
    # One more: tasks in the recycle bin have a list of their own.
    assert len(sandbox.requests()) <= len(CATALOGUE) + 1


def test_changes_arrive(
    run: Callable[..., Any], unequal: Callable[..., list[str]], staging_path: Path, sandbox: SandboxClient
) -> None:
    contacts = sandbox.records("aurora", "contacts")
    tasks = sandbox.records("aurora", "tasks")
    sandbox.mutate("aurora", "touch", count=7)
    sandbox.mutate("aurora", "create", title="Brand new")
    sandbox.mutate("aurora", "update", collection="tasks", id=tasks[4]["id"], responsibleIds=[], customFields=[])
    sandbox.mutate("aurora", "update", collection="contacts", id=contacts[6]["id"], deleted=True)
    sandbox.mutate("aurora", "erase", collection="groups", id=sandbox.records("aurora", "groups")[3]["id"])
    ran = run(AURORA)
    assert ran.state == "success"
    assert ran.row("groups")[4] == "1"
    assert unequal(staging_path, AURORA, sandbox, "aurora") == []


def test_chosen_entities_only(run: Callable[..., Any], sandbox: SandboxClient) -> None:
    sandbox.forget_requests()
    ran = run(AURORA, entities=["groups"])
    assert ran.state == "success"
    assert ran.tasks["changes.tasks"] == ran.tasks["whole.definitions"] == "skipped"
    assert {request["path"] for request in sandbox.requests()} <= {"/account", "/groups"}
    assert ran.row("groups")[0] == "synced"


def test_chosen_details_only(run: Callable[..., Any], sandbox: SandboxClient) -> None:
    """The tasks that read what these are details of have nothing to do."""
    sandbox.forget_requests()
    ran = run(AURORA, entities=["dependencies"], full_refresh=True)
    assert ran.state == "success"
    assert ran.tasks["changes.tasks"] == "skipped"
    assert ran.row("dependencies")[0] == "synced"
    assert int(ran.row("dependencies")[1]) > 0
    assert ran.row("tasks_history")[0] == ran.row("groups")[0] == "skipped"
    assert ran.log("summary").count("not among the entities that this run was asked for") == len(CATALOGUE) - 1
    assert {request["path"].rpartition("/")[0] for request in sandbox.requests()} == {"", "/dependencies"}


def test_window_by_params_leaves_the_watermark(run: Callable[..., Any], sandbox: SandboxClient) -> None:
    sandbox.forget_requests()
    ran = run(AURORA, entities=["tasks"], since="2026-01-01T00:00:00Z", until="2026-02-01T00:00:00Z")
    (asked,) = [request["query"]["updatedDate"] for request in sandbox.requests() if request["path"] == "/tasks"]
    assert asked == '{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}'
    expected = sum("2026-01-01" <= task["updatedDate"] < "2026-02-01" for task in all_tasks(sandbox))
    assert ran.row("tasks")[:2] == ["synced", str(expected)]
    sandbox.forget_requests()
    run(AURORA, entities=["tasks"])
    (asked,) = [request["query"]["updatedDate"] for request in sandbox.requests() if request["path"] == "/tasks"]
    assert asked > '{"start":"2026-02'


def test_full_refresh_reads_all(run: Callable[..., Any], sandbox: SandboxClient) -> None:
    ran = run(AURORA, full_refresh=True, entities=["tasks"])
    assert ran.row("tasks")[1] == str(len(all_tasks(sandbox)))
    assert ran.row("tasks")[2:4] == ["0", "0"]


def test_a_comparison_is_not_told_as_a_sync(
    run: Callable[..., Any], local_airflow: Airflow, staging_path: Path
) -> None:
    browser = Browser(local_airflow.url)
    browser.log_in("admin", local_airflow.home.password("admin"))
    run(AURORA, entities=["groups"])
    synced = text_of(row_of(browser, "aurora"))
    compared = run(AURORA, entities=["groups"], verify=True)
    told = re.compile(rf"Verify: success [\d-]+ [\d:]+ UTC, {compared.row('groups')[1]} compared ")
    shown = text_of(row_of(browser, "aurora"))
    assert told.search(shown)
    assert told.sub("", shown) == synced
    with duckdb.connect(str(staging_path)) as database:
        database.execute("UPDATE wrike_aurora.groups SET title = 'Spoiled'")
    run(AURORA, entities=["groups"], verify=True)
    shown = text_of(row_of(browser, "aurora"))
    assert "Verify: failed" in shown
    assert "entities differ from Wrike, and nothing was changed." in shown
    # What came before a sync tells nothing of staging as it is now.
    run(AURORA, entities=["groups"], full_refresh=True)
    assert "Verify" not in row_of(browser, "aurora")


def test_params_that_contradict_each_other_fail_before_anything_is_read(
    run: Callable[..., Any], sandbox: SandboxClient
) -> None:
    sandbox.forget_requests()
    ran = run(AURORA, full_refresh=True, since="2026-01-01T00:00:00Z")
    assert ran.state == "failed"
    assert "exclude each other" in ran.log("connect")
    assert "The params full_refresh and since/until exclude each other" in ran.log("summary")
    ran = run(AURORA, entitys=["tasks"])
    assert "There is no param entitys" in ran.log("connect")
    assert ran.state == "failed"
    assert sandbox.requests() == []


def test_assets_carry_the_counts(local_airflow: Airflow) -> None:
    events = local_airflow.api.get("/assets/events", source_dag_id=AURORA, limit=100, order_by="timestamp")[
        "asset_events"
    ]
    first = {event["uri"]: event["extra"] for event in reversed(events)}
    assert set(first) == {f"wrike://aurora/{entity.name}" for entity in CATALOGUE}
    tasks = first["wrike://aurora/tasks"]
    assert tasks["inserted"] + tasks["deleted"] == tasks["read"] > tasks["deleted"] > 0


def test_switch_off_skips_everything_and_asks_nothing(
    local_airflow: Airflow, run: Callable[..., Any], sandbox: SandboxClient
) -> None:
    sandbox.forget_requests()
    try:
        for value in ("false", None):
            if value is None:
                local_airflow.api.delete_variable("wrike_enabled__us1")
            else:
                local_airflow.api.set_variable("wrike_enabled__us1", value)
            ran = run("wrike_borealis")
            assert ran.state == "success"
            assert ran.tasks.pop("feature_enabled") == "success"
            assert set(ran.tasks.values()) == {"skipped"}
            assert "set the Variable wrike_enabled__us1 to true" in ran.log("feature_enabled")
            browser = Browser(local_airflow.url)
            browser.log_in("admin", local_airflow.home.password("admin"))
            assert "Nothing was read: the endpoint was off." in row_of(browser, "borealis")
    finally:
        local_airflow.api.set_variable("wrike_enabled__us1", "true")
    assert sandbox.requests() == []


def test_the_test_button_of_the_connections_page(local_airflow: Airflow, sandbox: SandboxClient) -> None:
    from include.local.rest import Connection

    good = Connection("any", "wrike", host=sandbox.url, extra={"token": sandbox.token("aurora")})
    bad = Connection("any", "wrike", host=sandbox.url, extra={"token": "wrong"})
    ok, message = local_airflow.api.test_connection(good)
    assert (ok, message.startswith("The token belongs to ")) == (True, True), message
    ok, message = local_airflow.api.test_connection(bad)
    assert (ok, "401 not_authorized" in message) == (False, True), message


def test_token_is_in_no_log_and_no_table(local_airflow: Airflow, sandbox: SandboxClient) -> None:
    import sqlalchemy

    token = sandbox.token("aurora")
    holding = [
        str(path)
        for path in local_airflow.home.path.rglob("*")
        if path.is_file() and path.stat().st_size and token.encode() in path.read_bytes()
    ]
    engine = sqlalchemy.create_engine(local_airflow.home.database)
    with engine.connect() as database:
        rows = {
            table: [row[0] for row in database.execute(sqlalchemy.text(f'SELECT t::text FROM "{table}" t'))]  # noqa: S608
            for table in sqlalchemy.inspect(engine).get_table_names()
        }
    engine.dispose()
    assert rows["xcom"]
    assert rows["connection"]
    assert holding + [table for table, texts in rows.items() if any(token in text for text in texts)] == []
