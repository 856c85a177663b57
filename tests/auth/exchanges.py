"""What is sent to a login and what it answers, for tests that say its answers themselves."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from wrike_provider.auth.login import Grant, WrikeLogin

URI = "http://localhost:18766/wrike/authorized"
ID, SECRET, CODE, REFRESH = "the-id", "app-s3cret", "c0de-of-today", "refresh-t0ken"
PAIR: dict[str, Any] = {
    "access_token": "next-access-t0ken",
    "refresh_token": "next-refresh-t0ken",
    "token_type": "bearer",
    "expires_in": 3600,
    "host": "app-eu.wrike.com",
}
SECRETS = (SECRET, CODE, REFRESH, PAIR["access_token"], PAIR["refresh_token"])

Fetch = Callable[[WrikeLogin], Grant]


def exchange(login: WrikeLogin) -> Grant:
    return login.exchange(CODE, URI)


def refresh(login: WrikeLogin) -> Grant:
    return login.refresh(REFRESH)


both = pytest.mark.parametrize("fetch", [exchange, refresh], ids=["exchange", "refresh"])


def shown(error: BaseException) -> str:
    """Everything that a log would show of an error."""
    return f"{error!r} {error} {''.join(traceback.format_exception(error))}"
