"""Wrike's login: consent, codes, pairs of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from include.sandbox.client import SandboxClient

SESSION = requests.Session()
SESSION.trust_env = False

URI = "http://localhost:18765/callback"


@dataclass
class Login:
    """An application that a user of the first account lets in."""

    sandbox: SandboxClient
    client_id: str
    client_secret: str

    def authorize(self, **params: str) -> requests.Response:
        query = {"client_id": self.client_id, "response_type": "code", "redirect_uri": URI, **params}
        url = f"{self.sandbox.url}/oauth2/authorize/v4"
        return SESSION.get(url, params=query, allow_redirects=False, timeout=20)

    def decide(self, ticket: str, **form: str) -> requests.Response:
        url = f"{self.sandbox.url}/oauth2/authorize/v4"
        return SESSION.post(url, data={"ticket": ticket, **form}, allow_redirects=False, timeout=20)

    def consent(self, decision: str = "accept", user: str = "admin", **params: str) -> dict[str, str]:
        response = self.decide(ticket_of(self.authorize(**params)), decision=decision, user=user)
        assert response.status_code == 302
        assert response.headers["location"].startswith(f"{URI}?")
        return answer_of(response)

    def token(self, **form: str) -> requests.Response:
        data = {"client_id": self.client_id, "client_secret": self.client_secret, **form}
        return SESSION.post(f"{self.sandbox.url}/oauth2/token", data=data, timeout=20)

    def redeem(self, code: str, **form: str) -> requests.Response:
        return self.token(grant_type="authorization_code", code=code, **{"redirect_uri": URI, **form})

    def refresh(self, token: str, **form: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=token, **form)

    def pair(self, **params: str) -> dict[str, Any]:
        return self.redeem(self.consent(**params)["code"]).json()

    def ask(self, access_token: str, path: str = "/account") -> requests.Response:
        headers = {"Authorization": f"Bearer {access_token}"}
        return SESSION.get(f"{self.sandbox.url}/api/v4{path}", headers=headers, timeout=20)


def ticket_of(page: requests.Response) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def answer_of(response: requests.Response) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def refused(response: requests.Response) -> str:
    assert response.status_code == 400
    assert set(response.json()) == {"error", "error_description"}
    return str(response.json()["error"])


@pytest.fixture
def login(sandbox: SandboxClient) -> Iterator[Login]:
    sandbox.register_redirect_uri(URI)
    account = sandbox.accounts()["aurora"]
    yield Login(sandbox, account["client_id"], account["client_secret"])
    sandbox.tokens(lifetime=3600)


def test_from_consent_to_data(login: Login) -> None:
    answer = login.consent(state="a/b c", scope="wsReadOnly")
    assert answer["state"] == "a/b c"
    response = login.redeem(answer["code"])
    pair = response.json()
    assert set(pair) == {"access_token", "refresh_token", "token_type", "expires_in", "host"}
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 3600)
    assert pair["host"] == urlsplit(login.sandbox.url).netloc
    assert response.headers["cache-control"] == "no-store"
    assert login.ask(pair["access_token"]).status_code == 200


def test_the_user_who_consents_is_the_one_who_asks(login: Login) -> None:
    token = login.pair(user="regular")["access_token"]
    me = [contact["id"] for contact in login.ask(token, "/contacts?me=true").json()["data"]]
    assert me == [login.sandbox.accounts()["aurora"]["users"]["regular"]]


def test_denial(login: Login) -> None:
    answer = login.consent(decision="deny", state="s")
    assert (answer["error"], answer["state"]) == ("access_denied", "s")
    assert answer["error_description"]


def test_a_consent_page_serves_once(login: Login) -> None:
    ticket = ticket_of(login.authorize())
    assert login.decide(ticket, decision="accept").status_code == 302
    assert login.decide(ticket, decision="accept").status_code == 400


def test_a_user_who_does_not_exist(login: Login) -> None:
    assert login.decide(ticket_of(login.authorize()), decision="accept", user="nobody").status_code == 400


@pytest.mark.parametrize("uri", ["http://localhost:18765/other", f"{URI}/", f"{URI}?a=b", ""])
def test_redirect_uris_must_be_registered(login: Login, uri: str) -> None:
    response = login.authorize(redirect_uri=uri)
    assert response.status_code == 400
    assert "Redirect uri is missing or invalid" in response.text


def test_unknown_client(login: Login) -> None:
    assert login.authorize(client_id="nobody").status_code == 400


@pytest.mark.parametrize(
    ("params", "error"),
    [({"response_type": "token"}, "unsupported_response_type"), ({"scope": "everything"}, "invalid_scope")],
)
def test_bad_requests_go_back_to_the_application(login: Login, params: dict[str, str], error: str) -> None:
    response = login.authorize(**params)
    assert response.status_code == 302
    assert answer_of(response)["error"] == error


def test_a_code_serves_once(login: Login) -> None:
    code = login.consent()["code"]
    assert login.redeem(code).status_code == 200
    assert refused(login.redeem(code)) == "invalid_grant"


def test_an_expired_code(login: Login) -> None:
    code = login.consent()["code"]
    login.sandbox.tokens(expire_codes=True)
    assert refused(login.redeem(code)) == "invalid_grant"


def test_a_code_needs_the_redirect_uri_that_it_was_sent_to(login: Login) -> None:
    assert refused(login.redeem(login.consent()["code"], redirect_uri=f"{URI}2")) == "invalid_grant"
    assert refused(login.token(grant_type="authorization_code", code=login.consent()["code"])) == "invalid_grant"


def test_a_wrong_secret(login: Login) -> None:
    code = login.consent()["code"]
    for secret in ("wrong", "", "wröng"):
        assert refused(login.redeem(code, client_secret=secret)) == "unauthorized_client"
    refresh = login.redeem(code).json()["refresh_token"]
    assert refused(login.refresh(refresh, client_secret="wrong")) == "unauthorized_client"
    assert login.refresh(refresh).status_code == 200


def test_an_unknown_grant_type(login: Login) -> None:
    assert refused(login.token(grant_type="client_credentials")) == "unsupported_grant_type"


def test_parameters_may_stand_in_the_query(login: Login) -> None:
    params = {
        "client_id": login.client_id,
        "client_secret": login.client_secret,
        "grant_type": "refresh_token",
        "refresh_token": login.pair()["refresh_token"],
    }
    assert SESSION.post(f"{login.sandbox.url}/oauth2/token", params=params, timeout=20).status_code == 200


def test_refresh_tokens_rotate(login: Login) -> None:
    before = login.sandbox.stats()
    first = login.pair()
    second = login.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert refused(login.refresh(first["refresh_token"])) == "invalid_grant"
    assert login.refresh(second["refresh_token"]).status_code == 200
    after = login.sandbox.stats()
    assert after["refresh"] - before["refresh"] == 2
    assert after["dead_refresh"] - before["dead_refresh"] == 1


def test_a_refresh_token_belongs_to_its_application(login: Login) -> None:
    other = login.sandbox.accounts()["borealis"]
    stranger = Login(login.sandbox, other["client_id"], other["client_secret"])
    token = login.pair()["refresh_token"]
    assert refused(stranger.refresh(token)) == "invalid_grant"
    assert login.refresh(token).status_code == 200


def test_access_tokens_expire(login: Login) -> None:
    pair = login.pair()
    login.sandbox.tokens(expire=True)
    response = login.ask(pair["access_token"])
    assert (response.status_code, response.json()["error"]) == (401, "not_authorized")
    assert login.ask(login.refresh(pair["refresh_token"]).json()["access_token"]).status_code == 200
    assert login.ask(login.sandbox.token("aurora")).status_code == 200


def test_lifetime_of_access_tokens(login: Login) -> None:
    login.sandbox.tokens(lifetime=0)
    pair = login.pair()
    assert pair["expires_in"] == 0
    assert login.ask(pair["access_token"]).status_code == 401


def test_revoked_grants(login: Login) -> None:
    pair = login.pair()
    login.sandbox.tokens(revoke="aurora")
    assert login.ask(pair["access_token"]).status_code == 401
    assert refused(login.refresh(pair["refresh_token"])) == "invalid_grant"


def test_host(login: Login) -> None:
    url = f"{login.sandbox.url}/oauth2/host"
    headers = {"Authorization": f"bearer {login.pair()['access_token']}"}
    assert SESSION.get(url, headers=headers, timeout=20).json() == {"host": urlsplit(login.sandbox.url).netloc}
    response = SESSION.get(url, timeout=20)
    assert (response.status_code, response.json()["error"]) == (401, "not_authorized")


@pytest.mark.parametrize(
    ("scope", "allowed", "forbidden"),
    [
        ("wsReadOnly", ["/tasks", "/folders", "/account", "/workflows"], ["/groups", "/users/{user}"]),
        (
            "wsReadOnly",
            ["/timelogs", "/timelog_categories", "/comments", "/approvals", "/request_forms", "/webhooks"],
            ["/user_types", "/access_roles", "/invitations", "/jobroles", "/workschedules", "/audit_log"],
        ),
        ("amReadOnlyAccessRole", ["/user_types", "/access_roles"], ["/users/{user}", "/invitations"]),
        ("amReadOnlyTimelogCategory", ["/timelog_categories"], ["/timelogs", "/timesheets"]),
        ("amReadOnlyAuditLog", ["/audit_log"], ["/invitations"]),
        ("amReadOnlyGroup", ["/groups"], ["/tasks", "/account", "/contacts", "/workflows"]),
        ("amReadOnlyWorkflow", ["/workflows"], ["/spaces", "/customfields"]),
        ("wsReadOnly,amReadWriteUser", ["/tasks", "/users/{user}"], ["/groups"]),
    ],
)
def test_scopes(login: Login, scope: str, allowed: list[str], forbidden: list[str]) -> None:
    token = login.pair(scope=scope)["access_token"]
    user = login.sandbox.accounts()["aurora"]["users"]["regular"]
    for path in allowed:
        assert login.ask(token, path.format(user=user)).status_code == 200
    for path in forbidden:
        response = login.ask(token, path.format(user=user))
        assert (response.status_code, response.json()["error"]) == (403, "access_forbidden")


def test_scope_by_default(login: Login) -> None:
    token = login.pair()["access_token"]
    assert login.ask(token, "/tasks").status_code == 200
    assert login.ask(token, "/groups").status_code == 403


def test_scopes_survive_a_refresh(login: Login) -> None:
    token = login.refresh(login.pair(scope="amReadOnlyGroup")["refresh_token"]).json()["access_token"]
    assert login.ask(token, "/groups").status_code == 200
    assert login.ask(token, "/tasks").status_code == 403
