"""Signing requests with requests-oauthlib."""

from __future__ import annotations

from urllib.parse import urlsplit

from requests import PreparedRequest
from requests_oauthlib import OAuth2

from wrike_provider.api.hosts import is_loopback
from wrike_provider.auth.tokens import TokenSource

_KIND = "Bearer "


class BearerAuth:
    """Adds the header ``Authorization: Bearer``, to requests for one host only.

    oauthlib refuses plain HTTP altogether; on the loopback interface, where no one listens in, it is allowed.

    :param source: where the token comes from.
    :param base_url: URL of the API; requests to another host are left unsigned.
    """

    def __init__(self, source: TokenSource, base_url: str) -> None:
        self._source = source
        self._origin = _origin(base_url)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request.

        :param request: the request; changed in place.
        :raises WrikeError: there is no token.
        """
        url = request.url or ""
        if _origin(url) != self._origin:
            return request
        token = self._source.value()
        if is_loopback(urlsplit(url).hostname):
            request.headers["Authorization"] = f"{_KIND}{token}"
            return request
        return OAuth2(token={"access_token": token, "token_type": "Bearer"})(request)

    def renew(self, request: PreparedRequest) -> bool:
        """Get another token because Wrike has refused the one of a request.

        :param request: the request that was refused.
        :returns: whether there is another one.
        :raises WrikeError: none can be had.
        """
        signed = str(request.headers.get("Authorization") or "")
        return signed.startswith(_KIND) and self._source.replace(signed.removeprefix(_KIND))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
