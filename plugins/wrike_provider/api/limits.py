"""Wrike's request limit, kept by all processes of this host together.

400 requests a minute per token, evaluated about per second (Wrike API v4, "Errors" and "FAQ"). Requests are
therefore spaced evenly: a minute's worth at once would be refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyrate_limiter import Limiter, Rate
from pyrate_limiter.buckets.sqlite_bucket import SQLiteBucket
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterMixin

Sign = Callable[[PreparedRequest], PreparedRequest]

SPACING_MS = 155
"""Milliseconds between two requests: 387 a minute, with a margin for the jitter of the network."""


class SigningAdapter(HTTPAdapter):
    """Signs a request when it is sent."""

    def __init__(self, *, sign: Sign, **options: Any) -> None:
        super().__init__(**options)
        self._sign = sign

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sign and send.

        :param request: the request.
        """
        return super().send(self._sign(request), *args, **options)


class LimitedAdapter(LimiterMixin, SigningAdapter):  # type: ignore[misc]
    """Waits its turn, then signs, then sends: a token may end while a request waits."""


def limited_adapter(name: str, folder: Path, sign: Sign) -> LimitedAdapter:
    """Make an HTTP adapter that waits its turn before each request.

    :param name: whose limit it is; everything that uses this name on this host shares one limit.
    :param folder: where the limit's SQLite file lies; made when missing.
    :param sign: signs a request.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.sqlite"
    bucket = SQLiteBucket.init_from_file([Rate(1, SPACING_MS)], db_path=str(file), use_file_lock=True)
    # The adapter's own answer to a 429 would fill the shared bucket; the client backs off by itself.
    return LimitedAdapter(limiter=Limiter(bucket, buffer_ms=1), per_host=False, limit_statuses=(), sign=sign)
