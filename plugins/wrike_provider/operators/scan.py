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
from wrike_provider.api.errors import WrikeRequestError
from wrike_provider.api.paging import Pages
from wrike_provider.entities.model import Spans
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


def spanned(read: Callable[[Window], Pages], changed_by: str, window: Window, limits: Spans) -> Iterator[list[Record]]:
    """Read a window of an endpoint that answers a short span only, span by span.

    An answer that holds as many records as the endpoint gives at the most may lack some; which end they are missing
    from is seen from its order (Wrike API v4, "Comments": newest first, ``limit``).

    :param read: reads a window, whole.
    :param changed_by: the records' field by which the endpoint filters.
    :param window: the window, with both ends.
    :param limits: what the endpoint answers at the most.
    :raises WrikeError: a request failed, or more records than the endpoint gives have one and the same time.
    """
    if window.since is None or window.until is None:
        raise ValueError("a window with both ends is needed")
    since = window.since
    while since < window.until:
        until = min(since + limits.longest, window.until)
        rest: Window | None = Window(since, until)
        while rest is not None:
            page = [record for records in read(rest) for record in records]
            yield page
            rest = _left(page, changed_by, rest) if limits.most is not None and len(page) >= limits.most else None
        since = until


def _left(page: list[Record], changed_by: str, window: Window) -> Window:
    """The part of a window that an answer which was cut off did not reach; its last second is read again."""
    times = [str(record.get(changed_by, "")) for record in page]
    newest, oldest = max(times), min(times)
    if times == sorted(times, reverse=True):
        left = Window(window.since, datetime.fromisoformat(oldest) + timedelta(seconds=1))
    elif times == sorted(times):
        left = Window(datetime.fromisoformat(newest), window.until)
    else:
        raise WrikeRequestError(f"Wrike cut an answer of {len(page)} records between {window} off, in no order.")
    if newest == oldest or left == window:
        raise WrikeRequestError(
            f"{len(page)} or more records have the time {newest}; Wrike gives no more of them and no way to the others."
        )
    return left
