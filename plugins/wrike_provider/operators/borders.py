"""Reads a window page after page, and what moved across the borders of its pages.

Wrike's pages are cuts through a moving list: a record that changes moves to its end, all behind it move up by one,
and the one that moves across a page's border is not delivered (Wrike API v4, "Pagination"). It would not be read
later either, for it has not changed itself.
"""

from __future__ import annotations

import logging
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from wrike_provider.api.client import Page
from wrike_provider.api.paging import Pages
from wrike_provider.api.parallel import gathered
from wrike_provider.api.records import Records, values
from wrike_provider.entities.requests import Window, wrike_instant

log = logging.getLogger(__name__)

Read = Callable[[Window], Pages]
Border = tuple[str, str | None]

_IN_VAIN: Final = 5
"""Of a second that holds several pages, whose records come in another order each time: what lacks may be one."""


def times_of(page: Records, changed_by: str) -> list[str]:
    """When the records of a page changed, as Wrike wrote it; empty where it wrote nothing.

    :param page: the page.
    :param changed_by: the records' field with their time of change.
    """
    return [str(time or "") for time in values(page, changed_by)]


@dataclass(slots=True, eq=False)
class Part:
    """A window that is read page after page, and what came of it so far.

    :param window: the window.
    :param guess: how many records are in it, while Wrike has not told.
    :param end: where it ends now: what follows was given to others; None: it does not end.
    :param given: the parts that were given to others.
    :param total: records in the window as Wrike counted them at the first page.
    :param taken: records that came.
    :param told: whether Wrike was told to list the oldest change first.
    :param in_order: whether it did so.
    :param divisible: whether some of it may be given to others.
    :param reached: whether one came with the time at which the window ends: then Wrike counts it twice.
    :param borders: last time of change of a page and first one of the next; None: it was empty.
    :param doubtful: those of them across which something may have moved.
    """

    window: Window
    guess: int = 0
    end: datetime | None = field(init=False)
    given: list[Part] = field(default_factory=list)
    total: int | None = None
    taken: int = 0
    told: bool = True
    in_order: bool = True
    divisible: bool = True
    reached: bool = False
    borders: list[Border] = field(default_factory=list)
    doubtful: list[Border] = field(default_factory=list)
    _last: str | None = None
    _came: int = 0
    _size: int | None = None
    _began: str = ""
    _unmoved: array[int] = field(default_factory=lambda: array("q"))

    def __post_init__(self) -> None:
        self.end = self.window.until

    def take(self, page: Records, scan: Pages, changed_by: str) -> None:
        """Note a page.

        :param page: the page.
        :param scan: the pages that it is one of.
        :param changed_by: the records' field with their time of change.
        """
        first = scan.first
        times = times_of(page, changed_by)
        follows = not times or self._last is None or self._last <= times[0]
        # What has no time has no place either.
        self.in_order = self.in_order and follows and "" not in times and times == sorted(times)
        self.reached = self.reached or bool(self.window.until and wrike_instant(self.window.until) in times)
        if first is not None:
            # Wrike does not count a list of one page.
            self.total = len(page) if first.total is None and first.next_page_token is None else first.total
            self._began = wrike_instant(first.answered_at) if first.answered_at is not None else ""
        self.taken += self.found(page, changed_by)
        size = self._size_now(page, scan.latest)
        if self._last is not None:
            # Before an empty page too: when the list grew shorter, it is where the last records have gone to.
            border = self._last, times[0] if times else None
            self.borders.append(border)
            # Of one second Wrike may decide anew for each page which come first.
            if size is None or size != self._size or border[0] == border[1]:
                self.doubtful.append(border)
        self._last = times[-1] if times else self._last
        self._came += len(page)
        self._size = size

    def found(self, page: Records, changed_by: str) -> int:
        """Note records of the window, of which some may have been noted before.

        :param page: the records.
        :param changed_by: the records' field with their time of change.
        :returns: how many of them are not of what was given to others.
        """
        times, ids = times_of(page, changed_by), values(page, "id")
        end = wrike_instant(self.end) if self.given and self.end is not None else None
        own = [place for place, time in enumerate(times) if end is None or time < end]
        # Numbers instead of ids: they take a tenth of the memory.
        self._unmoved.extend(hash(ids[place]) for place in own if times[place] < self._began)
        return len(own)

    def _size_now(self, page: Records, latest: Page | None) -> int | None:
        """How many records the window held when a page was cut; None: nothing tells.

        Pages are cut by number: when none has left the window between two of them, none has moved across their border.
        Whether Wrike counts anew for each page it does not say (Wrike API v4, "Response format").
        """
        if self.window.until is None or latest is None:
            # What leaves its place comes back at the end.
            return None
        return self._came + len(page) if latest.next_page_token is None else latest.total

    @property
    def now(self) -> Window:
        """The window without what was given to others."""
        return Window(self.window.since, self.end)

    @property
    def ordered(self) -> bool:
        """Whether something may be concluded from the order: neither chance nor Wrike's own idea of it."""
        return self.told and self.in_order

    def unknown(self, ids: set[Any]) -> set[Any]:
        """Which of some records have not come as they had been before the first page.

        :param ids: their ids.
        """
        hashes = {hash(id_): id_ for id_ in ids}
        return {hashes[number] for number in hashes.keys() - set(self._unmoved)}

    @property
    def unmoved(self) -> int:
        """How many different records came that had changed before the first page.

        Which come first of those of one second Wrike leaves open, and may decide anew for each page.
        """
        return len(set(self._unmoved))

    @property
    def repeated(self) -> bool:
        """Whether one of these came twice."""
        return self.unmoved < len(self._unmoved)

    @property
    def lacking(self) -> int | None:
        """How many records have not come that were there at the beginning; None: who knows."""
        expected = self.expected
        return None if expected is None else max(0, expected - self.unmoved)

    @property
    def left(self) -> int:
        """How many records are still to come, about."""
        return (
            (self.total or 0)
            - self.taken
            - sum(given.guess if given.total is None else given.total for given in self.given)
        )

    @property
    def over(self) -> bool:
        """Whether what comes next was given to others."""
        return bool(self.ordered and self.given and self.end and (self._last or "") >= wrike_instant(self.end))

    @property
    def expected(self) -> int | None:
        """How many records were there at the beginning that nobody else reads; None: Wrike has not told."""
        expected = self.total
        for given in self.given:
            if expected is None or given.total is None or given.reached:
                return None
            expected -= given.total
        return expected


