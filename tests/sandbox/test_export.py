"""The data export: how it is asked for, and what is in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient

TABLES = [
    "user",
    "groups",
    "user_group",
    "timelog",
    "task",
    "folder",
    "attachment_file",
    "audit_log",
    "custom_field_history",
    "workflow_stage_history",
]
MISSING = (404, "resource_not_found")


@pytest.fixture(autouse=True)
def forgotten(sandbox: SandboxClient) -> Iterator[None]:
    """No export is there before nor after."""
    sandbox.export("aurora", forget=True, hold=False)
    yield
    sandbox.export("aurora", forget=True, hold=False)


def fetched(wrike: Any, url: str) -> requests.Response:
    assert url.startswith(f"{wrike.sandbox.url}/api/v4/")
    return wrike.ask(url.removeprefix(f"{wrike.sandbox.url}/api/v4"))


def rows(wrike: Any, operation: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    return {
        one["name"]: list(csv.DictReader(io.StringIO(fetched(wrike, one["url"]).content.decode(), newline="")))
        for one in operation["resources"]
    }


def test_the_first_one_takes_its_time(wrike: Any) -> None:
    first = wrike.ask("/data_export")
    (operation,) = first.json()["data"]
    assert (first.status_code, set(first.json())) == (202, {"kind", "data"})
    assert (set(operation), operation["status"]) == ({"id", "status"}, "InProgress")
    (done,) = wrike.data("/data_export")
    assert (done["id"], done["status"]) == (operation["id"], "Completed")
    assert datetime.now(UTC) - datetime.fromisoformat(done["completedDate"]) < timedelta(minutes=1)
    assert [one["name"] for one in done["resources"]] == TABLES
    assert wrike.data("/data_export") == wrike.data(f"/data_export/{done['id']}") == [done]


def test_it_stays_in_progress_while_held(wrike: Any, sandbox: SandboxClient) -> None:
    sandbox.export("aurora", new=True)
    sandbox.export("aurora", hold=True)
    answers = [wrike.ask("/data_export") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    (id_,) = {answer.json()["data"][0]["id"] for answer in answers}
    assert wrike.data(f"/data_export/{id_}") == [{"id": id_, "status": "InProgress"}]
    assert wrike.refusal(f"/data_export_files/{id_}/user.csv") == MISSING
    sandbox.heal()
    assert wrike.data("/data_export")[0]["id"] == id_


def test_a_new_one_is_only_made_when_the_latest_is_old(wrike: Any, sandbox: SandboxClient) -> None:
    hours_ago = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = sandbox.export("aurora", new=True, completedDate=hours_ago)
    assert wrike.data("/data_export")[0]["completedDate"] == hours_ago
    begun = wrike.ask("/data_export", method="POST")
    assert (begun.status_code, begun.json()["data"][0]["status"]) == (202, "InProgress")
    fresh = wrike.ask("/data_export", method="POST")
    assert fresh.status_code == 200
    assert fresh.json()["data"] == wrike.data("/data_export")
    assert fresh.json()["data"][0]["id"] == begun.json()["data"][0]["id"] != old["id"]
    assert wrike.data(f"/data_export/{old['id']}")[0]["completedDate"] == hours_ago


def test_a_test_may_let_one_be_made(wrike: Any, sandbox: SandboxClient) -> None:
    ids = {sandbox.export("aurora", new=True)["id"] for _ in range(2)}
    assert len(ids) == 2
    assert wrike.data("/data_export")[0]["id"] in ids


def test_tables_are_as_the_schema_says(wrike: Any, sandbox: SandboxClient) -> None:
    operation = sandbox.export("aurora", new=True)
    read = rows(wrike, wrike.data(f"/data_export/{operation['id']}")[0])
    schema = wrike.data("/data_export_schema", version="V4")
    assert schema == sandbox.records("aurora", "dataexportschema") == wrike.data("/data_export_schema")
    assert read == sandbox.exported("aurora")
    assert [table["id"] for table in schema] == list(read) == TABLES
    for table in schema:
        kinds = {column["id"]: column["dataType"] for column in table["columns"]}
        assert len(read[table["id"]]) > 3
        for row in read[table["id"]]:
            assert list(row) == list(kinds)
            assert all(fits(kinds[column], value) for column, value in row.items()), row
        for column in table["columns"]:
            if foreign := column.get("foreignKey"):
                known = {row[foreign["columnId"]] for row in read[foreign["tableId"]]}
                assert {row[column["id"]] for row in read[table["id"]]} - {""} <= known


def fits(kind: str, value: str) -> bool:
    if kind == "Boolean":
        return value in {"true", "false", ""}
    if kind == "Number" and value:
        return float(value) is not None
    return kind != "Date" or not value or datetime.fromisoformat(value) is not None


def test_rows_are_the_records(wrike: Any, sandbox: SandboxClient) -> None:
    sandbox.export("aurora", new=True)
    read = sandbox.exported("aurora")
    for table, collection in (("timelog", "timelogs"), ("attachment_file", "attachments"), ("groups", "groups")):
        key = "group_api_id" if table == "groups" else f"{table}_api_id"
        assert [row[key] for row in read[table]] == [one["id"] for one in sandbox.records("aurora", collection)]
    tasks = {row["task_api_id"]: row for row in read["task"]}
    for task in sandbox.records("aurora", "tasks"):
        row = tasks.pop(task["id"])
        assert row["task_id"] == task["permalink"].rpartition("=")[2]
        assert (row["task_title"], row["is_deleted"]) == (task["title"], "false")
    assert {row["is_deleted"] for row in tasks.values()} == {"true"}
    assert {"true", "false"} == {row["is_deleted"] for row in read["user"]}


def test_a_table_is_csv(wrike: Any, sandbox: SandboxClient) -> None:
    sandbox.export("aurora", new=True)
    urls = {one["name"]: one["url"] for one in wrike.data("/data_export")[0]["resources"]}
    answer = fetched(wrike, urls["task"])
    assert answer.headers["content-type"] == "text/csv;charset=UTF-8"
    text = answer.content.decode()
    assert text.startswith("task_id,task_api_id,task_title,")
    assert text.endswith("\r\n")
    values = {value for row in sandbox.exported("aurora")["task"] for value in row.values()}
    assert all(any(part in value for value in values) for part in ('"', "\n", "\r", "😀"))
    assert '""double""' in text
    assert any("," in row["last_name"] for row in sandbox.exported("aurora")["user"])


def test_a_later_one_has_what_changed(wrike: Any, sandbox: SandboxClient) -> None:
    before = sandbox.export("aurora", new=True)
    group = sandbox.records("aurora", "groups")[1]
    sandbox.mutate("aurora", "update", collection="groups", id=group["id"], title="Renamed")
    after = sandbox.export("aurora", new=True)
    names = [
        {row["group_name"] for row in rows(wrike, wrike.data(f"/data_export/{one['id']}")[0])["groups"]}
        for one in (before, after)
    ]
    sandbox.mutate("aurora", "update", collection="groups", id=group["id"], title=group["title"])
    assert ["Renamed" in some for some in names] == [False, True]


def test_files_are_behind_the_token(wrike: Any, sandbox: SandboxClient) -> None:
    operation = sandbox.export("aurora", new=True)
    path = f"/data_export_files/{operation['id']}/user.csv"
    for token, status in (
        ("nonsense", 401),
        (sandbox.token("aurora", "regular"), 403),
        (sandbox.token("borealis"), 404),
    ):
        assert type(wrike)(sandbox, token).ask(path).status_code == status
    assert wrike.ask(path).status_code == 200
    for other in ("nothing.csv", "user"):
        assert wrike.refusal(f"/data_export_files/{operation['id']}/{other}") == MISSING


@pytest.mark.parametrize("path", ["/data_export", "/data_export_schema"])
def test_only_administrators_with_the_scope(wrike: Any, sandbox: SandboxClient, path: str) -> None:
    regular = type(wrike)(sandbox, sandbox.token("aurora", "regular"))
    assert regular.refusal(path) == (403, "access_forbidden")
    assert wrike.refusal(path, pageSize=5) == (400, "invalid_request")
    assert wrike.refusal(path, version="V5")[0] == 400


def test_unknown_exports(wrike: Any) -> None:
    assert wrike.refusal("/data_export/IEAAAAAAMIAAAAAA") == MISSING
    assert wrike.ask("/data_export/IEAAAAAAMIAAAAAA", method="POST").json()["error"] == "method_not_found"
    assert wrike.ask("/tasks", method="POST").json()["error"] == "method_not_found"


def test_a_download_may_break_off(healed: SandboxClient, wrike: Any) -> None:
    operation = healed.export("aurora", new=True)
    path = f"/data_export_files/{operation['id']}/task.csv"
    healed.fault("/data_export_files/.*", kind="truncate")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        wrike.ask(path)
    assert wrike.ask(path).status_code == 200
