"""A sandbox of its own for each module, and what speaks to it as a client of Wrike would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient, running_sandbox

ACCOUNT = "aurora"
SESSION = requests.Session()
SESSION.trust_env = False


@dataclass(frozen=True)
class Wrike:
    """Wrike's API, as one user sees it."""

    sandbox: SandboxClient
    token: str

    def ask(self, path: str, method: str = "GET", **params: Any) -> requests.Response:
        """Send a request: arrays and objects as JSON, the rest as it is."""
        sent = {name: _written(value) for name, value in params.items()}
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.sandbox.url}/api/v4{path}"
        return SESSION.request(method, url, params=sent, headers=headers, timeout=20)

    def body(self, path: str, **params: Any) -> dict[str, Any]:
        """Send a request that must be answered well."""
        response = self.ask(path, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def data(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Send a request that must be answered well, and return the records."""
        return self.body(path, **params)["data"]

    def refusal(self, path: str, **params: Any) -> tuple[int, str]:
        """Send a request that must be refused, and return status and code."""
        response = self.ask(path, **params)
        body = response.json()
        assert set(body) == {"errorDescription", "error"}
        return response.status_code, body["error"]

    def ids(self, path: str, **params: Any) -> list[str]:
        """Return the ids that a request is answered with."""
        return [record["id"] for record in self.data(path, **params)]


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxClient]:
    """A sandbox without request limit."""
    with running_sandbox("--rate-limit", "0", "--tasks", "120", "--folders", "30") as running:
        yield running


@pytest.fixture(scope="module")
def wrike(sandbox: SandboxClient) -> Wrike:
    """The API as the administrator of the first account sees it."""
    return Wrike(sandbox, sandbox.token(ACCOUNT))


@pytest.fixture
def healed(sandbox: SandboxClient) -> Iterator[SandboxClient]:
    """The sandbox, whose failures and switches are taken back afterwards."""
    yield sandbox
    sandbox.heal()
