"""The hook: a Connection of type Wrike, ready to be read from."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from airflow.providers.common.compat.sdk import Connection, conf
from airflow.providers.http.hooks.http import HttpHook
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret
from requests import Session

from wrike_provider.api.client import WrikeClient
from wrike_provider.api.errors import (
    WrikeAuthorizationError,
    WrikeBlockedError,
    WrikeError,
    WrikeHostError,
    WrikeLimiterError,
    WrikeTokenUnavailableError,
)
from wrike_provider.api.hosts import api_url
from wrike_provider.api.limits import LimitedAdapter, LocalTurns, RedisTurns, Turns
from wrike_provider.api.paging import Pages, Paging
from wrike_provider.api.records import Parse, Record, Records
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.broker import Broker
from wrike_provider.auth.credentials import Credentials, Standing
from wrike_provider.auth.tokens import AccessToken, BrokeredToken, FixedToken, TokenSource

log = logging.getLogger(__name__)

_TOKEN: Final = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class AuthorizedUser:
    """Whom the token belongs to (Wrike API v4, "Contacts").

    :param id: id of the contact.
    :param name: first and last name.
    :param email: e-mail address, empty when hidden.
    :param account_id: the account that the token opens.
    :param admin: administrator or owner of the account.
    """

    id: str
    name: str
    email: str
    account_id: str
    admin: bool

    @classmethod
    def from_contact(cls, contact: Record, account_id: str | None = None) -> AuthorizedUser:
        """Read a contact.

        :param contact: the contact record of the calling user.
        :param account_id: which of the contact's profiles counts; None for the first.
        """
        profiles = [profile for profile in contact.get("profiles") or [] if isinstance(profile, dict)]
        profile = next((p for p in profiles if p.get("accountId") == account_id), profiles[0] if profiles else {})
        name = f"{contact.get('firstName') or ''} {contact.get('lastName') or ''}".strip()
        return cls(
            id=str(contact.get("id")),
            name=name or str(contact.get("id")),
            email=str(profile.get("email") or contact.get("primaryEmail") or ""),
            account_id=str(profile.get("accountId") or account_id or ""),
            admin=bool(profile.get("admin") or profile.get("owner")),
        )

    @classmethod
    def asked(cls, client: WrikeClient, account_id: str | None) -> AuthorizedUser:
        """Ask Wrike whom a token belongs to.

        :param client: sends the token.
        :param account_id: the account whose profile counts, None for the first.
        :returns: the user; one without id where the token's scopes do not show it.
        :raises WrikeError: the request failed, or nobody was in the answer.
        """
        try:
            contacts = client.get("/contacts", {"me": True}).data
        except WrikeBlockedError as error:
            # Nothing else says that the token opens anything.
            if error.code != "access_forbidden":
                raise
            log.warning("Whose token it is cannot be read. %s", error)
            return cls(id="", name="", email="", account_id=account_id or "", admin=False)
        return cls.of(contacts, account_id)

    @classmethod
    def of(cls, contacts: Records, account_id: str | None) -> AuthorizedUser:
        """Find the user among contacts: Wrike says who it is, beside leaving out the others.

        :param contacts: records of ``/contacts?me=true``.
        :param account_id: the account whose profile counts, None for the first.
        :raises WrikeHostError: nobody is there.
        """
        if not contacts:
            raise WrikeHostError("GET /contacts: Wrike does not tell whose token it is. Check the Connection's host.")
        return cls.from_contact(next((one for one in contacts if one.get("me")), contacts[0]), account_id)

    def __str__(self) -> str:
        """Name, e-mail and kind, for a log line."""
        if not self.id:
            return "somebody whom the token's scopes do not show"
        email = f" <{self.email}>" if self.email else ""
        return f"{self.name}{email}, {'administrator' if self.admin else 'not an administrator'}"


class WrikeHook(HttpHook):
    """Reads a Wrike account.

    :param wrike_conn_id: the :ref:`Wrike connection <howto/connection:wrike>` to use.
    """

    conn_name_attr = "wrike_conn_id"
    default_conn_name = "wrike_default"
    conn_type = "wrike"
    hook_name = "Wrike"

    def __init__(self, wrike_conn_id: str = default_conn_name) -> None:
        super().__init__(method="GET", http_conn_id=wrike_conn_id)
        self.wrike_conn_id = wrike_conn_id

    def get_conn(self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None) -> Session:  # noqa: ARG002
        """Make a session that signs requests and keeps Wrike's request limit.

        Unlike with :class:`HttpHook`, nothing of the Connection's extra becomes a header: it holds the tokens.

        :param headers: headers to send with each request.
        :param extra_options: not used; there for :class:`HttpHook`.
        :raises WrikeAuthorizationError: the Connection holds no usable token.
        :raises WrikeHostError: the Connection's host cannot be Wrike's.
        :raises WrikeLimiterError: the limiter's Connection is missing or none of Redis.
        """
        self._set_base_url(self._connection)
        session = Session()
        session.headers.update({"Accept": "application/json", **(headers or {})})
        limits = (f"address:{_outgoing_address()}", f"token:{self.grant_identity}")
        # For the whole host: files that answers name need not be below the API's own path.
        session.mount(urljoin(self.base_url, "/"), LimitedAdapter(turns=_turns(), limits=limits, sign=self._signer))
        return session

    def _set_base_url(self, connection: Connection) -> None:
        self.base_url = api_url(connection.host, connection.port, connection.schema)
        self._base_url_initialized = True

    @cached_property
    def client(self) -> WrikeClient:
        """The client of this hook; counts its requests."""
        session = self.get_conn()
        return WrikeClient(session, self.base_url, self._signer.renew)

    @cached_property
    def _signer(self) -> BearerAuth:
        return BearerAuth(self._tokens, self.base_url)

    @cached_property
    def _connection(self) -> Connection:
        try:
            return self.get_connection(self.wrike_conn_id)
        except AirflowNotFoundException:
            raise WrikeAuthorizationError(
                f"There is no Connection {self.wrike_conn_id!r}. Make it under Admin > Connections, type Wrike."
            ) from None

    @cached_property
    def _credentials(self) -> Credentials:
        return Credentials.from_extra(self._connection.extra_dejson)

    @cached_property
    def _tokens(self) -> TokenSource:
        """Where tokens come from: the Connection itself, and the API server once its access token has ended."""
        held = self._credentials
        match held.standing:
            case Standing.PERMANENT:
                mask_secret(held.token)
                if not _TOKEN.fullmatch(held.token):
                    # Libraries would quote it in their error, where it is not recognised as the secret that is masked.
                    raise WrikeAuthorizationError(
                        f"The permanent token of the Connection {self.wrike_conn_id!r} has a space, a line break or "
                        "the like in it: paste it anew."
                    )
                return FixedToken(held.token)
            case Standing.NOT_AUTHORIZED:
                raise WrikeAuthorizationError(
                    f"The Connection {self.wrike_conn_id!r} holds no token. Authorise it{_on_the_page()}, or paste a "
                    "permanent token into its field `Permanent token`."
                )
            case Standing.REFUSED:
                raise WrikeAuthorizationError(
                    f"Wrike does not accept the tokens of the Connection {self.wrike_conn_id!r} any more. "
                    f"Authorise it again{_on_the_page()}."
                )
        mask_secret(held.access_token)
        if held.broker_secret and held.refresh_token:
            mask_secret(held.broker_secret)
            return BrokeredToken(
                self._ask_broker, AccessToken.lasting(held.access_token, held.seconds_left if held.expires_at else 0)
            )
        if held.seconds_left == 0:
            ended = f"expired at {held.expires_at:%Y-%m-%d %H:%M:%S} UTC" if held.expires_at else "is missing"
            raise WrikeAuthorizationError(
                f"The access token of the Connection {self.wrike_conn_id!r} {ended}, and its refresh token was not "
                f"made by Authorise, so that nobody refreshes it. Authorise it{_on_the_page()}, or paste a permanent "
                "token into its field `Permanent token`."
            )
        return FixedToken(held.access_token)

    def _ask_broker(self, failed: str | None) -> AccessToken:
        held = self._credentials
        asked = held.broker_connection or self.wrike_conn_id
        token = Broker(_page_url(), asked, held.broker_secret).token(failed)
        mask_secret(token.value)
        if token.host and api_url(token.host, self._connection.port, self._connection.schema) != self.base_url:
            raise WrikeTokenUnavailableError(
                f"The account is at {token.host} now, and the Connection {self.wrike_conn_id!r} named {self.base_url} "
                "when this task began. The next try looks at it again."
            )
        return token

    @property
    def requests(self) -> int:
        """How many requests this hook has made."""
        return self.client.requests if "client" in self.__dict__ else 0

    @property
    def requests_refused(self) -> int:
        """How many of them Wrike has answered with 429."""
        return self.client.requests_refused if "client" in self.__dict__ else 0

    @property
    def grant_identity(self) -> str:
        """Tells by which grant this hook reads, without telling a token."""
        return self._credentials.identity

    @property
    def scopes(self) -> frozenset[str] | None:
        """Scopes of the grant; None: not known, as of a permanent token."""
        return self._credentials.scopes

    def pages(
        self, path: str, params: Mapping[str, Any], paging: Paging | None = None, parse: Parse | None = None
    ) -> Pages:
        """Read an endpoint page by page.

        :param path: path below the API's base URL.
        :param params: filters and fields.
        :param paging: None for an endpoint that answers whole.
        :param parse: parses an answer that is as expected.
        :raises WrikeError: a request failed.
        """
        return Pages(self.client, path, params, paging, parse)

    def authorized_user(self, account_id: str | None = None) -> AuthorizedUser:
        """Ask Wrike whom the token belongs to.

        :param account_id: the account whose profile counts, None for the first.
        :returns: the user; one without id where the token's scopes do not show it.
        :raises WrikeError: the request failed, or nobody was in the answer.
        """
        return AuthorizedUser.asked(self.client, account_id)

    def test_connection(self) -> tuple[bool, str]:
        """Check the token, for the Test button of the Connections UI."""
        try:
            user = self.authorized_user()
        except WrikeError as error:
            return False, str(error)
        account = f" (account {user.account_id})" if user.account_id else ""
        return True, f"The token belongs to {user}{account}."


def _outgoing_address() -> str:
    return conf.get("wrike", "outgoing_address", fallback="").strip() or socket.gethostname()


def _turns() -> Turns:
    """Where turns are taken: in Redis when a Connection is named for it, otherwise on this host."""
    named = conf.get("wrike", "limits_connection_id", fallback="").strip()
    if not named:
        return LocalTurns(Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser() / "wrike_limits")
    from airflow.providers.redis.hooks.redis import RedisHook

    hook = RedisHook(named)
    where = f"the Connection {named!r}, which [wrike] limits_connection_id names"
    try:
        connection = hook.get_connection(named)
    except AirflowNotFoundException:
        raise WrikeLimiterError(
            f"There is not {where}. Make it under Admin > Connections, type Redis, or correct the setting."
        ) from None
    if connection.conn_type != hook.conn_type:
        raise WrikeLimiterError(f"The type of {where}, is {connection.conn_type!r}. It has to be 'redis'.")
    try:
        return RedisTurns(hook.get_conn(), where)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise WrikeLimiterError(f"{where[0].upper()}{where[1:]}, cannot be used: {error}") from None


def _page_url() -> str:
    """Where the API server has our page, as a task reaches it."""
    if named := os.environ.get("WRIKE_BROKER_URL"):
        return named.rstrip("/")
    execution = conf.get("core", "execution_api_server_url", fallback="")
    base = execution.rstrip("/").removesuffix("/execution") if execution else conf.get("api", "base_url", fallback="")
    return f"{(base or 'http://localhost:8080').rstrip('/')}/wrike"


def _on_the_page() -> str:
    base = conf.get("api", "base_url", fallback="")
    return f" on the page {base.rstrip('/')}/wrike/" if base else " on the page Wrike of Airflow's menu"
