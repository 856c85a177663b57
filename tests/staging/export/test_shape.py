"""Names, types and comments of the data export's tables."""

from __future__ import annotations

from typing import Any

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention
from hypothesis import given, settings
from hypothesis import strategies as st

from wrike_provider.entities import Type
from wrike_provider.staging.export.shape import DescribedColumn, DescribedTable, described, safe_names, shape
from wrike_provider.staging.fields import NAME_BYTES


def column(id_: str, kind: str = "String", **more: Any) -> dict[str, Any]:
    return {"id": id_, "dataType": kind, **more}


def types(*columns: dict[str, Any], id_: str = "t", more: tuple[Any, ...] = ()) -> dict[str, Type]:
    found = described([{"id": id_, "columns": list(columns)}, *more])[id_]
    return {one.id: one.type for one in found.columns}


def test_types() -> None:
    foreign = {"tableId": "user", "columnId": "number"}
    refers = {"id": "other", "columns": [column("x", foreignKey={"tableId": "t", "columnId": "referred"})]}
    assert types(
        column("text"),
        column("hours", "Number"),
        column("task_id", "Number"),
        column("owner", "Number", foreignKey=foreign),
        column("referred", "Number"),
        column("day", "Date"),
        column("done", "Boolean"),
        column("new", "Money"),
        column("text_id"),
        more=(refers,),
    ) == {
        "text": Type.TEXT,
        "hours": Type.NUMBER,
        "task_id": Type.INTEGER,
        "owner": Type.INTEGER,
        "referred": Type.INTEGER,
        "day": Type.LOCAL_TIMESTAMP,
        "done": Type.BOOLEAN,
        "new": Type.TEXT,
        "text_id": Type.TEXT,
    }


@pytest.mark.parametrize(
    "record",
    [{}, {"id": ""}, "text", None, {"id": None, "columns": []}],
)
def test_what_is_no_table_is_left_out(record: Any) -> None:
    assert described([record]) == {}


def test_what_is_no_column_is_left_out() -> None:
    for columns in (None, "text", [None, {}, {"id": ""}, "x"]):
        assert described([{"id": "t", "columns": columns}]) == {"t": DescribedTable()}
    twice = described([{"id": "t", "columns": [column("a", "Number"), column("a")]}])
    assert [one.type for one in twice["t"].columns] == [Type.NUMBER]


def test_comments_have_aliases_and_foreign_keys() -> None:
    schema = [
        {
            "id": "timelog",
            "alias": "Time entries",
            "columns": [
                column("user_id", "Number", alias="Who", foreignKey={"tableId": "user", "columnId": "user_id"}),
                column("hours", "Number"),
            ],
        }
    ]
    table = shape("timelog", "timelog", described(schema)["timelog"], ["user_id", "hours"], None).table
    assert table.description == "Time entries. Wrike's data export: timelog"
    assert [one.comment for one in table.columns[:-1]] == ["Who. One of user.user_id. Wrike: user_id", "Wrike: hours"]
    assert shape("x", "x", None, ["a"], None).table.description == "Wrike's data export: x"


KNOWN = DescribedTable("", tuple(DescribedColumn(id_, Type.INTEGER, "") for id_ in ("a", "b", "c")))


def test_the_file_decides_where_values_are() -> None:
    laid_out = shape("t", "t", KNOWN, ["c", "new", "a", "Two Words"], None)
    assert [(one.name, one.type) for one in laid_out.table.columns] == [
        ("a", Type.INTEGER),
        ("b", Type.INTEGER),
        ("c", Type.INTEGER),
        ("new", Type.TEXT),
        ("two_words", Type.TEXT),
        ("_extra", Type.JSON),
    ]
    assert laid_out.places == (2, None, 0, 1, 3)
    assert laid_out.undescribed == ("new", "Two Words")


def test_a_column_that_comes_twice_is_kept_twice() -> None:
    laid_out = shape("t", "t", KNOWN, ["a", "x", "a", "x", ""], None)
    names = [one.name for one in laid_out.table.columns]
    assert names == ["a", "b", "c", "x", "a_2", "x_2", "column", "_extra"]
    assert laid_out.places == (0, None, None, 1, 2, 3, 4)


def test_what_finds_no_room_goes_aside() -> None:
    laid_out = shape("t", "t", KNOWN, ["a", "b", "c", "d", "e"], 4)
    assert [one.name for one in laid_out.table.columns] == ["a", "b", "c", "_extra"]
    assert laid_out.aside == {"d": 3, "e": 4}
    assert shape("t", "t", KNOWN, ["a", "b", "c"], 4).aside == {}


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["user", "audit_log"], ["user", "audit_log"]),
        (["User Name", "user_name"], ["user_name_2", "user_name"]),
        (["user_name", "User Name"], ["user_name", "user_name_2"]),
        (["a", "A", "ä"], ["a", "a_2", "a_3"]),
        (["a_2", "a", "a!"], ["a_2", "a", "a_3"]),
        (["userId", "2nd", "__x__", "a__b"], ["user_id", "_2nd", "x", "a_b"]),
        (["", "!", "日本"], ["table", "table_2", "table_3"]),
        (["x" * 100, "x" * 101], ["x" * NAME_BYTES, "x" * NAME_BYTES + "_2"]),
        (["_extra", "select", 'q"; DROP TABLE x'], ["extra", "select", "q_drop_table_x"]),
    ],
)
def test_names(labels: list[str], names: list[str]) -> None:
    assert safe_names(labels, "table") == names


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=80), max_size=8))
def test_any_names_are_taken_as_they_are(labels: list[str]) -> None:
    names = safe_names(labels, "table")
    assert len(set(names)) == len(labels)
    naming = NamingConvention(max_length=63)
    assert [naming.normalize_table_identifier(name) for name in names] == names
    assert not [name for name in names if name.startswith(("_dlt", "_extra"))]
    by_label = dict(zip(labels[::-1], safe_names(labels[::-1], "table"), strict=True))
    if len(by_label) == len(labels):
        assert by_label == dict(zip(labels, names, strict=True))
