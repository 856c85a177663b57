"""The request limit, shared by processes: in a file, and in Redis."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis
import requests
import time_machine
from redis.backoff import NoBackoff
from redis.retry import Retry

from include.sandbox.client import SandboxClient, running_sandbox
from tests.api.server import Server, refusal
from wrike_provider.api import limits
from wrike_provider.api.errors import WrikeLimiterError, WrikeLimiterUnavailableError
from wrike_provider.api.limits import (
    LATEST_S,
    LONGEST_WAIT_S,
    SPACING_MS,
    WIDEST_MS,
    LimitedAdapter,
    LocalTurns,
    RedisTurns,
    Turns,
)
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.tokens import AccessToken, BrokeredToken

if TYPE_CHECKING:
    from include.local.redis import RedisServer

SPACING_S = SPACING_MS / 1000
REQUESTS = 20
CHILD = Path(__file__).with_name("limited_reader.py")
Make = Callable[[], Turns]


@pytest.fixture(params=["file", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where turns are kept: a folder, or the address of a Redis."""
    if request.param == "file":
        return str(tmp_path / "new" / "limits")
    server: RedisServer = request.getfixturevalue("redis_server")
    with redis.Redis.from_url(server.url()) as client:
        client.flushdb()
    return server.url()


@pytest.fixture
def make(place: str) -> Iterator[Make]:
    """Makes turns as another process has them."""
    with redis.Redis.from_url(place if "//" in place else "redis://") as client:
        yield lambda: RedisTurns(client, "Redis") if "//" in place else LocalTurns(Path(place))


@pytest.fixture
def session(make: Make) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.mount(
            "http://", LimitedAdapter(turns=make(), limits=("address:here", "token:one"), sign=lambda sent: sent)
        )
        yield made


