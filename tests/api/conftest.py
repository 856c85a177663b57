"""A local server and a client that speaks to it without ever waiting."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests

from tests.api.server import Server, running_server
from wrike_provider.api.client import WrikeClient
from wrike_provider.api.limits import SigningAdapter
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.tokens import FixedToken

TOKEN = "very-secret-token"


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def token() -> str:
    return TOKEN


@pytest.fixture
def client(server: Server) -> Iterator[WrikeClient]:
    base_url = f"{server.url}/api/v4"
    with requests.Session() as session:
        session.trust_env = False
        auth = BearerAuth(FixedToken(TOKEN), base_url)
        session.mount(base_url, SigningAdapter(sign=auth))
        yield WrikeClient(session, base_url, auth.renew)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, in seconds; none of them is made."""
    made: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=made.append))
    return made
