"""Wrike's request limit, kept by all processes of this host together.

400 requests a minute per token, evaluated about per second (Wrike API v4, "Errors" and "FAQ"). Requests are
therefore spaced evenly: a minute's worth at once would be refused.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pyrate_limiter import Limiter, Rate
from pyrate_limiter.buckets.sqlite_bucket import SQLiteBucket
from requests_ratelimiter import LimiterAdapter

SPACING_MS = 155
"""Milliseconds between two requests: 387 a minute, with a margin for the jitter of the network."""


def limiter_adapter(name: str, folder: Path) -> LimiterAdapter:
    """Make an HTTP adapter that waits its turn before each request.

    :param name: whose limit it is; everything that uses this name on this host shares one limit.
    :param folder: where the limit's SQLite file lies; made when missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.sqlite"
    bucket = SQLiteBucket.init_from_file([Rate(1, SPACING_MS)], db_path=str(file), use_file_lock=True)
    # The adapter's own answer to a 429 would fill the shared bucket; the client backs off by itself.
    return LimiterAdapter(limiter=Limiter(bucket, buffer_ms=1), per_host=False, limit_statuses=())
