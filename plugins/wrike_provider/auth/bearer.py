"""Signing requests with requests-oauthlib."""

from __future__ import annotations

from urllib.parse import urlsplit

from requests import PreparedRequest
from requests_oauthlib import OAuth2

from wrike_provider.api.hosts import is_loopback


class BearerAuth(OAuth2):
    """Adds the header ``Authorization: Bearer``, to requests for one host only.

    oauthlib refuses plain HTTP altogether; on the loopback interface, where no one listens in, it is allowed.

    :param token: the access token.
    :param base_url: URL of the API; requests to another host are left unsigned.
    """

    def __init__(self, token: str, base_url: str) -> None:
        super().__init__(token={"access_token": token, "token_type": "Bearer"})
        self._token = token
        self._origin = _origin(base_url)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request.

        :param request: the request; changed in place.
        """
        url = request.url or ""
        if _origin(url) != self._origin:
            return request
        if is_loopback(urlsplit(url).hostname):
            request.headers["Authorization"] = f"Bearer {self._token}"
            return request
        return super().__call__(request)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
