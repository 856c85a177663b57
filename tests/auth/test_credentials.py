"""What a Connection's extra holds."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from wrike_provider.auth.credentials import DEFAULT_LOGIN_URL, Credentials, Standing, fingerprint

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_an_empty_extra_holds_nothing() -> None:
    assert Credentials.from_extra({}) == Credentials()
    assert Credentials().login_url == DEFAULT_LOGIN_URL == "https://login.wrike.com"


def test_all_fields_are_read() -> None:
    extra = {
        "token": " permanent\n",
        "access_token": "access",
        "refresh_token": "refresh",
        "expires_at": NOON.timestamp(),
        "expires_in": 3600,
        "login_url": "https://login.example.com/",
        "scope": "wsReadOnly",
        "broker_secret": "broker",
        "broker_connection": " wrike_a ",
        "refused": "mark",
        "refused_at": "2026-06-01T12:00:00Z",
        "authorized_user": "Ada",
        "authorized_admin": True,
        "account_id": "IEAA",
        "account_name": "Aurora",
        "authorized_at": "2026-06-01T12:00:00+00:00",
        "unknown": 1,
    }
    assert Credentials.from_extra(extra) == Credentials(
        token="permanent",
        access_token="access",
        refresh_token="refresh",
        expires_at=NOON,
        lifetime=3600.0,
        login_url="https://login.example.com",
        scope="wsReadOnly",
        broker_secret="broker",
        broker_connection="wrike_a",
        refused="mark",
        refused_at=NOON,
        user="Ada",
        admin=True,
        account_id="IEAA",
        account_name="Aurora",
        authorized_at=NOON,
    )


@pytest.mark.parametrize("value", [None, 5, [], {}, True, "", "  "])
def test_what_is_no_text_counts_as_missing(value: Any) -> None:
    names = ["token", "access_token", "refresh_token", "login_url", "scope", "broker_secret", "refused", "account_id"]
    extra = dict.fromkeys(names, value)
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


@pytest.mark.parametrize(
    ("value", "lifetime"),
    [
        (3600, 3600.0),
        ("3600", 3600.0),
        (0.5, 0.5),
        (0, None),
        (-5, None),
        (None, None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ([], None),
    ],
)
def test_the_lifetime_of_the_access_token(value: Any, lifetime: float | None) -> None:
    assert Credentials.from_extra({"expires_in": value}).lifetime == lifetime


@pytest.mark.parametrize(("value", "admin"), [(True, True), (False, False), (None, False), ("yes", False), (1, False)])
def test_who_counts_as_administrator(value: Any, admin: bool) -> None:
    assert Credentials.from_extra({"authorized_admin": value}).admin is admin


def test_no_text_form_shows_a_secret() -> None:
    credentials = Credentials(
        token="permanent", access_token="access", refresh_token="refresh", expires_at=NOON, broker_secret="broker"
    )
    for text in (repr(credentials), str(credentials), f"{credentials}"):
        assert not [secret for secret in ("permanent", "access", "refresh", "broker") if f"'{secret}" in text]
    assert "2026" in repr(credentials)


REFUSED = {"refused": fingerprint("refresh")}


@pytest.mark.parametrize(
    ("extra", "standing"),
    [
        ({}, Standing.NOT_AUTHORIZED),
        ({"login_url": "https://login.wrike.com", "broker_secret": "b"}, Standing.NOT_AUTHORIZED),
        ({"token": "permanent"}, Standing.PERMANENT),
        ({"token": "permanent", "access_token": "a", "refresh_token": "refresh", **REFUSED}, Standing.PERMANENT),
        ({"access_token": "access"}, Standing.AUTHORIZED),
        ({"refresh_token": "refresh"}, Standing.AUTHORIZED),
        ({"access_token": "access", "refresh_token": "refresh"}, Standing.AUTHORIZED),
        ({"access_token": "access", "refresh_token": "refresh", **REFUSED}, Standing.REFUSED),
        ({"refresh_token": "refresh", **REFUSED}, Standing.REFUSED),
        ({"access_token": "access", "refresh_token": "next", **REFUSED}, Standing.AUTHORIZED),
        ({"access_token": "access", **REFUSED}, Standing.AUTHORIZED),
        ({"refused": fingerprint("")}, Standing.NOT_AUTHORIZED),
        ({"access_token": "access", "refused": fingerprint("")}, Standing.AUTHORIZED),
        (REFUSED, Standing.NOT_AUTHORIZED),
    ],
)
def test_what_can_be_done_with_the_tokens(extra: dict[str, Any], standing: Standing) -> None:
    assert Credentials.from_extra(extra).standing is standing


def test_without_an_access_token_no_time_is_left() -> None:
    assert Credentials(refresh_token="refresh", expires_at=NOON).seconds_left == 0
    assert Credentials().seconds_left == 0


def test_an_access_token_of_unknown_age_is_tried() -> None:
    assert Credentials(access_token="access").seconds_left == math.inf


@pytest.mark.parametrize(
    ("now", "lifetime", "left"),
    [
        ("11:00:00", None, 3540),
        ("11:58:59", None, 1),
        ("11:59:00", None, 0),
        ("12:00:01", None, 0),
        ("11:00:00", 3600, 3540),
        ("11:59:00", 3600, 0),
        ("11:59:00", 600, 50),
        ("11:59:50", 600, 0),
        ("11:59:58", 30, 1.5),
        ("06:00:00", 86400, 21540),
        ("12:00:00", 30, 0),
    ],
)
def test_an_access_token_is_used_until_shortly_before_its_end(now: str, lifetime: float | None, left: float) -> None:
    credentials = Credentials(access_token="access", expires_at=NOON, lifetime=lifetime)
    with time_machine.travel(f"2026-06-01T{now}+00:00", tick=False):
        assert credentials.seconds_left == left


AUTHORIZED = Credentials(
    access_token="access", refresh_token="refresh", expires_at=NOON, broker_secret="broker", authorized_at=NOON
)


def test_a_grant_stays_the_same_when_a_token_is_refreshed() -> None:
    later = replace(
        AUTHORIZED, access_token="access-2", refresh_token="refresh-2", expires_at=NOON + timedelta(hours=1)
    )
    assert later.identity == AUTHORIZED.identity


@pytest.mark.parametrize(
    "other",
    [
        {"authorized_at": NOON + timedelta(seconds=1)},
        {"broker_secret": "another"},
        {"token": "permanent"},
        {"broker_secret": ""},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_grant_is_another(other: dict[str, Any]) -> None:
    assert replace(AUTHORIZED, **other).identity != AUTHORIZED.identity


def test_without_a_broker_the_token_itself_is_the_grant() -> None:
    one, two = Credentials(token="one"), Credentials(token="two")
    assert one.identity == Credentials(token="one", broker_secret="b", authorized_at=NOON).identity != two.identity
    assert Credentials(access_token="one").identity != Credentials(access_token="two").identity


@pytest.mark.parametrize("held", [AUTHORIZED, Credentials(token="permanent"), Credentials(access_token="access")])
def test_the_identity_of_a_grant_holds_no_secret(held: Credentials) -> None:
    assert not [secret for secret in ("permanent", "access", "refresh", "broker") if secret in held.identity]


def test_fingerprints_tell_tokens_apart_and_do_not_hold_them() -> None:
    assert fingerprint("one") == fingerprint("one")
    assert fingerprint("one") != fingerprint("two")
    assert len(fingerprint("secret" * 100)) == len(fingerprint("")) == 32
    assert "secret" not in fingerprint("secret")
