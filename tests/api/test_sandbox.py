"""The client against the sandbox, which is as strict as Wrike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient, running_sandbox
from wrike_provider.api.client import WrikeClient
from wrike_provider.api.errors import WrikeAuthorizationError, WrikeBlockedError, WrikePageExpiredError
from wrike_provider.api.paging import Pages, Paging
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.tokens import FixedToken
from wrike_provider.entities import CATALOGUE, Entity, entity
from wrike_provider.entities.requests import Window, parameters

SINCE, UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxClient]:
    with running_sandbox("--rate-limit", "0") as started:
        yield started


@pytest.fixture
def wrike(running: SandboxClient) -> Iterator[SandboxClient]:
    yield running
    running.heal()


@pytest.fixture
def account(wrike: SandboxClient) -> str:
    return next(iter(wrike.accounts()))


@pytest.fixture
def reader(wrike: SandboxClient, account: str) -> Iterator[WrikeClient]:
    base_url = f"{wrike.url}/api/v4"
    with requests.Session() as session:
        session.trust_env = False
        session.auth = BearerAuth(FixedToken(wrike.token(account)), base_url)
        yield WrikeClient(session, base_url)


def ids(read: Iterator[list[dict[str, Any]]]) -> list[str]:
    return [record["id"] for page in read for record in page]


@pytest.mark.parametrize("window", [Window(), Window(SINCE, UNTIL)], ids=str)
@pytest.mark.parametrize(
    "declared",
    [declared for declared in CATALOGUE if not declared.details and not declared.spans],
    ids=lambda declared: declared.name,
)
def test_every_request_that_is_declared_is_accepted(reader: WrikeClient, declared: Entity, window: Window) -> None:
    pages = Pages(reader, declared.path, parameters(declared, window), declared.paging)
    assert [record[declared.key.path] for page in pages for record in page]


@pytest.mark.parametrize("empty_last_page", [False, True])
@pytest.mark.parametrize("name", ["tasks", "folders", "groups"])
def test_small_pages_hold_the_same_as_large_ones(
    reader: WrikeClient, wrike: SandboxClient, name: str, empty_last_page: bool
) -> None:
    declared = entity(name)
    params = parameters(declared, Window())
    assert declared.paging
    whole = ids(Pages(reader, declared.path, params, declared.paging))
    wrike.switch(empty_last_page=empty_last_page)
    size = max(1, len(whole) // 3)
    small = list(Pages(reader, declared.path, params, Paging(size, declared.paging.token)))
    assert len(small) >= 3
    assert sorted(ids(iter(small))) == sorted(whole)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "code": "too_many_requests", "headers": {"Retry-After": "2"}},
        {"status": 500},
        {"status": 503},
        {"kind": "reset"},
        {"kind": "truncate"},
    ],
    ids=["429", "500", "503", "reset", "truncate"],
)
def test_what_passes_is_tried_again(
    reader: WrikeClient, wrike: SandboxClient, pauses: list[float], fault: dict[str, Any]
) -> None:
    wrike.fault("/tasks", times=2, **fault)
    assert reader.get("/tasks", {"pageSize": 1}).data
    # A connection that the sandbox is just closing can cost one more attempt.
    assert len(pauses) >= 2
    assert pauses == [2, 2] or "headers" not in fault


def test_what_a_plan_does_not_include(reader: WrikeClient, wrike: SandboxClient, account: str) -> None:
    wrike.block(account, "/groups")
    try:
        with pytest.raises(WrikeBlockedError):
            reader.get("/groups")
    finally:
        wrike.block(account, "/groups", None)
    assert reader.get("/groups").data


def test_a_wrong_token(reader: WrikeClient) -> None:
    reader.session.auth = BearerAuth(FixedToken("wrong"), reader.base_url)
    with pytest.raises(WrikeAuthorizationError):
        reader.get("/tasks")


def test_a_page_token_of_another_scan(reader: WrikeClient) -> None:
    with pytest.raises(WrikePageExpiredError):
        reader.get("/tasks", {"pageSize": 1, "nextPageToken": "unknown"})
