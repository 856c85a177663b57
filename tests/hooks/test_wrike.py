"""The hook against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from include.sandbox.client import SandboxClient
from wrike_provider.api.errors import WrikeAuthorizationError, WrikeHostError
from wrike_provider.hooks.wrike import AuthorizedUser, WrikeHook

MakeHook = Callable[..., WrikeHook]


@pytest.fixture
def make_hook(monkeypatch: pytest.MonkeyPatch, sandbox: SandboxClient) -> MakeHook:
    def make(**fields: Any) -> WrikeHook:
        connection = {"conn_type": "wrike", "host": sandbox.url, **fields}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_TEST", json.dumps(connection))
        return WrikeHook("wrike_test")

    return make


def test_test_button_tells_whom_the_token_belongs_to(make_hook: MakeHook, sandbox: SandboxClient) -> None:
    account = sandbox.accounts()["aurora"]
    admin = next(c for c in sandbox.records("aurora", "contacts") if c["id"] == account["users"]["admin"])
    ok, message = make_hook(extra={"token": account["tokens"]["admin"]}).test_connection()
    assert ok
    assert message == (
        f"The token belongs to {admin['firstName']} {admin['lastName']} <{admin['primaryEmail']}>, administrator "
        f"(account {account['id']})."
    )


def test_test_button_for_a_regular_user(make_hook: MakeHook, sandbox: SandboxClient) -> None:
    ok, message = make_hook(extra={"token": sandbox.token("aurora", "regular")}).test_connection()
    assert ok
    assert "not an administrator" in message


def test_test_button_with_a_wrong_token(make_hook: MakeHook) -> None:
    ok, message = make_hook(extra={"token": "wrong-token"}).test_connection()
    assert not ok
    assert "401" in message
    assert "authorise again or paste a new permanent token" in message
    assert "wrong-token" not in message


def test_nothing_of_extra_becomes_a_header(make_hook: MakeHook) -> None:
    extra = {"token": "the-token", "refresh_token": "the-refresh", "X-Custom": "value", "scope": "wsReadOnly"}
    session = make_hook(login="id", password="the-secret", extra=extra).get_conn()
    sent = json.dumps(dict(session.headers))
    assert not any(value in sent for value in ("the-token", "the-refresh", "value", "wsReadOnly", "the-secret"))


def test_token_goes_to_no_other_host(make_hook: MakeHook, sandbox: SandboxClient) -> None:
    auth = make_hook(extra={"token": "the-token"}).get_conn().auth
    assert callable(auth)
    there = auth(requests.Request("GET", "http://127.0.0.1:1/api/v4/tasks").prepare())
    here = auth(requests.Request("GET", f"{sandbox.url}/api/v4/tasks").prepare())
    assert "Authorization" not in there.headers
    assert here.headers["Authorization"] == "Bearer the-token"


def test_access_token_of_the_flow_is_used_when_there_is_no_permanent_one(
    make_hook: MakeHook, sandbox: SandboxClient
) -> None:
    hook = make_hook(extra={"access_token": sandbox.token("borealis"), "expires_at": 4102444800})
    assert hook.authorized_user().admin


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [({}, "holds no token"), ({"access_token": "a", "expires_at": "1700000000"}, "expired at 2023-11-14 22:13:20 UTC")],
)
def test_no_usable_token(make_hook: MakeHook, extra: dict[str, str], complaint: str) -> None:
    with pytest.raises(WrikeAuthorizationError, match=f"wrike_test.*{complaint}"):
        make_hook(extra=extra).get_conn()


def test_missing_connection() -> None:
    with pytest.raises(WrikeAuthorizationError, match="There is no Connection 'wrike_nowhere'"):
        WrikeHook("wrike_nowhere").get_conn()


def test_unencrypted_host(make_hook: MakeHook) -> None:
    with pytest.raises(WrikeHostError, match="would send the token unencrypted"):
        make_hook(host="http://wrike.example.test", extra={"token": "t"}).get_conn()


def test_pages_and_count_of_requests(make_hook: MakeHook, sandbox: SandboxClient) -> None:
    hook = make_hook(extra={"token": sandbox.token("aurora")})
    assert hook.requests == 0
    (page,) = hook.pages("/workflows", {})
    assert [workflow["id"] for workflow in page] == [w["id"] for w in sandbox.records("aurora", "workflows")]
    assert hook.requests == 1


def test_user_of_a_contact_with_several_profiles() -> None:
    contact = {
        "id": "KU1",
        "firstName": "Ada",
        "profiles": [
            {"accountId": "A", "admin": False},
            {"accountId": "B", "owner": True, "email": "ada@example.test"},
        ],
    }
    assert AuthorizedUser.from_contact(contact, "B") == AuthorizedUser("KU1", "Ada", "ada@example.test", "B", True)
    assert AuthorizedUser.from_contact({"id": "KU2"}, "B") == AuthorizedUser("KU2", "KU2", "", "B", False)
