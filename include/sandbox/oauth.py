"""Wrike's login: consent page, codes, tokens (Wrike API v4, "OAuth 2.0 authorization")."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from include.sandbox.broken import Dropped
from include.sandbox.faults import Faults
from include.sandbox.world import ALL_SCOPES, CODE_LIFETIME_S, Account, Code, Grant, World

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Wrike sandbox: log in</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1b1f24}}
fieldset{{border:1px solid #d0d7de;border-radius:8px;margin:1rem 0}}button{{font:inherit;padding:.5rem 1.2rem;
border-radius:6px;border:1px solid #1b7f3b;background:#1b7f3b;color:#fff;margin-right:.5rem}}
button.deny{{background:#fff;color:#1b1f24;border-color:#8c959f}}</style></head><body>
<h1>Log in to Wrike (sandbox)</h1><p>The application <strong>{client}</strong> asks for access to the account
<strong>{account}</strong>.</p><form method="post"><input type="hidden" name="ticket" value="{ticket}">
<fieldset><legend>Log in as</legend>{users}</fieldset><p>It may use: {scopes}</p>
<button name="decision" value="accept">Accept</button>
<button class="deny" name="decision" value="deny">Deny</button></form></body></html>"""


class OAuth:
    """The login server.

    :param world: accounts and tokens.
    :param faults: what is to go wrong.
    """

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._tickets: dict[str, Mapping[str, str]] = {}

    async def authorize(self, request: Request) -> Response:
        """Show the consent page, or take its answer.

        :param request: the request.
        """
        if request.method == "POST":
            return self._decided({key: str(value) for key, value in (await request.form()).items()})
        query = dict(request.query_params)
        account = self._client(query.get("client_id"))
        if account is None:
            return HTMLResponse("Client id is unknown", status_code=400)
        if query.get("redirect_uri") not in self._world.redirect_uris:
            return HTMLResponse("Redirect uri is missing or invalid", status_code=400)
        if query.get("response_type") != "code":
            return self._back(query, error="unsupported_response_type", error_description="response_type must be code")
        scopes = _scopes(query.get("scope"))
        if not scopes <= ALL_SCOPES:
            return self._back(query, error="invalid_scope", error_description="Unknown scope")
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = query
        users = "".join(
            f'<label><input type="radio" name="user" value="{escape(role)}"{" checked" if role == "admin" else ""}> '
            f"{escape(role)}</label><br>"
            for role in account.users
        )
        return HTMLResponse(
            _PAGE.format(
                client=escape(account.client_id),
                account=escape(account.info["name"]),
                ticket=ticket,
                users=users,
                scopes=escape(", ".join(sorted(scopes))),
            ),
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    def _decided(self, form: Mapping[str, str]) -> Response:
        query = self._tickets.pop(form.get("ticket", ""), None)
        account = self._client(query.get("client_id")) if query else None
        if query is None or account is None:
            return HTMLResponse("This page has been used already", status_code=400)
        if form.get("decision") != "accept":
            return self._back(query, error="access_denied", error_description="The user denied access")
        if form.get("user", "admin") not in account.users:
            return HTMLResponse("There is no such user", status_code=400)
        grant = Grant(account.key, account.users[form.get("user", "admin")], _scopes(query.get("scope")))
        code = secrets.token_urlsafe(24)
        self._world.issued.add(code)
        self._world.codes[code] = Code(grant, query["redirect_uri"], time.monotonic() + CODE_LIFETIME_S)
        return self._back(query, code=code)

    def _back(self, query: Mapping[str, str], **answer: str) -> Response:
        if "state" in query:
            answer["state"] = query["state"]
        joint = "&" if "?" in query["redirect_uri"] else "?"
        return RedirectResponse(f"{query['redirect_uri']}{joint}{urlencode(answer)}", status_code=302)

    async def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token for a pair of tokens.

        :param request: the request.
        """
        fault = self._faults.due("/oauth2/token")
        if fault is None:
            return await self._token(request)
        response: Response = HTMLResponse("on purpose", fault.status, dict(fault.headers))
        if fault.kind in {"lost", "hold"}:
            response = await self._token(request)
        await asyncio.sleep(fault.seconds)
        return Dropped(b"") if fault.kind in {"reset", "lost"} else response

    async def _token(self, request: Request) -> Response:
        sent = {**request.query_params, **await request.form()}
        form = {key: str(value) for key, value in sent.items()}
        account = self._client(form.get("client_id"))
        secret = form.get("client_secret", "").encode()
        if account is None or not secrets.compare_digest(account.client_secret.encode(), secret):
            return _refused("unauthorized_client", "Client id or secret is wrong")
        with self._world.lock:
            if form.get("grant_type") == "authorization_code":
                grant = self._redeem(form, account)
            elif form.get("grant_type") == "refresh_token":
                grant = self._refresh(form.get("refresh_token", ""), account)
            else:
                return _refused("unsupported_grant_type", "grant_type is missing or unknown")
            if grant is None:
                return _refused("invalid_grant", "Code or refresh token is invalid")
            access, refresh = self._world.issue(grant)
        answer = {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "bearer",
            "expires_in": int(self._world.token_lifetime),
        }
        if not self._faults.hostless_tokens:
            answer["host"] = request.headers["host"]
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _redeem(self, form: Mapping[str, str], account: Account) -> Grant | None:
        code = self._world.codes.pop(form.get("code", ""), None)
        if code is None or code.grant.account != account.key or code.expires < time.monotonic():
            return None
        return code.grant if form.get("redirect_uri") == code.redirect_uri else None

    def _refresh(self, token: str, account: Account) -> Grant | None:
        if token in self._world.dead_refresh:
            self._world.counts["dead_refresh"] += 1
        grant = self._world.refresh.get(token)
        if grant is None or grant.account != account.key:
            return None
        del self._world.refresh[token]
        self._world.dead_refresh.add(token)
        self._world.counts["refresh"] += 1
        self._world.early.append(self._world.seconds_left(token))
        return grant

    def _client(self, client_id: str | None) -> Account | None:
        return next((a for a in self._world.accounts.values() if a.client_id == client_id), None)


def _scopes(text: str | None) -> frozenset[str]:
    return frozenset(scope.strip() for scope in (text or "Default").split(","))


def _refused(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=400)
