"""What the ends of a list tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wrike_provider.api.client import Page
from wrike_provider.entities.requests import Window
from wrike_provider.operators.ends import Ends
from wrike_provider.operators.parts import PAGES_A_PART

DAY = datetime(2026, 1, 1, tzinfo=UTC)
NOON = DAY.replace(hour=12)


def tasks_at(*times: str) -> list[dict[str, str]]:
    return [{"id": f"T{time}", "updatedDate": f"2026-01-01T{time}Z" if time else ""} for time in times]


def ends(first: list[dict[str, str]], last: list[dict[str, str]], total: int = 1000) -> Ends | None:
    answer = Page([], "more", total, NOON)
    return Ends.of(first, last, (answer, answer), "updatedDate", len(first))


FIRST = tasks_at("00:00:00", "00:00:01")
LAST = tasks_at("11:00:05", "10:00:01")


def test_what_lies_between_is_divided_by_time() -> None:
    found = ends(FIRST, LAST, total=2 * 2 * PAGES_A_PART + 2)
    assert found is not None
    since, until = DAY.replace(second=1), DAY.replace(hour=10, second=2)
    middle = DAY.replace(hour=5, second=1)
    assert found.between(None) == [Window(since, middle), Window(middle, until)]
    assert found.between(NOON) == found.between(None)
    early = DAY.replace(hour=2, second=1)
    assert found.between(early) == [
        Window(since, DAY.replace(hour=1, second=1)),
        Window(DAY.replace(hour=1, second=1), early),
    ]


def test_it_may_not_be_worth_it() -> None:
    found = ends(FIRST, LAST, total=2 * 2 * PAGES_A_PART + 1)
    assert found is not None
    assert found.between(None) == [Window(DAY.replace(second=1), DAY.replace(hour=10, second=2))]


@pytest.mark.parametrize(
    "last",
    [
        [],
        [{"id": "T"}, {"id": "U"}],
        tasks_at("10:00:01", "11:00:05"),
        tasks_at("00:00:01", "00:00:00"),
        tasks_at("00:00:00", "00:00:00"),
    ],
)
def test_last_records_in_no_such_order_say_nothing(last: list[dict[str, str]]) -> None:
    assert ends(FIRST, last) is None


def test_all_of_one_second_says_nothing() -> None:
    assert ends(tasks_at("00:00:00", "00:00:00"), tasks_at("00:00:00", "00:00:00")) is None
    assert ends(tasks_at("00:00:00", ""), LAST) is None


def test_an_empty_page_that_others_are_said_to_follow_says_nothing() -> None:
    answer = Page([], "more", 100_000, NOON)
    assert Ends.of([], LAST, (answer, answer), "updatedDate", 1000) is None


def test_all_came_when_as_many_did_as_wrike_counted() -> None:
    """One is before the first page's last second, one after the last records' first; the others come with the rest."""
    found = ends(FIRST, LAST, total=10)
    assert found is not None
    assert (found.all_came(8), found.all_came(7), found.all_came(None)) == (True, False, False)


def test_what_came_or_changed_since_the_beginning_does_not_count() -> None:
    """It would stand for one that is lacking."""
    found = ends(FIRST, tasks_at("12:00:00", "11:00:05", "10:00:01"), total=10)
    assert found is not None
    assert not found.all_came(7)
    assert found.all_came(8)
    # A record of the first page that has changed meanwhile is one and the same.
    moved = {**FIRST[0], "updatedDate": LAST[0]["updatedDate"]}
    again = ends(FIRST, [moved, LAST[1]], total=10)
    assert again is not None
    assert not again.all_came(8)


def test_what_changed_meanwhile_may_have_been_elsewhere() -> None:
    found = ends(FIRST, LAST, total=10)
    assert found is not None
    old, new = "2025-12-31T00:00:00Z", "2026-01-01T12:00:00Z"
    late = "2026-01-01T12:00:01Z"
    page = [
        {"id": "moved", "createdDate": old, "updatedDate": late},
        {"id": "new", "createdDate": new, "updatedDate": late},
        {"id": "still", "createdDate": old, "updatedDate": "2026-01-01T11:59:59Z"},
        {"id": "unknown", "updatedDate": late},
        # It came with the first page, as it was.
        {**FIRST[0], "createdDate": old, "updatedDate": late},
    ]
    assert found.strangers(page, "updatedDate") == {"moved"}
    assert found.all_came(7, 1)
    assert not found.all_came(7, 0)


def test_what_was_just_made_may_not_have_been_there() -> None:
    """The clock of Wrike's answers may be ahead of its records'."""
    just, late = "2026-01-01T11:59:30Z", "2026-01-01T12:00:01Z"
    for made, came in (("2025-12-31T00:00:00Z", True), (just, False)):
        found = ends(FIRST, [{"id": "T", "createdDate": made, "updatedDate": just}, *LAST], total=10)
        assert found is not None
        assert found.all_came(7) is came
        assert found.strangers([{"id": "U", "createdDate": made, "updatedDate": late}], "updatedDate") == (
            {"U"} if came else set()
        )


def test_where_wrike_does_not_tell_the_time_nobody_knows() -> None:
    for times in ((None, None), (NOON, None), (None, NOON)):
        found = Ends.of(FIRST, LAST, tuple(Page([], "more", 10, time) for time in times), "updatedDate", 2)
        assert found is not None
        assert not found.all_came(8)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        # What was made between them was not there, what was deleted was.
        ((10, NOON), (11, NOON + timedelta(seconds=1)), 10),
        ((9, NOON + timedelta(seconds=1)), (10, NOON), 10),
        # Of one second nobody knows which came first.
        ((10, NOON), (11, NOON), 11),
        ((11, NOON), (10, NOON), 11),
    ],
)
def test_both_ends_may_have_been_looked_at_at_once(
    first: tuple[int, datetime], last: tuple[int, datetime], expected: int
) -> None:
    """One that was deleted between the two answers must not stand for one that moved away between them."""
    answers = tuple(Page([], "more", total, time) for total, time in (first, last))
    found = Ends.of(FIRST, LAST, answers, "updatedDate", 2)
    assert found is not None
    assert (found.total, found.began) == (expected, "2026-01-01T12:00:00Z")


def test_the_first_records_may_be_fewer_than_a_page() -> None:
    answer = Page([], "more", 1000 * 2 * PAGES_A_PART, NOON)
    found = Ends.of(FIRST, LAST, (answer, answer), "updatedDate", 1000)
    assert found is not None
    assert found.divisible
    for page, total in ((1000, answer.total), (1000, 1000 * 2 * PAGES_A_PART - 1)):
        one = Page([], "more", total, NOON)
        less = Ends.of(FIRST, LAST, (one, one), "updatedDate", page)
        assert less is not None
        assert less.divisible is (total == answer.total)
    assert Ends.of(FIRST, LAST, (answer, answer), "updatedDate", None) is None


@pytest.mark.parametrize("first", [FIRST[::-1], [{"id": "T"}, FIRST[0]], tasks_at("00:00:00", "")])
def test_first_records_in_no_order_say_nothing(first: list[dict[str, str]]) -> None:
    assert ends(first, LAST) is None
