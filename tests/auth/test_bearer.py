"""Signing requests, for one host only."""

from __future__ import annotations

import pytest
import requests
from oauthlib.oauth2 import InsecureTransportError

from wrike_provider.api.errors import WrikeAuthorizationError
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.credentials import fingerprint
from wrike_provider.auth.tokens import AccessToken, BrokeredToken, FixedToken

WRIKE = "https://www.wrike.com/api/v4"
LOCAL = "http://127.0.0.1:8765/api/v4"


def signed(base_url: str, url: str) -> str | None:
    prepared = requests.Request("GET", url, auth=BearerAuth(FixedToken("secret"), base_url)).prepare()
    return prepared.headers.get("Authorization")


@pytest.mark.parametrize(
    "base_url",
    ["https://www.wrike.com/api/v4", "https://www.wrike.com:8443/api/v4", "http://127.0.0.1:8765/api/v4"],
)
def test_requests_for_the_api_are_signed(base_url: str) -> None:
    assert signed(base_url, f"{base_url}/tasks") == "Bearer secret"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/api/v4/tasks",
        "https://www.wrike.com.evil.example.com/api/v4/tasks",
        "https://app-eu.wrike.com/api/v4/tasks",
        "https://www.wrike.com:8443/api/v4/tasks",
        "http://www.wrike.com/api/v4/tasks",
        "http://127.0.0.1/api/v4/tasks",
    ],
)
def test_requests_for_anything_else_are_not(url: str) -> None:
    assert signed("https://www.wrike.com/api/v4", url) is None


def test_plain_http_is_refused_beyond_this_machine() -> None:
    with pytest.raises(InsecureTransportError):
        signed("http://www.wrike.com/api/v4", "http://www.wrike.com/api/v4/tasks")


def test_plain_http_can_be_allowed_for_a_test_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    assert signed("http://wrike.test/api/v4", "http://wrike.test/api/v4/tasks") == "Bearer secret"


def test_the_token_does_not_end_up_in_the_url() -> None:
    auth = BearerAuth(FixedToken("secret"), "https://www.wrike.com/api/v4")
    prepared = requests.Request("GET", "https://www.wrike.com/api/v4/tasks", auth=auth).prepare()
    assert prepared.url == "https://www.wrike.com/api/v4/tasks"


def request_for(url: str) -> requests.PreparedRequest:
    return requests.Request("GET", url).prepare()


@pytest.mark.parametrize("base_url", [WRIKE, LOCAL])
def test_the_token_that_was_refused_is_replaced(base_url: str) -> None:
    asked: list[str | None] = []

    def ask(failed: str | None) -> AccessToken:
        asked.append(failed)
        return AccessToken.lasting("new", 600)

    auth = BearerAuth(BrokeredToken(ask, AccessToken.lasting("old", 600)), base_url)
    first = auth(request_for(f"{base_url}/tasks"))
    assert auth.renew(first)
    assert asked == [fingerprint("old")]
    second = auth(request_for(f"{base_url}/tasks"))
    assert (first.headers["Authorization"], second.headers["Authorization"]) == ("Bearer old", "Bearer new")


def test_a_request_that_was_sent_before_the_last_renewal_asks_for_nothing() -> None:
    tokens = iter(["second", "third"])
    auth = BearerAuth(
        BrokeredToken(lambda _: AccessToken.lasting(next(tokens), 600), AccessToken.lasting("first", 600)), LOCAL
    )
    early, late = auth(request_for(LOCAL)), auth(request_for(LOCAL))
    assert auth.renew(early)
    assert auth.renew(late)
    assert auth(request_for(LOCAL)).headers["Authorization"] == "Bearer second"


def test_a_fixed_token_cannot_be_replaced() -> None:
    auth = BearerAuth(FixedToken("secret"), WRIKE)
    assert not auth.renew(auth(request_for(WRIKE)))


@pytest.mark.parametrize("header", [None, "", "Basic dTpw", "Bearersecret"])
def test_what_was_not_signed_by_us_is_not_renewed(header: str | None) -> None:
    asked: list[str | None] = []

    def ask(failed: str | None) -> AccessToken:
        asked.append(failed)
        return AccessToken.lasting("new", 600)

    auth = BearerAuth(BrokeredToken(ask, AccessToken.lasting("old", 600)), WRIKE)
    request = request_for("https://evil.example.com/")
    if header is not None:
        request.headers["Authorization"] = header
    assert not auth.renew(request)
    assert asked == []


def test_when_no_token_can_be_had_the_reason_comes_through() -> None:
    reason = WrikeAuthorizationError("Authorise again.")

    def ask(failed: str | None) -> AccessToken:
        raise reason

    auth = BearerAuth(BrokeredToken(ask, AccessToken.lasting("old", 600)), WRIKE)
    with pytest.raises(WrikeAuthorizationError) as caught:
        auth.renew(auth(request_for(WRIKE)))
    assert caught.value is reason
    ended = BearerAuth(BrokeredToken(ask, AccessToken.lasting("old", 0)), WRIKE)
    with pytest.raises(WrikeAuthorizationError) as caught:
        ended(request_for(WRIKE))
    assert caught.value is reason


def test_a_request_for_another_host_does_not_even_ask_for_a_token() -> None:
    asked: list[str | None] = []

    def ask(failed: str | None) -> AccessToken:
        asked.append(failed)
        return AccessToken.lasting("new", 600)

    auth = BearerAuth(BrokeredToken(ask, AccessToken.lasting("old", 0)), WRIKE)
    assert "Authorization" not in auth(request_for("https://evil.example.com/")).headers
    assert asked == []
