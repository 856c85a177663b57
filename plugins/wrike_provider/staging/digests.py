"""Digests of records, which tell whether one has changed: of the cells of all its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wrike_provider.staging.made import Numbers

_ESCAPE: Final = "\x1c"
_TABLE_END: Final = "\x1d"
_ROW_END: Final = "\x1e"
_CELL_END: Final = "\x1f"
_NO_VALUE: Final = f"{_ESCAPE}0"
_SPECIAL: Final = f"([{_ESCAPE}-{_CELL_END}])"


def lines(cells: Sequence[pa.Array]) -> pa.Array:
    """One text a row: the same for rows with the same cells, and for no others.

    :param cells: the columns.
    """
    texts = pc.binary_join_element_wise(
        *map(_texts, cells), _CELL_END, null_handling="replace", null_replacement=_NO_VALUE
    )
    return pc.binary_join_element_wise(texts, _ROW_END, "")


def joined(texts: pa.Array, counts: Numbers) -> pa.Array:
    """One text of all rows of each record: the same for the same rows, and for no others.

    :param texts: texts of rows, those of the first record first.
    :param counts: for each record its number of rows.
    """
    ends = np.concatenate(([0], np.cumsum(counts)))
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends, pa.int32()), texts), "")


def digests(records: pa.Array, children: Sequence[pa.Array | pa.Scalar]) -> list[str]:
    """The digest of each record.

    :param records: the texts of the records' own rows.
    :param children: for each child the texts of its rows, joined for each record; or one for all records.
    """
    told = pc.binary_join_element_wise(records, *children, _TABLE_END)
    return [hashlib.blake2b(text, digest_size=16).hexdigest() for text in told.cast(pa.binary()).to_pylist()]


def _texts(cells: pa.Array) -> pa.Array:
    if pa.types.is_string(cells.type):
        return pc.replace_substring_regex(cells, _SPECIAL, f"{_ESCAPE}\\1") if _special(cells) else cells
    if pa.types.is_timestamp(cells.type):
        cells = cells.cast(pa.int64())
    elif pa.types.is_date32(cells.type):
        cells = cells.cast(pa.int32())
    elif pa.types.is_floating(cells.type):
        # Of zero there are two.
        cells = pc.add(cells, 0.0)
    return cells.cast(pa.string())


def _special(cells: pa.Array) -> bool:
    """Whether one of the characters that mean something here may be in a text."""
    data = cells.buffers()[2]
    if data is None:
        return False
    letters = np.frombuffer(data, np.uint8)
    return bool(((letters >= ord(_ESCAPE)) & (letters <= ord(_CELL_END))).any())
