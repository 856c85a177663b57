"""Nothing is lost of lists that move while they are read, and no request is made in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operators.moving import DAY, Appearing, Moving
from wrike_provider.api.errors import WrikeRequestError
from wrike_provider.entities.requests import Window
from wrike_provider.operators.scan import changes


@settings(deadline=None, max_examples=150)
@given(
    seconds=st.lists(st.integers(0, 80_000) | st.integers(20_000, 20_010), max_size=300),
    more=st.integers(1, 300),
    moves=st.lists(st.none() | st.integers(0, 300), max_size=200),
    inclusive=st.booleans(),
    way=st.sampled_from(["cannot be read back", "is read back", "is said to be read back"]),
    long=st.booleans(),
    counted=st.sampled_from(["anew", "once", "never"]),
    apart=st.sampled_from([1, 7, 70]),
)
def test_nothing_is_lost_of_any_list_that_moves_anyhow(
    seconds: list[int],
    more: int,
    moves: list[int | None],
    inclusive: bool,
    way: str,
    long: bool,
    counted: str,
    apart: int,
) -> None:
    seconds = [*seconds, *range(0, apart * more, apart)]
    moving = Moving(seconds, moves, inclusive=inclusive, size=4, counted=counted)
    back = {"is read back": moving.read_back, "is said to be read back": moving.read}.get(way)
    look = moving.look if long else None
    pages = changes(moving.read, "updatedDate", Window(), back, look=look)
    got = {record["id"] for page in pages for record in page}
    # What changed since the beginning is read by the next run.
    assert {name for name, time in moving.times.items() if time < DAY[1]} <= got


@pytest.mark.parametrize("counted", ["anew", "once", "never"])
@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param([number // 40 for number in range(240)], id="several a second"),
        pytest.param([*range(15), *[20] * 15, *range(30, 45)], id="a page and a half in one second"),
        pytest.param([7] * 55, id="all in one second"),
    ],
)
def test_nothing_is_lost_where_each_page_has_another_order_within_a_second(seconds: list[int], counted: str) -> None:
    for seed in range(20):
        dice = Random(seed)  # noqa: S311
        moving = Moving(seconds, [], inclusive=False, size=10, dice=dice, counted=counted)
        for back, look in ((None, None), (moving.read_back, None), (moving.read_back, moving.look)):
            pages = changes(moving.read, "updatedDate", Window(), back, look=look)
            assert len({record["id"] for page in pages for record in page}) == len(seconds)


def test_a_list_in_another_order_whose_borders_ascend_is_read_again_as_a_whole() -> None:
    """It comes as its records were made. Some of the first page vanish while it is read, and others move up to it."""
    seconds = [5, 3, 1, 9, 2, 4, *range(10, 20), 8, 30, 6, 21, 7]
    for vanishing in range(1, 6):
        moving = Moving(seconds, [], inclusive=False, size=10, by_creation=True)
        pages = changes(moving.read, "updatedDate", Window())
        got = {record["id"] for record in next(pages)}
        for number in range(vanishing):
            del moving.times[f"r{number}"]
        got |= {record["id"] for page in pages for record in page}
        assert moving.times.keys() <= got
        assert moving.windows == [Window()] * 2


@pytest.mark.parametrize("latest", [80_000, 300])
def test_of_a_list_that_is_in_order_by_chance_nothing_is_lost(latest: int) -> None:
    """It comes newest first, whatever is asked for, and all of its first page is of one second."""
    moving = Moving([*range(300), *[latest] * 8], [], inclusive=False, size=4)
    for back, look in ((None, None), (moving.read_back, None), (moving.read_back, moving.read_back)):
        pages = changes(moving.read_back, "updatedDate", Window(), back, look=look)
        assert len({record["id"] for page in pages for record in page}) == 308


def test_a_reader_does_not_stop_in_a_list_of_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes as its records were made. One, last on its page, was changed after all that follow."""
    # As if somebody were idle all the time.
    monkeypatch.setattr("wrike_provider.operators.parts.AT_ONCE", 1000)
    seconds = [0, 1, *range(50_000, 65_000, 50)]
    seconds[23] = 64_990
    # Which reader comes first differs from time to time.
    for _ in range(8):
        moving = Moving(seconds, [], inclusive=False, size=2, by_creation=True)
        got = {record["id"] for page in changes(moving.read, "updatedDate", Window()) for record in page}
        assert len(got) == len(seconds)


def test_an_idle_reader_takes_half_of_what_another_one_has_left() -> None:
    """Most records are at the end of the first part's time."""
    moving = Moving([*range(0, 50_000, 5_000), *range(50_000, 50_300)], [], inclusive=False, size=2)
    pages = changes(moving.read, "updatedDate", Window(), moving.read_back)
    got = [record["id"] for page in pages for record in page]
    assert len(set(got)) == 310
    ends = [window.until for window in moving.windows if window.until]
    assert len(ends) > len(set(ends)), "parts that others were taken off end where these end"


