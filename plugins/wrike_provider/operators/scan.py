"""Reads a window completely, also while it changes.

Wrike's pages are cuts through a moving list: a record that changes moves to its end, all behind it move up by one,
and the one that moves across a page's border is not delivered (Wrike API v4, "Pagination"). It would not be read
later either, for it has not changed itself.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Final

from wrike_provider.api.client import Record
from wrike_provider.api.paging import Pages
from wrike_provider.api.parallel import AT_ONCE, gathered
from wrike_provider.entities.model import Spans
from wrike_provider.entities.requests import Window, wrike_instant
from wrike_provider.operators.errors import CutOffError

log = logging.getLogger(__name__)

PAGES_A_PART: Final = 10
"""A part has as many pages at least: its last one is seldom full, and so costs half a request."""
LARGER: Final = 1.5
"""By how much a part may be larger than the others before it is divided again."""
STILL: Final = timedelta(minutes=10)
"""Changes older than this are behind us, whatever clock tells when Wrike has answered."""


def changes(read: Callable[[Window], Pages], changed_by: str, window: Window) -> Iterator[list[Record]]:
    """Read a window, and what moved across the borders of its pages.

    A long one is read in several parts at once, and then what changed meanwhile.

    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param window: the window.
    :raises WrikeError: a request failed.
    """
    scan = read(window)
    start = next(scan)
    first = scan.first
    if first is None or first.next_page_token is None:
        yield start
        return
    still = first.answered_at - STILL if first.answered_at else None
    bounded = Window(window.since, still if still and (window.until is None or still < window.until) else window.until)
    parts = division(start, first.total, changed_by, bounded, AT_ONCE)
    if parts is None:
        yield from gathered(deque([complete(scan, start, read, changed_by, window)]))
        return
    yield start
    enough = int(LARGER * (first.total or 0) / AT_ONCE)
    jobs: deque[Iterable[list[Record]]] = deque()
    jobs.extend(_part(read, changed_by, part, enough, jobs) for part in parts)
    yield from gathered(jobs)
    if bounded.until != window.until:
        late = Window(bounded.until, window.until)
        scan = read(late)
        yield from complete(scan, next(scan), read, changed_by, late)


def _part(
    read: Callable[[Window], Pages],
    changed_by: str,
    window: Window,
    enough: int,
    jobs: deque[Iterable[list[Record]]],
) -> Iterator[list[Record]]:
    """Read a part, or its first page only and leave the rest to two others when there is much more in it."""
    scan = read(window)
    start = next(scan)
    first = scan.first
    halves = None
    if first is not None and first.next_page_token is not None and first.total is not None and first.total > enough:
        halves = division(start, first.total, changed_by, window, 2)
    if halves is None:
        yield from complete(scan, start, read, changed_by, window)
        return
    yield start
    jobs.extend(_part(read, changed_by, half, enough, jobs) for half in halves)


def division(
    start: list[Record], total: int | None, changed_by: str, window: Window, at_most: int
) -> list[Window] | None:
    """Divide what follows the first page of a window into parts with about as many records each.

    :param start: the first page.
    :param total: records in the window.
    :param changed_by: the records' field with their time of change.
    :param window: the window, which has an end.
    :param at_most: the number of parts, unless there would be too few pages in each.
    :returns: the parts; None: it is not worth it, or cannot be done.
    """
    times = [str(record.get(changed_by, "")) for record in start]
    count = min(at_most, (total or 0) // (len(start) * PAGES_A_PART)) if start else 0
    if count < 2 or window.until is None or times != sorted(times) or not times[0]:
        return None
    oldest, since = datetime.fromisoformat(times[0]), datetime.fromisoformat(times[-1])
    # Where the records end if they go on as densely as they begin, of which Wrike tells no more than the second; the
    # last part reaches to the end in any case.
    span = max(since - oldest, timedelta(seconds=1))
    end = min(window.until, oldest + span * ((total or 0) / len(start)))
    seconds = int((end - since).total_seconds())
    count = min(count, seconds)
    if count < 2:
        return None
    step = timedelta(seconds=seconds // count)
    borders = [since + step * number for number in range(count)]
    return [Window(*part) for part in pairwise([*borders, window.until])]


def complete(
    scan: Pages, start: list[Record], read: Callable[[Window], Pages], changed_by: str, window: Window
) -> Iterator[list[Record]]:
    """Read a window page after page, and what moved across the borders of its pages.

    A scan is complete when as many records as Wrike counted at its start came with a time of change before it.
    Otherwise, or when Wrike did not count, the spans around the borders are read again, which costs a request each.

    :param scan: the window's pages.
    :param start: the first of them, which has been taken already.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param window: the window.
    :raises WrikeError: a request failed.
    """
    borders: list[tuple[str, str | None]] = []
    unmoved = 0
    last = ""
    for page in chain((start,), scan):
        times = [str(record.get(changed_by, "")) for record in page]
        yield page
        if scan.first is not None and scan.first.answered_at is not None:
            began = wrike_instant(scan.first.answered_at)
            unmoved += sum(time < began for time in times)
        if last:
            # Before an empty page too: when the list grew shorter, it is where the last records have gone to.
            borders.append((last, times[0] if times else None))
        last = times[-1] if times else last
    if scan.first is None or not borders or (scan.first.total is not None and unmoved >= scan.first.total):
        return
    log.info(
        "Of %s records, %d came unchanged since the reading began; the %d borders between pages are read again.",
        "an unknown number of" if scan.first.total is None else scan.first.total,
        unmoved,
        len(borders),
    )
    for around in spans(borders, window):
        yield from read(around)


def spans(borders: list[tuple[str, str | None]], window: Window) -> Iterator[Window]:
    """Make the windows around the borders between pages.

    :param borders: last time of change of a page and first one of the next, as Wrike wrote them; None: it was empty.
    :param window: the window that was scanned; read again as a whole when its pages were not in order.
    """
    if any(not last or (first is not None and last > first) for last, first in borders):
        yield window
        return
    for last, first in dict.fromkeys(borders):
        until = window.until if first is None else datetime.fromisoformat(first) + timedelta(seconds=1)
        yield Window(datetime.fromisoformat(last), until)


def spanned(read: Callable[[Window], Pages], changed_by: str, window: Window, limits: Spans) -> Iterator[list[Record]]:
    """Read a window of an endpoint that answers a short span only, span by span.

    An answer that holds as many records as the endpoint gives at the most may lack some; which end they are missing
    from is seen from its order (Wrike API v4, "Comments": newest first, ``limit``).

    :param read: reads a window, whole.
    :param changed_by: the records' field by which the endpoint filters.
    :param window: the window, with both ends.
    :param limits: what the endpoint answers at the most.
    :raises WrikeError: a request failed.
    :raises CutOffError: more records than the endpoint gives have one and the same time.
    """
    if window.since is None or window.until is None:
        raise ValueError("a window with both ends is needed")
    since = window.since
    jobs: deque[Iterable[list[Record]]] = deque()
    while since < window.until:
        until = min(since + limits.longest, window.until)
        jobs.append(_span(read, changed_by, Window(since, until), limits))
        since = until
    yield from gathered(jobs, first_alone=True)


def _span(read: Callable[[Window], Pages], changed_by: str, window: Window, limits: Spans) -> Iterator[list[Record]]:
    rest: Window | None = window
    while rest is not None:
        page = [record for records in read(rest) for record in records]
        yield page
        rest = _left(page, changed_by, rest) if limits.most is not None and len(page) >= limits.most else None


def _left(page: list[Record], changed_by: str, window: Window) -> Window:
    """The part of a window that an answer which was cut off did not reach; its last second is read again."""
    times = [str(record.get(changed_by, "")) for record in page]
    newest, oldest = max(times), min(times)
    if times == sorted(times, reverse=True):
        left = Window(window.since, datetime.fromisoformat(oldest) + timedelta(seconds=1))
    elif times == sorted(times):
        left = Window(datetime.fromisoformat(newest), window.until)
    else:
        raise CutOffError(f"Wrike cut an answer of {len(page)} records between {window} off, in no order.")
    if newest == oldest or left == window:
        raise CutOffError(
            f"{len(page)} or more records have the time {newest}; Wrike gives no more of them and no way to the others."
        )
    return left
