"""How a task asks the API server for a token."""

from __future__ import annotations

import json
import logging
import traceback
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.api.server import Answer, Server, reply, running_server
from wrike_provider.api.errors import WrikeAuthorizationError, WrikeError, WrikeTransientError
from wrike_provider.auth.broker import ATTEMPTS, LONGEST_WAIT_S, Broker
from wrike_provider.auth.credentials import fingerprint

SECRET, TOKEN = "broker-s3cret", "access-t0ken"
GOOD = reply({"access_token": TOKEN, "expires_in": 1800})
BUSY = reply({"message": "Wrike's login answered 503. Try again later."}, 503)


@pytest.fixture
def broker(server: Server) -> Broker:
    return Broker(f"{server.url}/wrike", "wrike_a", SECRET)


def shown(error: BaseException) -> str:
    """Everything that a log would show of an error."""
    return f"{error!r} {error} {''.join(traceback.format_exception(error))}"


def test_a_token_is_given(broker: Broker, server: Server) -> None:
    server.will(GOOD)
    token = broker.token()
    assert token.value == TOKEN
    assert not token.ended
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/wrike/connections/wrike_a/token")
    assert json.loads(asked.body) == {"failed": None}


@pytest.mark.parametrize("expires_in", [0, -5, None])
def test_a_token_of_which_nothing_is_left_has_ended(broker: Broker, server: Server, expires_in: int | None) -> None:
    server.will(reply({"access_token": TOKEN, "expires_in": expires_in}))
    assert broker.token().ended


def test_the_token_that_was_refused_is_named_by_its_fingerprint(broker: Broker, server: Server) -> None:
    server.will(GOOD)
    broker.token(fingerprint("refused-token"))
    assert json.loads(server.asked[0].body) == {"failed": fingerprint("refused-token")}


def test_the_secret_travels_in_the_header_only(broker: Broker, server: Server) -> None:
    server.will(GOOD)
    broker.token()
    (asked,) = server.asked
    assert asked.authorization == f"Bearer {SECRET}"
    assert SECRET not in f"{asked.path} {asked.raw} {asked.body!r}"


def test_a_netrc_file_does_not_take_the_place_of_the_secret(
    broker: Broker, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.will(GOOD)
    broker.token()
    assert server.asked[0].authorization == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("connection_id", "path"),
    [
        ("wrike_new-york-2", "wrike_new-york-2"),
        ("a/b c", "a%2Fb%20c"),
        ("../other", "..%2Fother"),
        ("ä?x#y", "%C3%A4%3Fx%23y"),
    ],
)
def test_any_connection_id_stays_one_part_of_the_path(server: Server, connection_id: str, path: str) -> None:
    server.will(GOOD)
    Broker(f"{server.url}/wrike", connection_id, SECRET).token()
    assert server.asked[0].path == f"/wrike/connections/{path}/token"


def test_no_text_form_shows_the_secret(broker: Broker, server: Server) -> None:
    server.will(GOOD)
    assert SECRET not in f"{broker!r} {broker}"
    assert TOKEN not in f"{broker.token()!r} {broker.token()}"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "This task may not have a token of the Connection wrike_a: its broker secret is another one."),
        (409, "Connection wrike_a: Wrike does not accept the refresh token any more: authorise again."),
    ],
)
def test_what_the_api_server_refuses_is_told_in_its_words(
    broker: Broker, server: Server, pauses: list[float], status: int, message: str
) -> None:
    server.will(reply({"message": message}, status))
    with pytest.raises(WrikeAuthorizationError) as caught:
        broker.token()
    assert str(caught.value) == message
    assert caught.value.status == status
    assert len(server.asked) == 1
    assert pauses == []
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        reply({"detail": "Not Found"}, 404),
        Answer(404, b"<html>There is no such page</html>"),
        reply({"detail": "Method Not Allowed"}, 405),
    ],
    ids=["404", "404-html", "405-airflow-without-this-provider"],
)
def test_where_our_page_is_not_the_address_can_be_set(
    broker: Broker, server: Server, pauses: list[float], answer: Answer
) -> None:
    server.will(answer)
    with pytest.raises(WrikeAuthorizationError, match="WRIKE_BROKER_URL") as caught:
        broker.token()
    assert f"{server.url}/wrike is not the Wrike page" in str(caught.value)
    assert len(server.asked) == 1
    assert pauses == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, b""),
        Answer(422, b"<html>This request cannot be read</html>"),
        Answer(body=b"<html>Log in</html>"),
        Answer(body=b"[]"),
        reply({}),
        reply({"access_token": None, "expires_in": 5}),
        reply({"access_token": 5, "expires_in": 5}),
    ],
    ids=["400", "422", "html", "list", "empty", "null", "number"],
)
def test_an_answer_without_token_names_the_server_and_the_status(
    broker: Broker, server: Server, answer: Answer
) -> None:
    server.will(answer)
    with pytest.raises(WrikeAuthorizationError, match=f"The API server at .*/wrike answered {answer.status}") as caught:
        broker.token()
    assert server.url in str(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "failure",
    [BUSY, Answer(500, b""), Answer(502, b"<html>Bad gateway</html>"), Answer(504, b""), Answer(reset=True)],
    ids=["503", "500", "502-html", "504", "reset"],
)
def test_what_passes_is_tried_again(broker: Broker, server: Server, pauses: list[float], failure: Answer) -> None:
    server.will(failure, failure, GOOD)
    assert broker.token("mark").value == TOKEN
    assert [json.loads(asked.body) for asked in server.asked] == [{"failed": "mark"}] * 3
    assert {asked.authorization for asked in server.asked} == {f"Bearer {SECRET}"}
    assert len(pauses) == 2
    assert all(0 <= pause <= LONGEST_WAIT_S for pause in pauses)


