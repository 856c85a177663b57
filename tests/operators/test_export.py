"""The task that brings Wrike's data export into staging, in DuckDB and in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowSkipException

from include.local.postgres import Postgres, local_postgres
from include.sandbox.client import SandboxClient, running_sandbox
from tests.api.server import running_server
from tests.operators.harness import State
from tests.staging.databases import Database, DuckDB, PostgresDatabase
from wrike_provider.api.errors import WrikeHostError, WrikeRequestError, WrikeTransientError
from wrike_provider.operators.errors import StagingDiffersError
from wrike_provider.operators.export import DATA_EXPORT, EXPORT_STATE, DataExportOperator
from wrike_provider.operators.results import RESULTS_KEY, Outcome, Result
from wrike_provider.operators.retries import RETRY_POLICY
from wrike_provider.staging.errors import BadExportError

SCHEMA = "wrike_team_export"


class ExportTask:
    """Runs the task; state and results of its runs are kept in memory."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.state = State()
        self.pushed: dict[str, Any] = {}
        self.told = SimpleNamespace(extra=None)

    def push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def run(self, run_type: str = "manual", **params: Any) -> Result:
        asset = Asset("wrike://team/data_export")
        operator = DataExportOperator(
            task_id=DATA_EXPORT,
            team="team",
            assets={DATA_EXPORT: asset},
            wrike_conn_id="wrike_team",
            staging_conn_id="wrike_staging",
            schema=SCHEMA,
        )
        self.pushed, self.told.extra = {}, None
        context: Any = {
            "dag_run": SimpleNamespace(run_type=run_type),
            "data_interval_start": datetime(2026, 1, 1, tzinfo=UTC),
            "data_interval_end": datetime(2026, 1, 2, tzinfo=UTC),
            "params": params,
            "ti": SimpleNamespace(xcom_push=self.push),
            "asset_state_store": {asset: self.state},
            "outlet_events": {asset: self.told},
        }
        skipped = ""
        try:
            operator.execute(context)
        except AirflowSkipException as error:
            skipped = str(error)
        not_read = self.result.outcome in {Outcome.SKIPPED, Outcome.BLOCKED}
        assert skipped == (self.result.note if not_read else "")
        return self.result

    @property
    def result(self) -> Result:
        """What the last run left for the summary."""
        return Result.from_dict(json.loads(json.dumps(self.pushed[RESULTS_KEY][DATA_EXPORT])))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.open(SCHEMA) as database:
            return database.execute(sql).fetchall()

    def tables(self) -> set[str]:
        found = self.query(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{SCHEMA}'")  # noqa: S608
        return {name for (name,) in found if not name.startswith("_dlt")}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with local_postgres() as running:
        yield running


@pytest.fixture(scope="module")
def aurora() -> Iterator[SandboxClient]:
    arguments = ("--accounts", "1", "--tasks", "30", "--contacts", "12", "--rate-limit", "0")
    with running_sandbox(*arguments) as running:
        yield running


@pytest.fixture
def wrike(aurora: SandboxClient) -> SandboxClient:
    """A sandbox that has no export yet."""
    aurora.heal()
    aurora.export("aurora", forget=True)
    for path in ("/data_export", "/data_export_schema", "/data_export_files/{id}/{file}"):
        aurora.block("aurora", path, None)
    return aurora


@pytest.fixture
def task_in(wrike: SandboxClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Database], ExportTask]:
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    connection = {"conn_type": "wrike", "host": wrike.url, "extra": {"token": wrike.token("aurora")}}
    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_TEAM", json.dumps(connection))

    def make(database: Database) -> ExportTask:
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_STAGING", json.dumps(database.as_connection()))
        return ExportTask(database)

    return make


@pytest.fixture
def task(task_in: Callable[[Database], ExportTask], tmp_path: Path) -> ExportTask:
    return task_in(DuckDB(tmp_path / "staging.duckdb"))


@pytest.fixture(params=["duckdb", "postgres"])
def either(request: pytest.FixtureRequest, task_in: Callable[[Database], ExportTask], tmp_path: Path) -> ExportTask:
    if request.param == "duckdb":
        return task_in(DuckDB(tmp_path / "staging.duckdb"))
    return task_in(PostgresDatabase.make(request.getfixturevalue("server")))


def asked(wrike: SandboxClient) -> list[str]:
    paths = [entry["path"].split("/")[1] for entry in wrike.requests()]
    wrike.forget_requests()
    return paths


