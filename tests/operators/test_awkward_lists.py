"""Lists that lag, whose clocks differ, which keep another order than they were told, or change while they are begun."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.operators.moving import DAY, Moving
from wrike_provider.api.client import Page
from wrike_provider.api.errors import WrikeRequestError
from wrike_provider.entities.requests import Window
from wrike_provider.operators.scan import changes


def read(moving: Moving, window: Window | None = None, *, look: bool = True, back: bool = True) -> set[str]:
    """Read a list; returns the names of the records."""
    found = changes(
        moving.read,
        "updatedDate",
        window or Window(),
        moving.read_back if back else None,
        look=moving.look if look else None,
    )
    return {record["id"] for page in found for record in page}


class Early(Moving):
    """Something is made after the first page was cut and before its answer is dated; then a record of it changes."""

    asked = 0

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        self.asked += 1
        if self.asked == 2:
            self.times["r0"] = self._now = self._now + timedelta(seconds=5)
        found = super().page(window, offset, back=back, size=size)
        if self.asked == 1:
            self._now += timedelta(seconds=1)
            self.times[f"new{self._now:%Y-%m-%dT%H:%M:%SZ}"] = self._now
            self._now += timedelta(seconds=1)
            return replace(found, answered_at=self._now)
        return found


@pytest.mark.parametrize("counted", ["anew", "once", "never"])
def test_what_was_made_before_the_answer_was_dated_does_not_stand_for_what_moved(counted: str) -> None:
    moving = Early(list(range(0, 8_000, 200)), [], inclusive=False, size=4, counted=counted)
    assert {f"r{number}" for number in range(40)} <= read(moving, look=False, back=False)


def test_that_nothing_moved_is_seen_though_something_has_just_changed() -> None:
    """Then nothing is read again."""
    moving = Moving([*range(0, 8_000, 200), 86_399], [], inclusive=False, size=4)
    assert len(read(moving, look=False, back=False)) == 41
    assert moving.windows == [Window()]


class Strict(Moving):
    """A Wrike that refuses windows in which nothing can be."""

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        if window.empty:
            raise WrikeRequestError(f"Wrike answered 400 invalid_parameter: {window}.")
        return super().page(window, offset, back=back, size=size)


class Leaving(Strict):
    """A record leaves the window before the second page is cut."""

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        if offset == 4:
            self.times["r4"] = DAY[1] + timedelta(seconds=1)
        return super().page(window, offset, back=back, size=size)


@pytest.mark.parametrize("look", [False, True])
def test_an_import_of_just_now(look: bool) -> None:
    """Everything but the first records is younger than what counts as behind us."""
    moving = Strict([*range(3), *(86_100 + number // 4 for number in range(300))], [], inclusive=False, size=4)
    assert len(read(moving, look=look)) == 303


def test_a_first_page_of_the_second_at_which_the_window_begins() -> None:
    moving = Strict([*[0] * 5, *range(1, 300)], [], inclusive=False, size=4)
    assert len(read(moving, Window(DAY[0]), look=False, back=False)) == 304


def test_a_page_that_ends_with_the_window() -> None:
    moving = Leaving([100] * 5, [], inclusive=True, size=4)
    window = Window(DAY[0], DAY[0] + timedelta(seconds=100))
    assert read(moving, window, look=False, back=False) == {"r0", "r1", "r2", "r3"}


class Lagging(Moving):
    """A record shows the time at which it has just changed, and is still in its old place, once."""

    def __init__(self, late: str, counted: str) -> None:
        super().__init__(list(range(0, 40_000, 200)), [], inclusive=False, size=4, counted=counted)
        self.late = late
        self.shown = False

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        found = super().page(window, offset, back=back, size=size)
        ends_with_it = found.data[-1:] != [] and found.data[-1]["id"] == self.late
        if self.shown or not offset or not window.until or not ends_with_it or not found.next_page_token:
            return found
        self.shown = True
        self.times[self.late] = self._now = self._now + timedelta(seconds=1)
        return replace(found, data=[*found.data[:-1], {**found.data[-1], "updatedDate": f"{self._now:%FT%TZ}"}])


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize("counted", ["anew", "once"])
def test_a_time_of_just_now_is_no_place_in_the_list(counted: str, look: bool) -> None:
    shown = 0
    for number in range(200):
        moving = Lagging(f"r{number}", counted)
        assert {f"r{each}" for each in range(200)} <= read(moving, look=look), moving.late
        shown += moving.shown
    assert shown > 20


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize("counted", ["anew", "once"])
def test_ends_that_are_in_order_by_chance(counted: str, look: bool) -> None:
    """A list by creation: the oldest and the newest are as they were made, others were changed in the evening."""
    seconds = [100 * number for number in range(300)]
    seconds[20:280:3] = [60_000 + 10 * number for number in range(20, 280, 3)]
    moving = Moving(seconds, [], inclusive=False, size=4, by_creation=True, counted=counted)
    assert len(read(moving, look=look)) == 300


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize("moves", [[], [None, 0]])
def test_a_list_of_the_latest_first_that_begins_with_a_bulk_edit(moves: list[int | None], look: bool) -> None:
    """Both ends are in order then: all of them are of one second. Or nearly, if one changes between the looks."""
    moving = Moving([*range(300), *[80_000] * 8], moves[::-1], inclusive=False, size=4)
    found = changes(
        moving.read_back, "updatedDate", Window(), moving.read_back, look=moving.read_back if look else None
    )
    got = {record["id"] for page in found for record in page}
    assert {name for name, time in moving.times.items() if time < DAY[1]} <= got


class Returning(Moving):
    """After the looks a record comes back with its old time; elsewhere one that came already changes."""

    asked, changed = 0, False

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        self.asked += 1
        if self.asked == 3:
            self.times["back"] = DAY[0] + timedelta(seconds=50_001)
        early = window.since is not None and window.since < DAY[0] + timedelta(seconds=20_000)
        if early and window.until and offset == 4 and not self.changed:
            self.changed = True
            first = min((time, name) for name, time in self.times.items() if window.since and time >= window.since)[1]
            self.times[first] = self._now = self._now + timedelta(seconds=1)
        return super().page(window, offset, back=back, size=size)


@pytest.mark.parametrize("counted", ["anew", "once", "never"])
def test_what_comes_back_does_not_stand_for_what_another_part_lacks(counted: str) -> None:
    moving = Returning(list(range(0, 60_000, 200)), [], inclusive=False, size=4, counted=counted)
    assert {f"r{number}" for number in range(300)} <= read(moving)
    # A list that is not counted is not divided.
    assert moving.changed is (counted != "never")


class Shrinking(Moving):
    """The last record of the second page shows a time of just now in its old place; then another one is removed."""

    def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
        if offset == 8:
            self.times.pop("r0", None)
        found = super().page(window, offset, back=back, size=size)
        if offset != 4:
            return found
        now = f"{self._now + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
        return replace(found, data=[*found.data[:-1], {**found.data[-1], "updatedDate": now}])


def test_what_moved_up_before_an_empty_page_is_looked_for_where_it_was() -> None:
    moving = Shrinking(list(range(0, 1_800, 200)), [], inclusive=False, size=4)
    assert {f"r{number}" for number in range(1, 9)} <= read(moving, look=False, back=False)


class Slow(Moving):
    """The first look is answered a quarter of an hour after the last one; a record changes in between."""

    def __init__(self, seconds: list[int]) -> None:
        super().__init__(seconds, [], inclusive=False, size=4)
        self._looked = threading.Event()

    def page(self, window: Window, offset: int, **how: Any) -> Page:
        if how.get("size") == 8:
            assert self._looked.wait(30)
            self.times["r150"] = self._now + timedelta(minutes=1)
            self._now += timedelta(minutes=15)
        found = super().page(window, offset, **how)
        if how.get("back"):
            self._looked.set()
        return found


def test_what_changes_between_the_looks_is_read() -> None:
    assert {f"r{number}" for number in range(300)} <= read(Slow(list(range(0, 60_000, 200))))


def test_what_was_not_behind_us_at_the_earlier_look_belongs_to_no_part() -> None:
    moving = Slow([*range(0, 60_000, 200), *range(86_390, 86_398)])
    assert {f"r{number}" for number in range(308)} <= read(moving)
    assert max(window.until for window in moving.windows if window.until) <= DAY[1] - timedelta(minutes=10)


def test_nothing_is_asked_for_before_a_window_that_begins_with_its_records() -> None:
    moving = Strict([*[0] * 5, *range(100, 60_000, 200)], [50, None, None], inclusive=False, size=4)
    found = changes(moving.read, "updatedDate", Window(DAY[0]), moving.read_back)
    got = {record["id"] for page in found for record in page}
    assert {name for name, time in moving.times.items() if time < DAY[1]} <= got


def test_nothing_is_asked_for_after_a_window_whose_last_second_holds_most_of_it() -> None:
    moving = Strict([0, 100, *[60_000] * 100], [50, None, None], inclusive=True, size=4)
    window = Window(DAY[0], DAY[0] + timedelta(seconds=60_000))
    assert {name for name, time in moving.times.items() if time < DAY[1]} - {"r50"} <= read(moving, window)
    assert max(one.until for one in moving.windows if one.until) > window.until
