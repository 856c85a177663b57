"""Scans over a list that moves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from include.sandbox.client import SandboxClient, running_sandbox
from tests.api.server import page, running_server
from tests.operators.moving import DAY
from wrike_provider.api.paging import Pages, Paging
from wrike_provider.entities import entity
from wrike_provider.entities.model import Spans
from wrike_provider.entities.requests import Window, parameters
from wrike_provider.hooks.wrike import WrikeHook
from wrike_provider.operators.borders import spans
from wrike_provider.operators.errors import CutOffError
from wrike_provider.operators.scan import changes, spanned


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


def read_all(hook: WrikeHook, name: str, size: int = 1000, *, long: bool = False) -> list[str]:
    declared = entity(name)

    def read(window: Window, *, back: bool = False, size: int = size) -> Pages:
        return hook.pages(declared.path, parameters(declared, window, back=back), Paging(size))

    back = partial(read, back=True) if declared.sorts else None
    look = partial(read, size=10) if long else None
    return [record["id"] for page in changes(read, "updatedDate", Window(), back, look=look) for record in page]


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


@pytest.mark.parametrize("long", [False, True])
def test_a_long_list_is_read_in_parts(hook: WrikeHook, wrike: SandboxClient, long: bool) -> None:
    tasks = wrike.records("aurora", "tasks")
    everything = {task["id"] for task in tasks}
    wrike.forget_requests()
    ids = read_all(hook, "tasks", 50, long=long)
    assert set(ids) == everything
    windows = {request["query"].get("updatedDate", "{}") for request in wrike.requests()}
    assert len(windows) > 4
    # Of each window the last page is not full, and the first one of those that are divided is read twice in part.
    assert hook.requests <= len(everything) / 50 + len(windows)
    orders = Counter(request["query"]["sortOrder"] for request in wrike.requests())
    assert orders["Desc"] == 1
    assert [request["query"]["pageSize"] for request in wrike.requests()].count("10") == long
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


@pytest.mark.parametrize("long", [False, True])
def test_nothing_is_lost_of_a_long_moving_list(hook: WrikeHook, wrike: SandboxClient, long: bool) -> None:
    everything = {task["id"] for task in wrike.records("aurora", "tasks")}
    wrike.switch(touch_between_pages=True)
    ids = read_all(hook, "tasks", 50, long=long)
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
