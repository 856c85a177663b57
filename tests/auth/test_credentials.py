"""What a Connection's extra holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from wrike_provider.api.errors import WrikeAuthorizationError
from wrike_provider.auth.credentials import DEFAULT_LOGIN_URL, Credentials, fingerprint

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_an_empty_extra_holds_nothing() -> None:
    assert Credentials.from_extra({}) == Credentials("", "", "", None, DEFAULT_LOGIN_URL)


def test_all_fields_are_read() -> None:
    extra = {
        "token": " permanent\n",
        "access_token": "access",
        "refresh_token": "refresh",
        "expires_at": NOON.timestamp(),
        "login_url": "https://login.example.com/",
        "unknown": 1,
    }
    assert Credentials.from_extra(extra) == Credentials(
        "permanent", "access", "refresh", NOON, "https://login.example.com"
    )


@pytest.mark.parametrize("value", [None, 5, [], {}, True, "", "  "])
def test_what_is_no_text_counts_as_missing(value: Any) -> None:
    extra = dict.fromkeys(["token", "access_token", "refresh_token", "login_url"], value)
    assert Credentials.from_extra(extra) == Credentials()


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (NOON.timestamp(), NOON),
        (int(NOON.timestamp()), NOON),
        (str(NOON.timestamp()), NOON),
        ("2026-06-01T12:00:00Z", NOON),
        ("2026-06-01T14:00:00+02:00", NOON),
        ("2026-06-01T12:00:00", NOON),
        (None, None),
        ("", None),
        ("tomorrow", None),
        ("nan", None),
        (1e300, None),
        ([], None),
    ],
)
def test_the_end_of_the_access_token(value: Any, instant: datetime | None) -> None:
    assert Credentials.from_extra({"expires_at": value}).expires_at == instant


def test_no_text_form_shows_a_secret() -> None:
    credentials = Credentials("permanent", "access", "refresh", NOON)
    for text in (repr(credentials), str(credentials), f"{credentials}"):
        assert not [secret for secret in ("permanent", "access'", "refresh'") if secret in text]
    assert "2026" in repr(credentials)


def test_the_permanent_token_goes_first() -> None:
    assert Credentials(token="permanent", access_token="access", expires_at=NOON).bearer("c") == "permanent"


def test_without_any_token_somebody_has_to_authorise() -> None:
    with pytest.raises(WrikeAuthorizationError, match=r"'wrike_a' holds no token\. Authorise it"):
        Credentials(refresh_token="refresh").bearer("wrike_a")


def test_an_access_token_of_unknown_age_is_tried() -> None:
    assert Credentials(access_token="access").bearer("c") == "access"


@pytest.mark.parametrize(("now", "valid"), [("11:59:59", True), ("12:00:00", False), ("12:00:01", False)])
def test_an_access_token_ends(now: str, valid: bool) -> None:
    credentials = Credentials(access_token="access", expires_at=NOON)
    with time_machine.travel(f"2026-06-01T{now}+00:00", tick=False):
        if valid:
            assert credentials.bearer("c") == "access"
        else:
            with pytest.raises(WrikeAuthorizationError, match="expired at 2026-06-01 12:00:00 UTC") as caught:
                credentials.bearer("c")
            assert "'access'" not in str(caught.value)


def test_fingerprints_tell_tokens_apart_and_do_not_hold_them() -> None:
    assert fingerprint("one") == fingerprint("one")
    assert fingerprint("one") != fingerprint("two")
    assert len(fingerprint("secret" * 100)) == 16
    assert "secret" not in fingerprint("secret")
