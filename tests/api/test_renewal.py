"""A token that is refused in the middle of a scan is replaced once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from tests.api.server import CUT_JSON, RESET, Answer, Server, page, refusal
from wrike_provider.api.client import WrikeClient
from wrike_provider.api.errors import (
    WrikeAuthorizationError,
    WrikeError,
    WrikeTransientError,
)
from wrike_provider.api.limits import SigningAdapter
from wrike_provider.auth.bearer import BearerAuth
from wrike_provider.auth.credentials import fingerprint
from wrike_provider.auth.tokens import AccessToken, BrokeredToken

Renewing = Callable[[Callable[[str | None], AccessToken]], WrikeClient]


@pytest.fixture
def renewing(server: Server) -> Iterator[Renewing]:
    """A client whose first token is `old`, given what to ask for the next one."""
    base_url = f"{server.url}/api/v4"
    with requests.Session() as session:
        session.trust_env = False

        def make(ask: Callable[[str | None], AccessToken]) -> WrikeClient:
            auth = BearerAuth(BrokeredToken(ask, AccessToken.lasting("old", 600)), base_url)
            session.mount(base_url, SigningAdapter(sign=auth))
            return WrikeClient(session, base_url, auth.renew)

        yield make


class Source:
    """Tokens that are given one after the other; what is an error is raised."""

    def __init__(self, *gives: str | Exception) -> None:
        self.gives = list(gives)
        self.asked: list[str | None] = []

    def __call__(self, failed: str | None) -> AccessToken:
        self.asked.append(failed)
        given = self.gives.pop(0)
        if isinstance(given, Exception):
            raise given
        return AccessToken.lasting(given, 600)


def test_a_token_that_is_refused_is_replaced_and_the_request_made_once_more(
    renewing: Renewing, server: Server, pauses: list[float]
) -> None:
    server.will(refusal(401, "not_authorized"), page({"id": "A"}))
    source = Source("new")
    client = renewing(source)
    assert client.get("/tasks", {"pageSize": 7}).data == [{"id": "A"}]
    assert source.asked == [fingerprint("old")]
    assert [(asked.authorization, asked.path, asked.query) for asked in server.asked] == [
        ("Bearer old", "/api/v4/tasks", {"pageSize": "7"}),
        ("Bearer new", "/api/v4/tasks", {"pageSize": "7"}),
    ]
    assert client.requests == 2
    assert pauses == []


def test_an_account_that_is_elsewhere_is_found_by_new_tokens(renewing: Renewing, server: Server) -> None:
    server.will(Answer(300, b""), page({"id": "A"}))
    source = Source("new")
    assert renewing(source).get("/tasks").data == [{"id": "A"}]
    assert source.asked == [fingerprint("old")]


def test_the_new_token_is_kept_for_the_next_request(renewing: Renewing, server: Server) -> None:
    server.will(refusal(401), page())
    source = Source("new")
    client = renewing(source)
    client.get("/tasks")
    client.get("/folders")
    assert [asked.authorization for asked in server.asked] == ["Bearer old", "Bearer new", "Bearer new"]
    assert len(source.asked) == 1


def test_each_page_may_need_a_new_token(renewing: Renewing, server: Server) -> None:
    server.will(refusal(401), page({"id": "A"}), refusal(401), page({"id": "B"}))
    source = Source("second", "third")
    client = renewing(source)
    assert [client.get("/tasks").data for _ in range(2)] == [[{"id": "A"}], [{"id": "B"}]]
    assert source.asked == [fingerprint("old"), fingerprint("second")]


def test_when_the_next_token_is_refused_too_tokens_are_not_what_is_wrong(
    renewing: Renewing, server: Server, pauses: list[float]
) -> None:
    server.will(refusal(401, "not_authorized"))
    source = Source("new", "never given")
    client = renewing(source)
    with pytest.raises(WrikeAuthorizationError, match="GET /tasks: Wrike answered 401") as caught:
        client.get("/tasks")
    assert caught.value.status == 401
    assert len(source.asked) == 1
    assert client.requests == len(server.asked) == 2
    assert pauses == []


def test_a_fixed_token_that_is_refused_is_not_tried_again(client: WrikeClient, server: Server) -> None:
    server.will(refusal(401), page())
    with pytest.raises(WrikeAuthorizationError):
        client.get("/tasks")
    assert client.requests == len(server.asked) == 1


def test_when_somebody_has_to_authorise_again_that_is_what_is_said(
    renewing: Renewing, server: Server, pauses: list[float]
) -> None:
    server.will(refusal(401, "not_authorized"))
    refused = WrikeAuthorizationError("Authorise again on the page.")
    source = Source(refused)
    client = renewing(source)
    with pytest.raises(WrikeAuthorizationError) as caught:
        client.get("/tasks")
    assert caught.value is refused
    assert client.requests == len(server.asked) == 1
    assert pauses == []


def test_a_renewal_that_fails_for_the_moment_is_tried_again(
    renewing: Renewing, server: Server, pauses: list[float]
) -> None:
    server.will(refusal(401), refusal(401), page({"id": "A"}))
    source = Source(WrikeTransientError("The API server restarts."), "new")
    assert renewing(source).get("/tasks").data == [{"id": "A"}]
    assert source.asked == [fingerprint("old")] * 2
    assert len(pauses) == 1


@pytest.mark.parametrize("failure", [refusal(500), RESET, CUT_JSON], ids=["500", "reset", "cut"])
def test_what_passes_is_tried_again_after_a_renewal_too(
    renewing: Renewing, server: Server, pauses: list[float], failure: Answer
) -> None:
    server.will(refusal(401), failure, page({"id": "A"}))
    source = Source("new")
    client = renewing(source)
    assert client.get("/tasks").data == [{"id": "A"}]
    assert [asked.authorization for asked in server.asked] == ["Bearer old", "Bearer new", "Bearer new"]
    assert client.requests == 3
    assert len(pauses) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_other_refusals_do_not_ask_for_a_token(renewing: Renewing, server: Server, status: int) -> None:
    server.will(refusal(status, "access_forbidden"))
    source = Source()
    with pytest.raises(WrikeError):
        renewing(source).get("/tasks")
    assert source.asked == []
