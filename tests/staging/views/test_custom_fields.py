"""What the views make of custom fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from tests.staging.databases import Database
from tests.staging.views.conftest import ask, columns, field, made
from wrike_provider.staging.fields import NAME_BYTES, column_name
from wrike_provider.staging.views import Refreshed, Views

WITHOUT = dict.fromkeys(("number_value", "date_value", "timestamp_value", "boolean_value", "duration_minutes"))


TYPED: list[tuple[str, dict[str, dict[str, Any]]]] = [
    (
        "Numeric",
        {
            "-2.75": {"number_value": -2.75},
            "+7": {"number_value": 7},
            "": {},
            "1,5": {},
            "nan": {},
            "1e": {},
            "1e999": {},
        },
    ),
    ("Currency", {"5000": {"number_value": 5000}, "9" * 39: {}, "١": {}}),
    ("Percentage", {"12.5": {"number_value": 12.5}, "12.": {}, " 1": {}}),
    (
        "CalculatedNumeric",
        {
            "0": {"number_value": 0},
            "1.2E7": {"number_value": 1.2e7},
            "-2.5e-3": {"number_value": -0.0025},
            f"0.{'0' * 60}1": {"number_value": 1e-61},
            f"{'9' * 38}e99": {"number_value": float(f"{'9' * 38}e99")},
        },
    ),
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
    ("Multiple", "Laptop [new]", ["Laptop [new]"], "Laptop [new]"),
    ("Multiple", '["R &amp; D","a &lt; b","&amp;lt;"]', ["R & D", "a < b", "&lt;"], "R & D, a < b, &lt;"),
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


def test_labels_are_told_as_people_write_them(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("contacts")
    stage("custom_fields", field("D", "Department", "DropDown"), field("T", "Note", "Text"))
    values = [{"id": "D", "value": "R &amp; D, &#39;A&#39; &quot;B&quot;"}, {"id": "T", "value": "R &amp; D"}]
    stage("tasks", {"id": "T1", "customFields": values})
    made(views.refresh({}))
    assert ask(database, "SELECT department, note FROM tasks_wide") == [("R & D, 'A' \"B\"", "R &amp; D")]


def test_values_of_records_that_are_gone_are_left_out(
    stage: Callable[..., None], views: Views, database: Database
) -> None:
    stage("contacts")
    stage("custom_fields", field("B", "Budget", "Currency"), field("M", "What", "Multiple"))
    values = [{"id": "B", "value": "5"}, {"id": "M", "value": "a"}]
    stage(
        "tasks",
        {"id": "T1", "scope": "WsTask", "customFields": values},
        {"id": "T2", "scope": "RbTask", "customFields": values},
    )
    made(views.refresh({}))
    assert ask(database, "SELECT DISTINCT record_id FROM custom_field_values") == [("T1",)]
    assert ask(database, "SELECT DISTINCT record_id FROM custom_field_elements") == [("T1",)]


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
