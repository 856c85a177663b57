"""What came of a part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.operators.moving import DAY, Moving
from wrike_provider.api.client import Page
from wrike_provider.entities.requests import Window
from wrike_provider.operators.borders import moved, moved_unseen
from wrike_provider.operators.part import Part


def at(second: int) -> datetime:
    return DAY[0] + timedelta(seconds=second)


class Scan:
    """Pages as they are given."""

    def __init__(self, *totals: int | None) -> None:
        self.first = self.latest = Page([], "more", totals[0], datetime(2026, 2, 1, tzinfo=UTC))
        self._totals = iter(totals)

    def page(self, *seconds: int, last: bool = False) -> list[dict[str, Any]]:
        self.latest = Page([], None if last else "more", None if last else next(self._totals), self.first.answered_at)
        return [{"id": f"r{second}", "updatedDate": f"{at(second):%Y-%m-%dT%H:%M:%SZ}"} for second in seconds]


def taken(scan: Any, *pages: tuple[int, ...], ended: bool = True) -> Part:
    part = Part(Window(at(0), at(100)))
    for number, page in enumerate(pages, start=1):
        part.take(scan.page(*page, last=ended and number == len(pages)), scan, "updatedDate")
    return part


def borders(part: Part) -> list[int]:
    return [place for place, border in enumerate(part.borders) if border in part.doubtful]


@pytest.mark.parametrize(
    ("totals", "ended", "doubtful", "recounted"),
    [
        ((7, 7, 7), True, [], False),
        # Wrike counts before it cuts a page: what it counts less may have left before the page before.
        ((8, 8, 7), True, [0, 1], True),
        ((8, 7, 7), True, [0], True),
        # It does not count anew; the last page tells that something has left.
        ((8, 8, 8), True, [1, 2], False),
        ((8, None, 8), True, [0, 1, 2], False),
        ((None, None, None), True, [0, 1, 2], False),
        # What was given to others ends it before its last page.
        ((9, 9, 9, 9), False, [2], False),
    ],
)
def test_which_borders_are_doubtful(
    totals: tuple[int | None, ...], ended: bool, doubtful: list[int], recounted: bool
) -> None:
    part = taken(Scan(*totals), (0, 1), (2, 3), (4, 5), (6,), ended=ended)
    assert borders(part) == doubtful
    assert part.recounted is recounted


def test_what_is_read_around_a_border_counts_only_if_it_is_in_the_window() -> None:
    """Wrike takes ends as inclusive, and several records are of the second after."""
    moving = Moving([0, 1, 2, 3, 4, 5, 6, 10, 11, 11], [], inclusive=True, size=4)
    part = Part(Window(at(0), at(10)))
    scan = moving.read(part.window)
    part.take(next(scan)[:-1], scan, "updatedDate")
    part.take(next(scan), scan, "updatedDate")
    assert (part.total, part.unmoved, part.lacking) == (8, 7, 1)
    part.found(next(moving.read(Window(at(10), at(11)))), "updatedDate")
    assert (part.unmoved, part.lacking) == (7, 1)


def test_an_end_that_is_found_only_later_is_reached_too() -> None:
    part = Part(Window(at(0), at(10)))
    part.found([{"id": "r", "updatedDate": f"{at(10):%Y-%m-%dT%H:%M:%SZ}"}], "updatedDate")
    assert part.reached


def test_what_was_given_on_is_counted_twice_too() -> None:
    part, given, given_on = (Part(Window(at(second), at(20))) for second in (0, 10, 15))
    part.total, given.total, given_on.total = 10, 5, 3
    part.given, given.given = [given], [given_on]
    assert part.expected == 5
    given_on.reached = True
    assert part.expected is None


def test_where_something_lacks_after_all_is_read_again_too() -> None:
    """What was given to others may turn out to have been counted twice."""
    moving = Moving(list(range(7)), [], inclusive=False, size=4)
    part = Part(Window(at(0), at(100)))
    scan = moving.read(part.window)
    part.take(next(scan), scan, "updatedDate")
    page = next(scan)
    part.take(page[1:], scan, "updatedDate")
    part.total = 6
    assert list(moved([part], moving.read, "updatedDate")) == []
    part.total = 7
    assert "r4" in {record["id"] for page in moved_unseen([part], moving.read, "updatedDate") for record in page}
    assert part.doubtful
