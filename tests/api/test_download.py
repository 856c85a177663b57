"""Files that answers name."""

from __future__ import annotations

import gzip
import io
import tracemalloc

import pytest

from tests.api.conftest import TOKEN
from tests.api.server import Answer, Server, refusal
from wrike_provider.api.client import WrikeClient
from wrike_provider.api.errors import (
    WrikeBlockedError,
    WrikeError,
    WrikeHostError,
    WrikeNotFoundError,
    WrikeTransientError,
)
from wrike_provider.api.hosts import own_url

WHAT = "The file of x"


def test_it_comes_whole_and_signed(server: Server, client: WrikeClient) -> None:
    server.will(Answer(body=b"a,b\r\n", headers={"Content-Type": "text/csv"}))
    into = io.BytesIO(b"something longer that was there")
    client.download(f"{server.url}/api/v4/files/x.csv?part=1", into, WHAT)
    assert into.getvalue() == b"a,b\r\n"
    (asked,) = server.asked
    assert (asked.path, asked.query) == ("/api/v4/files/x.csv", {"part": "1"})
    assert asked.authorization == f"Bearer {TOKEN}"
    assert client.requests == 1


def test_an_address_may_be_relative(server: Server, client: WrikeClient) -> None:
    client.download("/api/v4/files/x.csv", io.BytesIO(), WHAT)
    assert server.asked[0].path == "/api/v4/files/x.csv"


def test_what_breaks_off_begins_anew(server: Server, client: WrikeClient, pauses: list[float]) -> None:
    server.will(Answer(body=b"a,b\n1", missing=10), Answer(reset=True), refusal(503), Answer(body=b"a,b\n1,2\n"))
    into = io.BytesIO()
    client.download("/api/v4/x.csv", into, WHAT)
    assert into.getvalue() == b"a,b\n1,2\n"
    assert len(pauses) == 3


def test_what_always_breaks_off_is_told(server: Server, client: WrikeClient) -> None:
    server.will(Answer(body=b"a,b\n1", missing=10))
    with pytest.raises(WrikeTransientError, match="The file of x: it broke off"):
        client.download("/api/v4/x.csv", io.BytesIO(), WHAT)


def test_an_empty_file_is_one_that_is_announced(server: Server, client: WrikeClient, pauses: list[float]) -> None:
    server.will(Answer(body=b"", headers={"Content-Type": "text/csv"}))
    into = io.BytesIO(b"something that was there")
    client.download("/api/v4/x.csv", into, WHAT)
    assert into.getvalue() == b""
    assert pauses == []


NOTHING = [
    pytest.param(Answer(body=b"", unannounced=True), id="to the end of the connection"),
    pytest.param(Answer(body=b"0\r\n\r\n", unannounced=True, headers={"Transfer-Encoding": "chunked"}), id="in chunks"),
    pytest.param(Answer(body=b"", unannounced=True, headers={"Transfer-Encoding": "chunked"}), id="before all chunks"),
    pytest.param(Answer(body=b"", missing=10), id="before what is announced"),
    pytest.param(Answer(body=gzip.compress(b"")[:10], headers={"Content-Encoding": "gzip"}), id="compressed, cut off"),
]


@pytest.mark.parametrize("answer", NOTHING)
def test_nothing_else_is_an_empty_file(
    server: Server, client: WrikeClient, pauses: list[float], answer: Answer
) -> None:
    server.will(answer, Answer(body=b"a,b\n1,2\n"))
    into = io.BytesIO()
    client.download("/api/v4/x.csv", into, WHAT)
    assert into.getvalue() == b"a,b\n1,2\n"
    assert len(pauses) == 1
    server.will(answer)
    with pytest.raises(WrikeTransientError, match=r"The file of x: (it broke off|nothing came)"):
        client.download("/api/v4/x.csv", into, WHAT)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(403, "access_forbidden"), WrikeBlockedError),
        (Answer(404, b"<html>"), WrikeNotFoundError),
        (refusal(404, "method_not_found"), WrikeNotFoundError),
        (Answer(302, headers={"Location": "http://localhost:1/"}), WrikeHostError),
        (Answer(body=b"<html>", headers={"Content-Type": "text/html"}), WrikeHostError),
    ],
)
def test_what_is_no_file(server: Server, client: WrikeClient, answer: Answer, kind: type[WrikeError]) -> None:
    server.will(answer)
    into = io.BytesIO()
    with pytest.raises(kind, match="The file of x"):
        client.download("/api/v4/x.csv", into, WHAT)
    assert into.getvalue() == b""
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/x.csv",
        "http://www.wrike.com/x.csv",
        "https://www.wrike.com:8443/x.csv",
        "https://www.wrike.com.other.example/x.csv",
        "https://otherwrike.com/x.csv",
        "https://www.wrike.com@other.example/x.csv",
        "//other.example/x.csv",
        "https://[bad/x.csv",
        "https://www.wrike.com:port/x.csv",
        "file:///etc/passwd",
        "mailto:x",
    ],
)
def test_another_host_gets_nothing(url: str) -> None:
    with pytest.raises(WrikeHostError, match="The file of x: it") as raised:
        own_url("https://www.wrike.com/api/v4", url, WHAT)
    assert "x.csv" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.wrike.com/x.csv?a=b",
        "https://WWW.wrike.com:443/x.csv?a=b",
        "/x.csv?a=b",
        "//www.wrike.com/x.csv?a=b",
        "https://app-eu.wrike.com/x.csv?a=b",
    ],
)
def test_the_own_host_in_any_form(url: str) -> None:
    assert own_url("https://www.wrike.com/api/v4", url, WHAT) == "https://www.wrike.com/x.csv?a=b"


def test_an_address_of_wrike_is_asked_for_at_the_apis_own_host() -> None:
    named = "https://www.wrike.com/api/v4/x.csv"
    assert own_url("http://localhost:81/api/v4", named, WHAT) == "http://localhost:81/api/v4/x.csv"


def test_names_of_this_machine_are_one() -> None:
    assert own_url("http://localhost:80/api/v4", "http://127.0.0.1/x.csv", WHAT) == "http://localhost:80/x.csv"
    with pytest.raises(WrikeHostError):
        own_url("http://localhost:81/api/v4", "http://127.0.0.1/x.csv", WHAT)


def test_a_file_may_be_larger_than_memory(server: Server, client: WrikeClient) -> None:
    class Nowhere(io.BytesIO):
        size = 0

        def write(self, piece: object) -> int:
            self.size += len(piece)  # type: ignore[arg-type]
            return 0

    server.will(Answer(body=bytes(64 << 20)))
    into = Nowhere()
    tracemalloc.start()
    try:
        client.download("/api/v4/x.csv", into, WHAT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert into.size == 64 << 20
    assert peak < 16 << 20


def test_one_that_is_still_being_made_has_no_records(server: Server, client: WrikeClient) -> None:
    for body in (b"", b"{}", b'{"kind": "dataExport"}'):
        server.will(Answer(202, body))
        assert client.get("/data_export").data == []
    server.will(Answer(202, b'{"data": [{"status": "InProgress"}]}'))
    assert client.get("/data_export").data == [{"status": "InProgress"}]
