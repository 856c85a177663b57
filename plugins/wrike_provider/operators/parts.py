"""Reads a long window in several parts at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from wrike_provider.api.parallel import AT_ONCE, gathered
from wrike_provider.api.records import LULL, Records
from wrike_provider.entities.requests import Window
from wrike_provider.operators.borders import Read, moved, moved_unseen
from wrike_provider.operators.part import Part, times_of

_NEARLY: Final = 2
"""So many readers are left when a list is nearly read: what has come is written while they wait for Wrike."""
PAGES_A_PART: Final = 8
"""A part has as many pages at least: its last one is seldom full, and so costs half a request."""


class Parts:
    """Reads parts of a window at once; a reader that has nothing left to do takes half of what another one has left.

    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param windows: the parts.
    :param total: records in all of them, about.
    :param in_order: whether Wrike was told in which order to list. Otherwise a page may be in order by chance, and
        nothing is concluded from it.
    """

    def __init__(
        self, read: Read, changed_by: str, windows: list[Window], total: int, *, in_order: bool = True
    ) -> None:
        self._read = read
        self._changed_by = changed_by
        self._parts = [Part(window, total // len(windows), told=in_order) for window in windows]
        self._jobs: deque[Iterable[Records]] = deque(map(self._scan, self._parts))
        self.until = windows[-1].until
        """Where they end."""
        self._under_way = len(windows)
        self._sharing = threading.Lock()

    def records(self, also: Iterable[Iterable[Records]] = ()) -> Iterator[Records]:
        """Read them; with :data:`~wrike_provider.api.records.LULL` when nearly all has come.

        :param also: what else is to be read meanwhile.
        :raises WrikeError: a request failed.
        """
        self._jobs.extendleft(also)
        yield from gathered(self._jobs)
        yield from moved(self._parts, self._read, self._changed_by)

    def unseen(self) -> Iterator[Records]:
        """Read what may have moved without a sign.

        :raises WrikeError: a request failed.
        """
        yield from moved_unseen(self._parts, self._read, self._changed_by)

    def unknown(self, ids: set[Any]) -> set[Any]:
        """Which of some records have not come as they had been before the reading began.

        :param ids: their ids.
        """
        for part in self._parts:
            ids = part.unknown(ids)
        return ids

    @property
    def recounted(self) -> bool:
        """Whether Wrike was seen to count for each page, so that what moves leaves a sign."""
        return any(part.recounted for part in self._parts)

    @property
    def unmoved(self) -> int | None:
        """How many different records came as they had been before the reading began; None: who knows."""
        if not all(part.ordered for part in self._parts) or any(part.reached for part in self._parts):
            return None
        return sum(part.unmoved for part in self._parts)

    @property
    def lacking(self) -> bool:
        """Whether any part lacks something, or may do so."""
        return any(part.lacking != 0 for part in self._parts)

    def _scan(self, part: Part) -> Iterator[Records]:
        scan = self._read(part.window)
        for page in scan:
            with self._sharing:
                part.take(page, scan, self._changed_by)
                self._share()
            yield page
            del page
            if part.over:
                break
        with self._sharing:
            part.divisible = False
            self._under_way -= 1
            self._share()
            nearly = self._under_way == _NEARLY
        if nearly:
            yield LULL

    def _share(self) -> None:
        """Divide the parts of which most is left among those that have nothing to read, also while a page is awaited.

        To divide what is small costs as many requests and helps less.
        """
        while self._under_way < AT_ONCE:
            found = [part for part in self._parts if part.begun and part.ordered and part.divisible]
            if not found:
                return
            half = max(found, key=lambda part: part.left).give_half()
            if half is not None:
                self._parts.append(half)
                self._jobs.append(self._scan(half))
                self._under_way += 1


def division(page: Records, total: int | None, changed_by: str, window: Window) -> list[Window] | None:
    """Divide what follows the first page of a window into parts with about as many records each.

    :param page: the page.
    :param total: records in the window.
    :param changed_by: the records' field with their time of change.
    :param window: the window, which has an end.
    :returns: the parts; None: it is not worth it, or cannot be done.
    """
    times = times_of(page, changed_by)
    count = count_of(total or 0, len(page))
    if count < 2 or window.until is None or times != sorted(times) or not times[0]:
        return None
    oldest, since = datetime.fromisoformat(times[0]), datetime.fromisoformat(times[-1])
    # Where the records end if they go on as densely as they begin, of which Wrike tells no more than the second; the
    # last part reaches to the end in any case.
    span = max(since - oldest, timedelta(seconds=1))
    end = min(window.until, oldest + span * ((total or 0) / len(page)))
    return equal(since, end, window.until, count)


def count_of(total: int, size: int) -> int:
    """How many parts are worth it.

    :param total: records in all of them.
    :param size: records a page.
    """
    return min(AT_ONCE, total // (size * PAGES_A_PART)) if size else 0


def equal(since: datetime, end: datetime, until: datetime, count: int) -> list[Window] | None:
    """Divide a time equally.

    :param since: its begin.
    :param end: its end.
    :param until: where the last part ends.
    :param count: the number of parts, unless they would be shorter than a second.
    :returns: the parts; None: there would be only one.
    """
    seconds = int((end - since).total_seconds())
    count = min(count, seconds)
    if count < 2:
        return None
    step = timedelta(seconds=seconds // count)
    borders = [since + step * number for number in range(count)]
    return [Window(*part) for part in pairwise([*borders, until])]
