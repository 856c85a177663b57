"""What Wrike's answers mean."""

from __future__ import annotations

import pytest

from wrike_provider.api.errors import (
    MEANINGS,
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
    error_for,
    meaning,
)

# Written down a second time on purpose: what a user is told must not change unnoticed.
EXPECTED: dict[tuple[int, str | None], tuple[type[WrikeError], str]] = {
    (300, None): (WrikeHostError, "Check the host of the Connection"),
    (400, None): (WrikeRequestError, "Please report it"),
    (400, "invalid_request"): (WrikeRequestError, "Please report it"),
    (400, "invalid_parameter"): (WrikeRequestError, "Please report it"),
    (400, "parameter_required"): (WrikeRequestError, "Please report it"),
    (401, None): (WrikeAuthorizationError, "authorise again"),
    (403, None): (WrikeBlockedError, "may not read this"),
    (403, "access_forbidden"): (WrikeBlockedError, "lacks the scope"),
    (403, "not_allowed"): (WrikeBlockedError, "plan or licence"),
    (404, None): (WrikeMethodNotFoundError, "does not offer this here"),
    (404, "resource_not_found"): (WrikeNotFoundError, "not shared with the token's user"),
    (404, "method_not_found"): (WrikeMethodNotFoundError, "does not offer this here"),
    (408, None): (WrikeTransientError, "unless it lasts"),
    (429, None): (WrikeRateLimitError, "400 a minute"),
    (429, "too_many_requests"): (WrikeRateLimitError, "400 a minute"),
    (429, "rate_limit_exceeded"): (WrikeRateLimitError, "400 a minute"),
    (500, None): (WrikeTransientError, "unless it lasts"),
    (502, None): (WrikeTransientError, "unless it lasts"),
    (503, None): (WrikeTransientError, "unless it lasts"),
    (504, None): (WrikeTransientError, "unless it lasts"),
}


def test_every_meaning_is_expected_here() -> None:
    assert set(MEANINGS) == set(EXPECTED)


@pytest.mark.parametrize(("status", "code"), EXPECTED)
def test_an_answer_becomes_its_error_and_tells_what_to_do(status: int, code: str | None) -> None:
    kind, advice = EXPECTED[status, code]
    error = error_for(status, code, "Said by Wrike", "GET /tasks")
    assert type(error) is kind
    assert (error.status, error.code) == (status, code)
    message = str(error)
    assert message.startswith("GET /tasks: Wrike answered ")
    for part in (str(status), code or "", "(Said by Wrike)", advice):
        assert part in message


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (301, None, WrikeHostError),
        (302, "moved", WrikeHostError),
        (399, None, WrikeHostError),
        (402, None, WrikeRequestError),
        (405, "whatever", WrikeRequestError),
        (418, None, WrikeRequestError),
        (499, None, WrikeRequestError),
        (501, None, WrikeTransientError),
        (520, "odd", WrikeTransientError),
        (599, None, WrikeTransientError),
    ],
)
def test_an_unlisted_status_means_what_its_class_means(status: int, code: str | None, kind: type[WrikeError]) -> None:
    assert meaning(status, code).error is kind


@pytest.mark.parametrize("status", sorted({status for status, _ in EXPECTED}))
def test_an_unlisted_code_means_what_its_status_means(status: int) -> None:
    assert meaning(status, "never_heard_of") is MEANINGS[status, None]


def test_the_codes_of_authorisation_and_of_the_server_need_no_row_of_their_own() -> None:
    assert meaning(401, "not_authorized").error is WrikeAuthorizationError
    assert meaning(500, "server_error").error is WrikeTransientError


def test_what_is_not_known_leaves_no_trace_in_the_message() -> None:
    assert str(error_for(503, None, "", "GET /groups")).startswith("GET /groups: Wrike answered 503. ")


@pytest.mark.parametrize("kind", [WrikeRateLimitError, WrikePageExpiredError])
def test_what_may_pass_is_transient(kind: type[WrikeError]) -> None:
    assert issubclass(kind, WrikeTransientError)


@pytest.mark.parametrize(
    "kind", [WrikeAuthorizationError, WrikeBlockedError, WrikeNotFoundError, WrikeHostError, WrikeRequestError]
)
def test_what_will_not_pass_is_not_transient(kind: type[WrikeError]) -> None:
    assert issubclass(kind, WrikeError)
    assert not issubclass(kind, WrikeTransientError)
