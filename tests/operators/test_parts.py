"""How a long window is divided, and read in parts at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from tests.operators.moving import DAY, Moving
from wrike_provider.api.client import Page
from wrike_provider.api.records import LULL
from wrike_provider.entities.requests import Window
from wrike_provider.operators.part import Part, reach
from wrike_provider.operators.parts import PAGES_A_PART, Parts, division


def tasks_at(*times: str) -> list[dict[str, str]]:
    return [{"updatedDate": time} for time in times]


PAGE = tasks_at("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z")


@pytest.mark.parametrize(
    ("page", "total", "window"),
    [
        ([], 0, Window(*DAY)),
        (PAGE, None, Window(*DAY)),
        (PAGE, 2 * 2 * PAGES_A_PART - 1, Window(*DAY)),
        (PAGE, 1000, Window(DAY[0])),
        (PAGE[::-1], 1000, Window(*DAY)),
        ([{}, {}], 1000, Window(*DAY)),
        (tasks_at("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), 1000, Window(DAY[0], DAY[0].replace(second=1))),
    ],
)
def test_what_is_not_divided(page: list[dict[str, str]], total: int | None, window: Window) -> None:
    assert division(page, total, "updatedDate", window) is None


@pytest.mark.parametrize(("total", "parts"), [(32, 2), (63, 3), (1000, 10)])
def test_parts_follow_each_other_to_the_end(total: int, parts: int) -> None:
    divided = division(PAGE, total, "updatedDate", Window(*DAY))
    assert divided is not None
    assert len(divided) == parts
    assert divided[0].since == datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert divided[-1].until == DAY[1]
    assert [part.until for part in divided[:-1]] == [part.since for part in divided[1:]]


def test_parts_are_where_the_records_are() -> None:
    """Two records a second: 1,000 take about eight minutes, not the whole day."""
    divided = division(PAGE, 1000, "updatedDate", Window(*DAY))
    assert divided is not None
    assert divided[-1].since is not None
    assert divided[-1].since < DAY[0].replace(minute=9)


def test_a_page_of_one_second_is_divided_by_seconds() -> None:
    """Of an import: two records a second at the least, so that 40 take twenty."""
    at_once = tasks_at("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
    divided = division(at_once, 40, "updatedDate", Window(*DAY))
    middle = DAY[0].replace(second=10)
    assert divided == [Window(DAY[0], middle), Window(middle, DAY[1])]
    few = division(at_once, 1000, "updatedDate", Window(DAY[0], DAY[0].replace(second=3)))
    assert few is not None
    assert [part.since for part in few] == [DAY[0].replace(second=second) for second in range(3)]


def part_after(times: list[str], left: int, until: datetime | None) -> Part:
    """A part of which one page has come, and so many records are left."""
    part = Part(Window(DAY[0], until))
    answer = Page([], "more", len(times) + left, DAY[1])
    page = [{"id": number, "updatedDate": time} for number, time in enumerate(times)]
    part.take(page, SimpleNamespace(first=answer, latest=answer), "updatedDate")  # type: ignore[arg-type]
    return part


TWO = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"]


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        # Four pages are left, two of them are kept; a free place is shared.
        (200, 100),
        (198, 99),
        # Of three, or what is hardly more than two, two are kept: one of them may be awaited already.
        (150, 100),
        (101, 75),
        (51, 25),
    ],
)
def test_half_of_what_is_left_is_so_many_whole_pages(left: int, seconds: int) -> None:
    """A page has 50 records, one each second, and so it goes on."""
    times = [f"2026-01-01T00:00:{number:02d}Z" for number in range(50)]
    part = part_after(times, left, DAY[0] + timedelta(seconds=49 + left))
    half = part.give_half()
    assert half is not None
    middle = DAY[0] + timedelta(seconds=49 + seconds)
    assert half.window == Window(middle, DAY[0] + timedelta(seconds=49 + left))
    assert (part.end, part.given) == (middle, [half])
    assert (part.left, half.guess) == (seconds, left - seconds)


@pytest.mark.parametrize(
    ("times", "left", "until"),
    [
        (TWO, 2, DAY[1]),
        (TWO, 0, DAY[1]),
        (TWO, -1, DAY[1]),
        (TWO, 100, None),
        (TWO, 100, DAY[0].replace(second=1)),
        (TWO, 100, DAY[0].replace(second=2)),
        ([], 100, DAY[1]),
        (["", ""], 100, DAY[1]),
    ],
)
def test_what_is_not_halved(times: list[str], left: int, until: datetime | None) -> None:
    part = part_after(times, left, until)
    assert part.give_half() is None
    assert not part.divisible
    assert part.given == []


def test_where_records_become_denser_the_middle_is_later() -> None:
    """Of 1,000 records in 1,000 s: as dense as at their beginning, twice as dense there, and none there."""
    assert reach(500, 1000, 1000, 1) == pytest.approx(500)
    assert reach(500, 1000, 1000, 0.5) == pytest.approx(618, abs=1)
    assert reach(500, 1000, 1000, 1.5) == pytest.approx(382, abs=1)
    for density in (0, 0.1, 1, 3, 1000):
        assert reach(1000, 1000, 1000, density) == pytest.approx(1000)
        assert reach(0, 1000, 1000, density) == 0
    # One page tells little: it is not taken for nothing, nor for all.
    assert reach(500, 1000, 1000, 0) == reach(500, 1000, 1000, 0.2) < 700
    assert reach(500, 1000, 1000, 99) == reach(500, 1000, 1000, 1.8) > 300


@pytest.mark.parametrize(
    ("how", "unmoved"),
    [
        ({}, 100),
        # One that is counted twice would stand for one that is lacking.
        ({"inclusive": True}, None),
        ({"by_creation": True}, None),
    ],
)
def test_how_many_came_is_known_of_lists_in_order_only(how: dict[str, Any], unmoved: int | None) -> None:
    moving = Moving(
        list(range(100))[:: -1 if "by_creation" in how else 1], [], **{"inclusive": False, "size": 4, **how}
    )
    middle = DAY[0] + timedelta(seconds=50)
    parts = Parts(moving.read, "updatedDate", [Window(DAY[0], middle), Window(middle, DAY[1])], 100)
    assert len({record["id"] for page in parts.records() for record in page}) == 100
    assert parts.unmoved == unmoved


def test_the_largest_part_is_divided_first() -> None:
    """Of two parts, one is much longer; whoever is idle takes of that one."""
    moving = Moving([*range(100), *range(50_000, 50_400)], [], inclusive=False, size=2)
    parts = [Window(DAY[0], DAY[0] + timedelta(seconds=40_000)), Window(DAY[0] + timedelta(seconds=40_000), DAY[1])]
    scan = Parts(moving.read, "updatedDate", parts, 500)
    got = [record["id"] for page in scan.records() for record in page]
    assert len(set(got)) == 500
    taken = [window for window in moving.windows if window not in parts]
    assert taken
    # 22 to 31 here; 43 and more when whoever comes first divides what it has.
    assert len(taken) < 38


def test_a_lull_comes_when_few_readers_are_left() -> None:
    moving = Moving(list(range(0, 8_000, 100)), [], inclusive=False, size=4)
    bounds = [DAY[0] + timedelta(seconds=1_600 * number) for number in range(6)]
    parts = Parts(moving.read, "updatedDate", [Window(*part) for part in pairwise(bounds)], 80)
    pages = list(parts.records())
    lulls = [number for number, page in enumerate(pages) if page is LULL]
    assert 1 <= len(lulls) < len(moving.windows)
    assert sum(map(len, pages[: lulls[0]])) > 40
    assert {record["id"] for page in pages for record in page} == set(moving.times)


def test_what_is_awaited_does_not_keep_a_reader_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The long part's second page does not come before the short one's reader has taken half of what is left."""
    monkeypatch.setattr("wrike_provider.operators.parts.AT_ONCE", 2)
    awaited, divided = threading.Event(), threading.Event()

    class Slow(Moving):
        def page(self, window: Window, offset: int, *, back: bool = False, size: int | None = None) -> Page:
            if window == short:
                assert awaited.wait(30)
            if window == long and offset == 2:
                awaited.set()
                assert divided.wait(30)
            if window not in {short, long}:
                divided.set()
            return super().page(window, offset, back=back, size=size)

    middle = DAY[0] + timedelta(seconds=100)
    short, long = Window(DAY[0], middle), Window(middle, DAY[0] + timedelta(seconds=500))
    parts = Parts(Slow([0, *range(100, 500)], [], inclusive=False, size=2).read, "updatedDate", [short, long], 401)
    assert len({record["id"] for page in parts.records() for record in page}) == 401


