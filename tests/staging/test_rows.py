"""Records to rows; nothing that Wrike sends is lost."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.staging.strategies import ANY_JSON, records
from wrike_provider.entities import CATALOGUE, Child, Column, Entity, Type
from wrike_provider.entities.model import Area, ids, values
from wrike_provider.staging.errors import BadRecordError
from wrike_provider.staging.rows import Row, RowBuilder
from wrike_provider.staging.tables import HASH, tables

THINGS = Entity(
    name="things",
    singular="thing",
    description="Things.",
    area=Area.WORK,
    path="/things",
    columns=(
        Column("id"),
        Column("title"),
        Column("size", Type.INTEGER),
        Column("project", name="is_project", presence=True),
        Column("project.authorId"),
        Column("project.startDate", Type.DATE),
        Column("dates.due", Type.LOCAL_TIMESTAMP),
        Column("sharing", Type.JSON),
    ),
    children=(
        ids("memberIds", "Members."),
        ids("project.ownerIds", "Owners."),
        values("days", "day", "Days."),
        Child("values", (Column("id", name="value_id"), Column("value.of")), key=("value_id",)),
        Child("steps", (Column("name"), Column("hours", Type.NUMBER))),
    ),
)
MEMBERS, OWNERS, DAYS, VALUES, STEPS = range(5)


class Built(NamedTuple):
    row: Row
    children: list[tuple[Row, ...]]
    digest: str
    unknown: list[tuple[str, str]]


def built(declared: Entity, record: dict[str, Any]) -> Built:
    rows = RowBuilder(declared).build([record])
    (((*row, digest),), *children) = rows.by_record()[rows.keys[0]]
    assert rows.digests == [digest]
    return Built(tuple(row), children, digest, rows.unknown)


def build(record: dict[str, Any]) -> Built:
    return built(THINGS, {"id": "A", **record})


def row(record: dict[str, Any]) -> dict[str, Any]:
    """The row of a record, by column; `_extra` read, empty columns left out."""
    names = [*(column.name for column in THINGS.columns), "_extra"]
    found = dict(zip(names, build(record).row, strict=True))
    assert found.pop("id") == "A"
    if found["_extra"] is not None:
        found["_extra"] = json.loads(found["_extra"])
    return {name: value for name, value in found.items() if value not in (None, False)}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, {}),
        ({"title": "x", "size": 5}, {"title": "x", "size": 5}),
        ({"title": ""}, {"title": ""}),
        ({"title": None}, {}),
        ({"dates": {"due": None}}, {}),
        ({"dates": None}, {}),
        ({"new": 1, "other": None}, {"_extra": {"new": 1, "other": None}}),
        ({"title": "x", "new": {"a": [1]}}, {"title": "x", "_extra": {"new": {"a": [1]}}}),
        ({"dates": {"new": 1}}, {"_extra": {"dates": {"new": 1}}}),
        (
            {"project": {"authorId": "U", "new": {"deep": 1}}},
            {"is_project": True, "project_author_id": "U", "_extra": {"project": {"new": {"deep": 1}}}},
        ),
        ({"size": "many"}, {"_extra": {"size": "many"}}),
        ({"title": ["x"]}, {"_extra": {"title": ["x"]}}),
        ({"title": {"x": 1}}, {"_extra": {"title": {"x": 1}}}),
        ({"dates": {"due": "2026-01-01T00:00:00Z"}}, {"_extra": {"dates": {"due": "2026-01-01T00:00:00Z"}}}),
        ({"dates": "soon"}, {"_extra": {"dates": "soon"}}),
        ({"dates": ["soon"]}, {"_extra": {"dates": ["soon"]}}),
        ({"dates.due": "x"}, {"_extra": {"dates.due": "x"}}),
        ({"sharing": {"b": 1, "a": None}}, {"sharing": '{"a":null,"b":1}'}),
        ({"project": {}}, {"is_project": True}),
        ({"project": {"ownerIds": []}}, {"is_project": True}),
        ({"project": {"ownerIds": ["U"]}}, {"is_project": True}),
        ({"project": "text"}, {"is_project": True, "_extra": {"project": "text"}}),
        ({"project": None}, {}),
        ({"size": 10**30}, {"_extra": {"size": 10**30}}),
        ({"size": 5.0}, {"size": 5}),
        ({"size": 1.5}, {"_extra": {"size": 1.5}}),
        ({"title": 10**30}, {"title": str(10**30)}),
    ],
)
def test_a_record_becomes_a_row(record: dict[str, Any], expected: dict[str, Any]) -> None:
    assert row(record) == expected


def test_values_have_their_types() -> None:
    made = row({"project": {"startDate": "2026-06-01"}, "dates": {"due": "2026-06-01T17:00:00"}})
    assert made["project_start_date"] == date(2026, 6, 1)
    assert made["dates_due"] == datetime(2026, 6, 1, 17)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("record", "child", "expected", "extra"),
    [
        ({"memberIds": ["b", "a"]}, MEMBERS, [("A", "b"), ("A", "a")], None),
        ({"memberIds": ["a", "b", "a"]}, MEMBERS, [("A", "a"), ("A", "b")], None),
        ({"memberIds": []}, MEMBERS, [], None),
        ({"memberIds": "a"}, MEMBERS, [], {"memberIds": "a"}),
        ({"memberIds": None}, MEMBERS, [], None),
        ({"memberIds": {"a": 1}}, MEMBERS, [], {"memberIds": {"a": 1}}),
        ({"memberIds": ["a", {"x": 1}, None, ["b"]]}, MEMBERS, [("A", "a")], {"memberIds": [{"x": 1}, None, ["b"]]}),
        ({"memberIds": [5]}, MEMBERS, [("A", "5")], None),
        ({"project": {"ownerIds": ["u"]}}, OWNERS, [("A", "u")], None),
        ({"project": {"ownerIds": "u"}}, OWNERS, [], {"project": {"ownerIds": "u"}}),
        ({"days": ["Tue", "Mon", "Tue"]}, DAYS, [("A", 0, "Tue"), ("A", 1, "Mon"), ("A", 2, "Tue")], None),
        ({"days": ["Tue", None, "Mon"]}, DAYS, [("A", 0, "Tue"), ("A", 2, "Mon")], {"days": [None]}),
        (
            {"values": [{"id": "v", "value": {"of": "x"}}, {"id": "u"}]},
            VALUES,
            [("A", "v", "x", None), ("A", "u", None, None)],
            None,
        ),
        ({"values": [{"id": "v"}, {"id": "v"}]}, VALUES, [("A", "v", None, None)], None),
        (
            {"values": [{"id": "v", "value": {"of": [1], "new": 2}, "more": 3}]},
            VALUES,
            [("A", "v", None, '{"more":3,"value":{"new":2,"of":[1]}}')],
            None,
        ),
        ({"values": [{}, "odd"]}, VALUES, [("A", None, None, None)], {"values": ["odd"]}),
        (
            {"steps": [{"name": "b", "hours": 1}, {"name": "a", "hours": "1.5"}, {"name": "b", "hours": 1}]},
            STEPS,
            [("A", 0, "b", 1.0, None), ("A", 1, "a", 1.5, None), ("A", 2, "b", 1.0, None)],
            None,
        ),
        ({"steps": [{"hours": "long"}]}, STEPS, [("A", 0, None, None, '{"hours":"long"}')], None),
    ],
)
def test_arrays_become_child_rows(
    record: dict[str, Any], child: int, expected: list[Row], extra: dict[str, Any] | None
) -> None:
    made = build(record)
    assert list(made.children[child]) == expected
    assert row(record).get("_extra") == extra
    assert not [rows for index, rows in enumerate(made.children) if rows and index != child]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, []),
        ({"title": "x", "memberIds": ["m"], "project": {"authorId": "U", "ownerIds": []}, "steps": [{}]}, []),
        ({"new": None}, [("new", "null")]),
        ({"new": True}, [("new", "boolean")]),
        ({"new": 1, "other": 1.5}, [("new", "integer"), ("other", "number")]),
        ({"new": "x", "other": [1]}, [("new", "string"), ("other", "array")]),
        ({"new": {"inside": {"deep": 1}}}, [("new", "object")]),
        ({"new": {}}, [("new", "object")]),
        ({"project": {"new": {"deep": 1}, "authorId": "U"}}, [("project.new", "object")]),
        ({"dates": {"new": 1}}, [("dates.new", "integer")]),
        ({"dates": None}, []),
        ({"project": "text"}, [("project", "string")]),
        ({"sharing": {"anything": 1}}, []),
        ({"size": "many"}, [("size", "string")]),
        ({"size": None}, []),
        ({"dates": {"due": "soon"}}, [("dates.due", "string")]),
        ({"memberIds": "a"}, [("memberIds", "string")]),
        ({"memberIds": ["a", {"x": 1}, None]}, [("memberIds[]", "object"), ("memberIds[]", "null")]),
        ({"project": {"ownerIds": [[]]}}, [("project.ownerIds[]", "array")]),
        ({"steps": ["odd"]}, [("steps[]", "string")]),
        (
            {"steps": [{"new": 1}, {"name": "b", "new": "x"}]},
            [("steps[].new", "integer"), ("steps[].new", "string")],
        ),
        ({"steps": [{"hours": "long"}]}, [("steps[].hours", "string")]),
        ({"values": [{"id": "v", "value": {"new": 1, "of": "x"}}]}, [("values[].value.new", "integer")]),
        ({"new": 1, "steps": [{"other": 1}]}, [("steps[].other", "integer"), ("new", "integer")]),
    ],
)
def test_what_goes_into_extra_is_named(record: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    made = build(record)
    assert list(made.unknown) == expected
    extras = [cell for cell in (made.row[-1], *(row[-1] for i in (VALUES, STEPS) for row in made.children[i])) if cell]
    assert bool(extras) is bool(expected)


def test_an_object_that_only_its_presence_is_declared_of_is_looked_into() -> None:
    things = replace(THINGS, columns=(Column("id"), Column("plan", name="is_plan", presence=True)), children=())
    assert built(things, {"id": "A", "plan": {}}).unknown == []
    assert built(things, {"id": "A", "plan": {"new": 1}}).unknown == [("plan.new", "integer")]


@pytest.mark.parametrize("key", [{}, {"id": None}, {"id": ""}, {"id": True}, {"id": ["A"]}])
def test_a_record_without_key_is_refused(key: dict[str, Any]) -> None:
    with pytest.raises(BadRecordError, match=r"things: Wrike sent a record without 'id'; it has \['"):
        RowBuilder(THINGS).build([{"title": "secret", **key}])


def test_a_key_may_be_a_number() -> None:
    rows = RowBuilder(THINGS).build([{"id": 5}])
    assert list(rows.by_record()) == rows.keys == ["5"]


@pytest.mark.parametrize("record", ["A", None, ["id"]])
def test_what_is_no_record_is_refused(record: Any) -> None:
    with pytest.raises(BadRecordError, match="things"):
        RowBuilder(THINGS).build([record])


def test_the_message_of_a_bad_record_shows_no_content() -> None:
    with pytest.raises(BadRecordError) as caught:
        RowBuilder(THINGS).build([{"title": "secret"}])
    assert "secret" not in str(caught.value)


def test_the_record_is_left_as_it_is() -> None:
    record = {
        "id": "A",
        "project": {"authorId": "U", "ownerIds": ["x", {}], "new": {"a": [1]}},
        "size": ["odd"],
        "values": [{"id": "v", "value": {"of": "x"}}],
    }
    before = copy.deepcopy(record)
    RowBuilder(THINGS).build([record])
    assert record == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title": "x", "size": 1}, {"size": 1, "title": "x"}),
        ({"memberIds": ["a", "b"]}, {"memberIds": ["b", "a"]}),
        ({"memberIds": ["a", "b"]}, {"memberIds": ["b", "a", "b"]}),
        ({"new": {"a": 1, "b": 2}}, {"new": {"b": 2, "a": 1}}),
        ({"values": [{"id": "u"}, {"id": "v"}]}, {"values": [{"id": "v"}, {"id": "u"}]}),
        ({"sharing": {"a": 1, "b": 2}}, {"sharing": {"b": 2, "a": 1}}),
    ],
)
def test_what_wrike_gives_in_any_order_has_one_digest(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert build(one).digest == build(other).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title": "x"}, {"title": "y"}),
        ({"title": ""}, {}),
        ({"memberIds": ["a"]}, {"memberIds": ["a", "b"]}),
        ({"memberIds": ["a"]}, {"project": {"ownerIds": ["a"]}}),
        ({"days": ["Mon", "Tue"]}, {"days": ["Tue", "Mon"]}),
        ({"steps": [{"name": "a"}, {"name": "b"}]}, {"steps": [{"name": "b"}, {"name": "a"}]}),
        ({"days": [None, "Mon"]}, {"days": ["Mon", None]}),
        ({"steps": ["odd", {"name": "a"}]}, {"steps": [{"name": "a"}, "odd"]}),
        ({"new": 1}, {"new": 2}),
        ({"new": 1}, {}),
        ({"project": {}}, {}),
        ({"values": [{"id": "v"}]}, {"values": [{"id": "v", "new": 1}]}),
    ],
)
def test_what_differs_has_another_digest(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert build(one).digest != build(other).digest


def test_rows_have_the_shape_of_their_tables() -> None:
    for declared in CATALOGUE:
        record, *children = tables(declared)
        made = built(declared, {declared.key.path: "A"})
        assert len(made.row) == [column.name for column in record.columns].index(HASH)
        assert len(made.children) == len(children)


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_any_record_can_be_built(declared: Entity, data: st.DataObject) -> None:
    record = data.draw(records(declared, ANY_JSON))
    assert built(declared, dict(reversed(record.items()))).digest == built(declared, record).digest


_KINDS = ["text", "integer", "number", "number text", "instant", "local", "date"]
_SHAPES = st.recursive(
    st.sampled_from(_KINDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
)


def _filled(shape: Any, number: Iterator[int]) -> Any:
    """Put a value that occurs nowhere else in the place of each kind."""
    if isinstance(shape, dict):
        return {name: _filled(inner, number) for name, inner in shape.items()}
    if isinstance(shape, list):
        return [_filled(inner, number) for inner in shape]
    count = next(number)
    instant = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=count)
    return {
        "text": f"text {count}",
        "integer": 1_000_000 + count,
        "number": count + 0.5,
        "number text": str(2_000_000 + count),
        "instant": instant.strftime("%Y-%m-%dT01:00:00Z"),
        "local": instant.strftime("%Y-%m-%dT02:00:00"),
        "date": instant.strftime("%Y-%m-%d"),
        "KEY": "KEY",
    }[shape]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield value


def _forms(value: Any) -> set[str]:
    """All texts by which a value may be found again."""
    if isinstance(value, datetime):
        zoned = value.tzinfo is not None
        return {value.strftime("%Y-%m-%dT%H:%M:%SZ" if zoned else "%Y-%m-%dT%H:%M:%S"), *_same_moment(value)}
    forms = {str(value)}
    if isinstance(value, float) and value.is_integer():
        forms.add(str(int(value)))
    if isinstance(value, str) and value[:1] in {"{", "[", '"'}:
        forms.update(form for leaf in _leaves(json.loads(value)) for form in _forms(leaf))
    return forms


def _same_moment(value: datetime) -> Iterator[str]:
    yield value.strftime("%Y-%m-%dT%H:%M:%S")
    if not value.time().replace(tzinfo=None).hour:
        yield value.strftime("%Y-%m-%d")


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_nothing_is_lost(declared: Entity, data: st.DataObject) -> None:
    shape = data.draw(records(declared, _SHAPES))
    record = _filled(shape, itertools.count())
    made = built(declared, record)
    found = {form for cell in _leaves([made.row, made.children]) for form in _forms(cell)}
    assert [leaf for leaf in _leaves(record) if str(leaf) not in found] == []
