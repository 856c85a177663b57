"""What is made of the records of a page, before it becomes rows of tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from wrike_provider.staging.unknown import Found

Numbers = np.ndarray[Any, np.dtype[np.int64]]


class ChildRows(NamedTuple):
    """The rows of a child.

    :param counts: for each record its number of rows.
    :param cells: columns of the rows, those of the first record first; neither owner nor position.
    :param positions: places of the rows in their arrays; None: no element was left out.
    """

    counts: Numbers
    cells: list[pa.Array]
    positions: Sequence[int] | None = None


class Made:
    """What has been made of records so far.

    :param columns: how many columns there are.
    :param children: how many children.
    """

    def __init__(self, columns: int, children: int = 0) -> None:
        self.cells: list[pa.Array] = [None] * columns
        self.children: list[ChildRows] = [ChildRows(np.zeros(0, np.int64), [])] * children
        self.unknown: defaultdict[int, list[Found]] = defaultdict(list)
        """What goes into ``_extra``, by the record's place."""
