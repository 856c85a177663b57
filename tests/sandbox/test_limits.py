"""The request limit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from include.sandbox.client import SandboxClient, running_sandbox
from include.sandbox.limits import MINUTE_S, RateLimit


@pytest.fixture(scope="module")
def limited() -> Iterator[SandboxClient]:
    """A sandbox that allows a request a second or so."""
    with running_sandbox("--rate-limit", "60", "--tasks", "5") as running:
        yield running


def test_too_many_in_a_second(limited: SandboxClient, wrike: Any) -> None:
    one = type(wrike)(limited, limited.token("aurora"))
    answers = [one.ask("/account") for _ in range(8)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:3] == [200, 200, 200]
    assert 429 in statuses
    refusal = answers[statuses.index(429)]
    assert refusal.json()["error"] == "too_many_requests"
    assert "retry-after" not in refusal.headers
    assert type(wrike)(limited, limited.token("borealis")).ask("/account").status_code == 200
    time.sleep(1.1)
    assert one.ask("/account").status_code == 200


def test_too_many_in_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("include.sandbox.limits.time.monotonic", lambda: now[0])
    limit = RateLimit(60)
    allowed = 0
    for _ in range(100):
        now[0] += 0.5
        allowed += limit.allows("token")
    assert allowed == 60
    assert not limit.allows("token")
    assert limit.allows("other")
    now[0] += MINUTE_S
    assert limit.allows("token")


def test_too_many_from_one_address() -> None:
    limit = RateLimit(60, addresses=True)
    assert [limit.allows(f"token {number}", "here") for number in range(4)] == [True, True, True, False]
    assert limit.allows("token 0", "there")


def test_no_limit(wrike: Any) -> None:
    assert {wrike.ask("/version").status_code for _ in range(30)} == {200}
