"""Signing requests, for one host only."""

from __future__ import annotations

import pytest
import requests
from oauthlib.oauth2 import InsecureTransportError

from wrike_provider.auth.bearer import BearerAuth


def signed(base_url: str, url: str) -> str | None:
    prepared = requests.Request("GET", url, auth=BearerAuth("secret", base_url)).prepare()
    return prepared.headers.get("Authorization")


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)


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
    auth = BearerAuth("secret", "https://www.wrike.com/api/v4")
    prepared = requests.Request("GET", "https://www.wrike.com/api/v4/tasks", auth=auth).prepare()
    assert prepared.url == "https://www.wrike.com/api/v4/tasks"
