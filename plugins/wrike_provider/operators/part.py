"""One window that is read page after page: what came of it, what is lacking, and where it may be.

Wrike's pages are cuts through a moving list: a record that changes moves to its end, all behind it move up by one,
and the one that moves across a page's border is not delivered (Wrike API v4, "Pagination"). It would not be read
later either, for it has not changed itself.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from typing import Any, Final

from wrike_provider.api.paging import Pages
from wrike_provider.api.records import Records, values
from wrike_provider.entities.requests import Window, wrike_instant

Border = tuple[str, str | None]

CLOCKS: Final = timedelta(minutes=1)
"""How far apart Wrike's clocks may be: the one of its answers, and the one of its records."""


def times_of(page: Records, changed_by: str) -> list[str]:
    """When the records of a page changed, as Wrike wrote it; empty where it wrote nothing.

    :param page: the page.
    :param changed_by: the records' field with their time of change.
    """
    return [str(time or "") for time in values(page, changed_by)]


def reach(records: float, left: int, seconds: float, density: float) -> float:
    """How long a time holds so many records, as far as a time's beginning and its total tell.

    They are taken to become denser or rarer evenly.

    :param records: the records.
    :param left: records of the whole time.
    :param seconds: the whole time.
    :param density: records a second at its beginning.
    """
    mean = left / seconds
    # One page does not tell much: nowhere are so many or so few expected that there were none elsewhere.
    begin = min(max(density, mean / 5), mean * 9 / 5)
    return 2 * records / (begin + sqrt(begin**2 + 4 * (mean - begin) / seconds * records))


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
    :param reached: whether one came with the time at which the window ends: then Wrike counts it with the next one too.
    :param borders: last time of change of a page and first one of the next; None: it was empty.
    :param checked: those of them around which was read again.
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
    checked: set[Border] = field(default_factory=set)
    _last: str | None = None
    _settled_last: str | None = None
    _came: int = 0
    _size: int = 0
    _page_since: str = ""
    _sizes: list[int | None] = field(default_factory=list)
    _ended: bool = False
    _began: str = ""
    _settled: str = ""
    _unsure: set[int] = field(default_factory=set)
    _stirred: bool = False
    _until: str | None = field(init=False)
    _unmoved: array[int] = field(default_factory=lambda: array("q"))

    def __post_init__(self) -> None:
        self.end = self.window.until
        self._until = wrike_instant(self.window.until) if self.window.until else None

    def take(self, page: Records, scan: Pages, changed_by: str) -> None:
        """Note a page.

        :param page: the page.
        :param scan: the pages that it is one of.
        :param changed_by: the records' field with their time of change.
        """
        first = scan.first
        times = times_of(page, changed_by)
        follows = not times or self._last is None or self._last <= times[0]
        # What has just changed may still be shown in its old place: its time tells nothing of those beside it.
        inside = self._until is None or not times or times[-1] <= self._until
        # What has no time has no place either.
        self.in_order = self.in_order and follows and inside and "" not in times and times == sorted(times)
        if first is not None:
            # Wrike does not count a list of one page.
            self.total = len(page) if first.total is None and first.next_page_token is None else first.total
            self._began = wrike_instant(first.answered_at) if first.answered_at is not None else ""
            self._settled = wrike_instant(first.answered_at - CLOCKS) if first.answered_at is not None else ""
        self.taken += self.found(page, changed_by)
        if self._last is not None:
            # Before an empty page too: when the list grew shorter, it is where the last records have gone to.
            self.borders.append((self._settled_last or self._last, times[0] if times else None))
        self._last = times[-1] if times else self._last
        self._settled_last = max((time for time in times if time < self._settled), default=self._settled_last)
        self._came += len(page)
        self._size, self._page_since = len(page), times[0] if times else ""
        more = scan.latest if scan.latest is not None and scan.latest.next_page_token is not None else None
        self._ended = more is None
        # The last page is not counted; where it ends, the list does.
        self._sizes.append(more.total if more is not None else self._came)

    def found(self, page: Records, changed_by: str) -> int:
        """Note records of the window, of which some may have been noted before.

        :param page: the records.
        :param changed_by: the records' field with their time of change.
        :returns: how many of them are not of what was given to others.
        """
        times, ids = times_of(page, changed_by), values(page, "id")
        self.reached = self.reached or self._until in times
        end = wrike_instant(self.end) if self.given and self.end else None
        own = [
            place
            for place, time in enumerate(times)
            if (end is None or time < end) and (self._until is None or time <= self._until)
        ]
        # Numbers instead of ids: they take a tenth of the memory.
        self._unmoved.extend(hash(ids[place]) for place in own if times[place] < self._began)
        self._stirred = self._stirred or any(times[place] >= self._began for place in own)
        self._unsure.update(hash(ids[place]) for place in own if self._settled <= times[place] < self._began)
        return len(own)

    @property
    def doubtful(self) -> set[Border]:
        """The borders across which something may have moved, as far as Wrike's counting tells.

        Pages are cut by number: when none has left the window between two of them, none has moved across their border.
        Wrike does not say whether it counts for each page (Wrike API v4, "Response format"), nor whether it does so
        before it cuts the page: then the next one tells.
        """
        ended = len(self.borders) if self._ended else len(self.borders) - 1
        found = set()
        for place, border in enumerate(self.borders):
            sizes = set(self._sizes[place : place + 3])
            if place >= ended or len(sizes) > 1 or None in sizes:
                found.add(border)
        return found

    @property
    def recounted(self) -> bool:
        """Whether Wrike was seen to count for each page."""
        return len(set(self._sizes[:-1] if self._ended else self._sizes) - {None}) > 1

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
        if expected is None:
            return None
        stirred = self._stirred or self.repeated or self.recounted
        # What appeared shortly before the answer, and was not counted yet, must not stand for what moved since.
        return max(0, expected - self.unmoved + (len(self._unsure) if stirred else 0))

    @property
    def left(self) -> int:
        """How many records are still to come, about."""
        return (
            (self.total or 0)
            - self.taken
            - sum(given.guess if given.total is None else given.total for given in self.given)
        )

    @property
    def begun(self) -> bool:
        """Whether a page has come."""
        return self._last is not None

    def give_half(self) -> Part | None:
        """Give away the later half of what is left, by whole pages: that two read it costs no further request.

        :returns: the half; None: one page holds all that is left, or nothing tells where its middle is.
        """
        since = datetime.fromisoformat(self._last) if self._last else None
        pages = -(-self.left // self._size) if self._size else 0
        if pages > 1 and since is not None and self.end is not None and since < self.end:
            # A page may be awaited already: of an odd number one more is kept. What stays free on the last one is
            # shared, for where the middle is can only be guessed.
            kept = -(-pages // 2) * self._size - (pages * self._size - self.left) / 2
            density = (self._size - 1) / max(1.0, (since - datetime.fromisoformat(self._page_since)).total_seconds())
            middle = since + timedelta(seconds=int(reach(kept, self.left, (self.end - since).total_seconds(), density)))
            if since < middle < self.end:
                half = Part(Window(middle, self.end), self.left - int(kept))
                self.given.append(half)
                self.end = middle
                return half
        self.divisible = False
        return None

    @property
    def over(self) -> bool:
        """Whether what comes next was given to others."""
        return bool(self.ordered and self.given and self.end and (self._last or "") >= wrike_instant(self.end))

    @property
    def uncertain(self) -> bool:
        """Whether records are counted twice, here or where something was given to."""
        return self.reached or any(given.uncertain for given in self.given)

    @property
    def expected(self) -> int | None:
        """How many records were there at the beginning that nobody else reads; None: Wrike has not told."""
        expected = self.total
        for given in self.given:
            if expected is None or given.total is None or given.uncertain:
                return None
            expected -= given.total
        return expected
