"""A task that reads Wrike for some time: ``python -m tests.web.reader API BROKER[,BROKER...] CONNECTION SECONDS``.

The broker secret comes on standard input. Prints what happened as JSON: requests answered, what failed, tokens seen.
"""

from __future__ import annotations

import json
import sys
import time

import requests

from wrike_provider.api.client import WrikeClient
from wrike_provider.api.limits import SigningAdapter
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.broker import Broker
from wrike_provider.auth.credentials import fingerprint
from wrike_provider.auth.tokens import AccessToken, BrokeredToken


def main() -> None:
    """Read until the time is over."""
    api, brokers, connection_id, seconds = sys.argv[1:]
    secret = sys.stdin.readline().strip()
    seen: set[str] = set()
    asked = 0

    def ask(failed: str | None) -> AccessToken:
        nonlocal asked
        # One address after the other, as behind a load balancer.
        urls = brokers.split(",")
        asked += 1
        token = Broker(urls[asked % len(urls)], connection_id, secret).token(failed)
        seen.add(fingerprint(token.value))
        return token

    auth = BearerAuth(BrokeredToken(ask, AccessToken.lasting("", 0)), api)
    session = requests.Session()
    session.trust_env = False
    session.mount(api, SigningAdapter(sign=auth))
    client = WrikeClient(session, api, auth.renew)
    answered, failures = 0, []
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        try:
            client.get("/account")
            answered += 1
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
            if len(failures) > 20:
                break
        time.sleep(0.2)
    print(json.dumps({"answered": answered, "failures": failures, "tokens": sorted(seen), "asked": asked}))  # noqa: T201


if __name__ == "__main__":
    main()
