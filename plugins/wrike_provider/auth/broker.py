"""The task's side of the token broker: asks the API server for an access token.

Only the API server refreshes (:mod:`wrike_provider.web.broker`): Wrike ends a refresh token when it is used, and a task
could not keep the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote

import requests
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from wrike_provider.api.errors import WrikeAuthorizationError, WrikeTokenUnavailableError
from wrike_provider.auth.credentials import seconds
from wrike_provider.auth.tokens import AccessToken

TIMEOUT_S = (10, 90)
"""Seconds to wait for a connection, and for the answer: others may be waiting for the same refresh."""
ATTEMPTS = 17
"""The pauses between them are longer together than a restart of the API server: two minutes."""
LONGEST_WAIT_S = 12
GIVE_UP_AFTER_S = 300
"""An API server that takes a question and does not answer it is not asked again after so many seconds."""
_ADVICE = (
    "Install this provider in the API server too, or set WRIKE_BROKER_URL for the tasks to the address of the page, "
    "such as https://airflow.example.com/wrike."
)


@dataclass(frozen=True, slots=True)
class Broker:
    """The token broker of the API server.

    :param url: URL of our page in the API server, without a slash at the end.
    :param connection_id: the Connection whose token is wanted.
    :param secret: the Connection's broker secret.
    """

    url: str
    connection_id: str
    secret: str = field(repr=False)

    def token(self, failed: str | None = None) -> AccessToken:
        """Ask for an access token; a restart of the API server is waited for.

        :param failed: fingerprint of an access token that Wrike has refused, or None.
        :raises WrikeAuthorizationError: somebody has to authorise again, or this Connection may not ask.
        :raises WrikeTokenUnavailableError: the API server, or Wrike's login behind it, fails for the moment.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(WrikeTokenUnavailableError),
            stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(GIVE_UP_AFTER_S),
            # Only a part is random: the pauses must not add up to less than a restart takes.
            wait=wait_exponential(multiplier=0.5, max=LONGEST_WAIT_S - 2) + wait_random(0, 2),
            reraise=True,
        )
        return retrying(self._ask, failed)

    def _ask(self, failed: str | None) -> AccessToken:
        try:
            response = requests.post(
                f"{self.url}/connections/{quote(self.connection_id, safe='')}/token",
                json={"failed": failed},
                # Not as a header: a .netrc would replace it.
                auth=self._sign,
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise WrikeTokenUnavailableError(
                f"No answer from the API server at {self.url} about a token for the Connection "
                f"{self.connection_id!r}: {type(error).__name__}."
            ) from None
        except requests.RequestException:
            raise WrikeAuthorizationError(f"{self.url!r} is no address. {_ADVICE}") from None
        try:
            body = response.json()
        except ValueError:
            body = None
        answer = body if isinstance(body, dict) else {}
        if response.status_code == HTTPStatus.OK and isinstance(answer.get("access_token"), str):
            lasts, host = seconds(answer.get("expires_in")) or 0, str(answer.get("host") or "")
            return AccessToken.lasting(answer["access_token"], lasts, host)
        said = f"The API server at {self.url} answered {response.status_code}."
        message = str(answer.get("message") or said)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise WrikeTokenUnavailableError(message, status=response.status_code)
        if "message" not in answer:
            # Airflow without our page answers 404 or 405; a proxy that wants a log-in redirects.
            absent = response.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
            said = f"{self.url} is not the Wrike page of Airflow's API server." if absent else said
            message = f"{said} {_ADVICE}"
        raise WrikeAuthorizationError(message, status=response.status_code)

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.secret}"
        return request
