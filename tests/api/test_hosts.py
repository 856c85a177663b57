"""From a Connection's host to the API's URL."""

from __future__ import annotations

import pytest

from wrike_provider.api.errors import WrikeHostError
from wrike_provider.api.hosts import api_url, is_loopback


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)


@pytest.mark.parametrize(
    ("host", "port", "schema", "url"),
    [
        (None, None, None, "https://www.wrike.com/api/v4"),
        ("", None, "", "https://www.wrike.com/api/v4"),
        ("www.wrike.com", None, None, "https://www.wrike.com/api/v4"),
        ("  www.wrike.com/ ", None, None, "https://www.wrike.com/api/v4"),
        ("app-eu.wrike.com", None, None, "https://app-eu.wrike.com/api/v4"),
        ("App-EU.Wrike.com", None, None, "https://app-eu.wrike.com/api/v4"),
        ("https://app-us2.wrike.com", None, None, "https://app-us2.wrike.com/api/v4"),
        ("https://www.wrike.com/api/v4", None, None, "https://www.wrike.com/api/v4"),
        ("www.wrike.com/api/v4/", None, None, "https://www.wrike.com/api/v4"),
        ("proxy.example.com/wrike", None, None, "https://proxy.example.com/wrike/api/v4"),
        ("www.wrike.com", 443, None, "https://www.wrike.com:443/api/v4"),
        ("www.wrike.com:8443", None, None, "https://www.wrike.com:8443/api/v4"),
        ("www.wrike.com:8443", 9, None, "https://www.wrike.com:8443/api/v4"),
        ("127.0.0.1", 8765, "http", "http://127.0.0.1:8765/api/v4"),
        ("http://127.0.0.1:8765", None, None, "http://127.0.0.1:8765/api/v4"),
        ("http://localhost", 80, "https", "http://localhost:80/api/v4"),
        ("http://[::1]:8765", None, None, "http://[::1]:8765/api/v4"),
    ],
)
def test_a_host_becomes_a_url(host: str | None, port: int | None, schema: str | None, url: str) -> None:
    assert api_url(host, port, schema) == url


@pytest.mark.parametrize(
    "host",
    [
        "ftp://www.wrike.com",
        "https://",
        "https://user:password@www.wrike.com",
        "www.wrike.com?x=1",
        "www.wrike.com#x",
        "www.wrike.com:port",
        "www.wrike.com:99999",
        "::1",
        "https://[::1",
        "https://login.wrike.com\u200b",
        "https://логин.example",
        "https://x; script-src *",
        "https://x'y",
        "my host",
    ],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(WrikeHostError, match="The Connection's host"):
        api_url(host)


@pytest.mark.parametrize("host", ["www.wrike.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1"])
def test_a_token_does_not_travel_unencrypted(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrikeHostError, match="would send the token unencrypted"):
        api_url(f"http://{host}")
    with pytest.raises(WrikeHostError, match="would send the token unencrypted"):
        api_url(host, schema="http")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    assert api_url(f"http://{host}") == f"http://{host}/api/v4"


@pytest.mark.parametrize(
    ("hostname", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("www.wrike.com", False),
        ("localhost.example.com", False),
        ("0.0.0.0", False),  # noqa: S104
        ("192.168.0.1", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback(hostname: str | None, loopback: bool) -> None:
    assert is_loopback(hostname) is loopback
