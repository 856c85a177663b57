"""Answers that are parsed straight to columns: the same rows come of them as of objects, or they are left to these."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.staging.strategies import ANY_JSON, records
from wrike_provider.api.parsing import parsed
from wrike_provider.api.records import values
from wrike_provider.entities import CATALOGUE, Child, Column, Entity, Type, entity
from wrike_provider.staging.errors import BadRecordError
from wrike_provider.staging.parsed import ParsedRecords, Parser
from wrike_provider.staging.rows import RowBuilder, Rows

TASKS = entity("tasks")

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
_AS_DECLARED: dict[Type, st.SearchStrategy[Any]] = {
    Type.TEXT: _TEXTS,
    Type.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Type.NUMBER: st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False),
    Type.BOOLEAN: st.booleans(),
    Type.TIMESTAMP: st.datetimes(timezones=st.just(UTC)).map(lambda at: at.strftime("%4Y-%m-%dT%H:%M:%SZ")),
    Type.LOCAL_TIMESTAMP: st.datetimes().map(lambda at: at.strftime("%4Y-%m-%dT%H:%M:%S")),
    Type.DATE: st.dates().map(lambda day: day.isoformat()),
}


def _value(column: Column) -> st.SearchStrategy[Any]:
    if column.elements:
        fields = {name: _AS_DECLARED[kind] for name, kind in column.elements}
        return st.lists(st.fixed_dictionaries(fields), max_size=2)
    return _AS_DECLARED[column.type]


def _put(record: dict[str, Any], path: str, value: Any) -> None:
    *way, name = path.split(".")
    for step in way:
        record = record.setdefault(step, {})
    record[name] = value


@st.composite
def _fields(draw: st.DrawFn, columns: tuple[Column, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column in columns:
        if not column.presence and (column.type is not Type.JSON or column.elements) and draw(st.booleans()):
            _put(made, column.path, draw(_value(column)))
    return made


@st.composite
def as_declared(draw: st.DrawFn, declared: Entity) -> dict[str, Any]:
    """Records with fields that are declared only, and values of their types."""
    record = draw(_fields(declared.columns[1:]))
    for child in declared.children:
        if draw(st.booleans()):
            element = _value(child.columns[0]) if child.scalar else _fields(child.columns)
            _put(record, child.path, draw(st.lists(element, max_size=3)))
    return record


def answer(some: list[Any]) -> bytes:
    return orjson.dumps({"kind": "things", "nextPageToken": "N", "responseSize": len(some), "data": some})


def of_columns(declared: Entity, content: bytes) -> tuple[ParsedRecords, Rows]:
    parse = Parser(declared)
    body = parse(content)
    assert body is not None
    return body["data"], RowBuilder(declared).build(body["data"])


def same(one: Rows, other: Rows) -> bool:
    return (
        (one.keys, one.digests, one.in_bin, one.unknown) == (other.keys, other.digests, other.in_bin, other.unknown)
    ) and all(mine.equals(theirs) for mine, theirs in zip(one.tables, other.tables, strict=True))


@given(st.data())
@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_what_is_as_declared_becomes_the_same_rows(declared: Entity, data: st.DataObject) -> None:
    some = data.draw(st.lists(as_declared(declared), max_size=4))
    some = [{declared.key.path: f"K{number}", **record} for number, record in enumerate(some)]
    came, rows = of_columns(declared, answer(some))
    assert same(rows, RowBuilder(declared).build(some))
    # No object was made on the way.
    assert "_records" not in vars(came)


@given(st.data())
@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_so_does_anything_else_if_it_is_taken_at_all(declared: Entity, data: st.DataObject) -> None:
    both = as_declared(declared) | records(declared, ANY_JSON)
    some = [{**data.draw(both), declared.key.path: f"K{number}"} for number in range(2)]
    content = answer(some)
    body = Parser(declared)(content)
    if body is not None:
        assert same(RowBuilder(declared).build(body["data"]), RowBuilder(declared).build(parsed(content)["data"]))


def test_the_envelope_is_read_too() -> None:
    body = Parser(TASKS)(b'{"kind":"tasks","nextPageToken":"N","responseSize":7,"data":\n[{"id":"A",\n"title":"x"}]\n}')
    assert body is not None
    assert (body["kind"], body["nextPageToken"], body["responseSize"]) == ("tasks", "N", 7)
    assert list(body["data"]) == [{"id": "A", "title": "x"}]
    assert body["data"][0] == {"id": "A", "title": "x"}
    assert body["data"][:0] == []
    last = Parser(TASKS)(b'{"data":[]}')
    assert last is not None
    assert (last["nextPageToken"], last["responseSize"], len(last["data"])) == (None, None, 0)


def test_values_of_a_field() -> None:
    body = Parser(TASKS)(answer([{"id": "A", "title": "x"}, {"id": "B"}]))
    assert body is not None
    assert values(body["data"], "title") == ["x", None]
    assert values(body["data"], "unknown") == [None, None]
    assert values([{"id": "A"}, "odd"], "id") == ["A", None]  # type: ignore[list-item]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b" null",
        b"[]",
        b"5",
        b"<html>",
        b'\xef\xbb\xbf{"data":[]}',
        b'{"data":null}',
        b'{"data":{}}',
        b"{}",
        b'{"error":"x","errorDescription":"y"}',
        b'{"data":[],"new":1}',
        b'{"data":[]}{"data":[]}',
        b'{"data":[{"id":"A"}',
        b'{"data":[null]}',
        b'{"data":["A"]}',
        b'{"data":[{"id":"A","new":1}]}',
        b'{"data":[{"id":"A","dates":{"new":1}}]}',
        b'{"data":[{"id":"A","customFields":[{"new":1}]}]}',
        b'{"data":[{"id":"A","title":5}]}',
        b'{"data":[{"id":"A","dates":{"duration":1.0}}]}',
        b'{"data":[{"id":"A","dates":{"duration":99999999999999999999}}]}',
        b'{"data":[{"id":"A","dates":[]}]}',
        b'{"data":[{"id":"A","parentIds":"B"}]}',
        b'{"data":[{"id":"A","title":"\xff"}]}',
        b'{"data":[{"id":"A","title":"\\u0000"}]}',
        b'{"data":[{"id":"A","title":"\\ud83d"}]}',
        b'{"data":[{"id":"A","id":"B"}]}',
        b'{"data":[],"nextPageToken":5}',
        *(
            b'{"data":[{"id":"A","effortAllocation":{"dailyAllocationPercentage":%s}}]}' % number
            for number in (b"NaN", b"-NaN", b"Inf", b"-Inf", b"Infinity", b"-Infinity")
        ),
    ],
)
def test_what_is_not_as_declared_is_left_to_others(content: bytes) -> None:
    assert Parser(TASKS)(content) is None


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ('"dates":{}', '{"dates":{}}'),
        ('"createdDate":"yesterday"', '{"createdDate":"yesterday"}'),
        ('"createdDate":"99999-01-01T00:00:00Z"', '{"createdDate":"99999-01-01T00:00:00Z"}'),
        ('"parentIds":["B",null]', '{"parentIds":[null]}'),
    ],
)
def test_what_columns_cannot_hold_is_kept(fields: str, kept: str) -> None:
    content = f'{{"data":[{{"id":"A",{fields}}}]}}'.encode()
    came, rows = of_columns(TASKS, content)
    assert "_records" in vars(came)
    assert rows.tables[0].column("_extra")[0].as_py().startswith(kept)
    assert same(rows, RowBuilder(TASKS).build(json.loads(content)["data"]))


@pytest.mark.parametrize("element", [{"date": None, "effortMinutes": 5}, {"date": "2026-03-02"}, None])
def test_nulls_in_json_stay(element: object) -> None:
    some = [{"id": "A", "effortAllocation": {"responsibleAllocation": [{"dailyAllocation": [element]}]}}]
    _, rows = of_columns(TASKS, answer(some))
    assert same(rows, RowBuilder(TASKS).build(some))
    table = next(table for table in rows.tables if "daily_allocation" in table.column_names)
    assert json.loads(table.column("daily_allocation")[0].as_py()) == [element]


@pytest.mark.parametrize("sent", ["x", [{"x": "q"}], None])
def test_what_may_be_anything_is_not_made_of_what_others_take_of_it(sent: object) -> None:
    declared = replace(
        entity("spaces"),
        columns=(Column("id"), Column("of", Type.JSON, name="whole"), Column("anyhow", Type.JSON)),
        children=(Child("of", (Column("x"),)), Child("all", (Column("", Type.JSON, name="one"),))),
    )
    some = [{"id": "A", "of": sent, "all": ["x", "y"]}, {"id": "B"}]
    content = answer(some)
    body = Parser(declared)(content)
    if body is not None:
        assert same(RowBuilder(declared).build(body["data"]), RowBuilder(declared).build(some))


def test_of_a_record_that_comes_twice_the_later_counts() -> None:
    _, rows = of_columns(TASKS, answer([{"id": "A", "title": "x"}, {"id": "B"}, {"id": "A", "title": "y"}]))
    assert (rows.keys, rows.tables[0].column("title").to_pylist()) == (["A", "B"], ["y", None])


@pytest.mark.parametrize("record", [{"title": "x"}, {"id": None}, {"id": ""}])
def test_a_record_without_a_key(record: dict[str, Any]) -> None:
    with pytest.raises(BadRecordError, match="without 'id'"):
        of_columns(TASKS, answer([{"id": "A"}, record]))


def test_of_zero_there_is_one() -> None:
    zeros = [
        of_columns(
            TASKS, f'{{"data":[{{"id":"A","effortAllocation":{{"dailyAllocationPercentage":{zero}}}}}]}}'.encode()
        )
        for zero in ("0", "-0", "0.0", "-0.0")
    ]
    assert len({rows.digests[0] for _, rows in zeros}) == 1


@given(st.data())
def test_damaged_answers_are_left_to_others_or_taken_alike(data: st.DataObject) -> None:
    content = bytearray(answer([{"id": "A", "title": "é", "dates": {"duration": 5}, "parentIds": ["B", "C"]}]))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        pieces = st.sampled_from(
            [b"", b"null", b"{}", b"[", b"]", b"}", b",", b'"', b"\\", b"1", b"NaN", b"\xff", b"\0"]
        )
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(pieces) or b" "
    body = Parser(TASKS)(bytes(content))
    if body is not None:
        expected = parsed(bytes(content))
        assert len(body["data"]) == len(expected["data"])
        assert body["nextPageToken"] == expected.get("nextPageToken")
        if all(isinstance(record.get("id"), str) and record["id"] for record in expected["data"]):
            assert same(RowBuilder(TASKS).build(body["data"]), RowBuilder(TASKS).build(expected["data"]))


def test_tables_have_their_types() -> None:
    _, rows = of_columns(TASKS, answer([{"id": "A", "createdDate": "2026-06-01T00:00:00Z"}]))
    assert rows.tables[0].schema.field("created_date").type == pa.timestamp("us", "UTC")
