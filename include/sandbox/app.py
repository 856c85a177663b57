"""The sandbox as a web application."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from include.sandbox.answer import Pages, answer
from include.sandbox.broken import Dropped
from include.sandbox.control import CONTROL, Control, RequestLog
from include.sandbox.endpoints import ENDPOINTS, Endpoint
from include.sandbox.endpoints.export import EXPORTED_FILES, EXPORTS
from include.sandbox.errors import ApiError, invalid_request
from include.sandbox.export.operations import exported_file
from include.sandbox.faults import Faults
from include.sandbox.limits import RateLimit
from include.sandbox.mutations import mutate
from include.sandbox.oauth import OAuth
from include.sandbox.world import Account, Grant, Record, World

_ROUTES = [
    (re.compile(re.sub(r"\{ids?\}", r"(?P<ids>[^/]+)", endpoint.path).replace("{file}", "(?P<file>[^/]+)")), endpoint)
    for endpoint in ENDPOINTS
]
_Found = tuple[Endpoint, re.Match[str]]


@dataclass(frozen=True, slots=True)
class Latency:
    """How long answers take at the least.

    :param answer_s: seconds of any answer.
    :param thousand_s: further seconds for 1,000 records.
    """

    answer_s: float = 0
    thousand_s: float = 0

    def left(self, records: int, taken_s: float) -> float:
        """Seconds that an answer is still held back.

        :param records: records in it.
        :param taken_s: seconds since the request came; to work the answer out takes this machine longer than Wrike.
        """
        return max(0.0, self.answer_s + self.thousand_s * records / 1000 - taken_s)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks.

    :param base: address of the server.
    :param method: HTTP method, also of a GET or POST that stands for another one.
    :param path: path below the API's base.
    :param sent: parameters.
    :param token: the token.
    :param address: where it comes from.
    """

    base: str
    method: str
    path: str
    sent: list[tuple[str, str]]
    token: str
    address: str

    @property
    def found(self) -> _Found | None:
        """The endpoint: of this method, if the path has one."""
        found = [(endpoint, match) for pattern, endpoint in _ROUTES if (match := pattern.fullmatch(self.path))]
        return min(found, key=lambda one: one[0].method != self.method, default=None)


