"""What a Connection of type Wrike holds, read once and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wrike_provider.api.errors import WrikeAuthorizationError

DEFAULT_LOGIN_URL = "https://login.wrike.com"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The grant of a Connection. Its text form shows no secret.

    :param token: permanent token, empty when there is none (Wrike API v4, "Permanent access token").
    :param access_token: access token of the authorisation-code flow, empty when there is none.
    :param refresh_token: refresh token of that flow, empty when there is none.
    :param expires_at: when the access token ends, None when unknown.
    :param login_url: where Wrike's login lives.
    """

    token: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    login_url: str = DEFAULT_LOGIN_URL

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
            login_url=_text(extra, "login_url").rstrip("/") or DEFAULT_LOGIN_URL,
        )

    def bearer(self, connection_id: str) -> str:
        """The token to sign requests with: the permanent one if there is one.

        :param connection_id: for the message.
        :raises WrikeAuthorizationError: there is no token, or the only one has expired.
        """
        if self.token:
            return self.token
        if not self.access_token:
            raise WrikeAuthorizationError(
                f"The Connection {connection_id!r} holds no token. Authorise it, or paste a permanent token "
                "into its field `Permanent token`."
            )
        if self.expires_at and self.expires_at <= datetime.now(UTC):
            raise WrikeAuthorizationError(
                f"The access token of the Connection {connection_id!r} expired at {self.expires_at:%Y-%m-%d %H:%M:%S} "
                "UTC. Authorise it again, or paste a permanent token into its field `Permanent token`."
            )
        return self.access_token


def fingerprint(token: str) -> str:
    """Tell tokens apart without keeping them.

    :param token: a token.
    """
    return hashlib.blake2b(token.encode(), digest_size=8, person=b"wrike-token").hexdigest()


def _text(extra: Mapping[str, Any], name: str) -> str:
    value = extra.get(name)
    return value.strip() if isinstance(value, str) else ""


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
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