def complete(scan: Pages, start: Records, read: Read, changed_by: str, window: Window) -> Iterator[Records]:
    """Read a window page after page, and what moved across the borders of its pages.

    :param scan: the window's pages.
    :param start: the first of them, which has been taken already.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param window: the window.
    """
    part = Part(window)
    pages = chain((start,), scan)
    del start
    for page in pages:
        part.take(page, scan, changed_by)
        yield page
        del page
    yield from moved([part], read, changed_by)
    yield from moved_unseen([part], read, changed_by)


def moved(parts: Iterable[Part], read: Read, changed_by: str) -> Iterator[Records]:
    """Read what has moved across borders between pages, where something seems to have moved.

    All has come when as many different records as Wrike counted at the beginning came with a time of change before it.
    Otherwise, or when Wrike did not count, the spans around the borders are read again, which costs a request each; a
    list in another order from its beginning.

    :param parts: the parts; all that were given away have begun.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    """
    lacking = [part for part in parts if part.borders and part.lacking != 0]
    for part in lacking:
        number = "An unknown number of" if part.lacking is None else part.lacking
        log.info("%s records of %s did not come as they were when the reading began; what moved is read again.", number, part.now)
    yield from gathered(deque(chain.from_iterable(_doubtful(part, read, changed_by) for part in lacking)))


def moved_unseen(parts: Iterable[Part], read: Read, changed_by: str) -> Iterator[Records]:
    """Read what has moved across the other borders of parts that still lack something.

    :param parts: the parts, after :func:`moved`.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    """
    lacking = [part for part in parts if part.in_order and part.lacking != 0]
    yield from gathered(deque(chain.from_iterable(_others(part, read, changed_by) for part in lacking)))


def _doubtful(part: Part, read: Read, changed_by: str) -> Iterator[Iterator[Records]]:
    if not part.in_order:
        yield _again(part.now, read, changed_by, in_vain=0)
        return
    for around in spans(part.doubtful, part.now):
        yield _found(part, _again(around, read, changed_by, in_vain=_IN_VAIN), changed_by)


def _others(part: Part, read: Read, changed_by: str) -> Iterator[Iterator[Records]]:
    for around in spans([border for border in part.borders if border not in part.doubtful], part.now):
        yield _again(around, read, changed_by, in_vain=_IN_VAIN)


def _found(part: Part, pages: Iterator[Records], changed_by: str) -> Iterator[Records]:
    for page in pages:
        part.found(page, changed_by)
        yield page
        del page


def _again(around: Window, read: Read, changed_by: str, *, in_vain: int) -> Iterator[Records]:
    """Read a span around a border, until all that was in it at the beginning has come in one reading or another.

    :param around: the span; mostly of one page, unless an import put many records into one second.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param in_vain: how often it is read again after a reading that brought something twice, and nothing new.
    """
    came: set[str] = set()
    expected: int | None = None
    began = ""
    vain = 0
    while True:
        before = len(came)
        scan, part = read(around), Part(around)
        for page in scan:
            part.take(page, scan, changed_by)
            if not began and scan.first and scan.first.answered_at:
                began = wrike_instant(scan.first.answered_at)
            times = times_of(page, changed_by)
            came.update(str(id_) for id_, time in zip(values(page, "id"), times, strict=True) if time < began)
            yield page
            del page
        expected = part.total if expected is None else expected
        if not part.borders:
            return
        if expected is not None and (len(came) >= expected or part.unmoved >= (part.total or 0)):
            return
        vain = 0 if len(came) > before else vain + 1
        if vain > (in_vain if part.repeated else 0):
            return


def spans(borders: list[Border], window: Window) -> Iterator[Window]:
    """Make the windows around the borders between pages.

    :param borders: last time of change of a page and first one of the next, as Wrike wrote them; None: it was empty.
    :param window: the window that was scanned.
    """
    for last, first in dict.fromkeys(borders):
        until = window.until if first is None else datetime.fromisoformat(first) + timedelta(seconds=1)
        yield Window(datetime.fromisoformat(last), until)
