"""Which records were read, without keeping their keys: an account may hold millions."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


class Seen:
    """Keys of records in eight bytes each, by Python's own hash of them.

    With a million of them, a key that is not there is taken for one that is once in 10^13 times, and not by the next
    process, whose hashes are others.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        # The same memory, once it is in order.
        self._sorted: np.ndarray[Any, np.dtype[np.int64]] | None = None

    def add(self, keys: Iterable[str]) -> None:
        """Add keys.

        :param keys: the keys.
        """
        # It cannot grow while it is looked at.
        self._sorted = None
        self._hashes.extend(map(hash, keys))

    def lacking(self, keys: Sequence[str]) -> list[str]:
        """Find the keys that are not there.

        :param keys: the keys to look for.
        """
        if self._sorted is None:
            self._sorted = np.frombuffer(self._hashes, np.int64)
            self._sorted.sort()
        wanted = np.fromiter(map(hash, keys), np.int64, len(keys))
        places = np.searchsorted(self._sorted, wanted)
        found = places < len(self._sorted)
        found[found] = self._sorted[places[found]] == wanted[found]
        return [key for key, there in zip(keys, found, strict=True) if not there]
