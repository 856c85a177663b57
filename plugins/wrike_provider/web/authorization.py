"""Authorise: the authorisation-code flow, from the click to the tokens in the Connection.

Wrike API v4, "OAuth 2.0 authorization". Until everything is checked the tokens that work are left alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Final

import requests
from airflow.models.connection import sanitize_conn_id

from wrike_provider.api.client import WrikeClient
from wrike_provider.api.errors import (
    WrikeAuthorizationError,
    WrikeBlockedError,
    WrikeError,
    WrikeHostError,
    WrikeTransientError,
)
from wrike_provider.api.hosts import api_url
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.credentials import Standing
from wrike_provider.auth.login import Grant, WrikeAppError, WrikeGrantError, WrikeLogin
from wrike_provider.auth.scopes import asked_for
from wrike_provider.auth.tokens import FixedToken
from wrike_provider.hooks.wrike import AuthorizedUser
from wrike_provider.web import connection_rows
from wrike_provider.web.broker import tokens_of

log = logging.getLogger(__name__)

STATE_LIFETIME_S: Final = 600
"""As long as Wrike's code."""
_PREFLIGHT_TIMEOUT_S = 5
_REFUSED: Final = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}


class AuthorizationFailedError(Exception):
    """Authorising did not work; the tokens are as they were.

    :param title: what happened.
    :param advice: what to do.
    """

    def __init__(self, title: str, advice: str) -> None:
        super().__init__(f"{title} {advice}")
        self.title, self.advice = title, advice


@dataclass(frozen=True, slots=True)
class Answer:
    """What Wrike sends the browser back with.

    :param state: our state.
    :param code: the authorisation code, empty when there is none.
    :param error: the error, empty when there is none.
    :param error_description: Wrike's words about it.
    """

    state: str
    code: str = ""
    error: str = ""
    error_description: str = ""

    @property
    def connection_id(self) -> str | None:
        """The Connection that the state speaks of; proves nothing."""
        name, _, rest = self.state.partition(".")
        try:
            connection_id = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode() if rest else None
        except (binascii.Error, ValueError):
            return None
        return connection_id if sanitize_conn_id(connection_id) == connection_id else None


def begin(connection_id: str, user_id: str, redirect_uri: str, *, data_export: bool = False) -> str:
    """Remember that a user wants to authorise.

    :param connection_id: the Connection.
    :param user_id: the Airflow user.
    :param redirect_uri: where Wrike is to send the browser back to.
    :param data_export: whether the data export is to be read too.
    :returns: where to send the browser.
    :raises AuthorizationFailedError: it would not work.
    :raises NoSuchConnectionError: there is no such Connection.
    """
    if not connection_rows.encrypted():
        raise AuthorizationFailedError(
            "Airflow does not encrypt Connections.", "Set [core] fernet_key, so that tokens are not kept in plain text."
        )
    with connection_rows.hold(connection_id) as record:
        held = record.credentials
        if held.standing is Standing.PERMANENT:
            raise AuthorizationFailedError(
                "The Connection has a permanent token.", "It is used as it is. To authorise instead, remove it first."
            )
        state = f"{base64.urlsafe_b64encode(connection_id.encode()).decode().rstrip('=')}.{secrets.token_urlsafe(32)}"
        try:
            login = WrikeLogin(record.client_id, record.client_secret, held.login_url)
        except (WrikeAppError, WrikeHostError) as error:
            raise AuthorizationFailedError("The Connection is not complete.", str(error)) from None
        scope = asked_for(held.scope, data_export=data_export)
        until = time.time() + STATE_LIFETIME_S
        record.save(
            pending_authorization={
                "state": _digest(state),
                "user": user_id,
                "until": until,
                "redirect_uri": redirect_uri,
            }
        )
    _look_ahead(login.authorization_url(redirect_uri, "-", scope), redirect_uri)
    return login.authorization_url(redirect_uri, state, scope)