def as_csv(kind: str, value: Any) -> Any:
    """A staged value in a form that can be compared with the text of the file."""
    if value is None or kind == "String":
        return value
    return value.isoformat() if kind == "Date" else float(value) if kind == "Number" else value


def as_staged(kind: str, text: str) -> Any:
    if not text:
        return None
    if kind == "Date":
        instant = datetime.fromisoformat(text)
        return (instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant).isoformat()
    return {"Number": float, "Boolean": lambda text: text == "true"}.get(kind, str)(text)


def test_every_cell_of_every_table(either: ExportTask, wrike: SandboxClient) -> None:
    wrike.export("aurora", new=True)
    result = either.run()
    exported = wrike.exported("aurora")
    assert either.tables() == set(exported)
    assert (result.outcome, result.pages, result.unknown_keys) == (Outcome.SYNCED, len(exported), {})
    assert result.read == sum(map(len, exported.values()))
    # The export, its schema, and the files.
    assert result.requests == 2 + len(exported)
    assert either.told.extra == result.as_dict()
    for table in wrike.records("aurora", "dataexportschema"):
        kinds = {column["id"]: column["dataType"] for column in table["columns"]}
        rows = either.query(f'SELECT {", ".join(kinds)} FROM "{table["id"]}"')  # noqa: S608
        staged = [tuple(map(as_csv, kinds.values(), row)) for row in rows]
        expected = [tuple(as_staged(kind, row[name]) for name, kind in kinds.items()) for row in exported[table["id"]]]
        assert sorted(staged, key=repr) == sorted(expected, key=repr)
        assert either.query(f'SELECT count(*) FROM "{table["id"]}" WHERE _extra IS NOT NULL') == [(0,)]  # noqa: S608
    # Again: one request, and it is told why there are no more.
    asked(wrike)
    again = either.run()
    assert asked(wrike) == ["data_export"]
    assert (again.outcome, again.requests) == (Outcome.SKIPPED, 1)
    assert "is staged already" in again.note
    assert either.told.extra is None
    # Verified without asking Wrike; somebody's deletion is found.
    assert either.run(verify=True).outcome is Outcome.SYNCED
    assert asked(wrike) == []
    either.query('DELETE FROM "groups" RETURNING 1')
    with pytest.raises(StagingDiffersError, match="groups has 0 rows instead of"):
        either.run(verify=True)
    assert either.result.differences == {"count": 1, "tables": ["groups"]}


def test_a_new_export_takes_the_place_of_the_old_one(either: ExportTask, wrike: SandboxClient) -> None:
    # What people have made on top of a table lasts; a type that changes needs another table.
    tables = ["notes", "groups"]
    files = {"notes": "a,b\n1,x\n2,\n", "groups": "group_id,is_my_team\n1,true\n"}
    wrike.export("aurora", new=True, tables=tables, files=files)
    either.run()
    assert either.query("SELECT a, b, _extra FROM notes ORDER BY a") == [("1", "x", None), ("2", None, None)]
    either.query("CREATE VIEW seen AS SELECT a FROM notes; SELECT 1")
    files = {
        "notes": 'a,c\n"with ""quotes"",\r\nand a break",3\n',
        "groups": "group_id,group_name,is_my_team,colour\nnine,G,perhaps,\n10,,false,red\n",
    }
    wrike.export("aurora", new=True, tables=tables, files=files)
    result = either.run()
    assert either.query("SELECT a, b, c FROM notes") == [('with "quotes",\r\nand a break', None, "3")]
    assert either.query("SELECT a FROM seen") == [('with "quotes",\r\nand a break',)]
    rows = either.query("SELECT group_id, group_name, is_my_team, colour, _extra FROM groups ORDER BY group_id")
    assert [row[:4] for row in rows] in (
        [(10, None, False, "red"), (None, "G", None, None)],
        [(None, "G", None, None), (10, None, False, "red")],
    )
    assert {row[0]: json.loads(row[4]) if row[4] else None for row in rows} == {
        10: None,
        None: {"group_id": "nine", "is_my_team": "perhaps"},
    }
    assert result.unknown_keys == {
        "groups.group_id": {"type": "text", "count": 1},
        "groups.is_my_team": {"type": "text", "count": 1},
    }