class Api:
    """Wrike's API v4.

    :param world: accounts and tokens.
    :param faults: what is to go wrong.
    :param log: where requests are noted.
    :param limit: the request limit.
    :param latency: how long answers take.
    :param one_at_a_time: held while records are read or changed.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        log: RequestLog,
        limit: RateLimit,
        latency: Latency,
        one_at_a_time: asyncio.Lock,
    ) -> None:
        self._world, self._faults, self._log, self._limit = world, faults, log, limit
        self._latency = latency
        self._one_at_a_time = one_at_a_time
        self._pages = Pages()

    async def handle(self, request: Request) -> Response:
        """Answer a request.

        :param request: the request.
        """
        came = time.monotonic()
        sent = list(request.query_params.multi_items())
        if request.method == "POST":
            sent += [(name, str(value)) for name, value in (await request.form()).multi_items()]
        query = dict(sent)
        # Wrike API v4, "Request format": a GET or POST may stand for any other method.
        method = query.get("method", request.method).upper() if request.method in {"GET", "POST"} else request.method
        token = _token(request.headers.get("authorization", ""), query)
        address = request.client.host if request.client else ""
        path = "/" + request.path_params["path"]
        asked = _Asked(str(request.base_url).rstrip("/"), method, path, sent, token, address)
        found, grant = asked.found, self._grant(token)
        allowed = grant is None or self._limit.allows(token, address)
        if self._latency.answer_s:
            await asyncio.sleep(self._latency.answer_s)
        async with self._one_at_a_time:
            # Not in the event loop: what comes meanwhile would be counted as if it had come together.
            status, body, headers, count = await asyncio.to_thread(self._answer, asked, found, grant, allowed)
        if pause := self._latency.left(count, time.monotonic() - came):
            await asyncio.sleep(pause)
        query.pop("access_token", None)
        self._log.entries.append(
            {
                "account": grant.account if grant else None,
                "path": asked.path,
                "query": query,
                "status": status,
                "seconds": came,
            }
        )
        if status == 0:
            return Dropped(body)
        headers |= {
            "wrike-response-id": secrets.token_hex(8),
            "traceid": secrets.token_hex(16),
            "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
        }
        # Errors of authentication come as text on paths that exist.
        kind = "text/plain" if status == 401 and found else "application/json;charset=UTF-8"
        return Response(body, status_code=status, headers=headers, media_type=kind)

    def _answer(
        self, asked: _Asked, found: _Found | None, grant: Grant | None, allowed: bool
    ) -> tuple[int, bytes, dict[str, str], int]:
        """Answer: status, body, headers, number of records."""
        headers: dict[str, str] = {}
        count = 0
        try:
            if fault := self._faults.due(asked.path):
                if fault.kind == "reset":
                    return 0, b"", {}, 0
                if fault.kind == "status":
                    body = _error(ApiError(fault.status, fault.code, "on purpose"))
                    return fault.status, body, dict(fault.headers), 0
            account, endpoint, parts = self._checked(asked, found, grant, allowed)
            if endpoint.collection == EXPORTED_FILES:
                status, content = 200, exported_file(account, parts["ids"], parts["file"]).encode()
                headers["content-type"] = "text/csv;charset=UTF-8"
            else:
                status, content, count = self._told(asked, account, endpoint, parts.get("ids"), grant)
        except ApiError as error:
            return error.status, _error(error), {}, 0
        if fault:
            return 0, content[: len(content) // 2], {}, 0
        return status, content, headers, count

    def _told(
        self, asked: _Asked, account: Account, endpoint: Endpoint, ids: str | None, grant: Grant | None
    ) -> tuple[int, bytes, int]:
        """Answer in JSON: status, body, number of records."""
        query = dict(asked.sent)
        if len(query) < len(asked.sent):
            raise invalid_request("A parameter is given more than once")
        body = answer(endpoint, ids, query, account, grant, self._pages, self._faults)
        first: Record = next(iter(body["data"]), {})
        if self._faults.touch_between_pages and "nextPageToken" in body and "updatedDate" in first:
            mutate(account, "update", {"collection": endpoint.collection, "id": first["id"]})
        for resource in first.get("resources", ()) if endpoint.collection == EXPORTS else ():
            resource["url"] = urljoin(asked.base, resource["url"])
        if "state" in query:
            body["state"] = query["state"]
        waiting = endpoint.path == "/data_export" and first["status"] == "InProgress"
        return 202 if waiting else 200, orjson.dumps(body), len(body["data"])

    def _checked(
        self, asked: _Asked, found: _Found | None, grant: Grant | None, allowed: bool
    ) -> tuple[Account, Endpoint, dict[str, str]]:
        endpoint = found[0] if found else None
        if grant is None and (endpoint is None or endpoint.scopes is not None):
            why = "Access token is unknown or invalid" if asked.token else "Authorization method unknown"
            raise ApiError(401, "not_authorized", why)
        if not allowed:
            raise ApiError(429, "too_many_requests", "Maximum request rate exceeded (400 requests per minute)")
        if found is None or endpoint is None or asked.method != endpoint.method:
            raise ApiError(404, "method_not_found", "Requested method not found")
        account = self._world.accounts[grant.account] if grant else next(iter(self._world.accounts.values()))
        if endpoint.scopes is not None and grant and not endpoint.scopes & grant.scopes:
            raise ApiError(403, "access_forbidden", "Access is forbidden: scope is missing")
        if code := account.blocked.get(endpoint.path):
            raise ApiError(403, code, "Not allowed by plan, licence or rights")
        if endpoint.admins and grant and not account.is_admin(grant.user):
            raise ApiError(403, "access_forbidden", "Access is forbidden: only for administrators")
        return account, endpoint, found[1].groupdict()

    def _grant(self, token: str) -> Grant | None:
        grant = self._world.access.get(token)
        return grant if grant and grant.alive else None

    async def host(self, request: Request) -> Response:
        """Tell the host of the API (Wrike API v4, "OAuth 2.0 authorization").

        :param request: the request.
        """
        token = _token(request.headers.get("authorization", ""), request.query_params)
        if self._grant(token) is None:
            body = {"errorDescription": "Access token is unknown or invalid", "error": "not_authorized"}
            return JSONResponse(body, status_code=401)
        return JSONResponse({"host": request.headers["host"]})


def make_app(world: World, limit: RateLimit, latency: Latency) -> ASGIApp:
    """Put the sandbox together.

    :param world: accounts and tokens.
    :param limit: the request limit.
    :param latency: how long answers take.
    """
    faults, log, one_at_a_time = Faults(), RequestLog(), asyncio.Lock()
    api = Api(world, faults, log, limit, latency, one_at_a_time)
    oauth = OAuth(world, faults)
    methods: Any = ["GET", "POST", "PUT", "DELETE"]
    inner = Starlette(
        routes=[
            Route("/oauth2/authorize/v4", oauth.authorize, methods=["GET", "POST"]),
            Route("/oauth2/token", oauth.token, methods=["POST"]),
            Route("/oauth2/host", api.host),
            *Control(world, faults, log).routes(),
            Route("/api/v4/{path:path}", api.handle, methods=methods),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # Only uvicorn's own object knows the connection that Dropped is to break off.
        scope["transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        if scope["type"] == "http" and scope["path"].startswith(CONTROL):
            async with one_at_a_time:
                await inner(scope, receive, send)
        else:
            await inner(scope, receive, send)

    return app


def _token(authorization: str, query: Mapping[str, str]) -> str:
    kind, _, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" else query.get("access_token", "")


def _error(error: ApiError) -> bytes:
    return json.dumps({"errorDescription": error.description, "error": error.code}).encode()
