"""Digests of records: the same for the same rows, and for no others."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import numpy as np
import pyarrow as pa

from wrike_provider.staging.digests import digests, joined, lines
from wrike_provider.staging.rows import Row

_SPECIAL = (None, "", "0", *"\x1c\x1d\x1e\x1f")


def _told(rows: list[Row]) -> pa.Array:
    return lines([pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)])


def _joined(children: list[tuple[Row, ...]]) -> pa.Array:
    return joined(_told([row for rows in children for row in rows]), np.array([len(rows) for rows in children]))


def test_other_cells_have_another_digest() -> None:
    texts = [None, *("".join(letters) for length in range(3) for letters in product(_SPECIAL[2:], repeat=length))]
    rows = list(product(texts, repeat=2))
    assert len(set(digests(_told(rows), []))) == len(rows)


def test_other_child_rows_have_another_digest() -> None:
    some = [rows for length in range(3) for rows in product([(cell,) for cell in _SPECIAL], repeat=length)]
    records = list(product([(cell,) for cell in ("", "\x1d", "\x1e")], some, some))
    own, *children = (list(told) for told in zip(*records, strict=True))
    assert len(set(digests(_told(own), [*map(_joined, children)]))) == len(records)


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