def test_a_broken_file_keeps_its_rows_and_stops_no_other(task: ExportTask, wrike: SandboxClient) -> None:
    tables = ["groups", "user", "user_group", "task", "timelog"]
    wrike.export("aurora", new=True, tables=["groups", "user"])
    task.run()
    before, users = task.query("SELECT * FROM groups"), task.query("SELECT * FROM user")
    broken = {
        "groups": "group_id,group_name\n1,one\n2\n",
        "user_group": "\n1,2\n",
        "task": 'task_id,task_title\n1,"never closed\n2,x\n',
        "timelog": "timelog_id\n5\n",
    }
    wrike.export("aurora", new=True, tables=tables, files=broken)
    with pytest.raises(BadExportError, match="groups") as raised:
        task.run()
    assert not retried(raised.value)
    assert "line 3 has 1 values, the header 2" in task.result.note
    assert "file of user_group in the data export cannot be read: it has no header" in task.result.note
    assert "file of task in the data export cannot be read: a quotation mark is not closed" in task.result.note
    assert task.result.outcome is Outcome.FAILED
    assert task.query("SELECT * FROM groups") == before
    assert task.query("SELECT * FROM user") == users
    assert task.query("SELECT timelog_id FROM timelog") == [(5,)]
    # The next run reads what is missing.
    asked(wrike)
    with pytest.raises(BadExportError):
        task.run()
    assert asked(wrike) == ["data_export", "data_export_schema", *["data_export_files"] * 3]


def test_an_empty_file_is_an_empty_table(either: ExportTask, wrike: SandboxClient) -> None:
    tables = ["groups", "user", "task", "notes", "others"]
    wrike.export("aurora", new=True, tables=tables[:4], files={"notes": "a\n1\n"})
    either.run()
    columns = either.query("SELECT column_name FROM information_schema.columns WHERE table_name = 'groups'")
    # Of groups the schema has the columns, of notes only an earlier file, of others nobody.
    files = {"groups": "", "task": "task_id,task_title\n", "notes": "", "others": ""}
    wrike.export("aurora", new=True, tables=tables, files=files)
    result = either.run()
    users = len(wrike.exported("aurora")["user"])
    assert (result.outcome, result.pages, result.read) == (Outcome.SYNCED, 5, users)
    counts = {name: either.query(f'SELECT count(*) FROM "{name}"')[0][0] for name in tables}  # noqa: S608
    assert counts == {"groups": 0, "user": users, "task": 0, "notes": 0, "others": 0}
    assert either.query("SELECT column_name FROM information_schema.columns WHERE table_name = 'groups'") == columns
    assert either.run().outcome is Outcome.SKIPPED
    assert either.run(verify=True).outcome is Outcome.SYNCED
    wrike.export("aurora", new=True, tables=tables, files={"notes": "a\n2\n", "others": "b\n3\n"})
    either.run()
    assert either.query("SELECT notes.a, others.b FROM notes, others") == [("2", "3")]


def test_an_empty_file_that_does_not_arrive_empties_nothing(task: ExportTask, wrike: SandboxClient) -> None:
    wrike.export("aurora", new=True, tables=["groups"])
    task.run()
    before = task.query("SELECT * FROM groups")
    wrike.export("aurora", new=True, tables=["groups"], files={"groups": ""})
    wrike.fault("/data_export_files/[^/]+/groups.csv", kind="truncate", times=-1)
    with pytest.raises(WrikeTransientError):
        task.run()
    assert task.query("SELECT * FROM groups") == before
    wrike.heal()
    task.run()
    assert task.query("SELECT * FROM groups") == []


def retried(error: Exception) -> bool:
    rule = next(rule for rule in RETRY_POLICY.rules if isinstance(error, rule.exception))  # type: ignore[arg-type]
    return rule.action.value == "retry"


def test_what_broke_off_is_read_by_the_next_run(task: ExportTask, wrike: SandboxClient) -> None:
    wrike.export("aurora", new=True, tables=["user", "task"])
    # Half of the file, once: read again at once. Five hundreds all the time: the next run.
    wrike.fault("/data_export_files/[^/]+/user.csv", kind="truncate")
    wrike.fault("/data_export_files/[^/]+/task.csv", status=500, times=-1)
    with pytest.raises(Exception, match=r"file of task .* 500") as raised:
        task.run()
    assert retried(raised.value)
    assert len(task.query("SELECT * FROM user")) == len(wrike.exported("aurora")["user"])
    assert "task" not in task.tables()
    wrike.heal()
    asked(wrike)
    assert task.run().outcome is Outcome.SYNCED
    assert asked(wrike) == ["data_export", "data_export_schema", "data_export_files"]
    assert task.run().outcome is Outcome.SKIPPED


