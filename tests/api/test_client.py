"""One request: what is sent, what is taken, what is repeated."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import time_machine

from tests.api.server import CUT_BODY, CUT_JSON, RESET, Answer, Server, page, refusal
from wrike_provider.api.client import ATTEMPTS, LONGEST_WAIT_S, WrikeClient, encode
from wrike_provider.api.errors import (
    WrikeAuthorizationError,
    WrikeBlockedError,
    WrikeError,
    WrikeHostError,
    WrikeMethodNotFoundError,
    WrikeNotFoundError,
    WrikePageExpiredError,
    WrikeRateLimitError,
    WrikeRequestError,
    WrikeTransientError,
)
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.tokens import FixedToken


def test_a_page_is_read(client: WrikeClient, server: Server) -> None:
    server.will(page({"id": "A"}, {"id": "B"}, token="T"))
    read = client.get("/tasks")
    assert read.data == [{"id": "A"}, {"id": "B"}]
    assert read.next_page_token == "T"
    assert server.asked[0].path == "/api/v4/tasks"
    assert client.requests == 1


@pytest.mark.parametrize(("coding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_page_may_be_compressed(
    client: WrikeClient, server: Server, pauses: list[float], coding: str, compress: Callable[[bytes], bytes]
) -> None:
    whole = compress(page({"id": "A"}).body)
    headers = {"Content-Encoding": coding}
    server.will(Answer(body=whole[:-12], headers=headers), Answer(body=whole, headers=headers))
    assert client.get("/tasks").data == [{"id": "A"}]
    assert len(pauses) == 1


@pytest.mark.parametrize(("sent", "total"), [(b"9", 9), (b"0", 0), (b'"9"', None), (b"null", None)])
def test_the_total_is_read(client: WrikeClient, server: Server, sent: bytes, total: int | None) -> None:
    server.will(Answer(body=b'{"data": [], "responseSize": %b}' % sent))
    assert client.get("/tasks").total == total


def test_a_page_tells_wrikes_own_clock(client: WrikeClient, server: Server) -> None:
    server.will(Answer(date="Wed, 21 Oct 2026 07:28:00 GMT"))
    assert client.get("/tasks").answered_at == datetime(2026, 10, 21, 7, 28, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "soon"])
def test_without_wrikes_clock_ours_counts(client: WrikeClient, server: Server, date: str) -> None:
    server.will(Answer(date=date))
    with time_machine.travel("2026-06-01T12:00:00.9Z", tick=False):
        assert client.get("/tasks").answered_at == datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("token", [None, ""])
def test_a_page_without_token_is_the_last(client: WrikeClient, server: Server, token: str | None) -> None:
    server.will(page({"id": "A"}, token=token))
    assert client.get("/tasks").next_page_token is None


def test_the_token_travels_in_the_header_only(client: WrikeClient, server: Server, token: str) -> None:
    client.get("/tasks", {"descendants": True})
    assert server.asked[0].authorization == f"Bearer {token}"
    assert token not in server.asked[0].raw


@pytest.mark.parametrize("end", ["", "/"])
def test_a_slash_at_the_end_of_the_base_url_does_no_harm(server: Server, end: str) -> None:
    with requests.Session() as session:
        WrikeClient(session, f"{server.url}/api/v4{end}").get("/account")
    assert server.asked[0].path == "/api/v4/account"


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("Asc", "Asc"),
        ("äöü & = + # %", "äöü & = + # %"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (1000, "1000"),
        (["description", "parentIds"], '["description","parentIds"]'),
        ({"start": "2026-01-01T00:00:00Z"}, '{"start":"2026-01-01T00:00:00Z"}'),
        (["ä"], '["ä"]'),
    ],
)
def test_parameters_are_encoded_as_wrike_wants_them(client: WrikeClient, server: Server, value: Any, sent: str) -> None:
    assert encode(value) == sent
    client.get("/tasks", {"p": value})
    assert server.asked[0].query == {"p": sent}


@pytest.mark.parametrize(
    "failure",
    [
        refusal(408),
        refusal(429, "too_many_requests"),
        refusal(429, "rate_limit_exceeded"),
        refusal(500, "server_error"),
        refusal(502),
        Answer(503, b"<html>Service unavailable</html>"),
        refusal(504),
        RESET,
        CUT_JSON,
        CUT_BODY,
        Answer(body=b""),
    ],
    ids=["408", "429", "429-other", "500", "502", "503-html", "504", "reset", "cut-json", "cut-body", "nothing"],
)
def test_what_passes_is_tried_again(client: WrikeClient, server: Server, pauses: list[float], failure: Answer) -> None:
    server.will(failure, failure, page({"id": "A"}))
    assert client.get("/tasks", {"pageSize": 7}).data == [{"id": "A"}]
    assert len(pauses) == 2
    assert client.requests == 3
    assert client.requests_refused == (2 if getattr(failure, "status", None) == 429 else 0)
    assert [asked.query for asked in server.asked] == [{"pageSize": "7"}] * 3


@pytest.mark.parametrize("failure", [refusal(500, "server_error"), RESET, CUT_JSON], ids=["500", "reset", "cut"])
def test_what_does_not_pass_is_given_up(
    client: WrikeClient, server: Server, pauses: list[float], failure: Answer
) -> None:
    server.will(failure)
    with pytest.raises(WrikeTransientError, match="GET /tasks"):
        client.get("/tasks")
    assert len(server.asked) == ATTEMPTS
    assert len(pauses) == ATTEMPTS - 1
    assert all(1 <= pause <= 1 + LONGEST_WAIT_S for pause in pauses)


@pytest.mark.parametrize(
    ("told", "made"), [("3", 3.0), ("0", 1.0), ("0.5", 1.0), ("86400", LONGEST_WAIT_S), ("-5", 1.0)]
)
def test_wrike_is_given_the_time_it_asks_for(
    client: WrikeClient, server: Server, pauses: list[float], told: str, made: float
) -> None:
    server.will(refusal(429, "too_many_requests", Retry_After=told), page())
    client.get("/tasks")
    assert pauses == [made]


@pytest.mark.parametrize("told", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", ""])
def test_an_unreadable_retry_after_is_as_good_as_none(
    client: WrikeClient, server: Server, pauses: list[float], told: str
) -> None:
    server.will(refusal(429, "too_many_requests", Retry_After=told), page())
    client.get("/tasks")
    assert len(pauses) == 1
    assert 1 <= pauses[0] <= 1 + LONGEST_WAIT_S


def test_a_minute_without_requests_is_waited_out(client: WrikeClient, server: Server, pauses: list[float]) -> None:
    server.will(refusal(429, "too_many_requests"))
    with pytest.raises(WrikeRateLimitError):
        client.get("/tasks")
    assert sum(pauses) > 60
    assert max(pauses) <= LONGEST_WAIT_S


def test_a_rate_limit_that_lasts_is_told_with_its_retry_after(client: WrikeClient, server: Server) -> None:
    server.will(refusal(429, "too_many_requests", Retry_After="4"))
    with pytest.raises(WrikeRateLimitError) as caught:
        client.get("/tasks")
    assert caught.value.retry_after == 4
    assert caught.value.status == 429


def test_each_pause_is_told(client: WrikeClient, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.will(refusal(500, "server_error"), page())
    with caplog.at_level(logging.WARNING, "wrike_provider"):
        client.get("/tasks")
    assert "GET /tasks: Wrike answered 500 server_error" in caplog.text
    assert "(number 2)" in caplog.text


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_parameter", WrikeRequestError),
        (401, "not_authorized", WrikeAuthorizationError),
        (403, "not_allowed", WrikeBlockedError),
        (403, "access_forbidden", WrikeBlockedError),
        (404, "resource_not_found", WrikeNotFoundError),
        (404, "method_not_found", WrikeMethodNotFoundError),
    ],
)
def test_what_will_not_pass_is_not_tried_again(
    client: WrikeClient, server: Server, status: int, code: str, kind: type[WrikeError]
) -> None:
    server.will(refusal(status, code, "Said by Wrike"))
    with pytest.raises(kind, match=rf"GET /tasks: Wrike answered {status} {code} \(Said by Wrike\)") as caught:
        client.get("/tasks")
    assert type(caught.value) is kind
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b'{"error": 5}', b'{"error": null}'])
def test_the_body_of_an_error_may_be_anything(client: WrikeClient, server: Server, body: bytes) -> None:
    server.will(Answer(401, body))
    with pytest.raises(WrikeAuthorizationError) as caught:
        client.get("/tasks")
    assert caught.value.code is None


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(client: WrikeClient, server: Server, status: int) -> None:
    server.will(Answer(status, b"", {"Location": f"{server.url}/elsewhere"}), page())
    with pytest.raises(WrikeHostError, match="Check the host of the Connection"):
        client.get("/tasks")
    assert [asked.path for asked in server.asked] == ["/api/v4/tasks"]


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><html><body>Log in</body></html>",
        b"OK",
        b"[]",
        b'"text"',
        b"{}",
        b'{"data": {}}',
        b'{"data": null}',
    ],
)
def test_an_answer_that_is_not_wrikes_means_the_wrong_host(client: WrikeClient, server: Server, body: bytes) -> None:
    server.will(Answer(body=body, headers={"Content-Type": "application/json"}))
    with pytest.raises(WrikeHostError, match="Check the Connection's host"):
        client.get("/tasks")
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"{}", b"<html>"])
def test_a_path_that_is_not_there_concerns_no_other(client: WrikeClient, server: Server, body: bytes) -> None:
    server.will(Answer(404, body))
    with pytest.raises(WrikeMethodNotFoundError, match="check that the host is the one of the account's data centre"):
        client.get("/colors")


def test_a_web_page_in_the_place_of_a_refusal_is_not_wrikes(client: WrikeClient, server: Server) -> None:
    server.will(Answer(403, b"<html>Blocked</html>"), page({"id": "A"}))
    assert client.get("/tasks").data == [{"id": "A"}]
    server.will(Answer(403, b""))
    with pytest.raises(WrikeBlockedError):
        client.get("/tasks")


def test_a_web_page_after_answers_of_wrike_passes(client: WrikeClient, server: Server) -> None:
    html = Answer(body=b"<html>Maintenance</html>")
    server.will(page({"id": "A"}), html, page({"id": "B"}))
    assert [client.get("/tasks").data for _ in range(2)] == [[{"id": "A"}], [{"id": "B"}]]


@pytest.mark.parametrize("body", [b"", b"<html>No backend</html>"])
def test_a_further_page_that_is_not_there_and_not_by_wrikes_words_passes(
    client: WrikeClient, server: Server, body: bytes
) -> None:
    server.will(Answer(404, body), page({"id": "B"}))
    assert client.get("/tasks", {"nextPageToken": "T"}).data == [{"id": "B"}]
    server.will(refusal(404, "method_not_found"))
    with pytest.raises(WrikeMethodNotFoundError):
        client.get("/tasks", {"nextPageToken": "T"})


def test_a_token_that_wrike_repeats_is_not_told(client: WrikeClient, server: Server, token: str) -> None:
    server.will(refusal(401, "not_authorized", f"Access token {token} is unknown"))
    with pytest.raises(WrikeAuthorizationError, match=r"Access token \*\*\* is unknown") as caught:
        client.get("/tasks")
    assert token not in repr(vars(caught.value))


def test_a_byte_order_mark_is_passed_over(client: WrikeClient, server: Server) -> None:
    server.will(Answer(body=b'\xef\xbb\xbf{"data": [{"id": "A"}]}'))
    assert client.get("/tasks").data == [{"id": "A"}]


def test_the_content_counts_not_its_declared_type(client: WrikeClient, server: Server) -> None:
    server.will(Answer(body=b'{"data": [{"id": "A"}]}', headers={"Content-Type": "text/plain"}))
    assert client.get("/tasks").data == [{"id": "A"}]


def test_nobody_listens(pauses: list[float], token: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api/v4"
    with requests.Session() as session:
        session.auth = BearerAuth(FixedToken(token), url)
        client = WrikeClient(session, url)
        with pytest.raises(WrikeTransientError, match="Connection refused") as caught:
            client.get("/tasks", {"access_token": token})
    assert len(pauses) == ATTEMPTS - 1
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "failure",
    [refusal(401), refusal(500), RESET, CUT_JSON, CUT_BODY, Answer(302), Answer(body=b"<html>")],
    ids=["401", "500", "reset", "cut-json", "cut-body", "302", "html"],
)
def test_no_error_and_no_log_line_holds_a_token(
    client: WrikeClient, server: Server, token: str, failure: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    server.will(failure)
    with caplog.at_level(logging.INFO), pytest.raises(WrikeError) as caught:
        client.get("/tasks", {"access_token": token})
    chain: BaseException | None = caught.value
    assert token not in repr(chain)
    assert chain is not None
    assert chain.__cause__ is None, "a cause would be printed with the whole URL"
    assert chain.__suppress_context__ or chain.__context__ is None
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"a\u0000b", "a\ufffdb"),
        (rb"a\ud83db", "a\ufffdb"),
        (rb"a\uDC00b", "a\ufffdb"),
        (rb"\ud83d", "\ufffd"),
        (rb"\ud83d\ude00", "\U0001f600"),
        ("\U0001f600\ufe0f".encode(), "\U0001f600\ufe0f"),
        (b"a\xffb", "a\ufffdb"),
        (rb"\\u0000", r"\u0000"),
        (rb"\r", "\r"),
        (rb"\ufeffx\ud800", "\ufeffx\ufffd"),
    ],
)
def test_text_that_no_database_can_hold_is_mended(
    client: WrikeClient, server: Server, written: bytes, read: str
) -> None:
    server.will(
        Answer(body=b'{"data": [{"id": "A", "t": "%b", "n": {"l": ["%b"]}, "%b": 1}]}' % (written, written, written))
    )
    assert client.get("/tasks").data == [{"id": "A", "t": read, "n": {"l": [read]}, read: 1}]
    json.dumps(client.get("/tasks").data, ensure_ascii=False).encode()


@pytest.mark.parametrize("parameter", ["nextPageToken", "pageToken"])
def test_a_page_token_that_is_refused_calls_for_a_new_scan_at_once(
    client: WrikeClient, server: Server, pauses: list[float], parameter: str
) -> None:
    server.will(refusal(400, "invalid_parameter", "Parameter 'nextPageToken' value is invalid"))
    with pytest.raises(WrikePageExpiredError, match="the scan starts again") as caught:
        client.get("/tasks", {parameter: "T"})
    assert (caught.value.status, caught.value.code) == (400, "invalid_parameter")
    assert len(server.asked) == 1, "the token stays refused, however often it is sent"
    assert pauses == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "not_authorized", WrikeAuthorizationError),
        (403, "not_allowed", WrikeBlockedError),
        (429, "too_many_requests", WrikeRateLimitError),
        (500, "server_error", WrikeTransientError),
    ],
)
def test_other_errors_stay_what_they_are_in_the_middle_of_a_scan(
    client: WrikeClient, server: Server, status: int, code: str, kind: type[WrikeError]
) -> None:
    server.will(refusal(status, code))
    with pytest.raises(kind) as caught:
        client.get("/tasks", {"nextPageToken": "T"})
    assert type(caught.value) is kind
