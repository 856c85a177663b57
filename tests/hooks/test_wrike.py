"""The hook against the sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from airflow.sdk.log import redact

from include.sandbox.client import SandboxClient
from tests.api.server import Server, page, refusal, reply, running_server
from wrike_provider.api.errors import WrikeAuthorizationError, WrikeHostError, WrikeTransientError
from wrike_provider.auth.credentials import fingerprint
from wrike_provider.hooks.wrike import AuthorizedUser, WrikeHook

MakeHook = Callable[..., WrikeHook]


@pytest.fixture
def server() -> Iterator[Server]:
    """Stands in for the API server, or for another Wrike."""
    with running_server() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WRIKE_BROKER_URL", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "AIRFLOW__API__BASE_URL"):
        monkeypatch.delenv(name, raising=False)


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


def test_test_button_where_the_scopes_do_not_show_the_user(make_hook: MakeHook, server: Server) -> None:
    server.will(refusal(403, "access_forbidden"))
    told = make_hook(host=server.url, extra={"token": "any"}).test_connection()
    assert told == (True, "The token belongs to somebody whom the token's scopes do not show.")


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


@pytest.mark.parametrize("token", ["eyJ0dCI6\nInNlY3JldA", "eyJ0dCI6 InNlY3JldA", "eyJ0dCI6\u200bInNlY3JldA"])
def test_a_token_that_was_pasted_in_pieces_is_not_shown(make_hook: MakeHook, server: Server, token: str) -> None:
    ok, message = make_hook(host=server.url, extra={"token": token}).test_connection()
    assert (ok, "a space, a line break or the like in it: paste it anew" in message) == (False, True)
    assert "eyJ0dCI6" not in message
    with pytest.raises(WrikeAuthorizationError) as caught:
        make_hook(host=server.url, extra={"token": token}).client.get("/account")
    assert "eyJ0dCI6" not in str(caught.value)
    assert server.asked == []


def test_nothing_of_extra_becomes_a_header(make_hook: MakeHook) -> None:
    extra = {"token": "the-token", "refresh_token": "the-refresh", "X-Custom": "value", "scope": "wsReadOnly"}
    session = make_hook(login="id", password="the-secret", extra=extra).get_conn()
    sent = json.dumps(dict(session.headers))
    assert not any(value in sent for value in ("the-token", "the-refresh", "value", "wsReadOnly", "the-secret"))


def test_token_goes_to_no_other_host(make_hook: MakeHook, server: Server, sandbox: SandboxClient) -> None:
    there = make_hook(host=sandbox.url, extra={"token": "the-token"}).get_conn()
    there.get(f"{server.url}/api/v4/tasks")
    here = make_hook(host=server.url, extra={"token": "the-token"}).get_conn()
    here.get(f"{server.url}/api/v4/tasks")
    assert [asked.authorization for asked in server.asked] == [None, "Bearer the-token"]


def test_access_token_of_the_flow_is_used_when_there_is_no_permanent_one(
    make_hook: MakeHook, sandbox: SandboxClient
) -> None:
    hook = make_hook(extra={"access_token": sandbox.token("borealis"), "expires_at": 4102444800})
    assert hook.authorized_user().admin


REFUSED = {"refresh_token": "r", "refused": fingerprint("r")}
EXPIRED = {"access_token": "a", "expires_at": "1700000000"}
BROKERED = {"refresh_token": "the-refresh", "broker_secret": "the-broker-secret"}
PAGE = "https://airflow.example.com/prefix/wrike/"


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        ({}, "holds no token"),
        ({"login_url": "https://login.wrike.com", "broker_secret": "b"}, "holds no token"),
        (REFUSED, "does not accept the tokens"),
        ({**REFUSED, **EXPIRED, "broker_secret": "b"}, "does not accept the tokens"),
        ({**REFUSED, "access_token": "a", "expires_at": 4102444800, "broker_secret": "b"}, "does not accept"),
        (EXPIRED, "expired at 2023-11-14 22:13:20 UTC"),
        ({**EXPIRED, "refresh_token": "r"}, "expired at 2023-11-14 22:13:20 UTC"),
        ({**EXPIRED, "broker_secret": "b"}, "expired at 2023-11-14 22:13:20 UTC"),
        ({"refresh_token": "r"}, "was not made by Authorise|holds no"),
        ({"refresh_token": "r", "expires_at": "1700000000"}, "was not made by Authorise|holds no"),
    ],
)
@pytest.mark.parametrize("base", ["https://airflow.example.com/prefix", "https://airflow.example.com/prefix/", ""])
def test_without_a_usable_token_it_is_said_what_to_do_and_where(
    make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any], complaint: str, base: str
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", base)
    where = f"on the page {PAGE}" if base else "on the page Wrike of Airflow's menu"
    hook = make_hook(extra=extra)
    with pytest.raises(WrikeAuthorizationError, match=complaint) as caught:
        hook.get_conn()
    assert "'wrike_test'" in str(caught.value)
    assert re.search(rf"Authorise it( again)? {re.escape(where)}", str(caught.value))
    assert hook.test_connection() == (False, str(caught.value))


def test_who_can_paste_a_permanent_token_is_told_so(make_hook: MakeHook) -> None:
    for extra in ({}, EXPIRED):
        assert "`Permanent token`" in make_hook(extra=extra).test_connection()[1]


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"refused": fingerprint("another"), "refresh_token": "r", "access_token": "a"},
        {"refresh_token": "r", "refused": fingerprint("r"), "access_token": "a", "expires_at": "1700000000"},
    ],
)
def test_a_permanent_token_goes_first(make_hook: MakeHook, sandbox: SandboxClient, extra: dict[str, str]) -> None:
    assert make_hook(extra={**extra, "token": sandbox.token("aurora")}).authorized_user().admin


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"refresh_token": "r"},
        {"refresh_token": "next", "refused": fingerprint("r")},
        {"expires_at": 4102444800},
        {"broker_secret": "b", "expires_at": 4102444800},
        {**BROKERED, "expires_at": 4102444800},
        {**BROKERED, "expires_at": 4102444800, "refused": fingerprint("r")},
    ],
)
def test_an_access_token_that_can_still_be_used_is_used(
    make_hook: MakeHook,
    sandbox: SandboxClient,
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    extra: dict[str, Any],
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/wrike")
    hook = make_hook(extra={"access_token": sandbox.token("aurora"), **extra})
    assert hook.authorized_user().admin
    assert hook.requests == 1
    assert server.asked == []


def test_an_access_token_that_nobody_can_refresh_fails_when_wrike_refuses_it(
    make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/wrike")
    hook = make_hook(extra={"access_token": "unknown", "expires_at": 4102444800})
    ok, message = hook.test_connection()
    assert not ok
    assert "401" in message
    assert hook.requests == 1
    assert server.asked == []


@pytest.mark.parametrize(
    "extra",
    [
        {"access_token": "ended", "expires_at": "1700000000"},
        {"access_token": "of unknown age"},
        {"expires_at": 4102444800},
        {},
    ],
    ids=["ended", "unknown-age", "no-access-token", "refresh-token-only"],
)
def test_an_access_token_that_has_ended_is_asked_for_before_wrike_is(
    make_hook: MakeHook,
    sandbox: SandboxClient,
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    extra: dict[str, Any],
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/elsewhere/wrike/")
    server.will(reply({"access_token": sandbox.token("aurora"), "expires_in": 3000}))
    hook = make_hook(extra={**BROKERED, **extra})
    assert hook.authorized_user().admin
    assert hook.authorized_user().admin
    assert hook.requests == 2
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/elsewhere/wrike/connections/wrike_test/token")
    assert asked.authorization == "Bearer the-broker-secret"
    assert json.loads(asked.body) == {"failed": None}


def test_an_access_token_that_wrike_refuses_is_replaced(
    make_hook: MakeHook, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/wrike")
    server.will(reply({"access_token": sandbox.token("aurora"), "expires_in": 3000}))
    hook = make_hook(extra={**BROKERED, "access_token": "revoked", "expires_at": 4102444800})
    assert hook.authorized_user().admin
    assert hook.requests == 2
    assert [json.loads(asked.body) for asked in server.asked] == [{"failed": fingerprint("revoked")}]


def test_an_account_that_has_moved_is_not_read_at_the_old_place(
    make_hook: MakeHook, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/wrike")
    given = {"access_token": sandbox.token("aurora"), "expires_in": 3000}
    server.will(reply({**given, "host": sandbox.url}), reply({**given, "host": "app-us2.wrike.com"}))
    assert make_hook(extra=BROKERED).authorized_user().admin
    sandbox.forget_requests()
    with pytest.raises(WrikeTransientError, match=r"is at app-us2\.wrike\.com now"):
        make_hook(extra=BROKERED).authorized_user()
    assert sandbox.requests() == []


def test_the_user_is_found_among_others(make_hook: MakeHook, server: Server) -> None:
    others = [{"id": f"K{number}", "firstName": "Someone", "lastName": "Else"} for number in range(3)]
    server.will(page(*others, {"id": "ME", "firstName": "Ada", "lastName": "L", "me": True}), page(*others), page())
    hook = make_hook(host=server.url, extra={"token": "any"})
    assert hook.authorized_user().id == "ME"
    assert hook.authorized_user().id == "K0"
    with pytest.raises(WrikeHostError, match="does not tell whose token it is"):
        hook.authorized_user()


def test_a_copy_of_the_connection_asks_for_the_original(
    make_hook: MakeHook, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/wrike")
    server.will(reply({"access_token": sandbox.token("aurora"), "expires_in": 3000}))
    hook = make_hook(extra={**BROKERED, "broker_connection": "wrike_original"})
    assert hook.authorized_user().admin
    assert [asked.path for asked in server.asked] == ["/wrike/connections/wrike_original/token"]


def test_what_the_api_server_says_is_what_the_test_button_says(
    make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/wrike")
    server.will(reply({"message": "Connection wrike_test: authorise again."}, 409))
    assert make_hook(extra=BROKERED).test_connection() == (False, "Connection wrike_test: authorise again.")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"WRIKE_BROKER_URL": "{url}"}, ""),
        ({"WRIKE_BROKER_URL": "{url}/a/wrike/"}, "/a/wrike"),
        ({"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "{url}/execution/"}, "/wrike"),
        ({"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "{url}/execution"}, "/wrike"),
        ({"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "{url}/prefix/execution/"}, "/prefix/wrike"),
        ({"AIRFLOW__API__BASE_URL": "{url}"}, "/wrike"),
        ({"AIRFLOW__API__BASE_URL": "{url}/prefix/"}, "/prefix/wrike"),
        (
            {
                "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "{url}/inside/execution/",
                "AIRFLOW__API__BASE_URL": "http://127.0.0.1:1/outside",
            },
            "/inside/wrike",
        ),
        (
            {
                "WRIKE_BROKER_URL": "{url}/named",
                "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://127.0.0.1:1/execution/",
                "AIRFLOW__API__BASE_URL": "http://127.0.0.1:1",
            },
            "/named",
        ),
        ({"WRIKE_BROKER_URL": "", "AIRFLOW__API__BASE_URL": "{url}"}, "/wrike"),
    ],
)
def test_where_the_api_server_is_asked(
    make_hook: MakeHook,
    sandbox: SandboxClient,
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    settings: dict[str, str],
    path: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(url=server.url))
    server.will(reply({"access_token": sandbox.token("aurora"), "expires_in": 3000}))
    assert make_hook(extra=BROKERED).authorized_user().admin
    assert [asked.path for asked in server.asked] == [f"{path}/connections/wrike_test/token"]


def test_every_token_is_masked_in_logs(
    make_hook: MakeHook, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("WRIKE_BROKER_URL", f"{server.url}/wrike")
    given = sandbox.token("borealis")
    server.will(reply({"access_token": given, "expires_in": 3000}))
    make_hook(extra={**BROKERED, "access_token": "a-revoked-token", "expires_at": 4102444800}).authorized_user()
    make_hook(extra={"token": "a-permanent-token"}).get_conn()
    for secret in (given, "a-revoked-token", "the-broker-secret", "a-permanent-token"):
        assert redact(f"before {secret} after") == "before *** after"


def test_the_identity_of_the_grant_outlives_a_refresh(make_hook: MakeHook) -> None:
    def identity(**extra: Any) -> str:
        return make_hook(extra={**BROKERED, "authorized_at": "2026-06-01T12:00:00+00:00", **extra}).grant_identity

    assert identity(access_token="one") == identity(access_token="two", refresh_token="next")
    assert identity() != identity(authorized_at="2026-06-01T12:00:01+00:00")
    assert identity() != identity(token="permanent")
    assert "the-broker-secret" not in identity()


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
