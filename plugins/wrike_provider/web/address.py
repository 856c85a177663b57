"""Where the page is, as browsers and Wrike see it: behind a proxy that is not where the API server listens."""

from __future__ import annotations

from urllib.parse import urlsplit

from airflow.configuration import conf
from starlette.requests import Request

from wrike_provider.api.hosts import server_url

MOUNT = "/wrike"


def configured_base() -> str:
    """Airflow's own address, ``[api] base_url``, without a slash at the end; empty when it is not set."""
    return str(conf.get("api", "base_url", fallback="") or "").rstrip("/")


def mounted_at() -> str:
    """Path of the page, with the prefix under which a proxy shows Airflow."""
    return urlsplit(configured_base()).path.rstrip("/") + MOUNT


def base(request: Request) -> str:
    """Airflow's address: the configured one, otherwise the one that the browser has used.

    :param request: a request of the browser.
    """
    return configured_base() or f"{request.url.scheme}://{request.url.netloc}"


def redirect_uri(request: Request) -> str:
    """What has to be registered in Wrike, exactly.

    :param request: a request of the browser.
    """
    return f"{base(request)}{MOUNT}/callback"


def in_airflow(path: str) -> str:
    """Path of a page of ours inside Airflow's own frame, with its navigation.

    :param path: path below the mount, beginning with a slash.
    """
    prefix = urlsplit(configured_base()).path.rstrip("/")
    return f"{prefix}/plugin/wrike{prefix}{MOUNT}{path}"


def login_origin(login_url: str) -> str:
    """Origin of Wrike's login, as a Connection says where that is.

    :param login_url: what it says.
    :raises WrikeHostError: that is no server's address.
    """
    return origin(server_url(login_url, "The login URL"))


def origin(url: str) -> str:
    """Scheme, host and port of a URL, as browsers send them.

    :param url: the URL.
    """
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"
