"""One request to Wrike and its answer; repeated when that is worth it."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import IO, Any, Final

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
    wait_random_exponential,
)
from urllib3.exceptions import HTTPError

from wrike_provider.api.errors import (
    WrikeHostError,
    WrikeMethodNotFoundError,
    WrikeNotFoundError,
    WrikePageExpiredError,
    WrikeRateLimitError,
    WrikeRequestError,
    WrikeTokenUnavailableError,
    WrikeTransientError,
    error_for,
)
from wrike_provider.api.hosts import own_url
from wrike_provider.api.parallel import ensure_wanted, wait_for_room
from wrike_provider.api.parsing import parsed
from wrike_provider.api.records import Columns, Parse, Records

log = logging.getLogger(__name__)

Params = Mapping[str, Any]

TIMEOUT_S: Final = (10, 120)
"""Seconds to wait for a connection, and for the next bytes of an answer."""
ATTEMPTS: Final = 7
LONGEST_WAIT_S: Final = 60
_PIECE_BYTES: Final = 1 << 20
_MORE_IDS: Final = re.compile(r"(,[^/,]+)+")
PAGE_TOKENS: Final = ("nextPageToken", "pageToken")
_BROKEN_OFF: Final = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
_OTHER_TOKEN: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.MULTIPLE_CHOICES}
_TRIED_ENOUGH: Final = (WrikePageExpiredError, WrikeTokenUnavailableError)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of Wrike (Wrike API v4, "Response format").

    :param data: the records.
    :param next_page_token: where the next page begins, None when Wrike says that there is none.
    :param total: records of all pages, None when Wrike does not say.
    :param answered_at: Wrike's own clock at the answer, whole seconds, UTC.
    """

    data: Records
    next_page_token: str | None = None
    total: int | None = None
    answered_at: datetime | None = None


