"""Rows to frames with declared types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from wrike_provider.entities import CATALOGUE, Entity, Type, entity
from wrike_provider.staging.arrow import ARROW_TYPES, arrow_schema
from wrike_provider.staging.frames import arrow, frames
from wrike_provider.staging.rows import RowBuilder
from wrike_provider.staging.tables import tables

SYNCED = datetime(2026, 6, 1, 12, tzinfo=UTC)


def made(declared: Entity, *records: dict[str, Any]) -> dict[str, pd.DataFrame]:
    rows = RowBuilder(declared).build(records)
    return frames(declared, [(rows, rows.keys)], SYNCED)


def test_every_type_has_an_arrow_type() -> None:
    assert set(ARROW_TYPES) == set(Type)
    assert ARROW_TYPES[Type.TIMESTAMP].tz == "UTC"
    assert ARROW_TYPES[Type.LOCAL_TIMESTAMP].tz is None


@pytest.mark.parametrize("count", [0, 1], ids=["none", "one of nothing"])
@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_types_are_declared_and_not_guessed(declared: Entity, count: int) -> None:
    records = [{declared.key.path: "A"}] * count
    by_name = made(declared, *records)
    assert list(by_name) == [table.name for table in tables(declared)]
    for table in tables(declared):
        frame = by_name[table.name]
        types = {column.name: ARROW_TYPES[column.type] for column in table.columns}
        assert {name: dtype.pyarrow_dtype for name, dtype in frame.dtypes.items()} == types
        loaded = arrow(table, frame)
        assert loaded.schema.equals(arrow_schema(table))
        assert {field.name: field.type for field in loaded.schema} == types
        assert loaded.num_rows == (len(records) if table.name == declared.name else 0)


def test_values_arrive_as_they_are() -> None:
    task = {
        "id": "A",
        "title": "Größe \U0001f600",
        "createdDate": "2026-06-01T12:00:00Z",
        "dates": {"start": "2026-06-01T09:00:00", "duration": 2400, "workOnWeekends": False},
        "effortAllocation": {"dailyAllocationPercentage": 12.5},
        "responsibleIds": ["U2", "U1"],
        "new": {"b": 1, "a": None},
    }
    by_name = made(entity("tasks"), task, {"id": "B"})
    table = tables(entity("tasks"))[0]
    first, second = arrow(table, by_name["tasks"]).to_pylist()
    assert first["title"] == "Größe \U0001f600"
    assert first["created_date"] == SYNCED
    assert first["dates_start"] == datetime(2026, 6, 1, 9)  # noqa: DTZ001
    assert first["dates_duration"] == 2400
    assert first["dates_work_on_weekends"] is False
    assert first["effort_allocation_daily_allocation_percentage"] == 12.5
    assert first["_extra"] == '{"new":{"a":null,"b":1}}'
    assert first["_synced_at"] == SYNCED
    assert first["_deleted_at"] is None
    assert len(first["_hash"]) == 32
    assert {name for name, value in second.items() if value is not None} == {"id", "_hash", "_synced_at"}
    responsible = tables(entity("tasks"))[2]
    assert responsible.name == "tasks_responsible_ids"
    assert arrow(responsible, by_name[responsible.name]).to_pylist() == [
        {"task_id": "A", "responsible_id": "U2"},
        {"task_id": "A", "responsible_id": "U1"},
    ]


@pytest.mark.parametrize("day", [date.min, date(1969, 12, 31), date(2100, 1, 1), date.max])
def test_dates_far_away_are_held(day: date) -> None:
    text = f"{day:%Y-%m-%d}".rjust(10, "0")
    folder = {"id": "A", "createdDate": f"{text}T00:00:00Z", "project": {"startDate": text}}
    row = arrow(tables(entity("folders"))[0], made(entity("folders"), folder)["folders"]).to_pylist()[0]
    assert row["project_start_date"] == day
    assert row["created_date"] == datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_a_column_that_may_not_be_empty_is_declared_so() -> None:
    schema = arrow_schema(tables(entity("tasks"))[0])
    assert [field.name for field in schema if not field.nullable] == ["id", "_synced_at"]
    assert isinstance(schema, pa.Schema)
