"""Scans over a list that moves."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.sandbox.client import SandboxClient, running_sandbox
from tests.api.server import page, running_server
from wrike_provider.api.client import Page
from wrike_provider.api.paging import Pages, Paging
from wrike_provider.entities import entity
from wrike_provider.entities.model import Spans
from wrike_provider.entities.requests import Window, parameters
from wrike_provider.hooks.wrike import WrikeHook
from wrike_provider.operators.borders import spans
from wrike_provider.operators.errors import CutOffError
from wrike_provider.operators.parts import Parts
from wrike_provider.operators.scan import changes, spanned

DAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def wrike() -> Iterator[SandboxClient]:
    with running_sandbox("--accounts", "1", "--tasks", "3300", "--rate-limit", "0") as client:
        yield client


@pytest.fixture
def hook(wrike: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> WrikeHook:
    connection = {"conn_type": "wrike", "host": wrike.url, "extra": {"token": wrike.token("aurora")}}
    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_SCAN", json.dumps(connection))
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
    return WrikeHook("wrike_scan")


def read_all(hook: WrikeHook, name: str, size: int = 1000) -> list[str]:
    declared = entity(name)

    def read(window: Window, *, back: bool = False) -> Pages:
        return hook.pages(declared.path, parameters(declared, window, back=back), Paging(size))

    scan = changes(read, "updatedDate", Window(), partial(read, back=True) if declared.sorts else None)
    return [record["id"] for page in scan for record in page]


def test_still_list_is_read_once(hook: WrikeHook, wrike: SandboxClient) -> None:
    ids = read_all(hook, "tasks")
    assert sorted(ids) == sorted(task["id"] for task in wrike.records("aurora", "tasks"))
    assert hook.requests == 4


def test_nothing_is_lost_of_a_moving_list(hook: WrikeHook, wrike: SandboxClient) -> None:
    everything = {task["id"] for task in wrike.records("aurora", "tasks")}
    declared = entity("tasks")
    wrike.switch(touch_between_pages=True)
    plain = hook.pages(declared.path, parameters(declared, Window()), declared.paging)
    assert {record["id"] for page in plain for record in page} < everything
    ids = read_all(hook, "tasks")
    wrike.heal()
    assert set(ids) == everything


def test_a_long_list_is_read_in_parts(hook: WrikeHook, wrike: SandboxClient) -> None:
    tasks = wrike.records("aurora", "tasks")
    everything = {task["id"] for task in tasks}
    wrike.forget_requests()
    ids = read_all(hook, "tasks", 50)
    assert set(ids) == everything
    windows = {request["query"].get("updatedDate", "{}") for request in wrike.requests()}
    assert len(windows) > 4
    # Of each window the last page is not full, and the first one of those that are divided is read twice in part.
    assert hook.requests <= len(everything) / 50 + len(windows)
    orders = Counter(request["query"]["sortOrder"] for request in wrike.requests())
    assert orders["Desc"] == 1
    # The last window is of what changed meanwhile, in other tests. Others are not of the time in which nothing did.
    *starts, meanwhile = sorted({json.loads(window).get("start", "") for window in windows})
    assert starts[-1] <= max(task["updatedDate"] for task in tasks if task["updatedDate"] < meanwhile)


def test_a_long_list_that_wrike_does_not_turn_round_is_read_all_the_same(hook: WrikeHook, wrike: SandboxClient) -> None:
    everything = {task["id"] for task in wrike.records("aurora", "tasks")}
    wrike.forget_requests()
    wrike.fault("/tasks", status=400, code="invalid_parameter", skip=1)
    ids = read_all(hook, "tasks", 50)
    wrike.heal()
    assert set(ids) == everything
    refused = [request["query"]["sortOrder"] for request in wrike.requests() if request["status"] == 400]
    assert refused == ["Desc"]


def test_nothing_is_lost_of_a_long_moving_list(hook: WrikeHook, wrike: SandboxClient) -> None:
    everything = {task["id"] for task in wrike.records("aurora", "tasks")}
    wrike.switch(touch_between_pages=True)
    ids = read_all(hook, "tasks", 50)
    wrike.heal()
    assert set(ids) == everything


def test_spans_reach_from_page_to_page() -> None:
    borders = [("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z")]
    assert list(spans([*borders, borders[0]], Window())) == [
        Window(DAY[0], DAY[0].replace(second=1)),
        Window(DAY[0].replace(hour=10), DAY[0].replace(hour=12, second=1)),
    ]


def test_before_an_empty_page_the_rest_is_read_again() -> None:
    """The list grew shorter by what changed, and the last records went to pages that had been read."""
    assert list(spans([("2026-01-01T10:00:00Z", None)], Window(*DAY))) == [Window(DAY[0].replace(hour=10), DAY[1])]


def test_what_an_empty_last_page_hides_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    a, b = ({"id": name, "updatedDate": f"2026-01-0{day}T00:00:00Z"} for day, name in enumerate("ab", start=1))
    with running_server() as server:
        connection = {"conn_type": "wrike", "host": server.url, "extra": {"token": "any"}}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_SCAN", json.dumps(connection))
        server.will(page(a, token="1"), page(), page(a, b))
        assert read_all(WrikeHook("wrike_scan"), "tasks") == ["a", "a", "b"]
        assert server.asked[2].query["updatedDate"] == '{"start":"2026-01-01T00:00:00Z"}'


def test_where_wrike_does_not_count_the_borders_are_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    a, b, c = ({"id": name, "updatedDate": f"2026-01-0{day}T00:00:00Z"} for day, name in enumerate("abc", start=1))
    with running_server() as server:
        connection = {"conn_type": "wrike", "host": server.url, "extra": {"token": "any"}}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_SCAN", json.dumps(connection))
        server.will(page(a, token="1"), page(c), page(a, b, c))
        assert read_all(WrikeHook("wrike_scan"), "tasks") == ["a", "c", "a", "b", "c"]
        assert server.asked[2].query["updatedDate"] == '{"start":"2026-01-01T00:00:00Z","end":"2026-01-03T00:00:01Z"}'
        # One page that is all has no borders.
        server.will(page(a, b, c))
        assert read_all(WrikeHook("wrike_scan"), "tasks") == ["a", "b", "c"]
        assert len(server.asked) == 4


@pytest.mark.parametrize("time", [None, "missing"])
@pytest.mark.parametrize("times", [[True, False, True], [False, False, False], [False, True, True]])
def test_records_without_a_time_do_not_hide_that_some_are_lacking(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, times: list[bool], time: str | None
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    a, b, c = (
        {
            "id": name,
            **({"updatedDate": f"2026-01-0{day}T00:00:00Z"} if dated else {} if time else {"updatedDate": None}),
        }
        for day, (name, dated) in enumerate(zip("abc", times, strict=True), start=1)
    )
    lost = {"id": "lost", "updatedDate": "2026-01-03T00:00:00Z"}
    with running_server() as server:
        connection = {"conn_type": "wrike", "host": server.url, "extra": {"token": "any"}}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_SCAN", json.dumps(connection))
        server.will(page(a, b, token="1", total=4), page(c), page(a, b, c, lost))
        assert set(read_all(WrikeHook("wrike_scan"), "tasks")) == {"a", "b", "c", "lost"}


def test_an_answer_that_was_cut_off_and_has_no_times(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    with running_server() as server:
        connection = {"conn_type": "wrike", "host": server.url, "extra": {"token": "any"}}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_SCAN", json.dumps(connection))
        server.will(page({"id": "a", "updatedDate": None}, {"id": "b"}))
        hook = WrikeHook("wrike_scan")
        pages = spanned(lambda _: hook.pages("/comments", {}), "updatedDate", Window(*DAY), Spans(timedelta(days=7), 2))
        with pytest.raises(CutOffError, match="without a time"):
            list(pages)


class Moving:
    """A list as Wrike has one, of which records move to the end, or come, while it is read.

    :param seconds: when the records changed, in seconds after the list's beginning.
    :param moves: for each page that is read which record changes before it, in the order of the list; None: none does.
    :param inclusive: whether the end of a window is in it.
    :param size: records a page.
    :param by_creation: whether the list comes as its records were made, in the order of `seconds`.
    :param dice: decides for each page anew which come first of those of one second; None: their names do.
    :param counted: whether Wrike says how many there are: of each page anew, of a window once, or never.
    """

    def __init__(
        self,
        seconds: list[int],
        moves: list[int | None],
        *,
        inclusive: bool,
        size: int,
        by_creation: bool = False,
        dice: Random | None = None,
        counted: str = "anew",
    ) -> None:
        self.times = {f"r{number}": DAY[0] + timedelta(seconds=second) for number, second in enumerate(seconds)}
        self._now = DAY[1]
        self._moves = moves
        self._inclusive = inclusive
        self._size = size
        self._made = {name: number for number, name in enumerate(self.times)} if by_creation else {}
        self._dice, self.counted = dice, counted
        self._lock = threading.Lock()
        self.windows: list[Window] = []

    def read(self, window: Window) -> Any:
        self.windows.append(window)
        return Reading(self, window)

    def read_back(self, window: Window) -> Any:
        return Reading(self, window, back=True)

    def page(self, window: Window, offset: int, *, back: bool = False) -> Page:
        with self._lock:
            moved = self._moves.pop() if self._moves else None
            if moved is not None:
                self._now += timedelta(seconds=1)
                self.times[sorted(self.times, key=lambda name: self.times[name])[moved % len(self.times)]] = self._now
                self.times[f"new{self._now:%Y-%m-%dT%H:%M:%SZ}"] = self._now
            last = (window.until or DAY[1] + timedelta(days=1)) + timedelta(seconds=self._inclusive)
            inside = [(time, name) for name, time in self.times.items() if (window.since or DAY[0]) <= time < last]
            if self._dice:
                self._dice.shuffle(inside)
                inside.sort(key=itemgetter(0), reverse=back)
            else:
                inside.sort(key=lambda one: (self._made.get(one[1], 0), *one), reverse=back)
            return Page(
                [
                    {
                        "id": name,
                        "createdDate": "2025-12-31T00:00:00Z" if name.startswith("r") else name.removeprefix("new"),
                        "updatedDate": f"{time:%Y-%m-%dT%H:%M:%SZ}",
                    }
                    for time, name in inside[offset : offset + self._size]
                ],
                "more" if offset + self._size < len(inside) else None,
                len(inside) if offset + self._size < len(inside) and self.counted != "never" else None,
                self._now,
            )


class Reading(Iterator[list[dict[str, Any]]]):
    def __init__(self, moving: Moving, window: Window, *, back: bool = False) -> None:
        self.first: Page | None = None
        self.latest: Page | None = None
        self._moving, self._window, self._back = moving, window, back
        self._offset: int | None = 0

    def __next__(self) -> list[dict[str, Any]]:
        if self._offset is None:
            raise StopIteration
        read = self._moving.page(self._window, self._offset, back=self._back)
        if self.first is not None and read.next_page_token is not None and self._moving.counted == "once":
            read = replace(read, total=self.first.total)
        self.first, self.latest = self.first or read, read
        self._offset = self._offset + len(read.data) if read.next_page_token else None
        return read.data


@settings(deadline=None, max_examples=150)
@given(
    seconds=st.lists(st.integers(0, 80_000) | st.integers(20_000, 20_010), max_size=300),
    more=st.integers(1, 300),
    moves=st.lists(st.none() | st.integers(0, 300), max_size=200),
    inclusive=st.booleans(),
    way=st.sampled_from(["cannot be read back", "is read back", "is said to be read back"]),
    counted=st.sampled_from(["anew", "once", "never"]),
    apart=st.sampled_from([1, 7, 70]),
)
def test_nothing_is_lost_of_any_list_that_moves_anyhow(
    seconds: list[int], more: int, moves: list[int | None], inclusive: bool, way: str, counted: str, apart: int
) -> None:
    seconds = [*seconds, *range(0, apart * more, apart)]
    moving = Moving(seconds, moves, inclusive=inclusive, size=4, counted=counted)
    back = {"is read back": moving.read_back, "is said to be read back": moving.read}.get(way)
    got = {record["id"] for page in changes(moving.read, "updatedDate", Window(), back) for record in page}
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
        for back in (None, moving.read_back):
            got = {record["id"] for page in changes(moving.read, "updatedDate", Window(), back) for record in page}
            assert len(got) == len(seconds)


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
    for back in (None, moving.read_back):
        got = {record["id"] for page in changes(moving.read_back, "updatedDate", Window(), back) for record in page}
        assert len(got) == 308


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


class Appearing(Moving):
    """A list of which, before some part's second page, a record of the first one changes, and another one appears.

    :param made: when the other one was made.
    :param ahead: how far the clock of Wrike's answers is ahead of its records'.
    :param counted: as in :class:`Moving`.
    """

    def __init__(self, made: datetime, ahead: timedelta, counted: str) -> None:
        super().__init__(list(range(0, 60_000, 200)), [], inclusive=False, size=4, counted=counted)
        self._made_at, self._ahead = made, ahead

    def page(self, window: Window, offset: int, *, back: bool = False) -> Page:
        if window.until and offset == 4 and "appeared" not in self.times:
            first = min((time, name) for name, time in self.times.items() if window.since and time >= window.since)[1]
            self.times[first] = DAY[1] + timedelta(seconds=1)
            self.times["appeared"] = DAY[1] + timedelta(seconds=6)
        read = super().page(window, offset, back=back)
        made = f"{self._made_at:%Y-%m-%dT%H:%M:%SZ}"
        records = [{**one, "createdDate": made} if one["id"] == "appeared" else one for one in read.data]
        return replace(read, data=records, answered_at=self._now + self._ahead)


@pytest.mark.parametrize("counted", ["anew", "once", "never"])
@pytest.mark.parametrize(
    ("made", "ahead"),
    [
        pytest.param(datetime(2025, 6, 1, tzinfo=UTC), 0, id="from the recycle bin"),
        pytest.param(DAY[1] + timedelta(seconds=1), 5, id="just made, and Wrike's clocks differ"),
        pytest.param(DAY[1] + timedelta(seconds=1), 0, id="just made"),
    ],
)
def test_what_appears_meanwhile_does_not_stand_for_what_is_lacking(made: datetime, ahead: int, counted: str) -> None:
    moving = Appearing(made, timedelta(seconds=ahead), counted)
    got = {record["id"] for page in changes(moving.read, "updatedDate", Window(), moving.read_back) for record in page}
    assert {name for name, time in moving.times.items() if time < DAY[1]} <= got


@pytest.mark.parametrize("records", [3, 11, 300])
def test_what_else_is_to_be_read_is_read_once(records: int) -> None:
    moving = Moving(list(range(0, records * 100, 100)), [], inclusive=False, size=4)
    also = [[[{"id": "bin", "updatedDate": "2026-01-01T00:00:00Z"}]]]
    pages = changes(moving.read, "updatedDate", Window(), moving.read_back, also)
    got = Counter(record["id"] for page in pages for record in page)
    assert len(got) == records + 1
    assert got["bin"] == 1


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
