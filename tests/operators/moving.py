"""Lists as Wrike has them, which move while they are read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from random import Random
from typing import Any

from wrike_provider.api.client import Page
from wrike_provider.entities.requests import Window

DAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


class Moving:
    """A list as Wrike has one, of which records move to the end, or come, while it is read.

    :param seconds: when the records changed, in seconds after the list's beginning.
    :param moves: for each page that is read which record changes before it, in the order of the list; None: none does.
    :param inclusive: whether the end of a window is in it.
    :param size: records a page.
    :param by_creation: whether the list comes as its records were made, in the order of `seconds`.
    :param dice: decides for each page anew which come first of those of one second; None: their names do.
    :param counted: whether Wrike says how many there are: of each page anew, of a window once, or never.
    """

    def __init__(
        self,
        seconds: list[int],
        moves: list[int | None],
        *,
        inclusive: bool,
        size: int,
        by_creation: bool = False,
        dice: Random | None = None,
        counted: str = "anew",
    ) -> None:
        self.times = {f"r{number}": DAY[0] + timedelta(seconds=second) for number, second in enumerate(seconds)}
        self._now = DAY[1]
        self._moves = moves
        self._inclusive = inclusive
        self._size = size
        self._made = {name: number for number, name in enumerate(self.times)} if by_creation else {}
        self._dice, self.counted = dice, counted
        self._lock = threading.Lock()
        self.windows: list[Window] = []

    def read(self, window: Window) -> Any:
        return Reading(self, window, noted=self.windows)

    def read_back(self, window: Window) -> Any:
        return Reading(self, window, back=True)

    def look(self, window: Window) -> Any:
        """Read as many records as two pages hold, at once with others."""
        return Reading(self, window, size=2 * self._size)

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        size = size or self._size
        with self._lock:
            moved = self._moves.pop() if self._moves else None
            if moved is not None:
                self._now += timedelta(seconds=1)
                self.times[sorted(self.times, key=lambda name: self.times[name])[moved % len(self.times)]] = self._now
                self.times[f"new{self._now:%Y-%m-%dT%H:%M:%SZ}"] = self._now
            last = (window.until or DAY[1] + timedelta(days=1)) + timedelta(seconds=self._inclusive)
            inside = [(time, name) for name, time in self.times.items() if (window.since or DAY[0]) <= time < last]
            if self._dice:
                self._dice.shuffle(inside)
                inside.sort(key=itemgetter(0), reverse=back)
            else:
                inside.sort(key=lambda one: (self._made.get(one[1], 0), *one), reverse=back)
            return Page(
                [
                    {
                        "id": name,
                        "createdDate": "2025-12-31T00:00:00Z" if name.startswith("r") else name.removeprefix("new"),
                        "updatedDate": f"{time:%Y-%m-%dT%H:%M:%SZ}",
                    }
                    for time, name in inside[offset : offset + size]
                ],
                "more" if offset + size < len(inside) else None,
                len(inside) if offset + size < len(inside) and self.counted != "never" else None,
                self._now,
            )


class Reading(Iterator[list[dict[str, Any]]]):
    def __init__(
        self,
        moving: Moving,
        window: Window,
        *,
        back: bool = False,
        size: int | None = None,
        noted: list[Window] | None = None,
    ) -> None:
        self.size = size or moving._size
        self.first: Page | None = None
        self.latest: Page | None = None
        self._moving, self._window, self._back, self._noted = moving, window, back, noted
        self._offset: int | None = 0

    def __next__(self) -> list[dict[str, Any]]:
        if self._offset is None:
            raise StopIteration
        if self.first is None and self._noted is not None:
            self._noted.append(self._window)
        read = self._moving.page(self._window, self._offset, back=self._back, size=self.size)
        if self.first is not None and read.next_page_token is not None and self._moving.counted == "once":
            read = replace(read, total=self.first.total)
        self.first, self.latest = self.first or read, read
        self._offset = self._offset + len(read.data) if read.next_page_token else None
        return read.data


class Appearing(Moving):
    """A list of which, before some part's second page, a record of the first one changes, and another one appears.

    :param made: when the other one was made.
    :param ahead: how far the clock of Wrike's answers is ahead of its records'.
    :param counted: as in :class:`Moving`.
    """

    def __init__(self, made: datetime, ahead: timedelta, counted: str) -> None:
        super().__init__(list(range(0, 60_000, 200)), [], inclusive=False, size=4, counted=counted)
        self._made_at, self._ahead = made, ahead

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        if window.until and offset == 4 and "appeared" not in self.times:
            first = min((time, name) for name, time in self.times.items() if window.since and time >= window.since)[1]
            self.times[first] = DAY[1] + timedelta(seconds=1)
            self.times["appeared"] = DAY[1] + timedelta(seconds=6)
        read = super().page(window, offset, back=back, size=size)
        made = f"{self._made_at:%Y-%m-%dT%H:%M:%SZ}"
        records = [{**one, "createdDate": made} if one["id"] == "appeared" else one for one in read.data]
        return replace(read, data=records, answered_at=self._now + self._ahead)