@pytest.mark.parametrize("how", ["not told an order", "in another order"])
def test_a_part_in_no_order_is_not_divided(how: str) -> None:
    """Who has given half of it away would have to read on to its end all the same."""
    seconds = [50, *range(49), *range(51, 100)]
    moving = Moving(seconds, [], inclusive=False, size=4, by_creation=how == "in another order")
    window = Window(DAY[0], DAY[0] + timedelta(seconds=100))
    parts = Parts(moving.read, "updatedDate", [window], 99, in_order=how == "in another order")
    assert len({record["id"] for page in parts.records() for record in page}) == 99
    assert len(parts._parts) == 1


def test_a_part_that_has_been_read_is_not_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of what it held has moved away meanwhile: that much seems to be left."""
    monkeypatch.setattr("wrike_provider.operators.parts.AT_ONCE", 1)
    moving = Moving([*range(40)], [], inclusive=False, size=4)
    parts = Parts(moving.read, "updatedDate", [Window(DAY[0], DAY[0] + timedelta(seconds=40))], 40)
    pages = parts.records()
    next(pages)
    for number in range(10, 40):
        moving.times[f"r{number}"] = DAY[1]
    assert sum(len(page) for page in pages) >= 6
    assert parts._parts[0].left > 20
    assert len(parts._parts) == 1
