"""How a long window is divided, and read in parts at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.operators.moving import DAY, Moving
from wrike_provider.entities.requests import Window
from wrike_provider.operators.parts import PAGES_A_PART, Parts, division, later_half


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


@pytest.mark.parametrize(
    ("left", "second"),
    [
        # Four pages are left, two of them are kept; a free place is shared.
        (8, 51),
        (7, 51),
        # Of three the earlier one is kept.
        (6, 34),
        (3, 51),
    ],
)
def test_half_of_what_is_left_is_so_many_whole_pages(left: int, second: int) -> None:
    end = DAY[0].replace(minute=1, second=41)
    assert later_half(PAGE, left, "updatedDate", end) == Window(DAY[0].replace(second=second), end)


@pytest.mark.parametrize(
    ("page", "left", "end"),
    [
        (PAGE, 2, DAY[1]),
        (PAGE, 0, DAY[1]),
        (PAGE, -1, DAY[1]),
        (PAGE, 100, None),
        (PAGE, 100, DAY[0].replace(second=2)),
        ([], 100, DAY[1]),
        ([{}, {}], 100, DAY[1]),
    ],
)
def test_what_is_not_halved(page: list[dict[str, str]], left: int, end: datetime | None) -> None:
    assert later_half(page, left, "updatedDate", end) is None


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


@pytest.mark.parametrize(("others_left", "divided"), [(5, True), (6, False)])
def test_who_has_little_left_divides_it_unless_another_will_have_more(others_left: int, divided: bool) -> None:
    """Three records are left, and two to a page. Of what the other part has left two have been asked for already."""
    moving = Moving([*range(5), *range(100, 102 + others_left)], [], inclusive=False, size=2)
    windows = [Window(DAY[0] + timedelta(seconds=at), DAY[0] + timedelta(seconds=at + 100)) for at in (0, 100)]
    parts = Parts(moving.read, "updatedDate", windows, 7 + others_left)
    for part in reversed(parts._parts):
        pages = moving.read(part.window)
        page = next(pages)
        part.take(page, pages, "updatedDate")
    parts._share(part, page)
    assert (len(parts._jobs) > len(windows)) is divided
