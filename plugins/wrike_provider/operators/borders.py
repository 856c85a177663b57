"""Reads a window page after page, and what moved across the borders of its pages."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from wrike_provider.api.paging import Pages
from wrike_provider.api.parallel import gathered
from wrike_provider.api.records import Records, values
from wrike_provider.entities.requests import Window, wrike_instant
from wrike_provider.operators.part import Border, Part, times_of

log = logging.getLogger(__name__)

Read = Callable[[Window], Pages]

_IN_VAIN: Final = 5
"""Of a second that holds several pages, whose records come in another order each time: what lacks may be one."""


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
    Otherwise, or when Wrike did not count, the spans around the doubtful borders are read again, which costs a request
    each; a list in another order from its beginning.

    :param parts: the parts; all that were given away have begun.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    """
    lacking = [part for part in parts if part.borders and part.lacking != 0]
    for part in lacking:
        number = "An unknown number of" if part.lacking is None else part.lacking
        log.info("%s records of %s moved while they were read.", number, part.now)
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
    part.checked = part.doubtful
    for around in spans([border for border in part.borders if border in part.checked], part.now):
        yield _found(part, _again(around, read, changed_by, in_vain=_IN_VAIN), changed_by)


def _others(part: Part, read: Read, changed_by: str) -> Iterator[Iterator[Records]]:
    for around in spans([border for border in part.borders if border not in part.checked], part.now):
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
        if expected is not None and (len(came) >= expected or part.lacking == 0):
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
        since = datetime.fromisoformat(last)
        until = window.until if first is None else datetime.fromisoformat(first) + timedelta(seconds=1)
        # Where Wrike counts the end with the window, its last records may have just that time.
        yield Window(since, until and max(until, since + timedelta(seconds=1)))
