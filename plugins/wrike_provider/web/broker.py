"""The token broker: the one place that refreshes.

Wrike gives a new refresh token with each refresh and ends the old one at once. So a refresh happens while the
Connection is held, after a second look whether another process has done it already, and the new pair is committed
before anyone gets it. One gap cannot be closed: when this process dies after Wrike
has answered and before the commit, the pair is lost, and somebody has to authorise again.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
import weakref
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio
from sqlalchemy.exc import SQLAlchemyError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from wrike_provider.api.errors import WrikeAuthorizationError, WrikeError
from wrike_provider.auth.credentials import Credentials, Standing, fingerprint
from wrike_provider.auth.login import Grant, WrikeGrantError, WrikeLogin
from wrike_provider.web import connection_rows

log = logging.getLogger(__name__)

REFRESHES_AT_ONCE = 4
"""In one process: each holds a database connection while Wrike takes its time, and the pool is Airflow's too."""
SAVE_FOR_S = 60.0
"""For how long a new pair is tried to be saved when the database fails."""


class NotYoursError(Exception):
    """Whoever asks may not have a token of this Connection."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What a task gets.

    :param access_token: the token.
    :param expires_in: for how long it can be used, seconds.
    :param host: host of the account's data centre, None when the Connection names none.
    """

    access_token: str = field(repr=False)
    expires_in: float
    host: str | None


@dataclass(slots=True, weakref_slot=True)
class _Turn:
    """Those in this process who want a refresh of the same Connection, one after the other."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failure: WrikeError | None = None
    failed_at: float = 0.0


_turns: weakref.WeakValueDictionary[str, _Turn] = weakref.WeakValueDictionary()
_refreshes = anyio.CapacityLimiter(REFRESHES_AT_ONCE)


async def issue(connection_id: str, secret: str, failed: str | None) -> Issued:
    """Give a task a token that can be used.

    :param connection_id: the Connection.
    :param secret: its broker secret.
    :param failed: fingerprint of an access token that Wrike has refused, or None.
    :raises NotYoursError: no such Connection, or the secret is wrong.
    :raises WrikeAuthorizationError: somebody has to authorise again or correct the Connection.
    :raises WrikeTransientError: Wrike's login fails for the moment; nothing has changed.
    """
    at_hand = await anyio.to_thread.run_sync(_at_hand, connection_id, secret, failed)
    if at_hand is not None:
        return at_hand
    turn = _turns.setdefault(connection_id, _Turn())
    came = time.monotonic()
    async with turn.lock:
        # Those who waited for a refresh that failed do not each try it again.
        if turn.failure is not None and turn.failed_at > came:
            raise turn.failure
        # Whoever goes away must not leave a refresh half done.
        with anyio.CancelScope(shield=True):
            try:
                issued = await anyio.to_thread.run_sync(_refreshed, connection_id, failed, limiter=_refreshes)
            except WrikeError as error:
                turn.failure, turn.failed_at = error, time.monotonic()
                raise
        turn.failure = None
        return issued


def _at_hand(connection_id: str, secret: str, failed: str | None) -> Issued | None:
    try:
        record = connection_rows.read(connection_id)
    except connection_rows.NoSuchConnectionError:
        raise NotYoursError from None
    held = record.credentials
    if not held.broker_secret or not hmac.compare_digest(held.broker_secret.encode(), secret.encode()):
        raise NotYoursError
    return _usable(record, failed)


def _usable(record: connection_rows.ConnectionRow, failed: str | None) -> Issued | None:
    held = record.credentials
    if held.standing is Standing.REFUSED:
        raise WrikeAuthorizationError("Wrike does not accept the refresh token any more: authorise again.")
    if held.seconds_left > 0 and fingerprint(held.access_token) != failed:
        return Issued(held.access_token, min(held.seconds_left, 24 * 3600), record.host)
    return None


def _refreshed(connection_id: str, failed: str | None) -> Issued:
    with connection_rows.hold(connection_id) as record:
        held = record.credentials
        if issued := _usable(record, failed):
            return issued
        if not held.refresh_token:
            raise WrikeAuthorizationError("The Connection holds no refresh token: authorise it.")
        login = WrikeLogin(record.client_id, record.client_secret, held.login_url)
        try:
            grant = login.refresh(held.refresh_token)
        except WrikeGrantError as error:
            log.warning("Wrike refuses the refresh token of the Connection %s. %s", connection_id, error)
            record.save(refused=fingerprint(held.refresh_token), refused_at=datetime.now(UTC).isoformat())
            raise WrikeAuthorizationError(
                f"Wrike does not accept the refresh token any more: authorise again. {error}", code=error.code
            ) from None
        except WrikeError as error:
            log.warning("The tokens of the Connection %s were not refreshed. %s", connection_id, error)
            raise
        changes = tokens_of(grant)
        try:
            record.save(host=grant.host, **changes)
        except SQLAlchemyError as error:
            log.warning("New tokens of %s wait for the database: %s", connection_id, type(error).__name__)
            unsaved = True
        else:
            unsaved = False
    if unsaved:
        _save_late(connection_id, held.refresh_token, grant, changes)
    log.info("Refreshed the tokens of the Connection %s.", connection_id)
    host = grant.host or (_place(connection_id, login, grant) if failed else None) or record.host
    return Issued(grant.access_token, Credentials.from_extra(changes).seconds_left, host)


def _place(connection_id: str, login: WrikeLogin, grant: Grant) -> str | None:
    """Where the account is now: another data centre refuses a token like a bad one (Wrike API v4, "Data centres")."""
    host = login.host(grant.access_token)
    if host is not None:
        with connection_rows.hold(connection_id) as record:
            if record.host != host:
                record.save(host=host)
    return host


def _save_late(connection_id: str, used: str, grant: Grant, changes: dict[str, Any]) -> None:
    """The refresh token is used up: the new one must not be lost because the database was away for a moment."""
    for attempt in Retrying(
        # Also when the pool has no connection left, since requests hang on a database that is away.
        retry=retry_if_exception_type(SQLAlchemyError),
        stop=stop_after_delay(SAVE_FOR_S),
        wait=wait_fixed(0.5),
        reraise=True,
    ):
        with attempt, connection_rows.hold(connection_id) as record:
            if record.credentials.refresh_token == used:
                record.save(host=grant.host, refused=None, refused_at=None, **changes)


def tokens_of(grant: Grant) -> dict[str, Any]:
    """What the extra of a Connection says of a grant.

    :param grant: the grant.
    """
    return {
        "access_token": grant.access_token,
        "refresh_token": grant.refresh_token,
        "expires_at": round(time.time() + grant.expires_in, 3),
        "expires_in": grant.expires_in,
    }
