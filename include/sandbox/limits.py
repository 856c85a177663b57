"""Wrike's request limit: so many a minute per token or address, a second's share in any second (API v4, "FAQ")."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque

MINUTE_S = 60.0


class RateLimit:
    """Counts requests per token and per address.

    :param per_minute: requests allowed in any 60 seconds; 0: no limit.
    :param addresses: whether all requests from one address count together too.
    """

    def __init__(self, per_minute: int, *, addresses: bool = False) -> None:
        self._addresses = addresses
        self.per_minute = per_minute
        self.per_second = math.ceil(per_minute / MINUTE_S) + 2
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def allows(self, token: str, address: str = "") -> bool:
        """Count a request.

        :param token: its token.
        :param address: where it comes from.
        :returns: whether it is within the limit; one that is not is not counted.
        """
        if not self.per_minute:
            return True
        now = time.monotonic()
        counted = [self._seen[f"token {token}"]]
        if self._addresses:
            counted.append(self._seen[f"address {address}"])
        if not all(self._room(seen, now) for seen in counted):
            return False
        for seen in counted:
            seen.append(now)
        return True

    def _room(self, seen: deque[float], now: float) -> bool:
        while seen and seen[0] <= now - MINUTE_S:
            seen.popleft()
        return len(seen) < self.per_minute and (len(seen) < self.per_second or seen[-self.per_second] <= now - 1)
