"""Wrike's login: where the browser is sent, and how codes and refresh tokens become tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from include.sandbox.client import SandboxClient
from tests.api.server import Answer, reply, running_server
from tests.auth.exchanges import ID, SECRET, URI, shown
from wrike_provider.api.errors import WrikeHostError, WrikeTransientError
from wrike_provider.auth.login import WrikeAppError, WrikeGrantError, WrikeLogin
from wrike_provider.auth.scopes import DEFAULT_SCOPE

App = Callable[..., WrikeLogin]


@pytest.fixture
def app(sandbox: SandboxClient) -> App:
    """The login of the sandbox, for the app of one account."""
    sandbox.register_redirect_uri(URI)

    def make(account: str = "aurora", **changes: str) -> WrikeLogin:
        known = sandbox.accounts()[account]
        return WrikeLogin(
            changes.get("client_id", known["client_id"]),
            changes.get("client_secret", known["client_secret"]),
            sandbox.url,
        )

    return make


@pytest.fixture
def healed(sandbox: SandboxClient) -> Iterator[SandboxClient]:
    yield sandbox
    sandbox.heal()


def code_for(sandbox: SandboxClient, login: WrikeLogin, scope: str = DEFAULT_SCOPE) -> str:
    """Let somebody consent; what comes back to us."""
    sent_to = sandbox.consent(login.authorization_url(URI, "the state", scope))
    assert sent_to.startswith(f"{URI}?")
    answer = parse_qs(urlsplit(sent_to).query)
    assert answer["state"] == ["the state"]
    return answer["code"][0]


def query_of(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def test_the_browser_is_sent_with_scopes_separated_by_commas() -> None:
    url = WrikeLogin(ID, SECRET, "https://login.wrike.com").authorization_url(URI, "the-state", DEFAULT_SCOPE)
    assert url.startswith("https://login.wrike.com/oauth2/authorize/v4?")
    assert query_of(url) == {
        "response_type": "code",
        "client_id": ID,
        "redirect_uri": URI,
        "scope": DEFAULT_SCOPE,
        "state": "the-state",
    }
    assert len(query_of(url)["scope"].split(",")) > 1


@pytest.mark.parametrize("state", ["a.b-c_d~e", "a/b c+d=&?#%25", "äöü", "x" * 2000])
@pytest.mark.parametrize("uri", [URI, "https://airflow.example.com/a%20b/wrike/authorized?x=1&y=%2F"])
def test_state_and_redirect_uri_arrive_as_they_are(state: str, uri: str) -> None:
    sent = query_of(WrikeLogin(ID, SECRET, "https://login.wrike.com").authorization_url(uri, state, "wsReadOnly"))
    assert (sent["state"], sent["redirect_uri"]) == (state, uri)


def test_the_app_secret_is_not_shown_to_the_browser() -> None:
    login = WrikeLogin(ID, SECRET, "https://login.wrike.com")
    assert SECRET not in login.authorization_url(URI, "the-state", DEFAULT_SCOPE)
    assert SECRET not in f"{login!r} {login}"


@pytest.mark.parametrize(
    ("login_url", "page"),
    [
        ("https://login.wrike.com", "https://login.wrike.com/oauth2/authorize/v4"),
        ("https://login.wrike.com/", "https://login.wrike.com/oauth2/authorize/v4"),
        ("login.wrike.com", "https://login.wrike.com/oauth2/authorize/v4"),
        ("https://Login.Wrike.com:8443", "https://login.wrike.com:8443/oauth2/authorize/v4"),
        ("https://proxy.example.com/to/wrike/", "https://proxy.example.com/to/wrike/oauth2/authorize/v4"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765/oauth2/authorize/v4"),
        ("http://localhost:8765/wrike", "http://localhost:8765/wrike/oauth2/authorize/v4"),
        ("http://[::1]:8765", "http://[::1]:8765/oauth2/authorize/v4"),
    ],
)
def test_the_login_page_is_where_the_connection_says(login_url: str, page: str) -> None:
    url = WrikeLogin(ID, SECRET, login_url).authorization_url(URI, "s", "wsReadOnly")
    assert url.partition("?")[0] == page


@pytest.mark.parametrize(
    "login_url", ["http://login.wrike.com", "http://10.0.0.1", "ftp://login.wrike.com", "https://u:p@login.wrike.com"]
)
def test_a_login_that_would_get_the_secret_unencrypted_is_refused(login_url: str) -> None:
    with pytest.raises(WrikeHostError, match="The login URL"):
        WrikeLogin(ID, SECRET, login_url)


def test_plain_http_can_be_allowed_for_a_test_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    url = WrikeLogin(ID, SECRET, "http://wrike.test").authorization_url(URI, "s", "wsReadOnly")
    assert url.startswith("http://wrike.test/oauth2/authorize/v4?")


@pytest.mark.parametrize(("client_id", "client_secret"), [(None, SECRET), ("", SECRET), (ID, None), (ID, "")])
def test_without_id_and_secret_there_is_no_app(client_id: str | None, client_secret: str | None) -> None:
    with pytest.raises(WrikeAppError, match="App Console") as caught:
        WrikeLogin(client_id, client_secret, "https://login.wrike.com")
    assert SECRET not in shown(caught.value)


def test_a_code_becomes_tokens_that_read(app: App, sandbox: SandboxClient) -> None:
    login = app()
    grant = login.exchange(code_for(sandbox, login), URI)
    assert grant.expires_in == 3600
    assert grant.host == sandbox.url
    assert {grant.access_token, grant.refresh_token} <= set(sandbox.issued())
    assert grant.access_token != grant.refresh_token


def test_every_refresh_gives_a_new_pair_and_ends_the_old_one(app: App, sandbox: SandboxClient) -> None:
    login = app()
    first = login.exchange(code_for(sandbox, login), URI)
    second = login.refresh(first.refresh_token)
    third = login.refresh(second.refresh_token)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert len({first.access_token, second.access_token, third.access_token}) == 3
    assert (third.host, third.expires_in) == (sandbox.url, 3600)
    for dead in (first, second):
        with pytest.raises(WrikeGrantError, match="invalid_grant") as caught:
            login.refresh(dead.refresh_token)
        assert caught.value.code == "invalid_grant"
        assert dead.refresh_token not in shown(caught.value)


def test_a_refresh_whose_answer_is_lost_has_used_the_refresh_token_up(app: App, healed: SandboxClient) -> None:
    login = app()
    grant = login.exchange(code_for(healed, login), URI)
    healed.fault("/oauth2/token", kind="lost")
    with pytest.raises(WrikeTransientError, match="No answer from"):
        login.refresh(grant.refresh_token)
    with pytest.raises(WrikeGrantError):
        login.refresh(grant.refresh_token)


def test_a_refresh_that_did_not_happen_can_be_tried_again(app: App, healed: SandboxClient) -> None:
    login = app()
    grant = login.exchange(code_for(healed, login), URI)
    for fault in ({"status": 503}, {"status": 429}, {"kind": "reset"}):
        healed.fault("/oauth2/token", **fault)
        with pytest.raises(WrikeTransientError):
            login.refresh(grant.refresh_token)
    assert login.refresh(grant.refresh_token).access_token


def test_a_code_serves_once(app: App, sandbox: SandboxClient) -> None:
    login = app()
    code = code_for(sandbox, login)
    login.exchange(code, URI)
    with pytest.raises(WrikeGrantError, match="invalid_grant") as caught:
        login.exchange(code, URI)
    assert code not in shown(caught.value)


def test_a_code_that_is_too_old_made_up_or_sent_elsewhere_is_refused(app: App, sandbox: SandboxClient) -> None:
    login = app()
    with pytest.raises(WrikeGrantError):
        login.exchange("made-up", URI)
    with pytest.raises(WrikeGrantError):
        login.exchange(code_for(sandbox, login), f"{URI}/elsewhere")
    old = code_for(sandbox, login)
    sandbox.tokens(expire_codes=True)
    with pytest.raises(WrikeGrantError):
        login.exchange(old, URI)


def test_a_grant_that_was_taken_back_has_to_be_given_again(app: App, sandbox: SandboxClient) -> None:
    login = app("borealis")
    grant = login.exchange(code_for(sandbox, login), URI)
    sandbox.tokens(revoke="borealis")
    with pytest.raises(WrikeGrantError):
        login.refresh(grant.refresh_token)


@pytest.mark.parametrize("wrong", [{"client_secret": "another-s3cret"}, {"client_id": "nobody"}], ids=["secret", "id"])
def test_wrong_id_or_secret_spoils_neither_code_nor_refresh_token(
    app: App, sandbox: SandboxClient, wrong: dict[str, str]
) -> None:
    right, mistaken = app(), app(**wrong)
    code = code_for(sandbox, right)
    with pytest.raises(WrikeAppError, match=r"client id or the client secret .* is wrong") as caught:
        mistaken.exchange(code, URI)
    assert not [secret for secret in (code, "another-s3cret") if secret in shown(caught.value)]
    grant = right.exchange(code, URI)
    with pytest.raises(WrikeAppError):
        mistaken.refresh(grant.refresh_token)
    assert right.refresh(grant.refresh_token).access_token


def test_a_refresh_token_of_another_app_is_refused(app: App, sandbox: SandboxClient) -> None:
    login = app()
    grant = login.exchange(code_for(sandbox, login), URI)
    with pytest.raises(WrikeGrantError):
        app("borealis").refresh(grant.refresh_token)
    assert login.refresh(grant.refresh_token).access_token


def test_the_host_of_a_token(app: App, sandbox: SandboxClient) -> None:
    assert app().host(sandbox.token("aurora")) == sandbox.url
    assert app().host("nobody's") is None


def test_a_login_that_does_not_say_the_host() -> None:
    with running_server() as server:
        login = WrikeLogin(ID, SECRET, server.url)
        for answer in (reply({"host": ""}), reply([]), reply({"host": 5}), Answer(404, b"<html>"), Answer(reset=True)):
            server.will(answer)
            assert login.host("the-token") is None
        assert {asked.authorization for asked in server.asked} == {"Bearer the-token"}
