"""What goes wrong on purpose."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient


@pytest.mark.parametrize(
    ("status", "code"), [(500, "server_error"), (503, "server_error"), (429, "rate_limit_exceeded")]
)
def test_statuses(healed: SandboxClient, wrike: Any, status: int, code: str) -> None:
    healed.fault("/tasks", status=status, code=code)
    assert wrike.refusal("/tasks") == (status, code)
    assert wrike.ask("/tasks").status_code == 200


def test_headers(healed: SandboxClient, wrike: Any) -> None:
    healed.fault("/tasks", status=429, code="too_many_requests", headers={"Retry-After": "7"})
    assert wrike.ask("/tasks").headers["retry-after"] == "7"


def test_reset(healed: SandboxClient, wrike: Any) -> None:
    healed.fault("/tasks", kind="reset")
    with pytest.raises(requests.ConnectionError):
        wrike.ask("/tasks")
    assert wrike.ask("/tasks").status_code == 200


def test_truncated(healed: SandboxClient, wrike: Any) -> None:
    healed.fault("/tasks", kind="truncate")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        wrike.ask("/tasks")
    assert wrike.ask("/tasks").status_code == 200


def test_path_skip_and_times(healed: SandboxClient, wrike: Any) -> None:
    healed.fault("/folders/.+", status=500, skip=1, times=2)
    folder = wrike.ids("/folders", project="true")[0]
    statuses = [wrike.ask(f"/folders/{folder}").status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]


def test_for_ever_until_healed(healed: SandboxClient, wrike: Any) -> None:
    healed.fault("/tasks", times=-1)
    assert {wrike.ask("/tasks").status_code for _ in range(5)} == {500}
    healed.heal()
    assert wrike.ask("/tasks").status_code == 200


def test_requests_are_noted(healed: SandboxClient, wrike: Any) -> None:
    healed.forget_requests()
    healed.fault("/tasks", status=503)
    wrike.ask("/tasks", status="Active")
    wrike.ask("/tasks")
    wrike.ask("/tasks", colour="red")
    noted = healed.requests()
    came = [request.pop("seconds") for request in noted]
    assert came == sorted(came)
    assert noted == [
        {"account": "aurora", "path": "/tasks", "query": {"status": "Active"}, "status": 503},
        {"account": "aurora", "path": "/tasks", "query": {}, "status": 200},
        {"account": "aurora", "path": "/tasks", "query": {"colour": "red"}, "status": 400},
    ]
    assert healed.stats()["statuses"] == {"503": 1, "200": 1, "400": 1}
