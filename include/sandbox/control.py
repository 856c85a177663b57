"""Routes for tests and demo below ``/_sandbox``: look behind the scenes, change things, break things."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from include.sandbox.answer import complete
from include.sandbox.errors import ApiError
from include.sandbox.export.operations import change, exported_rows
from include.sandbox.faults import Fault, Faults
from include.sandbox.mutations import mutate
from include.sandbox.world import World

CONTROL = "/_sandbox"


@dataclass(slots=True)
class RequestLog:
    """The API requests that came.

    :param entries: one a request: account, path, query, status, and seconds of a clock that only goes forward.
    """

    entries: list[dict[str, Any]] = field(default_factory=list)


class Control:
    """The control routes.

    :param world: accounts and tokens.
    :param faults: what is to go wrong.
    :param log: the requests that came.
    """

    def __init__(self, world: World, faults: Faults, log: RequestLog) -> None:
        self._world, self._faults, self._log = world, faults, log

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route(f"{CONTROL}/accounts", self.accounts),
            Route(f"{CONTROL}/accounts/{{key}}/records/{{collection}}", self.records),
            Route(f"{CONTROL}/accounts/{{key}}/mutations", self.mutations, methods=["POST"]),
            Route(f"{CONTROL}/accounts/{{key}}/blocks", self.blocks, methods=["POST"]),
            Route(f"{CONTROL}/accounts/{{key}}/exports", self.exports, methods=["GET", "POST"]),
            Route(f"{CONTROL}/requests", self.requests, methods=["GET", "DELETE"]),
            Route(f"{CONTROL}/stats", self.stats),
            Route(f"{CONTROL}/faults", self.faults, methods=["POST", "DELETE"]),
            Route(f"{CONTROL}/tokens", self.tokens, methods=["GET", "POST"]),
            Route(f"{CONTROL}/redirect-uris", self.redirect_uris, methods=["POST", "DELETE"]),
        ]

    async def accounts(self, request: Request) -> Response:  # noqa: ARG002
        """Tell ids and tokens of all accounts."""
        return JSONResponse(
            {
                key: {
                    "key": key,
                    "id": account.info["id"],
                    "name": account.info["name"],
                    "client_id": account.client_id,
                    "client_secret": account.client_secret,
                    "tokens": account.tokens,
                    "users": account.users,
                }
                for key, account in self._world.accounts.items()
            }
        )

    async def records(self, request: Request) -> Response:
        """Tell all records of a collection, with every key."""
        account = self._world.accounts[request.path_params["key"]]
        role = request.query_params.get("user", "admin")
        return JSONResponse(complete(account, request.path_params["collection"], account.users[role]))

    async def mutations(self, request: Request) -> Response:
        """Change an account."""
        body = await request.json()
        try:
            changed = mutate(self._world.accounts[request.path_params["key"]], body.pop("action"), body)
        except ApiError as error:
            return JSONResponse({"error": error.description}, status_code=404)
        return JSONResponse(changed)

    async def blocks(self, request: Request) -> Response:
        """Block paths of an account, or open them again with a null."""
        blocked = self._world.accounts[request.path_params["key"]].blocked
        for path, code in (await request.json()).items():
            blocked.pop(path, None)
            if code is not None:
                blocked[path] = code
        return JSONResponse(blocked)

    async def exports(self, request: Request) -> Response:
        """Tell the rows of the latest data export; or hold, forget or make one."""
        account = self._world.accounts[request.path_params["key"]]
        if request.method == "GET":
            return JSONResponse(exported_rows(account))
        return JSONResponse(change(account, await request.json()))

    async def requests(self, request: Request) -> Response:
        """Tell, or forget, the requests that came."""
        if request.method == "DELETE":
            self._log.entries.clear()
        return JSONResponse(self._log.entries)

    async def stats(self, request: Request) -> Response:  # noqa: ARG002
        """Count requests by status, refreshes and how early they came, and presentations of dead refresh tokens."""
        statuses = Counter(str(entry["status"]) for entry in self._log.entries)
        return JSONResponse(
            {
                "statuses": statuses,
                "early": [round(max(left, -9999.0), 3) for left in self._world.early],
                **{k: self._world.counts[k] for k in ("refresh", "dead_refresh")},
            }
        )

    async def faults(self, request: Request) -> Response:
        """Add a failure or set a switch; or take all back."""
        if request.method == "DELETE":
            self._faults.waiting.clear()
            self._faults.empty_last_page = self._faults.touch_between_pages = self._faults.hostless_tokens = False
            for account in self._world.accounts.values():
                account.export_held = False
            return JSONResponse({})
        body = await request.json()
        if "path" in body:
            self._faults.waiting.append(Fault(**body))
        else:
            for name, value in body.items():
                setattr(self._faults, name, bool(value))
        return JSONResponse({})

    async def tokens(self, request: Request) -> Response:
        """End all access tokens or codes, revoke an account's grants, or set how long new ones live; or tell all."""
        if request.method == "GET":
            return JSONResponse(sorted(self._world.issued))
        body = await request.json()
        if body.get("expire"):
            self._world.expire_access_tokens()
        if body.get("expire_codes"):
            self._world.expire_codes()
        if account := body.get("revoke"):
            self._world.revoke(account)
        if "lifetime" in body:
            self._world.token_lifetime = float(body["lifetime"])
        return JSONResponse({})

    async def redirect_uris(self, request: Request) -> Response:
        """Register redirect URIs, or forget all."""
        if request.method == "DELETE":
            self._world.redirect_uris.clear()
        else:
            self._world.redirect_uris.update(await request.json())
        return JSONResponse(sorted(self._world.redirect_uris))
