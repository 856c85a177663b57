"""Reads a window completely, also while it changes.

Wrike's pages are cuts through a moving list: a record that changes moves to its end, all behind it move up by one,
and the one that moves across a page's border is not delivered (Wrike API v4, "Pagination"). It would not be read
later either, for it has not changed itself.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Final

from wrike_provider.api.client import Page, Record
from wrike_provider.api.paging import Pages
from wrike_provider.api.parallel import AT_ONCE, gathered
from wrike_provider.entities.model import Spans
from wrike_provider.entities.requests import Window, wrike_instant
from wrike_provider.operators.errors import CutOffError

log = logging.getLogger(__name__)

PAGES_A_PART: Final = 5
"""A part has as many pages at least: its last one is seldom full, and so costs half a request."""
PAGES_A_HALF: Final = 2
"""The same for what is taken off a part when a reader is idle: at the end of a list waiting costs more."""
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
        yield from gathered(deque([_whole(scan, start, read, changed_by, window)]))
        return
    yield start
    yield from _Parts(read, changed_by, parts, first.total or 0).records()
    if bounded.until != window.until:
        late = Window(bounded.until, window.until)
        scan = read(late)
        yield from _whole(scan, next(scan), read, changed_by, late)


def _whole(
    scan: Pages, start: list[Record], read: Callable[[Window], Pages], changed_by: str, window: Window
) -> Iterator[list[Record]]:
    """Read a window page after page, and what moved across the borders of its pages.

    :param scan: the window's pages.
    :param start: the first of them, which has been taken already.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param window: the window.
    """
    part = _Part(window)
    for page in chain((start,), scan):
        part.take(page, scan.first, changed_by)
        yield page
    yield from _moved(part, read, changed_by)


def _moved(part: _Part, read: Callable[[Window], Pages], changed_by: str) -> Iterator[list[Record]]:
    """Read what moved across the borders of a part's pages, when all parts that were given away have begun.

    All has come when as many records as Wrike counted at the beginning came with a time of change before it. Otherwise,
    or when Wrike did not count, the spans around the borders are read again, which costs a request each.

    :param part: the part.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    """
    expected = part.expected
    if not part.borders or (expected is not None and part.unmoved >= expected):
        return
    log.info(
        "Of %s records, %d came unchanged since the reading began; the %d borders between pages are read again.",
        "an unknown number of" if expected is None else expected,
        part.unmoved,
        len(part.borders),
    )
    for around in spans(part.borders, Window(part.window.since, part.end)):
        yield from _again(around, read, changed_by)


def _again(around: Window, read: Callable[[Window], Pages], changed_by: str) -> Iterator[list[Record]]:
    """Read a span around a border, until all that was in it at the beginning has come in one reading or another.

    :param around: the span; mostly of one page, unless an import put many records into one second.
    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    """
    came: set[str] = set()
    expected: int | None = None
    began = ""
    before = -1
    while len(came) > before:
        before = len(came)
        scan, part = read(around), _Part(around)
        for page in scan:
            part.take(page, scan.first, changed_by)
            if not began and scan.first and scan.first.answered_at:
                began = wrike_instant(scan.first.answered_at)
            came.update(str(record.get("id")) for record in page if str(record.get(changed_by, "")) < began)
            yield page
        expected = part.total if expected is None else expected
        if not part.borders or expected is None or len(came) >= expected or part.unmoved >= (part.total or 0):
            return


@dataclass(slots=True, eq=False)
class _Part:
    """A window that is read page after page, and what came of it so far.

    :param window: the window.
    :param guess: how many records are in it, while Wrike has not told.
    :param end: where it ends now: what follows was given to others; None: it does not end.
    :param given: the parts that were given to others.
    :param total: records in the window as Wrike counted them at the first page.
    :param taken: records that came.
    :param unmoved: those of them with a time of change before the first page.
    :param ordered: whether they came oldest change first.
    :param reached: whether one came with the time at which the window ends: then Wrike counts it twice.
    :param borders: last time of change of a page and first one of the next; None: it was empty.
    """

    window: Window
    guess: int = 0
    end: datetime | None = field(init=False)
    given: list[_Part] = field(default_factory=list)
    total: int | None = None
    taken: int = 0
    unmoved: int = 0
    ordered: bool = True
    reached: bool = False
    borders: list[tuple[str, str | None]] = field(default_factory=list)
    _last: str = ""

    def __post_init__(self) -> None:
        self.end = self.window.until

    def take(self, page: list[Record], first: Page | None, changed_by: str) -> None:
        """Note a page.

        :param page: the page.
        :param first: the first page.
        :param changed_by: the records' field with their time of change.
        """
        times = [str(record.get(changed_by, "")) for record in page]
        self.ordered = self.ordered and times == sorted(times) and (not times or self._last <= times[0])
        self.reached = self.reached or bool(self.window.until and wrike_instant(self.window.until) in times)
        if self.given and self.end is not None:
            end = wrike_instant(self.end)
            own = [time for time in times if time < end]
        else:
            own = times
        self.taken += len(own)
        if first is not None:
            # Wrike does not count a list of one page.
            self.total = len(first.data) if first.total is None and first.next_page_token is None else first.total
            if first.answered_at is not None:
                began = wrike_instant(first.answered_at)
                self.unmoved += sum(time < began for time in own)
        if self._last:
            # Before an empty page too: when the list grew shorter, it is where the last records have gone to.
            self.borders.append((self._last, times[0] if times else None))
        self._last = times[-1] if times else self._last

    @property
    def left(self) -> int:
        """How many records are still to come, about."""
        return (self.total or 0) - self.taken - sum(given.total or given.guess for given in self.given)

    @property
    def over(self) -> bool:
        """Whether what comes next was given to others."""
        return bool(self.ordered and self.given and self.end and self._last >= wrike_instant(self.end))

    @property
    def expected(self) -> int | None:
        """How many records were there at the beginning that nobody else reads; None: Wrike has not told."""
        expected = self.total
        for given in self.given:
            if expected is None or given.total is None or given.reached:
                return None
            expected -= given.total
        return expected


class _Parts:
    """Reads parts of a window at once; a reader that has nothing left to do takes half of what another one has left.

    :param read: reads a window, oldest change first.
    :param changed_by: the records' field with their time of change.
    :param windows: the parts.
    :param total: records in all of them, about.
    """

    def __init__(self, read: Callable[[Window], Pages], changed_by: str, windows: list[Window], total: int) -> None:
        self._read = read
        self._changed_by = changed_by
        self._parts = [_Part(window, total // len(windows)) for window in windows]
        self._jobs: deque[Iterable[list[Record]]] = deque(map(self._scan, self._parts))
        self._under_way = len(windows)
        self._sharing = threading.Lock()

    def records(self) -> Iterator[list[Record]]:
        """Read them.

        :raises WrikeError: a request failed.
        """
        yield from gathered(self._jobs)
        for part in self._parts:
            yield from _moved(part, self._read, self._changed_by)

    def _scan(self, part: _Part) -> Iterator[list[Record]]:
        scan = self._read(part.window)
        for page in scan:
            part.take(page, scan.first, self._changed_by)
            self._share(part, page)
            yield page
            if part.over:
                break
        with self._sharing:
            self._under_way -= 1

    def _share(self, part: _Part, page: list[Record]) -> None:
        with self._sharing:
            if self._under_way >= AT_ONCE or not part.ordered:
                return
            halves = division(
                page, len(page) + part.left, self._changed_by, Window(part.window.since, part.end), 2, PAGES_A_HALF
            )
            if halves is None:
                return
            other = _Part(halves[1], part.left // 2)
            part.given.append(other)
            part.end = other.window.since
            self._parts.append(other)
            self._jobs.append(self._scan(other))
            self._under_way += 1


def division(
    page: list[Record], total: int | None, changed_by: str, window: Window, at_most: int, pages: int = PAGES_A_PART
) -> list[Window] | None:
    """Divide what follows a page of a window into parts with about as many records each.

    :param page: the page.
    :param total: records from the page's beginning to the end of the window.
    :param changed_by: the records' field with their time of change.
    :param window: the window, which has an end.
    :param at_most: the number of parts, unless there would be too few pages in each.
    :param pages: the fewest pages of a part.
    :returns: the parts; None: it is not worth it, or cannot be done.
    """
    times = [str(record.get(changed_by, "")) for record in page]
    count = min(at_most, (total or 0) // (len(page) * pages)) if page else 0
    if count < 2 or window.until is None or times != sorted(times) or not times[0]:
        return None
    oldest, since = datetime.fromisoformat(times[0]), datetime.fromisoformat(times[-1])
    # Where the records end if they go on as densely as they begin, of which Wrike tells no more than the second; the
    # last part reaches to the end in any case.
    span = max(since - oldest, timedelta(seconds=1))
    end = min(window.until, oldest + span * ((total or 0) / len(page)))
    seconds = int((end - since).total_seconds())
    count = min(count, seconds)
    if count < 2:
        return None
    step = timedelta(seconds=seconds // count)
    borders = [since + step * number for number in range(count)]
    return [Window(*part) for part in pairwise([*borders, window.until])]


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
