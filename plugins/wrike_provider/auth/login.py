"""Wrike's login: where to send the browser, and how a code or a refresh token becomes tokens.

Wrike API v4, "OAuth 2.0 authorization". Wrike gives a new refresh token with each refresh and ends the old one at once:
whoever calls :meth:`WrikeLogin.refresh` has to be the only one, and has to keep the answer before using it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from oauthlib.oauth2 import MissingTokenError, OAuth2Error
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth2Session

from wrike_provider.api.errors import WrikeAuthorizationError, WrikeHostError, WrikeTransientError
from wrike_provider.api.hosts import is_loopback, server_url
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.credentials import seconds
from wrike_provider.auth.tokens import FixedToken

log = logging.getLogger(__name__)

AUTHORIZE_PATH: Final = "/oauth2/authorize/v4"
TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105
HOST_PATH: Final = "/oauth2/host"
TIMEOUT_S: Final = (10, 30)
"""Seconds to wait for a connection, and for an answer."""
_DEFAULT_LIFETIME_S: Final = 3600.0
_PASSING: Final = ("server_error", "temporarily_unavailable", "too_many_requests", "rate_limit_exceeded")
"""Codes with which nothing is refused for good, whatever the status."""

# Both write tokens into their debug messages.
for _name in ("requests_oauthlib", "oauthlib"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class WrikeGrantError(WrikeAuthorizationError):
    """Wrike does not take this code or refresh token (any more)."""


class WrikeAppError(WrikeAuthorizationError):
    """Wrike does not know this application: client id or secret is wrong."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What Wrike's token endpoint answers.

    :param access_token: signs requests.
    :param refresh_token: for the next refresh.
    :param expires_in: how long the access token lives, seconds.
    :param host: host of the account's data centre, None when the answer names none.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: float
    host: str | None


class WrikeLogin:
    """Wrike's login, for one API app.

    :param client_id: id of the app.
    :param client_secret: secret of the app.
    :param login_url: where the login lives.
    :raises WrikeAppError: id or secret is missing.
    :raises WrikeHostError: the URL cannot be a login's, or would send the secret unencrypted.
    """

    def __init__(self, client_id: str | None, client_secret: str | None, login_url: str) -> None:
        if not client_id or not client_secret:
            raise WrikeAppError(
                "The Connection has no client id or no client secret. Both are in Wrike's App Console, at the API app."
            )
        self._client_id, self._client_secret = client_id, client_secret
        self.url = server_url(login_url, "The login URL")

    def authorization_url(self, redirect_uri: str, state: str, scope: str) -> str:
        """Where to send the browser.

        :param redirect_uri: our own URL, as it is registered in Wrike.
        :param state: what Wrike is to send back unchanged.
        :param scope: scopes, separated by commas as Wrike wants them.
        """
        with OAuth2Session(self._client_id, redirect_uri=redirect_uri, scope=scope) as session:
            url, _ = session.authorization_url(self._secure(AUTHORIZE_PATH), state=state)
        return self.url + str(url).removeprefix(self._secure(""))

    def exchange(self, code: str, redirect_uri: str) -> Grant:
        """Turn an authorisation code into tokens.

        :param code: the code; it lives ten minutes and serves once.
        :param redirect_uri: the one that the code was sent to.
        :raises WrikeGrantError: the code is expired, used or made up.
        :raises WrikeAppError: client id or secret is wrong.
        :raises WrikeTransientError: no answer, or one that says to try later.
        :raises WrikeHostError: the answer is not one of Wrike's login.
        """

        def fetch(session: OAuth2Session, **where: Any) -> dict[str, Any]:
            return dict(
                session.fetch_token(**where, code=code, include_client_id=True, client_secret=self._client_secret)
            )

        return self._grant(fetch, code, redirect_uri=redirect_uri)

    def refresh(self, refresh_token: str) -> Grant:
        """Turn a refresh token into new tokens. The old one is dead as soon as Wrike has it.

        :param refresh_token: the refresh token.
        :raises WrikeGrantError: the refresh token is dead.
        :raises WrikeAppError: client id or secret is wrong.
        :raises WrikeTransientError: no answer, or one that says to try later.
        :raises WrikeHostError: the answer is not one of Wrike's login.
        """

        def fetch(session: OAuth2Session, **where: Any) -> dict[str, Any]:
            return dict(
                session.refresh_token(
                    **where,
                    refresh_token=refresh_token,
                    client_id=self._client_id,
                    client_secret=self._client_secret,
                )
            )

        return self._grant(fetch, refresh_token)

    def host(self, access_token: str) -> str | None:
        """Ask in which data centre the account of a token is.

        :param access_token: the token.
        :returns: the host of its API, None when Wrike's login does not say.
        """
        sign = BearerAuth(FixedToken(access_token), self.url)
        try:
            response = requests.get(f"{self.url}{HOST_PATH}", auth=sign, timeout=TIMEOUT_S, allow_redirects=False)
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            log.warning("%s does not say where the account is: %s.", self.url, type(error).__name__)
            return None
        host = answer.get("host") if isinstance(answer, dict) else None
        return self._with_scheme(host) if isinstance(host, str) and host else None

    def _grant(self, fetch: Any, spent: str, **options: Any) -> Grant:
        with OAuth2Session(self._client_id, **options) as session:
            # A redirect would carry the secrets elsewhere.
            session.max_redirects = 0
            session.register_compliance_hook("access_token_response", _checked)
            session.register_compliance_hook("refresh_token_response", _checked)
            if self._secure("") != self.url:
                session.mount(self._secure(""), _PlainAdapter())
            try:
                token = fetch(session, token_url=self._secure(TOKEN_PATH), timeout=TIMEOUT_S)
            except MissingTokenError:
                raise WrikeHostError(f"{self.url} does not answer as Wrike's login: there is no token in it.") from None
            except OAuth2Error as error:
                raise self._refusal(str(error.error), str(error.description or ""), spent) from None
            except requests.TooManyRedirects:
                raise WrikeHostError(f"{self.url} sends elsewhere. Check the login URL of the Connection.") from None
            except requests.RequestException as error:
                raise WrikeTransientError(f"No answer from {self.url}: {type(error).__name__}.") from None
        host = token.get("host")
        return Grant(
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token", ""),
            expires_in=float(token["expires_in"]),
            host=self._with_scheme(host) if host else None,
        )

    def _refusal(self, code: str, description: str, spent: str) -> WrikeAuthorizationError:
        # Nobody promises that Wrike does not repeat what it was sent.
        quiet = not description or spent in description or self._client_secret in description
        said = f"Wrike answered {code}{'.' if quiet else f' ({description[:200]}).'}"
        if code == "invalid_grant":
            return WrikeGrantError(said, code=code)
        if code in {"unauthorized_client", "invalid_client"}:
            return WrikeAppError(
                f"{said} The client id or the client secret of the Connection is wrong. Compare them with Wrike's App "
                "Console.",
                code=code,
            )
        return WrikeAuthorizationError(said, code=code)

    def _with_scheme(self, host: str) -> str | None:
        """Wrike names the host only; that of a test server speaks plain HTTP like its login.

        When a test server names another host, as one does that repeats what Wrike has answered, its tokens are worth
        nothing there.
        """
        if not self.url.startswith("http://") or "://" in host:
            return host
        name = host.rpartition("@")[2].partition(":")[0]
        return f"http://{host}" if is_loopback(name) or name == urlsplit(self.url).hostname else None

    def _secure(self, path: str) -> str:
        """The URL as oauthlib wants to see it, which has its own, global idea of plain HTTP."""
        return f"https://{self.url.partition('://')[2]}{path}"