def child(url: str, place: str, address: str, token: str, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdin
    # Not on the command line: the address of the Redis has its password.
    process.stdin.write("\n".join((url, place, address, token, str(count))) + "\n")
    return process


def begin(children: list[subprocess.Popen[str]]) -> None:
    for process in children:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in children:
        assert process.stdin
        process.stdin.write("\n")


def read_at_once(children: list[subprocess.Popen[str]]) -> list[int]:
    """Let children begin, and return the statuses of all answers."""
    try:
        begin(children)
        return [int(status) for process in children for status in process.communicate(timeout=60)[0].split()]
    finally:
        for process in children:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def limited() -> Iterator[SandboxClient]:
    """A Wrike that counts by token and by address."""
    with running_sandbox("--address-limit", "--accounts", "2", "--tasks", "5") as running:
        yield running


def test_the_spacing_stays_below_wrikes_limit() -> None:
    assert 350 <= 60_000 / SPACING_MS < 400


def test_wrike_refuses_nothing_of_two_teams_in_two_processes_behind_one_address(
    limited: SandboxClient, place: str
) -> None:
    tokens = [limited.token("aurora"), limited.token("borealis")]
    began = time.monotonic()
    children = [child(limited.url, place, "nat", token, REQUESTS // 4) for token in tokens for _ in range(2)]
    assert read_at_once(children) == [200] * REQUESTS
    assert time.monotonic() - began >= (REQUESTS - 1) * SPACING_S


def test_wrike_refuses_nothing_of_one_token_behind_two_addresses(limited: SandboxClient, place: str) -> None:
    token = limited.token("aurora", "regular")
    began = time.monotonic()
    children = [child(limited.url, place, address, token, REQUESTS // 2) for address in ("north", "south")]
    assert read_at_once(children) == [200] * REQUESTS
    assert time.monotonic() - began >= (REQUESTS - 1) * SPACING_S


def test_turns_of_many_at_once_are_all_different(make: Make) -> None:
    everyone = [make() for _ in range(8)]
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda number: everyone[number % 8].take("token:one"), range(160)))
    took = time.monotonic() - began
    assert 159 * SPACING_S - took <= max(wait or 0 for wait in waits) <= 159 * SPACING_S


def test_limits_do_not_hold_each_other_up(make: Make) -> None:
    turns = make()
    assert [turns.take(limit) for limit in ("token:one", "token:two", "address:one")] == [0, 0, 0]


def test_who_was_killed_holds_nobody_up(limited: SandboxClient, place: str, make: Make) -> None:
    process = child(limited.url, place, "here", limited.token("aurora"), 1000)
    begin([process])
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    wait = make().take("address:here")
    assert wait is not None
    assert wait <= 2 * SPACING_S


def test_nobody_waits_for_ever(
    make: Make, server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SPACING_MS", 110_000)
    turns = make()
    waits = [turns.take("address:here") for _ in range(5)]
    assert [wait and round(wait, -1) for wait in waits] == [0, 110, 220, None, None]
    with pytest.raises(WrikeLimiterUnavailableError, match=rf"limit of address than can be made in {LONGEST_WAIT_S} s"):
        session.get(server.url)
    assert server.asked == []


def test_a_clock_that_is_wrong(make: Make) -> None:
    with time_machine.travel(time.time() + 36_000):
        assert make().take("token:one") == 0
    wait = make().take("token:one")
    assert wait is not None
    assert wait <= SPACING_S


def test_clocks_of_machines_do_not_matter_to_redis(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url(1)) as client:
        turns = RedisTurns(client, "Redis")
        assert turns.take("token:one") == 0
        with time_machine.travel(time.time() + 36_000):
            wait = turns.take("token:one")
            assert wait is not None
            assert 0 < wait <= SPACING_S
        # Redis itself forgets them.
        assert [0 < client.pttl(key) <= 2 * 1000 * SPACING_S for key in client.scan_iter()] == [True]


def test_redis_that_is_away() -> None:
    client = redis.Redis(port=1, password="very-secret", retry=Retry(NoBackoff(), 0))
    with client, pytest.raises(WrikeLimiterUnavailableError) as raised:
        RedisTurns(client, "the Connection 'limits'").take("token:one")
    assert "No request is sent without the limiter, and its Redis (the Connection 'limits')" in str(raised.value)
    assert "very-secret" not in str(raised.value)


def test_redis_that_refuses_the_password(redis_server: RedisServer) -> None:
    for password in ("very-secret", None):
        with (
            redis.Redis(port=redis_server.port, password=password, retry=Retry(NoBackoff(), 0)) as client,
            pytest.raises(WrikeLimiterError, match="Correct login and password of the Connection 'limits'") as raised,
        ):
            RedisTurns(client, "the Connection 'limits'").take("token:one")
        assert "very-secret" not in str(raised.value)


def test_redis_that_forgets_its_scripts(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url(2)) as client:
        turns = RedisTurns(client, "Redis")
        turns.take("token:one")
        client.script_flush()
        assert turns.take("token:one")


def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "turns.sqlite").mkdir()
    with pytest.raises(WrikeLimiterUnavailableError, match=rf"its file {tmp_path}/turns.sqlite cannot be used"):
        LocalTurns(tmp_path).take("token:one")


@pytest.mark.parametrize("known", [False, True], ids=["before", "meanwhile"])
def test_a_file_that_a_power_cut_has_broken_is_made_anew(tmp_path: Path, known: bool) -> None:
    turns = LocalTurns(tmp_path)
    if known:
        assert turns.take("token:one") == 0
    (tmp_path / "turns.sqlite").write_bytes(b"not a database" * 1000)
    assert turns.take("token:one") == 0
    assert LocalTurns(tmp_path).take("token:one") == pytest.approx(SPACING_MS / 1000, abs=0.1)


def test_turns_are_wider_for_a_while_after_a_refusal(
    server: Server, session: requests.Session, make: Make, place: str
) -> None:
    server.will(refusal(429, "too_many_requests"))
    assert session.get(server.url).status_code == 429
    turns = make()
    turns.take("token:one")
    before = turns.take("token:one")
    after = turns.take("token:one")
    assert before is not None
    assert after is not None
    assert after - before == pytest.approx(1.125 * SPACING_S, abs=0.01)
    other = [turns.take("token:other") for _ in range(2)]
    assert other[1] == pytest.approx(SPACING_S, abs=0.05)


def test_turns_are_not_wider_for_ever(tmp_path: Path) -> None:
    turns = LocalTurns(tmp_path)
    with time_machine.travel(1_700_000_000, tick=False):
        # Refusals at one time have one reason.
        turns.refused("token:one")
        turns.refused("token:one")
        assert [turns.take("token:one") for _ in range(2)] == [0, pytest.approx(1.125 * SPACING_S)]
    for number in range(12):
        with time_machine.travel(1_800_000_000 + 2 * number, tick=False):
            turns.refused("token:one")
    with time_machine.travel(1_800_000_100, tick=False):
        assert [turns.take("token:one") for _ in range(2)] == [0, pytest.approx(WIDEST_MS / 1000)]
    with time_machine.travel(1_800_001_000, tick=False):
        assert [turns.take("token:one") for _ in range(2)] == [0, pytest.approx(SPACING_S)]


def test_a_wrike_that_looks_more_closely_soon_refuses_nothing(place: str) -> None:
    """Five in a second are all that it takes, and seven are asked for."""
    with running_sandbox("--rate-limit", "180", "--accounts", "1", "--tasks", "5") as strict:
        statuses = read_at_once([child(strict.url, place, "here", strict.token("aurora"), 40)])
    assert statuses.count(429) <= 5
    assert statuses[20:] == [200] * 20


def test_a_request_is_signed_when_its_turn_has_come(server: Server, make: Make) -> None:
    signed: list[float] = []

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        signed.append(time.monotonic())
        request.headers["Authorization"] = f"Bearer {len(signed)}"
        return request

    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", LimitedAdapter(turns=make(), limits=("token:one",), sign=sign))
        for _ in range(3):
            session.get(server.url)
            assert server.asked[-1].authorization == f"Bearer {len(signed)}"
    assert signed[-1] - signed[0] >= 0.9 * 2 * SPACING_S, "a token may end while a request waits"


@pytest.mark.parametrize("lasts_s", [0, 1], ids=["before the turns", "between turns"])
def test_those_who_waited_for_a_new_token_do_not_come_all_at_once(
    limited: SandboxClient, tmp_path: Path, lasts_s: float
) -> None:
    token = limited.token("borealis", "regular")

    def ask(failed: str | None) -> AccessToken:
        time.sleep(2)
        return AccessToken.lasting(token, 600)

    sign = BearerAuth(BrokeredToken(ask, AccessToken.lasting(token, lasts_s)), limited.url)
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", LimitedAdapter(turns=LocalTurns(tmp_path), limits=("token:three",), sign=sign))
        with ThreadPoolExecutor(REQUESTS) as pool:
            statuses = list(
                pool.map(lambda _: session.get(f"{limited.url}/api/v4/version").status_code, range(REQUESTS))
            )
    assert statuses == [200] * REQUESTS


def test_who_waits_for_a_new_token_has_not_yet_taken_a_turn(server: Server, tmp_path: Path) -> None:
    turns = LocalTurns(tmp_path)
    free: list[float | None] = []

    def ask(failed: str | None) -> AccessToken:
        free.append(turns.take("token:one"))
        return AccessToken.lasting("new", 600)

    sign = BearerAuth(BrokeredToken(ask, AccessToken.lasting("old", 0)), server.url)
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", LimitedAdapter(turns=turns, limits=("token:one",), sign=sign))
        assert session.get(server.url).status_code == 200
    assert free == [0]
    assert [asked.authorization for asked in server.asked] == ["Bearer new"]


def test_a_token_that_is_always_slow_stops_nobody(server: Server, tmp_path: Path) -> None:
    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        time.sleep(2 * LATEST_S)
        return request

    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", LimitedAdapter(turns=LocalTurns(tmp_path), limits=("token:one",), sign=sign))
        assert session.get(server.url).status_code == 200


def test_waiting_takes_no_processor(session: requests.Session, server: Server) -> None:
    session.get(server.url)
    began, busy = time.monotonic(), time.thread_time()
    for _ in range(10):
        session.get(server.url)
    assert time.monotonic() - began >= 9 * SPACING_S
    assert time.thread_time() - busy < 0.3
