"""Views on top of staging, on each kind of database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from include.local.home import ROOT
from include.local.postgres import Postgres, local_postgres
from tests.staging.databases import Database, DuckDB, PostgresDatabase, prepare
from wrike_provider.entities import entity
from wrike_provider.staging.destination import Destination, StagingConnection, destination
from wrike_provider.staging.fields import NAME_BYTES, column_name
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.views import Refreshed, Views
from wrike_provider.staging.writer import EntityWriter

SCHEMA = "wrike_team"
FILES = ROOT / "include" / "sql"
Record = dict[str, Any]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with local_postgres() as server:
        yield server


@pytest.fixture(params=["duckdb", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "duckdb":
        return DuckDB(tmp_path / "staging.duckdb")
    return PostgresDatabase.make(request.getfixturevalue("postgres"))


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Destination:
    said = database.as_connection()
    said["type"] = said.pop("conn_type")
    return destination(StagingConnection(**said), tmp_path)


@pytest.fixture
def stage(place: Destination) -> Callable[..., None]:
    """Write records of an entity, whose tables are made when missing."""

    def write(name: str, *records: Record) -> None:
        store = EntityStore(place, SCHEMA, entity(name))
        prepare(store)
        writer = EntityWriter(store, entity(name))
        writer.add(records)
        writer.flush()

    return write


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "sql"
    shutil.copytree(FILES, folder)
    return folder


@pytest.fixture
def views(place: Destination, files: Path) -> Views:
    return Views(place, SCHEMA, files)


def field(key: str, title: str, kind: str, **settings: Any) -> Record:
    return {"id": key, "title": title, "type": kind, "settings": settings}


def ask(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.open(SCHEMA) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def columns(database: Database, view: str) -> list[str]:
    return [
        name
        for (name,) in ask(
            database,
            "SELECT column_name FROM information_schema.columns "  # noqa: S608
            f"WHERE table_schema = '{SCHEMA}' AND table_name = '{view}' ORDER BY ordinal_position",
        )
    ]


def made(refreshed: Refreshed) -> dict[str, str]:
    assert refreshed.problems == {}
    return refreshed.made


WITHOUT = dict.fromkeys(("number_value", "date_value", "timestamp_value", "boolean_value", "duration_minutes"))


TYPED: list[tuple[str, dict[str, dict[str, Any]]]] = [
    ("Numeric", {"-2.75": {"number_value": -2.75}, "+7": {"number_value": 7}, "": {}, "1,5": {}, "nan": {}, "1e9": {}}),
    ("Currency", {"5000": {"number_value": 5000}, "9" * 39: {}, "١": {}}),
    ("Percentage", {"12.5": {"number_value": 12.5}, "12.": {}, " 1": {}}),
    ("CalculatedNumeric", {"0": {"number_value": 0}}),
    (
        "Date",
        {
            "2026-05-01": {"date_value": date(2026, 5, 1), "timestamp_value": datetime(2026, 5, 1)},  # noqa: DTZ001
            "2024-02-29": {"date_value": date(2024, 2, 29), "timestamp_value": datetime(2024, 2, 29)},  # noqa: DTZ001
            "2000-02-29": {"date_value": date(2000, 2, 29), "timestamp_value": datetime(2000, 2, 29)},  # noqa: DTZ001
            "2026-02-29": {},
            "1900-02-29": {},
            "2026-04-31": {},
            "0000-01-01": {},
            "01.05.2026": {},
            "2026-05-01T09:30": {
                "date_value": date(2026, 5, 1),
                "timestamp_value": datetime(2026, 5, 1, 9, 30),  # noqa: DTZ001
            },
            "2026-05-01T09:30:15Z": {
                "date_value": date(2026, 5, 1),
                "timestamp_value": datetime(2026, 5, 1, 9, 30, 15),  # noqa: DTZ001
            },
            "2026-05-01T24:00:00": {"date_value": date(2026, 5, 1)},
            "": {},
        },
    ),
    ("Checkbox", {"true": {"boolean_value": True}, "False": {"boolean_value": False}, "yes": {}, "": {}}),
    (
        "Duration",
        {"02:25": {"duration_minutes": 145}, "120": {"duration_minutes": 120}, "1:75": {}, "1:2:3": {}, "": {}},
    ),
    ("Text", {"5": {}, "2026-05-01": {}, "true": {}, "1:30": {}}),
    ("LinkToDatabase", {'{"recordIds":["r1"]}': {}}),
    ("Made up later", {"x": {}}),
]
"""By type of the field: of each value the columns that are filled."""
SEVERAL = [
    ("Contacts", "U1", ["U1"], "Ada Birch"),
    ("Contacts", "U1,U2", ["U1", "U2"], "Ada Birch, Lee"),
    ("Contacts", " U2 , U1 ", ["U2", "U1"], "Lee, Ada Birch"),
    ("Contacts", '["U2","U9"]', ["U2", "U9"], "Lee, U9"),
    ("Contacts", "[U1, U2]", ["U1", "U2"], "Ada Birch, Lee"),
    ("Contacts", "", [], None),
    ("Contacts", "[]", [], None),
    ("Multiple", '["a","b, c"]', ["a", "b, c"], "a, b, c"),
    ("Multiple", r'[ "say \"hi\"" , "\u00e4\\" ]', ['say "hi"', "ä\\"], 'say "hi", ä\\'),
    ("Multiple", r'["\u0000"]', [r"\u0000"], r"\u0000"),
    ("Multiple", r'["\ud83d"]', [r"\ud83d"], r"\ud83d"),
    ("Multiple", '["open', ["open"], "open"),
    ("Multiple", "a,d", ["a", "d"], "a, d"),
    ("Multiple", "one", ["one"], "one"),
]
"""Type of the field, value, its elements, and the text that people read."""


def test_values_are_typed(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("contacts")
    stage("custom_fields", *(field(kind, f"Field {kind}", kind) for kind, _ in TYPED))
    cases = [(kind, value, expected) for kind, values in TYPED for value, expected in values.items()]
    stage(
        "tasks",
        *(
            {"id": f"T{at}", "customFields": [{"id": kind, "value": value}]}
            for at, (kind, value, _) in enumerate(cases)
        ),
    )
    made(views.refresh({}))
    found = ask(
        database,
        f"SELECT type, value, text_value, {', '.join(WITHOUT)} FROM custom_field_values WHERE entity = 'tasks'",  # noqa: S608
    )
    assert {row[:2]: dict(zip(WITHOUT, row[3:], strict=True)) for row in found} == {
        (kind, value): {**WITHOUT, **expected} for kind, value, expected in cases
    }
    assert all(value == text for _, value, text, *_ in found)


def test_several_values_are_rows(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("contacts", {"id": "U1", "firstName": "Ada", "lastName": "Birch"}, {"id": "U2", "firstName": "Lee"})
    stage("custom_fields", field("Contacts", "Who", "Contacts"), field("Multiple", "What", "Multiple"))
    stage(
        "folders",
        *(
            {"id": f"D{at:02}", "customFields": [{"id": kind, "value": value}]}
            for at, (kind, value, _, _) in enumerate(SEVERAL)
        ),
    )
    made(views.refresh({}))
    elements = ask(database, "SELECT record_id, element FROM custom_field_elements ORDER BY record_id, position")
    texts = dict(ask(database, "SELECT record_id, text_value FROM custom_field_values"))
    assert [
        (kind, value, [element for record, element in elements if record == f"D{at:02}"], texts[f"D{at:02}"])
        for at, (kind, value, _, _) in enumerate(SEVERAL)
    ] == SEVERAL


def test_wide_views_have_a_typed_column_for_each_field(
    stage: Callable[..., None], views: Views, database: Database
) -> None:
    stage("contacts", {"id": "U1", "firstName": "Ada", "lastName": "Birch"})
    stage(
        "custom_fields",
        field("F1", "Budget (EUR)", "Currency"),
        field("F2", "Budget – EUR", "Numeric"),
        field("F3", "Status", "DropDown"),
        field("F4", "Fällig am", "Date"),
        field("F5", "Signed?", "Checkbox"),
        field("F6", "Owner's", "Contacts"),
        field("F7", "😀", "Text"),
        field("F8", "2nd date", "Date", allowTime=True),
        field("F9", "Spent", "Duration"),
    )
    values = [
        ("F1", "12.50"),
        ("F2", "3"),
        ("F3", "Medium"),
        ("F4", "2026-05-01"),
        ("F5", "true"),
        ("F6", "U1"),
        ("F7", "'; --"),
        ("F8", "2026-05-01T09:30:00"),
        ("F9", "1:30"),
    ]
    custom = [{"id": key, "value": value} for key, value in values]
    stage(
        "tasks", {"id": "T1", "title": "One", "status": "Active", "customFields": custom}, {"id": "T2", "title": "Two"}
    )
    stage(
        "folders",
        {"id": "D1", "title": "Plain", "scope": "WsFolder"},
        {"id": "D2", "title": "Project", "project": {"status": "Green"}, "customFields": custom[:1]},
        {"id": "D0", "title": "Root", "scope": "WsRoot"},
    )
    made(views.refresh({}))
    names = ["budget_eur", "budget_eur_2", "status_2", "fällig_am", "signed", "owner_s", "field", "_2nd_date", "spent"]
    assert columns(database, "tasks_wide")[-9:] == names
    listed = ", ".join(names)
    assert ask(database, f"SELECT id, title, status, {listed} FROM tasks_wide ORDER BY id") == [  # noqa: S608
        (
            *("T1", "One", "Active", 12.5, 3, "Medium", date(2026, 5, 1), True, "Ada Birch", "'; --"),
            *(datetime(2026, 5, 1, 9, 30), 90),  # noqa: DTZ001
        ),
        ("T2", "Two", *[None] * 10),
    ]
    assert ask(database, "SELECT id, budget_eur FROM folders_wide ORDER BY id") == [("D1", None), ("D2", 12.5)]
    assert ask(database, "SELECT id, budget_eur FROM projects_wide") == [("D2", 12.5)]


def test_a_column_keeps_its_first_name_and_place(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("contacts")
    stage("tasks", {"id": "T", "customFields": [{"id": "F5", "value": "5"}, {"id": "F1", "value": "1"}]})
    stage("custom_fields", field("F5", "Budget", "Currency"))
    first = made(views.refresh({}))
    stage("custom_fields", field("F5", "Costs", "Currency"), field("F1", "Budget", "Text"))
    second = views.refresh(first)
    assert second.problems == {}
    assert second.changed == ["tasks_wide"]
    assert columns(database, "tasks_wide")[-2:] == ["budget", "budget_2"]
    assert ask(database, "SELECT budget, budget_2 FROM tasks_wide") == [(5, "1")]
    stage("custom_fields", field("F5", "Costs", "Text"))
    third = views.refresh(second.made)
    assert third.problems == {}
    assert ask(database, "SELECT budget, budget_2 FROM tasks_wide") == [("5", "1")]
    assert views.refresh(third.made) == Refreshed(third.made)


def test_records_that_are_gone_are_left_out(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("contacts")
    stage("custom_fields")
    stage("workflows")
    stage("tasks", {"id": "T1", "scope": "WsTask"}, {"id": "T2", "scope": "RbTask"})
    made(views.refresh({}))
    assert ask(database, "SELECT id FROM tasks_wide") == [("T1",)]
    assert ask(database, "SELECT task_id FROM task_statuses") == [("T1",)]


def test_paths_and_projects(stage: Callable[..., None], views: Views, database: Database) -> None:
    def folder(key: str, *parents: str, project: bool = False) -> Record:
        more: Record = {"project": {}} if project else {}
        return {"id": key, "title": key.lower(), "scope": "WsFolder", "parentIds": list(parents), **more}

    stage(
        "folders",
        {"id": "ROOT", "title": "Root", "scope": "WsRoot"},
        folder("S", "ROOT"),
        folder("P", "S", project=True),
        folder("A", "P", "S"),
        folder("Q", "A", project=True),
        folder("B", "Q"),
        folder("X", "Y"),
        folder("Y", "X", "S"),
        {**folder("GONE", "P"), "scope": "RbFolder"},
    )
    stage(
        "tasks",
        {"id": "T1", "parentIds": ["A"]},
        {"id": "T2", "parentIds": ["ROOT"], "superParentIds": ["B", "P"], "superTaskIds": ["T1"]},
        {"id": "T3", "parentIds": ["S"]},
        {"id": "T4", "parentIds": ["GONE"]},
    )
    made(views.refresh({}))
    assert ask(database, "SELECT folder_id, path, depth FROM folder_paths ORDER BY folder_id, path") == [
        ("A", "s / a", 2),
        ("A", "s / p / a", 3),
        ("B", "s / a / q / b", 4),
        ("B", "s / p / a / q / b", 5),
        ("P", "s / p", 2),
        ("Q", "s / a / q", 3),
        ("Q", "s / p / a / q", 4),
        ("S", "s", 1),
        ("X", "s / y / x", 3),
        ("Y", "s / y", 2),
    ]
    assert ask(database, "SELECT task_id, project_id, project FROM task_projects ORDER BY 1, 2") == [
        ("T1", "P", "p"),
        ("T2", "P", "p"),
        ("T2", "Q", "q"),
    ]


def test_a_custom_field_may_be_titled_like_anything_inside_a_wide_view(
    stage: Callable[..., None], views: Views, database: Database
) -> None:
    titles = ["Record ID", "_record", "Custom field ID", "Entity", "Text value", "v", "r"]
    stage("custom_fields", *(field(f"F{number}", title, "Text") for number, title in enumerate(titles)))
    values = [{"id": f"F{number}", "value": title} for number, title in enumerate(titles)]
    stage("contacts")
    stage("tasks", {"id": "T1", "customFields": values}, {"id": "T2"})
    made(views.refresh({}))
    names = ", ".join(columns(database, "tasks_wide")[-len(titles) :])
    assert names == "record_id, record, custom_field_id, entity, text_value, v, r"
    assert ask(database, f"SELECT {names} FROM tasks_wide ORDER BY id") == [tuple(titles), (None,) * len(titles)]  # noqa: S608


def test_names_instead_of_ids(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("account", {"id": "A1"})
    person = {"type": "Person", "firstName": "Ada", "lastName": "Birch", "primaryEmail": "ada@example.test"}
    profile = {"email": "ada@example.test", "role": "User", "external": False, "admin": True, "owner": False}
    stage(
        "contacts",
        {"id": "U1", **person, "profiles": [{"accountId": "A1", **profile}, {"accountId": "A2", **profile}]},
        {"id": "U2", "type": "Person", "firstName": "Lee", "deleted": True},
        {"id": "U3", "type": "Group", "firstName": "All"},
    )
    stage("workflows", {"id": "W", "name": "Design", "customStatuses": [{"id": "S", "name": "Doing", "color": "Blue"}]})
    stage(
        "tasks",
        {"id": "T1", "title": "One", "status": "Active", "customStatusId": "S", "responsibleIds": ["U1", "U2", "U9"]},
        {"id": "T2", "title": "Two", "status": "Completed"},
    )
    first = made(views.refresh({}))
    assert ask(database, "SELECT task_id, status, workflow FROM task_statuses ORDER BY 1") == [
        ("T1", "Doing", "Design"),
        ("T2", "Completed", None),
    ]
    assert ask(database, "SELECT task_id, assignee, removed FROM task_assignees ORDER BY contact_id") == [
        ("T1", "Ada Birch", False),
        ("T1", "Lee", True),
        # Whoever that is.
        ("T1", None, None),
    ]
    people = "SELECT contact_id, seat, user_type, administrator, active, removed, last_seen FROM licences ORDER BY 1"
    assert ask(database, people) == [
        ("U1", "regular", None, True, True, False, None),
        ("U2", "regular", None, False, True, True, None),
    ]
    stage("users", {"id": "U1", "userTypeId": "R"})
    stage("user_types", {"id": "R", "title": "Regular User"})
    # Approved, or mended, by somebody else later.
    work = {"createdDate": "2026-03-01T10:00:00Z", "updatedDate": "2026-05-01T10:00:00Z"}
    stage("timelogs", {"id": "L1", "userId": "U1", **work})
    stage(
        "audit_log",
        {"id": "E1", "userId": "U2", "operation": "UserLoggedIn", "eventDate": "2026-01-02T10:00:00Z"},
        {"id": "E2", "userId": "U2", "operation": "UserFailLogin", "eventDate": "2026-04-02T10:00:00Z"},
    )
    stage("comments", {"id": "C1", "authorId": "U1", "createdDate": "2026-03-02T10:00:00Z"})
    assert views.refresh(first).changed == ["licences"]
    seen = ask(
        database, "SELECT user_type, CAST(last_seen AT TIME ZONE 'UTC' AS VARCHAR) FROM licences ORDER BY contact_id"
    )
    assert seen == [("Regular User", "2026-03-02 10:00:00"), (None, "2026-01-02 10:00:00")]


def test_what_is_missing_is_made_and_what_is_there_is_left_alone(
    stage: Callable[..., None], views: Views, database: Database
) -> None:
    stage("contacts")
    stage("tasks")
    first = views.refresh({})
    # The others need folders, custom fields or workflows, which the team does not take.
    assert first.changed == ["licences", "task_assignees", "tasks_wide"]
    stage("workflows")
    second = views.refresh(first.made)
    assert second.changed == ["task_statuses"]
    with database.open(SCHEMA) as connection:
        connection.execute("DROP VIEW task_assignees")
    assert views.refresh(second.made).changed == ["task_assignees"]


def test_a_wrong_file_spoils_no_other_view(
    stage: Callable[..., None], views: Views, files: Path, database: Database
) -> None:
    stage("contacts", {"id": "U1", "firstName": "100 %", "lastName": "'x'"})
    stage("tasks", {"id": "T1", "responsibleIds": ["U1"]})
    (files / "a_mistake.sql").write_text("-- Wrong.\nSELECT nothing FROM {{ relation('tasks') }}")
    (files / "b_mistake.sql").write_text("-- Wrong.\nSELECT * FROM {{ relation('tasks' }}")
    (files / "mine.sql").write_text("-- Mine: 50 % 'of' it.\nSELECT id FROM {{ relation('tasks') }} WHERE id LIKE 'T%'")
    found = views.refresh({})
    assert found.problems.keys() == {"a_mistake", "b_mistake"}
    assert str(files / "a_mistake.sql") in found.problems["a_mistake"]
    assert "nothing" in found.problems["a_mistake"]
    assert found.changed == ["licences", "mine", "task_assignees", "tasks_wide"]
    assert ask(database, "SELECT id FROM mine") == [("T1",)]
    assert ask(database, "SELECT assignee FROM task_assignees") == [("100 % 'x'",)]
    (files / "a_mistake.sql").write_text("-- Right.\nSELECT id FROM {{ relation('mine') }}")
    (files / "b_mistake.sql").unlink()
    again = views.refresh(found.made)
    assert (again.changed, again.problems) == (["a_mistake"], {})


def test_a_view_of_somebody_else_stays(
    stage: Callable[..., None], views: Views, postgres: Postgres, database: Database
) -> None:
    if isinstance(database, DuckDB):
        # It does not know what a view depends on.
        return
    stage("contacts")
    stage("tasks", {"id": "T1", "customFields": [{"id": "F", "value": "5"}]})
    stage("custom_fields", field("F", "Budget", "Currency"))
    first = made(views.refresh({}))
    with database.open(SCHEMA) as connection:
        connection.execute("CREATE VIEW report AS SELECT id, budget FROM tasks_wide")
    stage("custom_fields", field("F", "Budget", "Text"))
    found = views.refresh(first)
    assert found.problems.keys() == {"tasks_wide"}
    assert "report" in found.problems["tasks_wide"]
    assert ask(database, "SELECT id, budget FROM report") == [("T1", None)]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Budget (EUR)", "budget_eur"),
        ("  Über-Größe ", "über_grösse"),
        ("数据", "数据"),
        ("2026", "_2026"),
        ("???", "field"),
        ("", "field"),
        ("ＡＢ①", "ab1"),
        ("x" * 200, "x" * NAME_BYTES),
        ("数" * 100, "数" * (NAME_BYTES // 3)),
    ],
)
def test_columns_are_named_after_titles(title: str, name: str) -> None:
    assert column_name(title) == name
