"""Where a request gets its token from."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from wrike_provider.api.errors import WrikeAuthorizationError, WrikeTransientError
from wrike_provider.auth.credentials import fingerprint
from wrike_provider.auth.tokens import AccessToken, BrokeredToken, FixedToken

THREADS = 16


class Source:
    """Gives token-1, token-2 and so on, and remembers what it was asked."""

    def __init__(self, seconds: float = 600) -> None:
        self.seconds = seconds
        self.asked: list[str | None] = []

    def __call__(self, failed: str | None) -> AccessToken:
        self.asked.append(failed)
        return AccessToken.lasting(f"token-{len(self.asked)}", self.seconds)


def at_once(call: Callable[[], Any]) -> list[Any]:
    """Call something in many threads that begin together."""
    barrier = Barrier(THREADS)

    def go(_: int) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(go, range(THREADS)))


def brokered(source: Callable[[str | None], AccessToken], seconds: float = 600) -> BrokeredToken:
    return BrokeredToken(source, AccessToken.lasting("token-0", seconds))


@pytest.mark.parametrize(("seconds", "ended"), [(600, False), (math.inf, False), (0, True), (-5, True)])
def test_a_token_ends(seconds: float, ended: bool) -> None:
    assert AccessToken.lasting("t", seconds).ended is ended


def test_no_text_form_shows_a_token() -> None:
    for shown in (AccessToken.lasting("the-secret", 5), FixedToken("the-secret"), brokered(Source())):
        assert "secret" not in f"{shown!r} {shown}"
        assert "token-0" not in f"{shown!r} {shown}"


def test_a_fixed_token_stays_and_has_no_successor() -> None:
    token = FixedToken("fixed")
    assert token.value() == "fixed"
    assert not token.replace("fixed")
    assert token.value() == "fixed"


def test_nobody_is_asked_as_long_as_the_token_lasts() -> None:
    source = Source()
    token = brokered(source)
    assert [token.value() for _ in range(3)] == ["token-0"] * 3
    assert source.asked == []


def test_a_token_that_has_ended_is_asked_anew_and_then_kept() -> None:
    source = Source()
    token = brokered(source, 0)
    assert [token.value() for _ in range(3)] == ["token-1"] * 3
    assert source.asked == [None]


def test_a_token_that_ends_at_once_is_asked_for_each_time() -> None:
    token = brokered(Source(0), 0)
    assert [token.value() for _ in range(3)] == ["token-1", "token-2", "token-3"]


def test_a_token_that_was_refused_is_named_by_its_fingerprint_only() -> None:
    source = Source()
    token = brokered(source)
    assert token.replace("token-0")
    assert source.asked == [fingerprint("token-0")]
    assert token.value() == "token-1"


def test_who_was_refused_with_an_older_token_takes_the_present_one() -> None:
    source = Source()
    token = brokered(source)
    assert token.replace("token-0")
    assert token.replace("token-0")
    assert token.replace("even older")
    assert len(source.asked) == 1
    assert token.replace("token-1")
    assert token.value() == "token-2"
    assert source.asked == [fingerprint("token-0"), fingerprint("token-1")]


def test_of_many_threads_one_asks_for_a_token_that_has_ended() -> None:
    source = Source()
    token = brokered(source, 0)
    assert at_once(token.value) == ["token-1"] * THREADS
    assert source.asked == [None]


def test_of_many_threads_one_asks_for_each_token_that_is_refused() -> None:
    source = Source()
    token = brokered(source)
    for number in range(3):
        failed = f"token-{number}"
        assert at_once(lambda failed=failed: token.replace(failed)) == [True] * THREADS
        assert token.value() == f"token-{number + 1}"
    assert source.asked == [fingerprint(f"token-{number}") for number in range(3)]


def test_the_same_token_again_is_no_other_one() -> None:
    token = brokered(lambda _: AccessToken.lasting("token-0", 600))
    for _ in range(2):
        with pytest.raises(WrikeAuthorizationError, match="no other token") as caught:
            token.replace("token-0")
        assert "token-0" not in str(caught.value)


@pytest.mark.parametrize("error", [WrikeAuthorizationError("Authorise again."), WrikeTransientError("Later.")])
def test_why_no_token_can_be_had_comes_through_and_the_next_one_who_asks_may_have_more_luck(error: Exception) -> None:
    source = Source()
    failures = [error, error]

    def ask(failed: str | None) -> AccessToken:
        if failures:
            raise failures.pop()
        return source(failed)

    token = brokered(ask, 0)
    with pytest.raises(type(error)) as caught:
        token.value()
    assert caught.value is error
    with pytest.raises(type(error)):
        token.replace("token-0")
    assert token.value() == "token-1"
