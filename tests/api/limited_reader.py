"""A process that reads Wrike within the limit, for :mod:`tests.api.test_limits`."""

from __future__ import annotations

import sys
from pathlib import Path

import redis
import requests

from wrike_provider.api.limits import LimitedAdapter, LocalTurns, RedisTurns
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.credentials import fingerprint
from wrike_provider.auth.tokens import FixedToken


def main() -> None:
    """Take from standard input address of Wrike, place of the turns, address, token, count and the sign to begin."""
    url, place, address, token, count = (sys.stdin.readline().strip() for _ in range(5))
    turns = RedisTurns(redis.Redis.from_url(place), "Redis") if "//" in place else LocalTurns(Path(place))
    sign = BearerAuth(FixedToken(token), url)
    with requests.Session() as session:
        session.trust_env = False
        adapter = LimitedAdapter(turns=turns, limits=(f"address:{address}", f"token:{fingerprint(token)}"), sign=sign)
        session.mount("http://", adapter)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for _ in range(int(count)):
            sys.stdout.write(f"{session.get(f'{url}/api/v4/version').status_code}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