@pytest.mark.parametrize(
    ("moves", "moved"),
    [
        ([], False),
        # It came with the first page.
        ([None, 0], False),
        ([None, 299], True),
        ([None, None, 150], True),
    ],
)
def test_what_changed_meanwhile_is_read_unless_all_came_as_it_was(moves: list[int | None], moved: bool) -> None:
    moving = Moving(list(range(0, 60_000, 200)), moves[::-1], inclusive=False, size=4)
    got = {record["id"] for page in changes(moving.read, "updatedDate", Window(), moving.read_back) for record in page}
    assert {f"r{number}" for number in range(300)} <= got
    late = [window for window in moving.windows if window.since and not window.until]
    assert bool(late) is moved


@pytest.mark.parametrize(("counted", "most"), [("anew", 30), ("once", 80)])
def test_only_where_something_may_have_moved_is_read_again(counted: str, most: int) -> None:
    """Ten tasks change while 300 are read. Where Wrike does not count anew for each page, nothing tells where."""
    still = Moving(list(range(0, 60_000, 200)), [], inclusive=False, size=4, counted=counted)
    moves = [move for task in range(5, 300, 30) for move in (None, None, None, task)]
    moving = Moving(list(range(0, 60_000, 200)), [*moves[::-1], None, None], inclusive=False, size=4, counted=counted)
    for each in (still, moving):
        got = {record["id"] for page in changes(each.read, "updatedDate", Window(), each.read_back) for record in page}
        assert {f"r{number}" for number in range(300)} <= got
    assert 0 < len(moving.windows) - len(still.windows) <= most


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("counted", ["anew", "once", "never"])
@pytest.mark.parametrize(
    ("made", "ahead"),
    [
        pytest.param(datetime(2025, 6, 1, tzinfo=UTC), 0, id="from the recycle bin"),
        pytest.param(DAY[1] + timedelta(seconds=1), 5, id="just made, and Wrike's clocks differ"),
        pytest.param(DAY[1] + timedelta(seconds=1), 0, id="just made"),
    ],
)
def test_what_appears_meanwhile_does_not_stand_for_what_is_lacking(
    made: datetime, ahead: int, counted: str, long: bool
) -> None:
    moving = Appearing(made, timedelta(seconds=ahead), counted)
    look = moving.look if long else None
    pages = changes(moving.read, "updatedDate", Window(), moving.read_back, look=look)
    got = {record["id"] for page in pages for record in page}
    assert {name for name, time in moving.times.items() if time < DAY[1]} <= got


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("records", [3, 11, 300])
def test_what_else_is_to_be_read_is_read_once(records: int, long: bool) -> None:
    moving = Moving(list(range(0, records * 100, 100)), [], inclusive=False, size=4)
    also = [[[{"id": "bin", "updatedDate": "2026-01-01T00:00:00Z"}]]]
    look = moving.look if long else None
    pages = changes(moving.read, "updatedDate", Window(), moving.read_back, also, look)
    got = Counter(record["id"] for page in pages for record in page)
    assert len(got) == records + 1
    assert got["bin"] == 1


@pytest.mark.parametrize("records", [64, 300])
def test_a_list_that_may_be_long_is_begun_at_both_ends(records: int) -> None:
    """What was looked at at its ends is not read again, but for what has the time of the last of these records."""
    moving = Moving(list(range(0, 200 * records, 200)), [], inclusive=False, size=4)
    pages = changes(moving.read, "updatedDate", Window(), moving.read_back, look=moving.look)
    got = Counter(record["id"] for page in pages for record in page)
    assert len(got) == records
    assert Window() not in moving.windows
    assert min(window.since for window in moving.windows if window.since) == DAY[0] + timedelta(seconds=7 * 200)
    assert all(got[f"r{number}"] == 1 for number in (*range(7), *range(records - 3, records)))


def test_an_order_that_wrike_has_refused_is_not_asked_for_again() -> None:
    asked = []

    class Refused(Iterator[list[dict[str, Any]]]):
        first = None

        def __init__(self, window: Window) -> None:
            self.window = window

        def __next__(self) -> list[dict[str, Any]]:
            asked.append(True)
            raise WrikeRequestError("Wrike answered 400.")

    moving = Moving(list(range(0, 60_000, 200)), [], inclusive=False, size=4)
    pages = changes(moving.read, "updatedDate", Window(), Refused, look=moving.look)  # type: ignore[arg-type]
    assert len({record["id"] for page in pages for record in page}) == 300
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("records", "windows"),
    [
        # The first look holds all of it.
        (8, []),
        (9, [Window()]),
        # Of 63 the parts would have less than eight pages of four.
        (63, [Window()]),
    ],
)
def test_one_that_turns_out_to_be_short_is_read_page_by_page(records: int, windows: list[Window]) -> None:
    moving = Moving(list(range(0, records * 100, 100)), [], inclusive=False, size=4)
    pages = changes(moving.read, "updatedDate", Window(), moving.read_back, look=moving.look)
    got = Counter(record["id"] for page in pages for record in page)
    assert got == dict.fromkeys(moving.times, 1)
    assert moving.windows == windows
