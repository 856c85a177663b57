"""What a login may answer, and what becomes of it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.api.server import Answer, Asked, Server, reply, running_server
from tests.auth.exchanges import CODE, ID, PAIR, REFRESH, SECRET, SECRETS, URI, Fetch, both, shown
from wrike_provider.api.errors import WrikeAuthorizationError, WrikeError, WrikeHostError, WrikeTransientError
from wrike_provider.auth.login import WrikeAppError, WrikeGrantError, WrikeLogin
from wrike_provider.auth.scopes import DEFAULT_SCOPE


@pytest.fixture
def login(server: Server) -> WrikeLogin:
    """The login of a server that answers as it is told."""
    server.will(reply(PAIR))
    return WrikeLogin(ID, SECRET, server.url)


def the_one(server: Server) -> Asked:
    (asked,) = server.asked
    return asked


@pytest.mark.parametrize("secret", [SECRET, "a b+c%2F/=&äö", '"quoted"'])
def test_a_code_is_sent_in_the_body_with_id_and_secret(server: Server, secret: str) -> None:
    server.will(reply(PAIR))
    WrikeLogin(ID, secret, server.url).exchange(f"{CODE}+/=%", f"{URI}?a=1&b=ä")
    asked = the_one(server)
    assert (asked.method, asked.path, asked.raw) == ("POST", "/oauth2/token", "")
    assert asked.form == {
        "grant_type": "authorization_code",
        "client_id": ID,
        "client_secret": secret,
        "code": f"{CODE}+/=%",
        "redirect_uri": f"{URI}?a=1&b=ä",
    }
    assert asked.authorization is None


@pytest.mark.parametrize("secret", [SECRET, "a b+c%2F/=&äö", '"quoted"'])
def test_a_refresh_token_is_sent_in_the_body_with_id_and_secret(server: Server, secret: str) -> None:
    server.will(reply(PAIR))
    WrikeLogin(ID, secret, server.url).refresh(f"{REFRESH}+/=%")
    asked = the_one(server)
    assert (asked.method, asked.path, asked.raw) == ("POST", "/oauth2/token", "")
    assert asked.form == {
        "grant_type": "refresh_token",
        "client_id": ID,
        "client_secret": secret,
        "refresh_token": f"{REFRESH}+/=%",
    }
    assert asked.authorization is None


@both
def test_a_path_of_the_login_url_is_kept(server: Server, fetch: Fetch) -> None:
    server.will(reply(PAIR))
    fetch(WrikeLogin(ID, SECRET, f"{server.url}/to/wrike/"))
    assert the_one(server).path == "/to/wrike/oauth2/token"


@both
def test_a_netrc_file_does_not_replace_what_is_sent(
    login: WrikeLogin, server: Server, fetch: Fetch, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fetch(login)
    assert the_one(server).authorization is None


@both
def test_the_answer_is_read(login: WrikeLogin, fetch: Fetch) -> None:
    grant = fetch(login)
    assert (grant.access_token, grant.refresh_token) == (PAIR["access_token"], PAIR["refresh_token"])
    assert grant.expires_in == 3600
    assert not [secret for secret in SECRETS if secret in f"{grant!r} {grant}"]


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("app-eu.wrike.com", None),
        ("localhost:8765", "http://localhost:8765"),
        ("127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("https://app-eu.wrike.com", "https://app-eu.wrike.com"),
        (None, None),
        ("", None),
        (5, None),
        (["app-eu.wrike.com"], None),
    ],
)
@both
def test_the_host_of_the_account(login: WrikeLogin, server: Server, fetch: Fetch, host: Any, known: str | None) -> None:
    server.will(reply({**PAIR, "host": host}))
    assert fetch(login).host == known


@both
def test_an_answer_without_host_leaves_it_as_it_was(login: WrikeLogin, server: Server, fetch: Fetch) -> None:
    server.will(reply({name: value for name, value in PAIR.items() if name != "host"}))
    assert fetch(login).host is None


@pytest.mark.parametrize(
    ("sent", "seconds"), [(3600, 3600.0), ("3600", 3600.0), ("1800", 1800.0), (59.9, 59.0), (86400, 86400.0)]
)
@both
def test_how_long_the_access_token_lives(
    login: WrikeLogin, server: Server, fetch: Fetch, sent: Any, seconds: float
) -> None:
    server.will(reply({**PAIR, "expires_in": sent}))
    assert fetch(login).expires_in == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize("sent", ["null", '""', '"soon"', '"59.9"', "[]", "{}", "1e999", '"-"', "0", "-5"], ids=str)
@both
def test_tokens_are_not_lost_because_their_lifetime_is_nonsense(
    login: WrikeLogin, server: Server, fetch: Fetch, sent: str
) -> None:
    body = b'{"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": %b}' % sent.encode()
    server.will(Answer(body=body, headers={"Content-Type": "application/json"}))
    grant = fetch(login)
    assert (grant.access_token, grant.refresh_token) == ("a", "r")
    assert 0 < grant.expires_in <= 3600


@both
def test_an_hour_is_taken_for_a_lifetime_that_is_not_told(login: WrikeLogin, server: Server, fetch: Fetch) -> None:
    server.will(reply({name: value for name, value in PAIR.items() if name != "expires_in"}))
    assert fetch(login).expires_in == 3600


@pytest.mark.parametrize("kind", ["bearer", "Bearer", "BEARER", None])
@both
def test_the_type_of_the_token_may_be_written_as_one_likes(
    login: WrikeLogin, server: Server, fetch: Fetch, kind: str | None
) -> None:
    server.will(reply({name: value for name, value in {**PAIR, "token_type": kind}.items() if value is not None}))
    assert fetch(login).access_token == PAIR["access_token"]


@pytest.mark.parametrize(
    "scope", ["", "Default", "wsReadOnly", DEFAULT_SCOPE, "wsReadOnly amReadOnlyUser", ["wsReadOnly", "Default"], None]
)
@both
def test_other_scopes_than_those_asked_for_are_no_failure(
    login: WrikeLogin, server: Server, fetch: Fetch, scope: Any
) -> None:
    login.authorization_url(URI, "s", "wsReadOnly,amReadOnlyGroup")
    server.will(reply({**PAIR, "scope": scope}))
    assert fetch(login).access_token == PAIR["access_token"]


def test_a_refresh_token_that_is_not_replaced_stays(login: WrikeLogin, server: Server) -> None:
    server.will(reply({name: value for name, value in PAIR.items() if name != "refresh_token"}))
    assert login.refresh(REFRESH).refresh_token == REFRESH
    assert login.exchange(CODE, URI).refresh_token == ""


def test_an_error_that_is_none_is_none(login: WrikeLogin, server: Server) -> None:
    server.will(reply({**PAIR, "error": None}))
    assert login.refresh(REFRESH).access_token == PAIR["access_token"]


def test_the_declared_type_of_the_answer_does_not_matter(login: WrikeLogin, server: Server) -> None:
    server.will(reply(PAIR, Content_Type="text/html; charset=utf-8"))
    assert login.refresh(REFRESH).access_token == PAIR["access_token"]


NOT_NOW = {
    "429": Answer(429, b"slow down", {"Retry-After": "5"}),
    "429-json": reply({"error": "too_many_requests"}, 429),
    "400-passing": reply({"error": "server_error"}, 400),
    "200-passing": reply({"error": "temporarily_unavailable"}),
    "500": Answer(500, b"<html>oops</html>"),
    "500-json": reply({"error": "invalid_grant"}, 500),
    "502": Answer(502, b""),
    "503-with-tokens": reply(PAIR, 503),
    "reset": Answer(reset=True),
    "cut": Answer(body=b'{"access_token": "a', missing=50),
}
NOT_WRIKE = {
    "html-200": Answer(body=b"<!doctype html><html>Log in</html>", headers={"Content-Type": "text/html"}),
    "html-403": Answer(403, b"<html>Blocked</html>"),
    "html-404": Answer(404, b"<html>Not found</html>"),
    "empty-200": Answer(body=b""),
    "empty-300": Answer(300, b""),
    "list": Answer(body=b"[]"),
    "text": Answer(body=b'"text"'),
    "form": Answer(body=b"access_token=a&token_type=bearer"),
    "no-token": reply({"token_type": "bearer", "expires_in": 3600}),
    "empty-object": reply({}),
    "json-404": reply({"message": "no such page"}, 404),
    "tokens-404": reply(PAIR, 404),
    "null-token": reply({**PAIR, "access_token": None}),
    "empty-token": reply({**PAIR, "access_token": ""}),
    "number-token": reply({**PAIR, "access_token": 5}),
}


@pytest.mark.parametrize("answer", NOT_NOW.values(), ids=NOT_NOW)
@both
def test_what_passes_says_so(login: WrikeLogin, server: Server, fetch: Fetch, answer: Answer) -> None:
    server.will(answer)
    with pytest.raises(WrikeTransientError) as caught:
        fetch(login)
    assert len(server.asked) == 1, "whoever refreshes decides whether to try again"
    assert not [secret for secret in SECRETS if secret in shown(caught.value)]


@pytest.mark.parametrize("answer", NOT_WRIKE.values(), ids=NOT_WRIKE)
@both
def test_what_is_no_answer_of_a_login_says_so(login: WrikeLogin, server: Server, fetch: Fetch, answer: Answer) -> None:
    server.will(answer)
    with pytest.raises(WrikeHostError, match="login") as caught:
        fetch(login)
    assert len(server.asked) == 1
    assert not [secret for secret in SECRETS if secret in shown(caught.value)]


@both
def test_a_login_that_says_nothing_is_given_up(
    login: WrikeLogin, server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wrike_provider.auth.login.TIMEOUT_S", (5, 0.1))
    server.will(Answer(silent=True))
    with pytest.raises(WrikeTransientError, match=r"No answer from .*Timeout") as caught:
        fetch(login)
    assert not [secret for secret in SECRETS if secret in shown(caught.value)]


@both
def test_nobody_listens(fetch: Fetch) -> None:
    with running_server() as gone:
        url = gone.url
    with pytest.raises(WrikeTransientError, match=f"No answer from {url}") as caught:
        fetch(WrikeLogin(ID, SECRET, url))
    assert not [secret for secret in SECRETS if secret in shown(caught.value)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@both
def test_a_redirect_would_carry_the_secrets_elsewhere(
    login: WrikeLogin, server: Server, fetch: Fetch, status: int
) -> None:
    with running_server() as elsewhere:
        for target in (elsewhere.url, "/elsewhere"):
            server.will(Answer(status, b"", {"Location": target}), reply(PAIR))
            with pytest.raises(WrikeHostError, match="Check the login URL") as caught:
                fetch(login)
            assert not [secret for secret in SECRETS if secret in shown(caught.value)]
        assert elsewhere.asked == []
    assert [asked.path for asked in server.asked] == ["/oauth2/token"] * 2


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_grant", WrikeGrantError),
        (401, "invalid_grant", WrikeGrantError),
        (200, "invalid_grant", WrikeGrantError),
        (400, "unauthorized_client", WrikeAppError),
        (400, "invalid_client", WrikeAppError),
        (401, "invalid_client", WrikeAppError),
        (400, "invalid_request", WrikeAuthorizationError),
        (400, "unsupported_grant_type", WrikeAuthorizationError),
        (400, "something_new", WrikeAuthorizationError),
    ],
)
@pytest.mark.parametrize("description", [None, "", "Said by Wrike", "Ünicode", "x" * 5000])
@both
def test_what_wrike_refuses(
    login: WrikeLogin,
    server: Server,
    fetch: Fetch,
    status: int,
    code: str,
    kind: type[WrikeError],
    description: str | None,
) -> None:
    said = {} if description is None else {"error_description": description}
    server.will(reply({"error": code, **said}, status))
    with pytest.raises(kind, match=f"Wrike answered {code}") as caught:
        fetch(login)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert len(str(caught.value)) < 500
    assert (description or "")[:200] in str(caught.value)
    assert not [secret for secret in SECRETS if secret in shown(caught.value)]


@pytest.fixture
def talkative(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every logger says everything, except those that this project has silenced itself."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] not in {"oauthlib", "requests_oauthlib"}:
            caplog.set_level(logging.DEBUG, name)
    return caplog


@pytest.mark.parametrize(
    "answer",
    [
        reply(PAIR),
        reply({"error": "invalid_grant"}, 400),
        reply(PAIR, 503),
        Answer(reset=True),
        Answer(302, b"", {"Location": "http://127.0.0.1:1/"}),
    ],
    ids=["good", "refused", "503", "reset", "redirect"],
)
@both
def test_no_log_line_holds_a_secret(
    login: WrikeLogin, server: Server, fetch: Fetch, answer: Answer, talkative: pytest.LogCaptureFixture
) -> None:
    server.will(answer)
    login.authorization_url(URI, "the-state-s3cret", DEFAULT_SCOPE)
    try:
        fetch(login)
    except WrikeError:
        logging.getLogger("wrike_provider.test").exception("This did not work.")
    assert talkative.records, "the network library says something at least"
    lines = [f"{record.getMessage()} {record.args} {record.exc_text or ''}" for record in talkative.records]
    everything = talkative.text + "\n".join(lines)
    assert not [secret for secret in (*SECRETS, "the-state-s3cret") if secret in everything]


@pytest.mark.parametrize("code", ["invalid_request", "invalid_grant", "unauthorized_client", "strange"])
@both
def test_what_wrike_does_not_say_is_not_put_into_its_mouth(
    login: WrikeLogin, server: Server, fetch: Fetch, code: str
) -> None:
    server.will(reply({"error": code}, 400))
    with pytest.raises(WrikeAuthorizationError) as caught:
        fetch(login)
    assert f"Wrike answered {code}." in str(caught.value)
