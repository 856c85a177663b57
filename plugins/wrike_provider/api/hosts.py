"""From what a Connection says to the addresses of Wrike's API and login."""

from __future__ import annotations

import ipaddress
import os
import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from wrike_provider.api.errors import WrikeHostError

DEFAULT_HOST = "www.wrike.com"
API_PATH = "/api/v4"
_HOSTNAME = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


def is_loopback(hostname: str | None) -> bool:
    """Whether a host name is this machine itself.

    :param hostname: a name or address without port, or None.
    """
    if hostname is None:
        return False
    if hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False


def api_url(host: str | None, port: int | None = None, schema: str | None = None) -> str:
    """Make the base URL of the API from the fields of a Connection.

    :param host: a host as Wrike gives it (``app-eu.wrike.com``) or a full URL; empty means ``www.wrike.com``.
    :param port: port of the host, None for the scheme's own.
    :param schema: scheme when the host is not a URL; default ``https``.
    :raises WrikeHostError: the host cannot be a Wrike host, or a token would travel unencrypted.
    """
    url = server_url(host or DEFAULT_HOST, "The Connection's host", port=port, schema=schema)
    return url.removesuffix(API_PATH) + API_PATH


def server_url(text: str, what: str, *, port: int | None = None, schema: str | None = None) -> str:
    """Check the address of a server that gets secrets; there is no slash at its end.

    :param text: a host or a full URL.
    :param what: what it is, for messages.
    :param port: port of the host, None for the scheme's own.
    :param schema: scheme when the text is not a URL; default ``https``.
    :raises WrikeHostError: it cannot be a server's address, or secrets would travel unencrypted.
    """
    text = text.strip()
    # What stands before an @ can be a password.
    shown = text.rpartition("@")[2]
    try:
        url = urlsplit(text if "://" in text else f"{schema or 'https'}://{text}")
        known_port = url.port or port
    except ValueError as error:
        raise WrikeHostError(f"{what} {shown!r} is no valid host or URL: {error}") from None
    if (
        url.scheme not in {"http", "https"}
        # Nothing that a browser, or a header that names the host, would understand otherwise.
        or not _HOSTNAME.fullmatch(url.hostname or "")
        or url.username
        or url.query
        or url.fragment
    ):
        raise WrikeHostError(
            f"{what} {shown!r} is neither a host name such as {DEFAULT_HOST} nor a URL such as https://{DEFAULT_HOST}."
        )
    if url.scheme == "http" and not is_loopback(url.hostname) and not os.environ.get("OAUTHLIB_INSECURE_TRANSPORT"):
        raise WrikeHostError(
            f"{what} {shown!r} would send the token unencrypted. Use https://, or set "
            "OAUTHLIB_INSECURE_TRANSPORT=1 in Airflow's environment if this is a test server."
        )
    name = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"{url.scheme}://{name}{f':{known_port}' if known_port else ''}{url.path.rstrip('/')}"


def own_url(base_url: str, url: str, what: str) -> str:
    """Make sure that an address which an answer names is on the API's own host, or one of Wrike's.

    Either is asked for at the API's own host. Wrike shows such addresses with ``www.wrike.com`` wherever the account
    is (Wrike API v4, "Data export").

    :param base_url: URL of the API.
    :param url: the address, whole or relative to the API.
    :param what: what it is the address of, for messages.
    :returns: the same address, its host written as in ``base_url``.
    :raises WrikeHostError: it is on another host, which must not get the token.
    """
    base = urlsplit(base_url)
    try:
        named = urlsplit(urljoin(f"{base_url}/", url))
        own = _origin(named) == _origin(base) or _wrikes(named)
    except ValueError:
        raise WrikeHostError(f"{what}: its address is no valid URL.") from None
    if not own:
        raise WrikeHostError(
            f"{what}: it is on {named.hostname or 'no host at all'}, and the API on {base.hostname}. Nothing was sent "
            "there, for it would get the token. Check that the host of the Connection is the one of the account's data "
            "centre."
        )
    return urlunsplit((base.scheme, base.netloc, named.path, named.query, ""))


def _wrikes(url: SplitResult) -> bool:
    return url.scheme == "https" and f".{url.hostname}".endswith(".wrike.com") and url.port in {None, 443}


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    name = "localhost" if is_loopback(url.hostname) else url.hostname
    return url.scheme, name, url.port or {"http": 80, "https": 443}.get(url.scheme)