def test_a_table_dropped_by_hand_and_a_full_refresh(task: ExportTask, wrike: SandboxClient) -> None:
    wrike.export("aurora", new=True, tables=["notes", "groups"], files={"notes": "a\n1\n"})
    task.run()
    task.query("DROP TABLE notes")
    result = task.run()
    assert (result.outcome, result.pages) == (Outcome.SYNCED, 1)
    assert task.query("SELECT a FROM notes") == [("1",)]
    task.query("UPDATE notes SET a = 'other'")
    assert task.run(full_refresh=True).pages == 2
    assert task.query("SELECT a FROM notes") == [("1",)]


def test_the_first_one_is_waited_for(task: ExportTask, wrike: SandboxClient) -> None:
    wrike.export("aurora", hold=True)
    asked(wrike)
    for _ in range(2):
        result = task.run()
        assert (result.outcome, asked(wrike)) == (Outcome.SKIPPED, ["data_export"])
        assert result.note == "Wrike is still making the export (InProgress); the next run looks again"


@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
def test_one_that_came_to_nothing(task: ExportTask, wrike: SandboxClient, status: str) -> None:
    wrike.export("aurora", new=True, failure=status)
    result = task.run()
    assert result.outcome is Outcome.SKIPPED
    assert result.note == f"Wrike's last export is {status}; the next run looks again"


@pytest.mark.parametrize("path", ["/data_export", "/data_export_schema", "/data_export_files/{id}/{file}"])
def test_what_is_blocked_is_no_failure(task: ExportTask, wrike: SandboxClient, path: str) -> None:
    wrike.export("aurora", new=True, tables=["notes", "groups"], files={"notes": "a\n1\n"})
    if path == "/data_export":
        task.run()
        wrike.export("aurora", new=True, tables=["notes"])
    wrike.block("aurora", path, "access_forbidden" if path == "/data_export" else "not_allowed")
    result = task.run()
    assert result.outcome is Outcome.BLOCKED
    assert "403" in result.note
    assert "dataExportFull" in result.note
    if path == "/data_export":
        assert task.query("SELECT a FROM notes") == [("1",)]


TYPES = (
    "SELECT DISTINCT data_type FROM information_schema.columns WHERE table_name = 'user' AND column_name <> '_extra'"
)


@pytest.mark.parametrize(("status", "code"), [(404, "method_not_found"), (400, "parameter_required")])
def test_without_a_schema_all_is_text(task: ExportTask, wrike: SandboxClient, status: int, code: str) -> None:
    for _ in range(2):
        # Also the second one.
        wrike.export("aurora", new=True, tables=["user"])
        wrike.fault("/data_export_schema", status=status, code=code)
        result = task.run()
        assert result.outcome is Outcome.SYNCED
        assert result.read == len(wrike.exported("aurora")["user"]) > 0
        assert result.note.startswith("The export is read without its schema, and all columns are text.")
        assert task.query(TYPES) == [("VARCHAR",)]
    wrike.export("aurora", new=True, tables=["user"])
    assert task.run().note == ""
    assert len(task.query(TYPES)) > 1


def test_what_was_made_by_the_schema_is_not_made_anew_without_it(task: ExportTask, wrike: SandboxClient) -> None:
    wrike.export("aurora", new=True, tables=["user"])
    task.run()
    types = task.query(TYPES)
    for status, code in ((404, "method_not_found"), (400, "parameter_required")):
        wrike.export("aurora", new=True, tables=["user"])
        wrike.fault("/data_export_schema", status=status, code=code)
        if status == 404:
            # As an older version has left it.
            del task.state[EXPORT_STATE]["described"]
            assert task.run().outcome is Outcome.BLOCKED
        else:
            with pytest.raises(WrikeRequestError):
                task.run()
        assert sorted(task.query(TYPES)) == sorted(types)


def test_a_file_on_another_host_is_not_asked_for(task: ExportTask, wrike: SandboxClient) -> None:
    with running_server() as stranger:
        wrike.export("aurora", new=True, elsewhere=stranger.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(WrikeHostError, match=r"it is on localhost, and the API on 127\.0\.0\.1") as raised:
            task.run()
        assert stranger.asked == []
    assert not retried(raised.value)
    assert EXPORT_STATE not in task.state


def test_runs_that_have_nothing_to_do_with_it(task: ExportTask, wrike: SandboxClient) -> None:
    asked(wrike)
    assert "nothing to backfill" in task.run("backfill").note
    assert task.run(entities=["tasks"]).note == "not among the entities that this run was asked for"
    assert task.run(verify=True).note == "not synced yet"
    assert asked(wrike) == []
    wrike.export("aurora", new=True, tables=["groups"])
    assert task.run(entities=["tasks", DATA_EXPORT]).outcome is Outcome.SYNCED
