"""Which records were read, without keeping their keys: an account may hold millions."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np


class Seen:
    """Keys of records in eight bytes each, by Python's own hash of them.

    With a million of them, a key that is not there is taken for one that is once in 10^13 times, and not by the next
    process, whose hashes are others.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._sorted = np.empty(0, np.int64)

    def add(self, keys: Iterable[str]) -> None:
        """Add keys.

        :param keys: the keys.
        """
        self._hashes.extend(map(hash, keys))

    def lacking(self, keys: Sequence[str]) -> list[str]:
        """Find the keys that are not there.

        :param keys: the keys to look for.
        """
        if len(self._sorted) != len(self._hashes):
            self._sorted = np.sort(np.array(self._hashes, np.int64))
        wanted = np.fromiter(map(hash, keys), np.int64, len(keys))
        places = np.searchsorted(self._sorted, wanted)
        found = places < len(self._sorted)
        found[found] = self._sorted[places[found]] == wanted[found]
        return [key for key, there in zip(keys, found, strict=True) if not there]
