"""A real database with another SQL than ours, SQLite; and the same statements in the dialects of the others."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from tests.staging.databases import prepare
from wrike_provider.entities import entity
from wrike_provider.entities.model import Details, Type
from wrike_provider.staging import portable
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.differences import Differences
from wrike_provider.staging.errors import StagingError, StagingMissingError
from wrike_provider.staging.kinds import KINDS
from wrike_provider.staging.ledger import RunLedger, SyncRun
from wrike_provider.staging.portable import cell, translated
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.verification import Verification
from wrike_provider.staging.views import Views
from wrike_provider.staging.writer import EntityWriter

TASKS = entity("tasks")
SCHEMA = "wrike_team"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
A: dict[str, Any] = {
    "id": "A",
    "title": "It's 100 %, %s and ?",
    "createdDate": "2026-06-01T12:00:00Z",
    "dates": {"start": "2026-06-01T09:00:00", "duration": 480, "workOnWeekends": False},
    "effortAllocation": {
        "dailyAllocationPercentage": 12.5,
        "responsibleAllocation": [{"userId": "U1", "dailyAllocation": [{"date": "2026-06-01", "minutes": 60.0}]}],
    },
    "scope": "WsTask",
    "responsibleIds": ["U2", "U1"],
    "customFields": [{"id": "F1", "value": ""}],
    "new": {"b": [1, 2.50], "a": None},
}
B: dict[str, Any] = {"id": "B", "title": "", "scope": "WsTask", "responsibleIds": ["U1"]}
BINNED: dict[str, Any] = {"id": "C", "title": "three", "scope": "RbTask"}
DIALECTS = sorted({kind.dialect for kind in KINDS.values() if kind.dialect})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Destination:
    return Destination("sqlite", tmp_path_factory.mktemp("staged") / "staging.sqlite")


@pytest.fixture(scope="module")
def said(place: Destination) -> Iterator[list[str]]:
    """All statements of ours that a life of the tables takes, run in SQLite."""
    statements: list[str] = []

    def noted(sql: str, dialect: str, fold: Any) -> str:
        statements.append(sql)
        return translated(sql, dialect, fold)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portable, "translated", noted)
        store = EntityStore(place, SCHEMA, TASKS)
        with pytest.raises(StagingMissingError):
            store.written(TASKS, Details(of="tasks"))
        assert prepare(store)
        assert not prepare(store)
        writer = EntityWriter(store, TASKS)
        writer.add([A, dict(B, title="old"), BINNED, {"id": "D"}])
        writer.flush()
        writer.add([A, B])
        writer.flush()
        writer.mark_deleted({"D"})
        assert (writer.counts.inserted, writer.counts.updated, writer.counts.unchanged) == (3, 1, 1)
        assert compared(store, A, B, BINNED).equal
        assert set(store.written(TASKS, Details(of="tasks", only=("title", "")))) == {"B"}
        RunLedger(place, SCHEMA).write(
            [SyncRun(run_id="r", run_type="m", entity="tasks", started_at=AT, finished_at=AT, outcome="synced")]
        )
        yield statements


def compared(store: EntityStore, *records: dict[str, Any]) -> Differences:
    verification = Verification(store, TASKS)
    verification.check(records)
    return verification.finish()


def test_a_difference_is_found(place: Destination, said: list[str]) -> None:
    store = EntityStore(place, SCHEMA, TASKS)
    assert compared(store, A, dict(B, title="other"), BINNED).differing == {"B"}
    assert compared(store, A, BINNED).unlisted == {"B"}


def test_what_lies_in_the_database(place: Destination, said: list[str]) -> None:
    assert place.file
    with sqlite3.connect(place.file.with_name(f"staging__{SCHEMA}.sqlite")) as connection:
        rows = connection.execute("SELECT id, title, _deleted_at IS NULL FROM tasks ORDER BY id").fetchall()
        ids = connection.execute("SELECT task_id, responsible_id FROM tasks_responsible_ids ORDER BY 1, 2").fetchall()
    assert rows == [("A", A["title"], 1), ("B", "", 1), ("C", "three", 0), ("D", None, 0)]
    assert ids == [("A", "U1"), ("A", "U2"), ("B", "U1")]


def test_a_record_and_its_child_rows_change_together_or_not_at_all(place: Destination, said: list[str]) -> None:
    assert place.file
    file = place.file.with_name(f"staging__{SCHEMA}.sqlite")
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON tasks BEGIN SELECT RAISE(ABORT, 'refused'); END"
    with sqlite3.connect(file) as connection:
        connection.execute(refuse)
    store = EntityStore(place, SCHEMA, TASKS)
    writer = EntityWriter(store, TASKS)
    writer.add([dict(B, responsibleIds=["U9"])])
    try:
        with pytest.raises(StagingError, match="refused"):
            writer.flush()
    finally:
        with sqlite3.connect(file) as connection:
            connection.execute("DROP TRIGGER refuse")
    assert compared(store, A, B, BINNED).equal


def test_views_are_left_out_and_that_is_said(place: Destination, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "wrike_provider"):
        assert Views(place, SCHEMA, Path("include/sql")).refresh({}).made == {}
    assert [record.getMessage() for record in caplog.records] == [
        "Views are left out: those in include/sql are not written for sqlite."
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_statement_is_understood_in_the_dialect(dialect: str, said: list[str]) -> None:
    kinds = {sql.split()[0] for sql in said}
    assert kinds == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    for sql in dict.fromkeys(said):
        told = translated(sql, dialect, str)
        assert told.count("%s") == sql.count("%s")
        if not told.startswith("ALTER TABLE"):
            tree = sqlglot.parse_one(told.replace("%s", "0"), read=dialect)
            assert tree.sql(dialect=dialect) == told.replace("%s", "0")


@pytest.mark.parametrize(
    ("sql", "dialect", "told"),
    [
        (
            'SELECT id FROM "DB"."T" WHERE id IN (%s, %s)',
            "snowflake",
            'SELECT "ID" FROM "DB"."T" WHERE "ID" IN (%s, %s)',
        ),
        (
            'SELECT "k" FROM "p-1"."s"."c" EXCEPT SELECT "id" FROM "p-1"."s"."t"',
            "bigquery",
            "SELECT `k` FROM `p-1`.`s`.`c` EXCEPT DISTINCT SELECT `id` FROM `p-1`.`s`.`t`",
        ),
        ('DELETE FROM "s"."t" WHERE TRUE', "tsql", "DELETE FROM [s].[t] WHERE (1 = 1)"),
        (
            "SELECT 1 FROM t AS r WHERE r.gone IS NULL OR NOT r.gone",
            "tsql",
            "SELECT 1 FROM [t] AS [r] WHERE [r].[gone] IS NULL OR NOT [r].[gone] <> 0",
        ),
        ("INSERT INTO t (a, b) VALUES (%s, %s)", "clickhouse", 'INSERT INTO "t" ("a", "b") SELECT %s, %s'),
        (
            "UPDATE t SET a = %s, h = NULL WHERE id IN (%s)",
            "clickhouse",
            'ALTER TABLE "t" UPDATE "a" = %s, "h" = NULL WHERE "id" IN (%s) SETTINGS mutations_sync = 2',
        ),
        (
            "COMMENT ON TABLE t IS 'It''s \\ 100 % %s ?'",
            "snowflake",
            r"""COMMENT ON TABLE "T" IS 'It\'s \\ 100 % %s ?'""",
        ),
        ("COMMENT ON COLUMN t.c IS 'x'", "redshift", """COMMENT ON COLUMN "t"."c" IS 'x'"""),
    ],
)
def test_the_words_of_a_dialect(sql: str, dialect: str, told: str) -> None:
    assert translated(sql, dialect, str.upper if dialect == "snowflake" else str) == told


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Type.BOOLEAN, 0, False),
        (Type.NUMBER, 2, 2.0),
        (Type.TIMESTAMP, AT.replace(tzinfo=None), "2026-06-01 12:00:00"),
        (Type.TIMESTAMP, "2026-06-01T14:00:00.500000+02:00", "2026-06-01 12:00:00.5"),
        (Type.LOCAL_TIMESTAMP, AT, "2026-06-01 12:00:00"),
        (Type.DATE, AT.date(), "2026-06-01"),
        (Type.TEXT, None, None),
    ],
)
def test_what_drivers_give_becomes_one_form(kind: Type, value: Any, text: Any) -> None:
    assert cell(kind, value) == text
    assert type(cell(kind, value)) is type(text)