class WrikeClient:
    """Reads Wrike through a session that is already authorised and limited.

    :param session: a requests session.
    :param base_url: URL of the API, e.g. ``https://www.wrike.com/api/v4``.
    :param renew: gets another token when Wrike has refused the one of a request; false: there is no other one.
    :param attempts: how often a request is made when it fails for the moment.
    """

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        renew: Callable[[requests.PreparedRequest], bool] = lambda _: False,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.session = session
        self.base_url = base_url.rstrip("/")
        self._renew = renew
        self._attempts = attempts
        self._answers = False
        self.requests = 0
        self.requests_refused = 0
        """Requests that Wrike answered with 429."""
        self.clock_ahead = timedelta()
        """How far this machine's clock is ahead of Wrike's, when that is more than an answer can explain."""
        self._counting = threading.Lock()

    def get(self, path: str, params: Params | None = None, parse: Parse | None = None) -> Page:
        """Read one page.

        Passing failures are repeated, with growing pauses of at most 60 seconds each.

        :param path: path below the base URL, e.g. ``/tasks``.
        :param params: query parameters; lists and objects are sent as JSON, as Wrike wants them.
        :param parse: parses the answer if it is as expected; what is not becomes a list of objects.
        :raises WrikeError: the answer is an error; the class says of which kind.
        """
        query = {name: encode(value) for name, value in (params or {}).items()}
        return self._retrying()(self._get, path, query, parse)

    def download(self, url: str, into: IO[bytes], what: str) -> None:
        """Fetch a file that an answer names, piece by piece; when it breaks off it is fetched from its beginning.

        An answer without a byte is an empty file only if it announces that.

        :param url: where the file is.
        :param into: takes the file in the place of what it holds.
        :param what: what the file is, for messages; they do not show the URL, which may hold secrets.
        :raises WrikeHostError: the file is on another host than the API, which must not get the token.
        :raises WrikeError: the answer is an error; the class says of which kind.
        """
        self._retrying()(self._download, own_url(self.base_url, url, what), into, what)

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception_type(WrikeTransientError) & retry_if_not_exception_type(_TRIED_ENOUGH),
            stop=stop_after_attempt(self._attempts),
            wait=_pause,
            before_sleep=_log_pause,
            reraise=True,
        )

    def _get(self, path: str, query: Mapping[str, str], parse: Parse | None) -> Page:
        ensure_wanted()
        what = f"GET {_MORE_IDS.sub(',...', path)}"
        # Read below, as a whole: while rows are made, each piece waits for its turn with Python.
        response = self._send(what, f"{self.base_url}{path}", query, stream=True)
        answered_at = _clock(response.headers.get("Date"))
        ahead = datetime.now(UTC) - answered_at
        # What is days off is no clock.
        if timedelta(minutes=1) < ahead < timedelta(days=1):
            self.clock_ahead = max(self.clock_ahead, ahead)
        content = self._content(response, what)
        if response.status_code == HTTPStatus.FORBIDDEN and content.lstrip()[:1] == b"<":
            # Between here and Wrike somebody is in the way; that says nothing of plans and rights.
            raise WrikeTransientError(f"{what}: 403 and a web page, which is not Wrike's. A proxy may be in the way.")
        if response.status_code not in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
            fields = parsed(content)
            if response.status_code == HTTPStatus.NOT_FOUND and not isinstance(fields, dict) and _continues(query):
                # There was a page before this one.
                raise WrikeTransientError(f"{what}: 404 for a further page, and not in Wrike's words")
            raise self._error(response, fields, what, query)
        # Not for a refusal: who waits before trying again would keep the others' answers waiting too.
        wait_for_room()
        body = parse(content) if parse is not None else None
        if body is None:
            body = parsed(content)
        if response.status_code == HTTPStatus.ACCEPTED and not (isinstance(body, dict) and body.get("data")):
            # What was asked for is still being made.
            return Page([], answered_at=answered_at)
        if not isinstance(body, dict):
            if body is None and content.lstrip()[:1] in {b"", b"{"}:
                raise WrikeTransientError(f"{what}: the answer is cut off after {len(content)} bytes")
            if self._answers:
                raise WrikeTransientError(f"{what}: 200 and something else than Wrike's answers, as from a proxy")
            raise WrikeHostError(
                f"{what}: {self.base_url} does not answer as Wrike's API. Check the Connection's host."
            )
        data = body.get("data")
        if not isinstance(data, list | Columns):
            raise WrikeHostError(
                f"{what}: the answer of {self.base_url} has no list `data`. Check the Connection's host."
            )
        self._answers = True
        total = body.get("responseSize")
        return Page(
            data,
            body.get("nextPageToken") or None,
            total if isinstance(total, int) else None,
            answered_at,
        )

    def _content(self, response: requests.Response, what: str) -> bytes:
        try:
            # What requests does with an answer, to read it piece by piece, takes as long again.
            return bytes(response.raw.read(decode_content=True))
        except HTTPError as error:
            raise WrikeTransientError(f"{what}: no answer from {self.base_url}: {_cause(error)}") from None

    def _download(self, url: str, into: IO[bytes], what: str) -> None:
        into.seek(0)
        into.truncate()
        with self._send(what, url, {}, stream=True, headers={"Accept": "*/*"}) as response:
            if response.status_code != HTTPStatus.OK:
                error = self._error(response, parsed(response.content), what, {})
                if isinstance(error, WrikeMethodNotFoundError):
                    # What is not there is this file, not a part of the API.
                    error = WrikeNotFoundError(str(error), status=error.status, code=error.code)
                raise error
            if response.headers.get("Content-Type", "").startswith("text/html"):
                raise WrikeHostError(f"{what}: {self.base_url} answers with a web page. Check the Connection's host.")
            empty = True
            try:
                for piece in response.iter_content(_PIECE_BYTES):
                    into.write(piece)
                    empty = False
            except (requests.ConnectionError, requests.Timeout, *_BROKEN_OFF) as error:
                raise WrikeTransientError(f"{what}: it broke off: {_cause(error)}") from None
            # What broke off before its first byte can look the same: without a length, in chunks of a proxy to which
            # not all came, or compressed and without its end.
            if empty and response.headers.get("Content-Length") != "0":
                raise WrikeTransientError(f"{what}: nothing came, and no empty file was announced")
        into.flush()

    def _send(self, what: str, url: str, query: Mapping[str, str], **options: Any) -> requests.Response:
        response = self._send_once(what, url, query, **options)
        # Once: when the next token is refused too, tokens are not what is wrong. An account that is at another data
        # centre answers 300 too, and with new tokens Wrike tells where it is.
        if response.status_code in _OTHER_TOKEN and self._renew(response.request):
            response.close()
            response = self._send_once(what, url, query, **options)
        return response

    def _send_once(self, what: str, url: str, query: Mapping[str, str], **options: Any) -> requests.Response:
        with self._counting:
            self.requests += 1
        try:
            # A redirect would carry the token to another host.
            return self.session.get(url, params=query, timeout=TIMEOUT_S, allow_redirects=False, **options)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise WrikeTransientError(f"{what}: no answer from {self.base_url}: {_cause(error)}") from None

    def _error(self, response: requests.Response, body: object, what: str, query: Mapping[str, str]) -> Exception:
        fields = body if isinstance(body, dict) else {}
        code = fields.get("error")
        token = str(response.request.headers.get("Authorization") or "").rpartition(" ")[2]
        description = str(fields.get("errorDescription") or "")
        # What is told of an error is kept in many places.
        description = description.replace(token, "***") if token else description
        error = error_for(response.status_code, code if isinstance(code, str) else None, description, what)
        if isinstance(error, WrikeRequestError) and _continues(query):
            return WrikePageExpiredError(
                f"{what}: the page token is no longer accepted ({description}); the scan starts again.",
                status=error.status,
                code=error.code,
            )
        if isinstance(error, WrikeRateLimitError):
            with self._counting:
                self.requests_refused += 1
            error.retry_after = _seconds(response.headers.get("Retry-After"))
        return error


def _continues(query: Mapping[str, str]) -> bool:
    return any(name in query for name in PAGE_TOKENS)


def encode(value: Any) -> str:
    """Write a parameter as Wrike wants it: text as it is, everything else as JSON (Wrike API v4, "Request format").

    :param value: text, number, boolean, list or dict.
    """
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _cause(error: BaseException) -> str:
    """The name of the first cause: the text of a network error can hold the whole URL."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return (
        f"{type(error).__name__}: {error.strerror}"
        if isinstance(error, OSError) and error.strerror
        else type(error).__name__
    )


def _clock(date: str | None) -> datetime:
    try:
        return parsedate_to_datetime(date or "").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC).replace(microsecond=0)


def _seconds(retry_after: str | None) -> float | None:
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:
        return None


_exponential = wait_random_exponential(multiplier=1, max=LONGEST_WAIT_S)
# Together more than the minute that Wrike counts by.
_patient = wait_exponential(multiplier=2, max=LONGEST_WAIT_S - 2) + wait_random(0, 2)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, WrikeRateLimitError):
        return 1 + _exponential(state)
    if error.retry_after is None:
        return _patient(state)
    return min(max(1.0, error.retry_after), LONGEST_WAIT_S)


def _log_pause(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning(
        "%s. Next try in %.0f s (number %d).",
        str(error).removesuffix("."),
        state.upcoming_sleep,
        state.attempt_number + 1,
    )
