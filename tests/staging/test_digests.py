"""Digests of records: the same for the same rows, and for no others."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from wrike_provider.staging.digests import digests, joined, lines

_Row = tuple[str | None, str | None]

_CELLS = st.none() | st.text("\x1c\x1d\x1e\x1f0a", max_size=3)
_ROWS = st.lists(st.tuples(_CELLS, _CELLS), max_size=2)
_RECORDS = st.tuples(_CELLS, _CELLS, _ROWS, _ROWS)


def _columns(rows: list[_Row]) -> list[pa.Array]:
    return [pa.array([row[place] for row in rows], pa.string()) for place in range(2)]


@given(st.lists(_RECORDS, min_size=2, max_size=4))
def test_different_rows_have_different_digests(
    records: list[
        tuple[str | None, str | None, list[tuple[str | None, str | None]], list[tuple[str | None, str | None]]]
    ],
) -> None:
    children = []
    for child in (2, 3):
        rows = [row for record in records for row in record[child]]
        counts = np.array([len(record[child]) for record in records])
        children.append(joined(lines(_columns(rows)), counts))
    made = digests(lines(_columns([record[:2] for record in records])), children)
    for one, digest in zip(records, made, strict=True):
        for other, digest_of_other in zip(records, made, strict=True):
            assert (one == other) is (digest == digest_of_other)


def test_cells_of_all_types_are_told() -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    columns = [
        pa.array([at, at.replace(microsecond=1)], pa.timestamp("us", "UTC")),
        pa.array([at.date(), at.date().replace(day=2)], pa.date32()),
        pa.array([0.1, 0.2], pa.float64()),
        pa.array([1, 2], pa.int64()),
        pa.array([True, False], pa.bool_()),
    ]
    for column in columns:
        one, other, none = lines([pa.concat_arrays([column, pa.nulls(1, column.type)])]).to_pylist()
        assert len({one, other, none}) == 3