def test_an_answer_that_is_cut_off_is_asked_for_again(broker: Broker, server: Server) -> None:
    server.will(Answer(body=b'{"access_token": "acc', missing=50), GOOD)
    assert broker.token().value == TOKEN


def test_what_does_not_pass_is_given_up_with_the_last_reason(
    broker: Broker, server: Server, pauses: list[float]
) -> None:
    server.will(BUSY)
    with pytest.raises(WrikeTransientError) as caught:
        broker.token()
    assert str(caught.value) == "Wrike's login answered 503. Try again later."
    assert caught.value.status == 503
    assert len(server.asked) == ATTEMPTS
    assert len(pauses) == ATTEMPTS - 1
    assert SECRET not in shown(caught.value)


def test_a_restart_of_the_api_server_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_server() as gone:
        port = int(gone.url.rpartition(":")[2])
    with ExitStack() as stack:
        started: list[Server] = []

        def pause(_: float) -> None:
            if not started:
                started.append(stack.enter_context(running_server(port)))
                started[0].will(GOOD)

        monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=pause))
        assert Broker(f"http://127.0.0.1:{port}/wrike", "wrike_a", SECRET).token().value == TOKEN
        assert len(started[0].asked) == 1


def test_an_api_server_that_stays_away_is_named(pauses: list[float]) -> None:
    with running_server() as gone:
        url = f"{gone.url}/wrike"
    with pytest.raises(WrikeTransientError) as caught:
        Broker(url, "wrike_a", SECRET).token()
    assert str(caught.value).startswith(f"No answer from the API server at {url} about a token for the Connection")
    assert "'wrike_a'" in str(caught.value)
    assert sum(pauses) >= 120
    assert SECRET not in shown(caught.value)


def test_an_api_server_that_says_nothing_is_asked_again(
    broker: Broker, server: Server, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wrike_provider.auth.broker.TIMEOUT_S", (5, 0.1))
    server.will(Answer(silent=True), GOOD)
    assert broker.token().value == TOKEN
    assert len(pauses) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_would_carry_the_secret_elsewhere(
    broker: Broker, server: Server, pauses: list[float], status: int
) -> None:
    with running_server() as elsewhere:
        elsewhere.will(GOOD)
        server.will(Answer(status, b"", {"Location": f"{elsewhere.url}/wrike"}), GOOD)
        with pytest.raises(WrikeAuthorizationError, match=f"answered {status}"):
            broker.token()
        assert elsewhere.asked == []
    assert len(server.asked) == 1
    assert pauses == []


@pytest.mark.parametrize("url", ["airflow.example.com/wrike", "http:///wrike", "airflow", "http://[::1/wrike"])
def test_an_address_that_is_none_is_refused_with_a_name_to_look_for(url: str, pauses: list[float]) -> None:
    with pytest.raises(WrikeError, match="WRIKE_BROKER_URL") as caught:
        Broker(url, "wrike_a", SECRET).token()
    assert url in str(caught.value)
    assert SECRET not in shown(caught.value)
    assert pauses == []


@pytest.mark.parametrize(
    "answer", [GOOD, BUSY, Answer(reset=True), reply({"message": "no"}, 403)], ids=["good", "busy", "reset", "403"]
)
def test_no_log_line_holds_a_secret(
    broker: Broker, server: Server, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, name)
    server.will(answer)
    try:
        broker.token(fingerprint("refused-token"))
    except WrikeError:
        logging.getLogger("wrike_provider.test").exception("This did not work.")
    assert caplog.records, "the network library says something at least"
    assert not [secret for secret in (SECRET, TOKEN) if secret in caplog.text]
