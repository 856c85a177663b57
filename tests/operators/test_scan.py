"""Scans over a list that moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from include.sandbox.client import SandboxClient, running_sandbox
from wrike_provider.entities import entity
from wrike_provider.entities.requests import Window, parameters
from wrike_provider.hooks.wrike import WrikeHook
from wrike_provider.operators.scan import changes, spans

DAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def wrike() -> Iterator[SandboxClient]:
    with running_sandbox("--accounts", "1", "--tasks", "3300", "--rate-limit", "0") as client:
        yield client


@pytest.fixture
def hook(wrike: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> WrikeHook:
    connection = {"conn_type": "wrike", "host": wrike.url, "extra": {"token": wrike.token("aurora")}}
    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_SCAN", json.dumps(connection))
    return WrikeHook("wrike_scan")


def read_all(hook: WrikeHook, name: str) -> list[str]:
    declared = entity(name)
    scan = changes(
        lambda window: hook.pages(declared.path, parameters(declared, window), declared.paging), "updatedDate", Window()
    )
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


def test_spans_reach_from_page_to_page() -> None:
    borders = [("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z")]
    assert list(spans([*borders, borders[0]], Window())) == [
        Window(DAY[0], DAY[0].replace(second=1)),
        Window(DAY[0].replace(hour=10), DAY[0].replace(hour=12, second=1)),
    ]


def test_pages_out_of_order_are_read_again_as_a_whole() -> None:
    assert list(spans([("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")], Window(*DAY))) == [Window(*DAY)]
