"""Who may ask for what: tokens, scopes, plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient
from include.sandbox.endpoints import ENDPOINTS

REQUIRED: dict[str, dict[str, Any]] = {
    "/attachments": {"createdDate": {"start": "2026-02-01T00:00:00Z", "end": "2026-03-02T00:00:00Z"}},
    "/comments": {"createdDate": {"start": "2026-02-25T00:00:00Z", "end": "2026-03-02T00:00:00Z"}},
}
SESSION = requests.Session()
SESSION.trust_env = False


def get(sandbox: SandboxClient, path: str, authorization: str | None = None, **params: str) -> requests.Response:
    headers = {"Authorization": authorization} if authorization else {}
    return SESSION.get(f"{sandbox.url}/api/v4{path}", headers=headers, params=params, timeout=20)


@pytest.mark.parametrize(
    ("authorization", "description"),
    [
        (None, "Authorization method unknown"),
        ("Basic YTpi", "Authorization method unknown"),
        ("Bearer", "Authorization method unknown"),
        ("Bearer nonsense", "Access token is unknown or invalid"),
    ],
)
@pytest.mark.parametrize(("path", "kind"), [("/tasks", "text/plain"), ("/nothing", "application/json")])
def test_not_authorized(
    sandbox: SandboxClient, path: str, kind: str, authorization: str | None, description: str
) -> None:
    response = get(sandbox, path, authorization)
    assert response.status_code == 401
    assert response.json() == {"errorDescription": description, "error": "not_authorized"}
    assert response.headers["content-type"].startswith(kind)


def test_authentication_comes_before_everything_else(sandbox: SandboxClient) -> None:
    assert get(sandbox, "/tasks", "Bearer nonsense", colour="red").status_code == 401


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_bearer_in_any_case(sandbox: SandboxClient, kind: str) -> None:
    assert get(sandbox, "/account", f"{kind} {sandbox.token('aurora')}").status_code == 200


def test_token_as_parameter(sandbox: SandboxClient) -> None:
    sandbox.forget_requests()
    assert get(sandbox, "/account", access_token=sandbox.token("aurora")).status_code == 200
    assert get(sandbox, "/account", access_token="nonsense").status_code == 401
    assert [entry["query"] for entry in sandbox.requests()] == [{}, {}]


def test_a_post_may_stand_for_a_get(sandbox: SandboxClient, wrike: Any) -> None:
    url = f"{sandbox.url}/api/v4/tasks"
    form = {"method": "GET", "limit": "3", "access_token": sandbox.token("aurora")}
    response = SESSION.post(url, data=form, timeout=20)
    assert len(response.json()["data"]) == 3
    assert wrike.refusal("/tasks?method=PUT") == (404, "method_not_found")


def test_accounts_are_apart(sandbox: SandboxClient, wrike: Any) -> None:
    other = type(wrike)(sandbox, sandbox.token("borealis"))
    assert not set(wrike.ids("/tasks")) & set(other.ids("/tasks"))
    assert other.refusal(f"/tasks/{wrike.ids('/tasks')[0]}") == (404, "resource_not_found")


def test_headers(sandbox: SandboxClient, wrike: Any) -> None:
    headers = wrike.ask("/account").headers
    assert headers["content-type"] == "application/json;charset=UTF-8"
    assert headers["cache-control"] == "no-cache, no-store, max-age=0, must-revalidate"
    assert int(headers["wrike-response-id"], 16)
    assert int(headers["traceid"], 16)


def test_version_needs_no_token(sandbox: SandboxClient) -> None:
    assert get(sandbox, "/version").status_code == 200


@pytest.fixture
def blocked(sandbox: SandboxClient) -> Iterator[SandboxClient]:
    yield sandbox
    for path in ("/groups", "/folders/{ids}"):
        sandbox.block("aurora", path, None)


@pytest.mark.parametrize("code", ["not_allowed", "access_forbidden"])
def test_blocks_by_plan(blocked: SandboxClient, wrike: Any, code: str) -> None:
    blocked.block("aurora", "/groups", code)
    assert wrike.refusal("/groups") == (403, code)
    assert wrike.ask(f"/groups/{wrike.ids('/contacts', types='Group')[0]}").status_code == 200
    assert type(wrike)(blocked, blocked.token("borealis")).ask("/groups").status_code == 200
    blocked.block("aurora", "/groups", None)
    assert wrike.ask("/groups").status_code == 200


def test_blocks_are_by_pattern_of_the_path(blocked: SandboxClient, wrike: Any) -> None:
    folder = wrike.ids("/folders", project="true")[0]
    blocked.block("aurora", "/folders/{ids}")
    assert wrike.refusal(f"/folders/{folder}") == (403, "not_allowed")
    assert wrike.ask("/folders").status_code == 200


def test_every_endpoint_answers_a_permanent_token(sandbox: SandboxClient, wrike: Any) -> None:
    named = {
        "users": sandbox.accounts()["aurora"]["users"]["regular"],
        "folders": wrike.ids("/folders", project="true")[0],
        "dependencies": sandbox.records("aurora", "dependencies")[0]["id"],
        "workschedule_exclusions": sandbox.records("aurora", "workscheduleexclusions")[0]["id"],
        "workschedule_capacity_change": sandbox.records("aurora", "workschedulecapacitychanges")[0]["id"],
    }
    named["data_export"] = sandbox.export("aurora", new=True)["id"]
    for endpoint in ENDPOINTS:
        if "{file}" in endpoint.path or endpoint.method != "GET":
            continue
        head = endpoint.path.split("/")[1]
        if "{" in endpoint.path and head not in named:
            named[head] = wrike.ids(f"/{head}", **REQUIRED.get(f"/{head}", {}))[0]
        one = named.get(head, "")
        path = endpoint.path.replace("{ids}", one).replace("{id}", one)
        body = wrike.body(path, **REQUIRED.get(endpoint.path, {}))
        assert body["kind"] in {endpoint.kind, "folderTree"}
        assert isinstance(body["data"], list)
