"""From a list endpoint to its pages."""

from __future__ import annotations

import pytest

from tests.api.server import Server, page, refusal
from wrike_provider.api.client import WrikeClient
from wrike_provider.api.errors import WrikeBlockedError, WrikePageExpiredError, WrikeRequestError
from wrike_provider.api.paging import Pages, Paging

A, B, C = {"id": "A"}, {"id": "B"}, {"id": "C"}


def test_pages_are_read_until_no_token_comes(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), page(B, token="2"), page(C))
    assert list(Pages(client, "/tasks", {}, Paging())) == [[A], [B], [C]]
    assert [asked.query.get("nextPageToken") for asked in server.asked] == [None, "1", "2"]


def test_filters_and_fields_are_repeated_with_each_token(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), page(B))
    params = {"fields": ["description"], "updatedDate": {"start": "2026-01-01T00:00:00Z"}}
    list(Pages(client, "/tasks", params, Paging(size=2)))
    first = {
        "fields": '["description"]',
        "updatedDate": '{"start":"2026-01-01T00:00:00Z"}',
        "pageSize": "2",
    }
    assert [asked.query for asked in server.asked] == [first, {**first, "nextPageToken": "1"}]
    assert params == {"fields": ["description"], "updatedDate": {"start": "2026-01-01T00:00:00Z"}}


def test_groups_take_the_token_under_another_name(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), page(B, token="2"), page(C))
    assert list(Pages(client, "/groups", {}, Paging(token="pageToken"))) == [[A], [B], [C]]
    assert [asked.query for asked in server.asked] == [
        {"pageSize": "1000"},
        {"pageSize": "1000", "pageToken": "1"},
        {"pageSize": "1000", "pageToken": "2"},
    ]


def test_one_page_is_enough_when_everything_fits(client: WrikeClient, server: Server) -> None:
    server.will(page(A))
    assert list(Pages(client, "/tasks", {}, Paging())) == [[A]]
    assert len(server.asked) == 1


def test_nothing_at_all_is_one_empty_page(client: WrikeClient, server: Server) -> None:
    server.will(page())
    assert list(Pages(client, "/tasks", {}, Paging())) == [[]]


def test_the_token_of_an_empty_page_is_not_sent_back(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), page(token="2"), refusal(400, "invalid_parameter"))
    assert list(Pages(client, "/tasks", {}, Paging())) == [[A], []]
    assert len(server.asked) == 2


def test_a_token_that_comes_twice_ends_the_scan_with_an_error(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), page(B, token="1"))
    scan = Pages(client, "/tasks", {}, Paging())
    assert [next(scan), next(scan)] == [[A], [B]]
    with pytest.raises(WrikeRequestError, match="GET /tasks: Wrike gave the same page token twice"):
        next(scan)
    assert len(server.asked) == 2


@pytest.mark.parametrize("token", ["nextPageToken", "pageToken"])
def test_a_token_that_is_refused_in_mid_scan_says_that_the_scan_starts_again(
    client: WrikeClient, server: Server, token: str
) -> None:
    server.will(page(A, token="1"), refusal(400, "invalid_parameter"))
    scan = Pages(client, "/tasks", {}, Paging(token=token))
    assert next(scan) == [A]
    with pytest.raises(WrikePageExpiredError):
        next(scan)


def test_a_refused_first_page_is_a_defect_and_no_lost_token(client: WrikeClient, server: Server) -> None:
    server.will(refusal(400, "invalid_parameter"))
    with pytest.raises(WrikeRequestError):
        next(Pages(client, "/tasks", {}, Paging()))


def test_an_error_on_a_later_page_comes_after_the_pages_before(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), refusal(403, "not_allowed"))
    scan = Pages(client, "/tasks", {}, Paging())
    assert next(scan) == [A]
    with pytest.raises(WrikeBlockedError):
        next(scan)


def test_a_page_that_fails_once_is_read_with_its_own_token(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), refusal(500, "server_error"), page(B))
    assert list(Pages(client, "/tasks", {}, Paging())) == [[A], [B]]
    assert [asked.query.get("nextPageToken") for asked in server.asked] == [None, "1", "1"]


def test_an_endpoint_that_answers_whole_is_asked_once_and_without_page_size(
    client: WrikeClient, server: Server
) -> None:
    server.will(page(A, B, token="1"))
    assert list(Pages(client, "/contacts", {"deleted": False}, None)) == [[A, B]]
    assert [asked.query for asked in server.asked] == [{"deleted": "false"}]


def test_only_the_page_that_is_asked_for_is_read(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), page(B))
    assert next(Pages(client, "/tasks", {}, Paging())) == [A]
    assert len(server.asked) == 1


def test_what_the_first_page_told_stays_known_without_its_records(client: WrikeClient, server: Server) -> None:
    server.will(page(A, token="1"), page(B))
    scan = Pages(client, "/tasks", {}, Paging())
    assert scan.first is None
    next(scan)
    next(scan)
    assert scan.first is not None
    assert (scan.first.data, scan.first.next_page_token) == ([], "1")
