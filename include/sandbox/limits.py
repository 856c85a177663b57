"""Wrike's request limit: so many a minute per token, and about a second's share in any second (Wrike API v4, "FAQ")."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque

MINUTE_S = 60.0


class RateLimit:
    """Counts requests per token.

    :param per_minute: requests allowed in any 60 seconds; 0: no limit.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.per_second = math.ceil(per_minute / MINUTE_S) + 2
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def allows(self, token: str) -> bool:
        """Count a request.

        :param token: its token.
        :returns: whether it is within the limit; one that is not is not counted.
        """
        if not self.per_minute:
            return True
        now, seen = time.monotonic(), self._seen[token]
        while seen and seen[0] <= now - MINUTE_S:
            seen.popleft()
        if len(seen) >= self.per_minute:
            return False
        if len(seen) >= self.per_second and seen[-self.per_second] > now - 1:
            return False
        seen.append(now)
        return True
