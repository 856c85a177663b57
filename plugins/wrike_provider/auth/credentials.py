"""What a Connection of type Wrike holds in its extra, read once and checked."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

DEFAULT_LOGIN_URL = "https://login.wrike.com"


class Standing(StrEnum):
    """What can be done with a Connection's tokens."""

    PERMANENT = "permanent token"
    AUTHORIZED = "authorised"
    REFUSED = "authorise again"
    NOT_AUTHORIZED = "not authorised"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The grant of a Connection. Its text form shows no secret.

    :param token: permanent token, empty when there is none (Wrike API v4, "Permanent access token").
    :param access_token: access token of the authorisation-code flow, empty when there is none.
    :param refresh_token: refresh token of that flow, empty when there is none.
    :param expires_at: when the access token ends, None when unknown.
    :param lifetime: how long the access token lives as a whole, seconds; None when unknown.
    :param login_url: where Wrike's login lives.
    :param scope: scopes to ask for, or that were asked for, separated by commas.
    :param broker_secret: by which a task proves to the API server that it may use this Connection.
    :param broker_connection: the Connection that it is the secret of: Airflow's test button gives a copy another id.
    :param refused: fingerprint of a refresh token that Wrike does not take any more, empty when there is none.
    :param refused_at: when that was noticed.
    :param user: who authorised.
    :param admin: whether that user administers the account.
    :param account_id: the account that was authorised, empty when not known.
    :param account_name: its name.
    :param authorized_at: when that was.
    """

    token: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    lifetime: float | None = None
    login_url: str = DEFAULT_LOGIN_URL
    scope: str = ""
    broker_secret: str = field(default="", repr=False)
    broker_connection: str = ""
    refused: str = ""
    refused_at: datetime | None = None
    user: str = ""
    admin: bool = False
    account_id: str = ""
    account_name: str = ""
    authorized_at: datetime | None = None

    @classmethod
    def from_extra(cls, extra: Mapping[str, Any]) -> Credentials:
        """Read the extra of a Connection.

        :param extra: the extra, as a mapping; unknown keys are ignored.
        """
        return cls(
            token=_text(extra, "token"),
            access_token=_text(extra, "access_token"),
            refresh_token=_text(extra, "refresh_token"),
            expires_at=_instant(extra.get("expires_at")),
            lifetime=seconds(extra.get("expires_in")),
            login_url=_text(extra, "login_url").rstrip("/") or DEFAULT_LOGIN_URL,
            scope=_text(extra, "scope"),
            broker_secret=_text(extra, "broker_secret"),
            broker_connection=_text(extra, "broker_connection"),
            refused=_text(extra, "refused"),
            refused_at=_instant(extra.get("refused_at")),
            user=_text(extra, "authorized_user"),
            admin=extra.get("authorized_admin") is True,
            account_id=_text(extra, "account_id"),
            account_name=_text(extra, "account_name"),
            authorized_at=_instant(extra.get("authorized_at")),
        )

    @property
    def standing(self) -> Standing:
        """What can be done with the tokens."""
        if self.token:
            return Standing.PERMANENT
        # The mark is for one refresh token: an old form of the Connections UI that is saved later cannot bring it back.
        if self.refresh_token and self.refused == fingerprint(self.refresh_token):
            return Standing.REFUSED
        return Standing.AUTHORIZED if self.refresh_token or self.access_token else Standing.NOT_AUTHORIZED

    @property
    def scopes(self) -> frozenset[str] | None:
        """Scopes of the tokens; None: not known, as of a permanent token."""
        if self.standing is not Standing.AUTHORIZED or not self.scope:
            return None
        return frozenset(self.scope.replace(",", " ").split())

    @property
    def seconds_left(self) -> float:
        """How long the access token can still be used; 0 when it is to be replaced, infinite when nobody knows.

        A sixtieth of its lifetime is left unused: the time that a request may be on its way.
        """
        if not self.access_token:
            return 0.0
        if self.expires_at is None:
            return math.inf
        left = (self.expires_at - datetime.now(UTC)).total_seconds()
        margin = min(60.0, self.lifetime / 60) if self.lifetime else 60.0
        return max(0.0, left - margin)

    @property
    def identity(self) -> str:
        """Tells grants apart without telling tokens; stays the same when a token is refreshed."""
        if self.token or not self.broker_secret:
            return fingerprint(self.token or self.access_token)
        return fingerprint(f"{self.broker_secret}{self.authorized_at}")


def fingerprint(token: str) -> str:
    """Tell tokens apart without keeping them.

    :param token: a token.
    """
    return hashlib.blake2b(token.encode(), digest_size=16, person=b"wrike-token").hexdigest()


def _text(extra: Mapping[str, Any], name: str) -> str:
    value = extra.get(name)
    return value.strip() if isinstance(value, str) else ""


def seconds(value: object) -> float | None:
    """Read a number of seconds; what is none, or is not above zero, counts as unknown.

    :param value: a number, or text of one.
    """
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def _instant(value: object) -> datetime | None:
    """Read seconds since 1970 or an ISO instant; what is neither counts as unknown."""
    try:
        return datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
