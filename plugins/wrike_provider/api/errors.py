"""What Wrike's answers mean, and what is to be done about each.

:data:`MEANINGS` is the one table from HTTP status and Wrike's error code to a :class:`Meaning`
(Wrike API v4, "Errors"). Every other part of the project only looks at the exception classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


class WrikeError(Exception):
    """A request to Wrike did not succeed.

    :param message: what is wrong, where, and what to do about it.
    :param status: HTTP status of the answer, None when there was none.
    :param code: Wrike's own error code (``error`` of the body), None when there was none.
    :param description: what Wrike itself says of it, which may be nothing.
    """

    def __init__(
        self, message: str, *, status: int | None = None, code: str | None = None, description: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.description = description


class WrikeTransientError(WrikeError):
    """Wrike or the network failed for the moment: the same request may succeed later."""


class WrikeRateLimitError(WrikeTransientError):
    """Wrike refused the request because too many came in too short a time.

    ``retry_after`` holds the seconds that Wrike asks to wait, None when it does not say.
    """

    retry_after: float | None = None


class WrikePageExpiredError(WrikeTransientError):
    """A page token was refused in the middle of a scan: the scan has to start again."""


class WrikeTokenUnavailableError(WrikeTransientError):
    """No token can be had for the moment; whoever raises this has tried for a while."""


class WrikeLimiterUnavailableError(WrikeTransientError):
    """The request limiter gives no turn for the moment, and nothing is sent without one."""


class WrikeLimiterError(WrikeError):
    """The request limiter's settings have to be corrected."""


class WrikeAuthorizationError(WrikeError):
    """The token is not accepted: somebody has to authorise again."""


class WrikeBlockedError(WrikeError):
    """The account's plan, the token's scopes or the user's rights do not include this."""


class WrikeMethodNotFoundError(WrikeBlockedError):
    """Wrike does not offer this path at all; or it is not Wrike's API, when it offers no other either."""


class WrikeNotFoundError(WrikeError):
    """The record does not exist or is not visible to the token's user."""


class WrikeHostError(WrikeError):
    """The answer is not one of Wrike's API: the Connection names the wrong host."""


class WrikeRequestError(WrikeError):
    """Wrike does not understand the request: a defect of this software."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means.

    :param error: the exception to raise.
    :param advice: for the person who reads the log: what it means and what to do.
    """

    error: type[WrikeError]
    advice: str


_WRONG_HOST = Meaning(
    WrikeHostError,
    "This is not the API of the account's data centre. Check the host of the Connection: it is the `host` "
    "that Wrike gave with the token (www.wrike.com, app-eu.wrike.com, app-us2.wrike.com, ...).",
)
_NOT_OFFERED = Meaning(
    WrikeMethodNotFoundError,
    "Wrike does not offer this here. If nothing else can be read either, check that the host is the one of the "
    "account's data centre, without a path.",
)
_DEFECT = Meaning(
    WrikeRequestError,
    "Wrike does not accept a request that this connector makes. Please report it with this message.",
)
_TRY_LATER = Meaning(WrikeTransientError, "Wrike has trouble at the moment. Nothing has to be done unless it lasts.")
_TOO_MANY = Meaning(
    WrikeRateLimitError,
    "More requests than Wrike allows (400 a minute). Something else may be using the same token or address.",
)

MEANINGS: Final[dict[tuple[int, str | None], Meaning]] = {
    (300, None): _WRONG_HOST,
    (400, None): _DEFECT,
    (400, "invalid_request"): _DEFECT,
    (400, "invalid_parameter"): _DEFECT,
    (400, "parameter_required"): _DEFECT,
    (401, None): Meaning(
        WrikeAuthorizationError,
        "The token is missing, expired, revoked, or belongs to another data centre than the Connection's host. "
        "Check the host; if it is right, authorise again or paste a new permanent token into the Connection.",
    ),
    (403, None): Meaning(WrikeBlockedError, "The token's user may not read this."),
    (403, "access_forbidden"): Meaning(
        WrikeBlockedError,
        "The token lacks the scope, or its user the right, to read this. Authorise with the scope, or as an "
        "administrator.",
    ),
    (403, "not_allowed"): Meaning(WrikeBlockedError, "The account's plan or licence does not include this."),
    (404, None): _NOT_OFFERED,
    (404, "resource_not_found"): Meaning(
        WrikeNotFoundError, "It does not exist, or is not shared with the token's user."
    ),
    (404, "method_not_found"): _NOT_OFFERED,
    (408, None): _TRY_LATER,
    (429, None): _TOO_MANY,
    (429, "too_many_requests"): _TOO_MANY,
    (429, "rate_limit_exceeded"): _TOO_MANY,
    (500, None): _TRY_LATER,
    (502, None): _TRY_LATER,
    (503, None): _TRY_LATER,
    (504, None): _TRY_LATER,
}


def meaning(status: int, code: str | None) -> Meaning:
    """Look up what an answer means.

    A code that is not in the table means what its status means; a status that is not in the table means what
    its class means: 3xx a wrong host, 4xx a defect, 5xx a passing failure.

    :param status: HTTP status, not 2xx.
    :param code: Wrike's error code, or None.
    """
    if found := MEANINGS.get((status, code)) or MEANINGS.get((status, None)):
        return found
    if status < 400:
        return _WRONG_HOST
    return _DEFECT if status < 500 else _TRY_LATER


def error_for(status: int, code: str | None, description: str, what: str) -> WrikeError:
    """Build the exception for an answer.

    :param status: HTTP status, not 2xx.
    :param code: Wrike's error code, or None.
    :param description: Wrike's own description of the error, may be empty.
    :param what: the request, without anything secret, e.g. ``GET /tasks``.
    """
    found = meaning(status, code)
    said = " ".join(part for part in (str(status), code, f"({description})" if description else None) if part)
    message = f"{what}: Wrike answered {said}. {found.advice}"
    return found.error(message, status=status, code=code, description=description)
