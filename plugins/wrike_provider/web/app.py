"""The application that the API server mounts: pages for browsers, and the token broker for tasks."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from wrike_provider.api.errors import WrikeError, WrikeTransientError
from wrike_provider.web import address, broker, pages
from wrike_provider.web.access import ConnectionId

app = FastAPI(title="Wrike", docs_url=None, redoc_url=None, openapi_url=None)
app.include_router(pages.router)


class _TokenRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    failed: str | None = None


@app.post("/connections/{connection_id}/token")
async def give_token(
    request: Request, connection_id: ConnectionId, wanted: _TokenRequest, authorization: Annotated[str, Header()] = ""
) -> Response:
    """Give a task an access token; who asks proves it by the Connection's broker secret."""
    kind, _, secret = authorization.partition(" ")
    headers = {"Cache-Control": "no-store"}
    try:
        if kind.lower() != "bearer" or not secret:
            raise broker.NotYoursError
        issued = await broker.issue(connection_id, secret, wanted.failed)
    except broker.NotYoursError:
        message = f"This task may not have a token of the Connection {connection_id}: its broker secret is another one."
        return JSONResponse({"message": message}, HTTPStatus.FORBIDDEN, headers)
    except WrikeTransientError as error:
        return JSONResponse({"message": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE, headers)
    except WrikeError as error:
        message = f"Connection {connection_id}: {error} The page for it: {address.base(request)}{address.MOUNT}/"
        return JSONResponse({"message": message}, HTTPStatus.CONFLICT, headers)
    told = {"access_token": issued.access_token, "expires_in": issued.expires_in, "host": issued.host}
    return JSONResponse(told, headers=headers)


@app.exception_handler(StarletteHTTPException)
def show_refusal(request: Request, error: HTTPException) -> Response:
    """Say on a page what is not allowed, or not there, and where to go."""
    titles = {
        HTTPStatus.UNAUTHORIZED: "You are not logged in.",
        HTTPStatus.FORBIDDEN: "You may not do this.",
        HTTPStatus.NOT_FOUND: "There is no such page.",
    }
    title = titles.get(HTTPStatus(error.status_code), "This did not work.")
    return pages.refusal(request, error.status_code, title, str(error.detail))


@app.exception_handler(RequestValidationError)
def show_bad_request(request: Request, error: RequestValidationError) -> Response:  # noqa: ARG001
    """Refuse what cannot be read. What was sent is not repeated: it may be secret."""
    return pages.refusal(request, HTTPStatus.UNPROCESSABLE_ENTITY, "This request cannot be read.", "")


class _WithoutQueries:
    """Keeps the query of Wrike's answer, which holds code and state, out of the access log."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # The log reads the query from the same mapping, after the answer.
            inner = dict(scope)
            scope["query_string"] = b""
            scope = inner
        await self._inner(scope, receive, send)


app.add_middleware(_WithoutQueries)
