"""Rows of children as their tables hold them: told apart, and whose they are."""

from __future__ import annotations

from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wrike_provider.entities.model import Child
from wrike_provider.staging.digests import joined, lines
from wrike_provider.staging.made import ChildRows, Numbers

_NONE_HAS_ANY: Final = pa.scalar("")


class ChildTable(NamedTuple):
    """The rows of a child's table.

    :param cells: its columns.
    :param told: for each record what its digest is told of the rows; a scalar tells the same of all.
    """

    cells: list[pa.Array]
    told: pa.Array | pa.Scalar


def child_table(child: Child, rows: ChildRows, keys: pa.Array) -> ChildTable:
    """Complete the rows of a child. Without an order, which Wrike gives as it likes, each counts once for its record.

    :param child: the child.
    :param rows: its rows.
    :param keys: the records' keys.
    """
    counts, cells, positions = rows
    places = np.repeat(np.arange(len(keys)), counts)
    told: pa.Array | pa.Scalar = _NONE_HAS_ANY
    if len(places):
        # Where nothing was left out, the order tells the positions.
        told_places = [] if positions is None or not child.ordered else [pa.array(positions, pa.int64())]
        texts = lines([*told_places, *cells])
        if not child.ordered and counts.max() > 1:
            order, first = _sorted(places, texts)
            kept = order.filter(pa.array(first))
            texts, places = texts.take(kept), places[first]
            if len(kept) < len(order):
                cells, counts = [column.take(kept) for column in cells], np.bincount(places, minlength=len(keys))
        told = joined(texts, counts)
    owners = keys.take(pa.array(places))
    if not child.ordered:
        return ChildTable([owners, *cells], told)
    numbers = chain.from_iterable(map(range, counts)) if positions is None else positions
    return ChildTable([owners, pa.array(numbers, pa.int64()), *cells], told)


def _sorted(places: Numbers, texts: pa.Array) -> tuple[pa.Array, np.ndarray[Any, np.dtype[np.bool_]]]:
    """The order of rows by record and text, and which of them are in it the first of their kind."""
    rows = pa.table({"record": pa.array(places), "text": texts})
    order = pc.sort_indices(rows, sort_keys=[("record", "ascending"), ("text", "ascending")])
    texts = texts.take(order)
    first = np.ones(len(order), bool)
    first[1:] = pc.not_equal(texts[1:], texts[:-1]).to_numpy(zero_copy_only=False) | (places[1:] != places[:-1])
    return order, first