def complete(answer: Answer, user_id: str) -> AuthorizedUser:
    """Take Wrike's answer, and keep the tokens that it leads to.

    :param answer: the answer.
    :param user_id: the Airflow user who brings it.
    :returns: who has authorised in Wrike.
    :raises AuthorizationFailedError: it did not work; the tokens are as they were.
    :raises NoSuchConnectionError: there is no such Connection any more.
    """
    connection_id = answer.connection_id or ""
    redirect_uri = _redeem(connection_id, answer.state, user_id)
    if answer.error == "access_denied":
        raise AuthorizationFailedError(
            "Access was denied in Wrike.", "Nothing has changed. Click Authorise again, and Accept in Wrike."
        )
    if answer.error or not answer.code:
        said = " ".join(filter(None, (answer.error[:100], f"({answer.error_description[:200]})")))
        raise AuthorizationFailedError(
            f"Wrike sent an error instead of a code: {said if answer.error else 'none'}.",
            "Check the field `Scopes` of the Connection, which is empty for the usual ones, then authorise again.",
        )
    record = connection_rows.read(connection_id)
    try:
        login = WrikeLogin(record.client_id, record.client_secret, record.credentials.login_url)
        grant = login.exchange(answer.code, redirect_uri)
        host = grant.host or login.host(grant.access_token) or record.host or ""
        user, account = _whoami(grant, host)
    except WrikeGrantError as error:
        raise AuthorizationFailedError(
            "Wrike does not accept the code.",
            f"It was used already, or is older than ten minutes. {error} Authorise again.",
        ) from None
    except WrikeAppError as error:
        raise AuthorizationFailedError("Wrike does not know this application.", str(error)) from None
    except WrikeTransientError as error:
        raise AuthorizationFailedError("Wrike did not answer.", f"{error} Authorise again in a few minutes.") from None
    except (WrikeAuthorizationError, WrikeError) as error:
        raise AuthorizationFailedError("Wrike's answer does not fit.", str(error)) from None
    _keep(connection_id, grant, host, user, account)
    log.info("The Connection %s was authorised by the Airflow user %s.", connection_id, user_id)
    return user


def _redeem(connection_id: str, state: str, user_id: str) -> str:
    """Use a state up; gives the redirect URI that went with it."""
    with connection_rows.hold(connection_id) as record:
        pending = record.extra.get("pending_authorization")
        pending = pending if isinstance(pending, dict) else {}
        known = hmac.compare_digest(str(pending.get("state", "")), _digest(state))
        own = hmac.compare_digest(str(pending.get("user", "")).encode(), user_id.encode())
        if known and own:
            record.save(pending_authorization=None)
        if not known or not own or float(pending.get("until") or 0) < time.time():
            raise AuthorizationFailedError(
                "This answer of Wrike belongs to no click on Authorise that is waiting for one.",
                "It came twice, or more than ten minutes later, or somebody else has clicked. Nothing has changed. "
                "Authorise again.",
            )
        return str(pending.get("redirect_uri"))


def _keep(connection_id: str, grant: Grant, host: str, user: AuthorizedUser, account: str) -> None:
    with connection_rows.hold(connection_id) as record:
        held = record.credentials
        if held.account_id and user.account_id and held.account_id != user.account_id:
            raise AuthorizationFailedError(
                f"That is another Wrike account: {account or user.account_id} ({user.account_id}).",
                f"This team reads {held.account_name or 'the account'} ({held.account_id}), and its tokens are as they "
                "were. In Wrike, log in to that account and authorise again. For another account add another team. If "
                "this team really is to read the other account from now on, take `account_id` out of the extra of its "
                "Connection first.",
            )
        record.save(
            host=host,
            **tokens_of(grant),
            broker_secret=held.broker_secret or secrets.token_urlsafe(32),
            broker_connection=connection_id,
            refused=None,
            refused_at=None,
            authorized_user=user.name,
            authorized_admin=user.admin if user.id else None,
            authorized_at=datetime.now(UTC).isoformat(timespec="seconds"),
            account_id=user.account_id or None,
            account_name=account or None,
        )


def _whoami(grant: Grant, host: str) -> tuple[AuthorizedUser, str]:
    """Ask whom new tokens belong to: the user, and the account's name."""
    base_url = api_url(host)
    with requests.Session() as session:
        session.auth = BearerAuth(FixedToken(grant.access_token), base_url)
        client = WrikeClient(session, base_url, attempts=2)
        account_id, account_name = None, ""
        try:
            for account in client.get("/account").data[:1]:
                account_id, account_name = account.get("id"), str(account.get("name") or "")
        except WrikeBlockedError:
            log.warning("The account's name cannot be read with these scopes.")
        return AuthorizedUser.asked(client, account_id), account_name


def _look_ahead(url: str, redirect_uri: str) -> None:
    """See whether Wrike would refuse: it does so on a page of its own, and nobody comes back from there."""
    try:
        response = requests.get(url, timeout=_PREFLIGHT_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("Wrike's login cannot be looked at from here: %s.", type(error).__name__)
        return
    if not 400 <= response.status_code < 500 or response.status_code == 429:
        return
    if response.status_code not in _REFUSED and "json" not in response.headers.get("Content-Type", ""):
        # Who is not logged in, or not a browser, may be turned away by a web page.
        log.warning("Wrike's login cannot be looked at from here: it answers %d.", response.status_code)
        return
    said = _plain(response.text)
    if "redirect" in said.lower():
        raise AuthorizationFailedError(
            f"Wrike does not know the redirect URI. Its answer: {said[:200]}",
            f"In Wrike's App Console, add exactly this redirect URI to the API app, and save: {redirect_uri}",
        )
    raise AuthorizationFailedError(
        f"Wrike would refuse: {response.status_code} {said[:200]}",
        "Compare the client id of the Connection with Wrike's App Console.",
    )


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _plain(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    return " ".join(" ".join(parser.parts).split())


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
