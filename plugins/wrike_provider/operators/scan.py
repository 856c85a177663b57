"""Reads a window completely, also while it changes.

Wrike's pages are cuts through a moving list: a record that changes moves to its end, all behind it move up by one,
and the one that moves across a page's border is not delivered (Wrike API v4, "Pagination"). It would not be read
later either, for it has not changed itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from wrike_provider.api.client import Record
from wrike_provider.api.paging import Pages
from wrike_provider.entities.requests import Window, wrike_instant

log = logging.getLogger(__name__)


def changes(read: Callable[[Window], Pages], changed_by: str, window: Window) -> Iterator[list[Record]]:
    """Read a window, and what moved across the borders of its pages.

    A scan is complete when as many records as Wrike counted at its start came with a time of change before it.
    Otherwise the spans around the borders are read again, which costs a request each.

    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param window: the window.
    :raises WrikeError: a request failed.
    """
    scan = read(window)
    borders: list[tuple[str, str]] = []
    unmoved = 0
    last = ""
    for page in scan:
        yield page
        times = [str(record.get(changed_by, "")) for record in page]
        if scan.first is not None and scan.first.answered_at is not None:
            start = wrike_instant(scan.first.answered_at)
            unmoved += sum(time < start for time in times)
        if times and last:
            borders.append((last, times[0]))
        last = times[-1] if times else last
    if scan.first is None or scan.first.total is None or not borders or unmoved >= scan.first.total:
        return
    log.info(
        "Of %d records %d changed or went while they were read; the %d borders between pages are read again.",
        scan.first.total,
        scan.first.total - unmoved,
        len(borders),
    )
    for around in spans(borders, window):
        yield from read(around)


def spans(borders: list[tuple[str, str]], window: Window) -> Iterator[Window]:
    """Make the windows around the borders between pages.

    :param borders: last time of change of a page and first one of the next, as Wrike wrote them.
    :param window: the window that was scanned; read again as a whole when its pages were not in order.
    """
    if any(not last or last > first for last, first in borders):
        yield window
        return
    for last, first in dict.fromkeys(borders):
        yield Window(datetime.fromisoformat(last), datetime.fromisoformat(first) + timedelta(seconds=1))
