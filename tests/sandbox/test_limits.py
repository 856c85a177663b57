"""The request limit."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from include.sandbox.app import Latency, make_app
from include.sandbox.client import SandboxClient, running_sandbox
from include.sandbox.data.seed import Size
from include.sandbox.generate import make_account
from include.sandbox.limits import MINUTE_S, RateLimit
from include.sandbox.world import World


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


class Noticed(RateLimit):
    """Tells when so many requests were counted."""

    def __init__(self, requests: int) -> None:
        super().__init__(400)
        self.left = requests
        self.all = threading.Event()

    def allows(self, token: str, address: str = "") -> bool:
        self.left -= 1
        if not self.left:
            self.all.set()
        return super().allows(token, address)


class Slow(dict[str, str]):
    """What an account refuses; who looks waits for an event, and it is noted whether that came."""

    def __init__(self, event: threading.Event) -> None:
        super().__init__()
        self.event = event
        self.came: list[bool] = []

    def get(self, key: str, default: Any = None) -> Any:
        self.came.append(self.event.wait(5))
        return super().get(key, default)


def test_requests_are_counted_while_the_one_before_is_answered() -> None:
    account, limit = make_account(0, 7, Size(tasks=1, folders=3, contacts=3)), Noticed(3)
    account.blocked = slow = Slow(limit.all)
    app: Any = make_app(World({account.key: account}), limit, Latency())
    headers = {"Authorization": f"Bearer {account.tokens['admin']}"}

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wrike", headers=headers) as client:
            answers = await asyncio.gather(*(client.get("/api/v4/account") for _ in range(3)))
        return [answer.status_code for answer in answers]

    assert asyncio.run(ask()) == [200] * 3
    assert slow.came == [True] * 3


def test_no_limit(wrike: Any) -> None:
    assert {wrike.ask("/version").status_code for _ in range(30)} == {200}


@pytest.mark.parametrize(("records", "taken", "left"), [(0, 0, 0.3), (500, 0.1, 0.7), (1000, 1.25, 0.05), (10, 2, 0)])
def test_to_work_an_answer_out_is_part_of_its_latency(records: int, taken: float, left: float) -> None:
    assert Latency(0.3, 1).left(records, taken) == pytest.approx(left)
