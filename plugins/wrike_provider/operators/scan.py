"""Reads a window completely, also while it changes."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from wrike_provider.api.client import Page
from wrike_provider.api.errors import WrikeError
from wrike_provider.api.paging import Pages
from wrike_provider.api.parallel import begun, gathered
from wrike_provider.api.records import Records, values
from wrike_provider.entities.model import Spans
from wrike_provider.entities.requests import Window
from wrike_provider.operators.borders import Read, complete
from wrike_provider.operators.ends import Ends
from wrike_provider.operators.errors import CutOffError
from wrike_provider.operators.part import times_of
from wrike_provider.operators.parts import Parts, division

log = logging.getLogger(__name__)

STILL: Final = timedelta(minutes=10)
"""Changes older than this are behind us, whatever clock tells when Wrike has answered."""


def changes(
    read: Read,
    changed_by: str,
    window: Window,
    look_back: Read | None = None,
    also: Sequence[Iterable[Records]] = (),
    look: Read | None = None,
) -> Iterator[Records]:
    """Read a window, and what moved across the borders of its pages.

    A long one is read in several parts at once, and then what changed meanwhile, unless all came as it was.

    :param read: reads a window, oldest change first if the endpoint can be told so.
    :param changed_by: the records' field with their time of change.
    :param window: the window.
    :param look_back: reads a few records of a window, latest change first; None: the endpoint cannot be told an order.
    :param also: what else is to be read, once Wrike has answered the first request.
    :param look: reads a few records of a window, oldest change first, of a list that may be long: then both its ends
        are looked at before a page is read. None: the first page tells whether it is.
    :raises WrikeError: a request failed.
    """
    scan = read(window)
    if look is not None and look_back is not None:
        begin, end = look(window), look_back(window)
        found = begun(_last_alone(end))
        start = next(begin)
        # Wrike answers: nothing is asked for in vain.
        also = [begun(iter(one)) for one in also]
        last = next(found)
        if begin.first is None or begin.first.next_page_token is None:
            yield from chain((start,), *also)
            return
        if end.first is None:
            # It was refused.
            look_back = None
        else:
            answers = (begin.first, end.first)
            ends = Ends.of(start, last, answers, changed_by, scan.size)
            if ends is not None and ends.divisible:
                yield last
                yield start
                del start, last
                parts = Parts(read, changed_by, ends.between(_settled(window, *answers).until), ends.total)
                yield from _divided(read, changed_by, window, parts, ends, also)
                return
        del start, last
    start = next(scan)
    first = scan.first
    if first is None or first.next_page_token is None:
        yield from chain((start,), *also)
        return
    bounded = _settled(window, first)
    windows = division(start, first.total, changed_by, bounded)
    if windows is None:
        whole = complete(scan, start, read, changed_by, window)
        del start
        yield from gathered(deque([whole, *also]))
        return
    # Wrike does not tell when the last change was.
    back = look_back(window) if look_back is not None else None
    last = _last(back) if back is not None else []
    ends = Ends.of(start, last, (first, back.first), changed_by, len(start)) if back and back.first else None
    # Without an end in order the beginning is so by chance perhaps: what should have been in it is read too.
    before = [one for one in (Window(window.since, windows[0].since),) if not one.empty]
    windows = ends.between(bounded.until) if ends else [*before, *windows]
    parts = Parts(read, changed_by, windows, (first.total or 0) - len(start), in_order=bool(ends))
    if last:
        yield last
    yield start
    del start, last
    yield from _divided(read, changed_by, window, parts, ends, also)


def _settled(window: Window, *answers: Page) -> Window:
    """The part of a window that was behind us when Wrike first answered, for all that clocks tell."""
    told = [answer.answered_at for answer in answers if answer.answered_at]
    still = min(told) - STILL if told else None
    return Window(window.since, still if still and (window.until is None or still < window.until) else window.until)


def _divided(
    read: Read,
    changed_by: str,
    window: Window,
    parts: Parts,
    ends: Ends | None,
    also: Sequence[Iterable[Records]],
) -> Iterator[Records]:
    """Read the parts of a window, and then what changed meanwhile and what still seems to be lacking."""
    yield from parts.records(also)
    # Records that appeared among older ones could stand for what a part lacks, unless Wrike counts for each page.
    if ends and ends.all_came(parts.unmoved) and (parts.recounted or not parts.lacking):
        return
    elsewhere: set[Any] = set()
    around = [Window(parts.until, window.until)]
    if ends:
        # The ends may have been in order by chance.
        around.append(Window(window.since, ends.since))
    for rest in around:
        if rest.empty:
            continue
        scan = read(rest)
        for page in complete(scan, next(scan), read, changed_by, rest):
            elsewhere |= ends.strangers(page, changed_by) if ends else set()
            yield page
            del page
    # What has come into sight meanwhile could stand for what is lacking: only signs are trusted.
    others = len(parts.unknown(elsewhere)) if parts.recounted else 0
    if (parts.lacking and not parts.recounted) or not (ends and ends.all_came(parts.unmoved, others)):
        yield from parts.unseen()


def _last_alone(end: Pages) -> Iterator[Records]:
    yield _last(end)


def _last(end: Pages) -> Records:
    """Read the last records of a list; none when Wrike does not give them in that order."""
    try:
        return next(end)
    except WrikeError as error:
        log.warning("The list is read without a look at its end. %s", error)
        return []


def counted(read: Callable[[], Pages], key: str) -> Iterator[Records]:
    """Read a list that has no filter, as often as that brings more of what Wrike has counted.

    :param read: reads it.
    :param key: the records' field that tells them apart.
    :raises WrikeError: a request failed.
    """
    came: set[str] = set()
    before = -1
    while len(came) > before:
        before = len(came)
        scan = read()
        here: set[str] = set()
        for page in scan:
            here.update(map(str, values(page, key)))
            yield page
            del page
        came |= here
        if scan.first is None or scan.first.next_page_token is None or len(here) >= (scan.first.total or 0):
            return
        log.info("%d of %d records came; the list is read again.", len(here), scan.first.total or 0)


def spanned(read: Read, changed_by: str, window: Window, limits: Spans) -> Iterator[Records]:
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
    jobs: deque[Iterable[Records]] = deque()
    while since < window.until:
        until = min(since + limits.longest, window.until)
        jobs.append(_span(read, changed_by, Window(since, until), limits))
        since = until
    yield from gathered(jobs, first_alone=True)


def _span(read: Read, changed_by: str, window: Window, limits: Spans) -> Iterator[Records]:
    rest: Window | None = window
    while rest is not None:
        times: list[str] = []
        for page in read(rest):
            times += times_of(page, changed_by)
            yield page
            del page
        rest = _left(times, rest) if limits.most is not None and len(times) >= limits.most else None


def _left(times: list[str], window: Window) -> Window:
    """The part of a window that an answer which was cut off did not reach; its last second is read again."""
    newest, oldest = max(times), min(times)
    if not oldest:
        raise CutOffError(f"Wrike cut an answer of {len(times)} records between {window} off, some without a time.")
    if times == sorted(times, reverse=True):
        left = Window(window.since, datetime.fromisoformat(oldest) + timedelta(seconds=1))
    elif times == sorted(times):
        left = Window(datetime.fromisoformat(newest), window.until)
    else:
        raise CutOffError(f"Wrike cut an answer of {len(times)} records between {window} off, in no order.")
    if newest == oldest or left == window:
        raise CutOffError(
            f"{len(times)} or more records have the time {newest}; Wrike gives no more of them, and no way to others."
        )
    return left