class _PlainAdapter(HTTPAdapter):
    """Sends in plain HTTP what was checked to be allowed to."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = f"http{(request.url or '').removeprefix('https')}"
        return super().send(request, *args, **kwargs)


def _checked(response: requests.Response) -> requests.Response:
    """Stop at answers that are no answers of a token endpoint, and leave of the others what can be understood.

    oauthlib looks at the body only, and fails at a lifetime or a scope that it does not expect: after a refresh that
    would lose the new pair.
    """
    if response.status_code in {408, 429} or response.status_code >= 500:
        raise WrikeTransientError(
            f"Wrike's login answered {response.status_code}. Try again later.", status=response.status_code
        )
    try:
        body = response.json()
    except ValueError:
        body = None
    refusal = body.get("error") if isinstance(body, dict) else None
    if refusal in _PASSING:
        raise WrikeTransientError(f"Wrike's login answered {refusal}. Try again later.", status=response.status_code)
    if not isinstance(body, dict) or (response.status_code != 200 and not refusal):
        raise WrikeHostError(
            f"{response.status_code} and no JSON of a token endpoint: that is not Wrike's login. "
            "Check the login URL of the Connection.",
            status=response.status_code,
        )
    texts = ("error", "error_description") if refusal else ("access_token", "refresh_token", "token_type", "host")
    kept: dict[str, Any] = {name: body[name] for name in texts if isinstance(body.get(name), str) and body[name]}
    if refusal:
        # Otherwise oauthlib says something of its own, as if it came from Wrike.
        kept = {"error": str(refusal), "error_description": ""} | kept
    else:
        kept["expires_in"] = int(seconds(body.get("expires_in")) or _DEFAULT_LIFETIME_S) or 1
    response._content, response.encoding = json.dumps(kept).encode(), "utf-8"
    return response
