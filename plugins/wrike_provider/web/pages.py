"""The routes for browsers. Who may reach each is in its parameters: Reader, Creator, Changer, User."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import yaml
from airflow.api_fastapi.app import get_auth_manager
from airflow.configuration import conf
from airflow.models.connection import Connection
from airflow.models.log import Log
from airflow.models.variable import Variable
from airflow.utils.session import create_session
from fastapi import APIRouter, Form, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select

from wrike_provider.api.errors import WrikeHostError
from wrike_provider.api.hosts import server_url
from wrike_provider.auth.scopes import SCOPES
from wrike_provider.teams.model import connection_id_of, is_slug
from wrike_provider.teams.switch import switch_key
from wrike_provider.web import access, address, authorization, connection_rows, messages
from wrike_provider.web.access import Changer, ConnectionId, Creator, Reader, User
from wrike_provider.web.messages import Message
from wrike_provider.web.overview import overview
from wrike_provider.web.variables_file import teams_file

router = APIRouter(default_response_class=HTMLResponse)

Text = Annotated[str, Form(pattern=r"^[^\x00]*$")]
"""A field of a form: PostgreSQL has no text with the character 0."""

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


@router.get("/")
def show_teams(request: Request, user: Reader, told: str = "") -> Response:
    """Show every team with its state."""
    shown = overview(
        get_auth_manager().get_authorized_dag_ids(user=user, method="GET"),
        lambda ids: access.permitted_connections(user, ids, "GET"),
    )
    connections = {row.team.connection_id for row in shown.rows} | set(shown.spare)
    return page(
        request,
        "teams.html",
        logins=shown.logins,
        shown=shown,
        message=messages.unpacked(told) if told else None,
        may_create=access.may_connection(user, "POST"),
        may_change=access.permitted_connections(user, connections),
        may_switch=access.changeable_switches(user, {row.switch.key for row in shown.rows}),
    )


@router.get("/new")
def show_new_connector(request: Request, user: Creator, team: str = "") -> Response:  # noqa: ARG001
    """Show what Wrike needs, and a form for what Wrike gives."""
    known = next((each for each in teams_file().teams if each.name == team), None)
    filled = {
        "name": team if is_slug(team) else "",
        "account_name": known.account_name if known else "",
        "endpoint": known.endpoint if known else "default",
        "connection_id": known.connection_id if known else "",
    }
    return _form(request, filled, {})


@router.post("/new")
def create_connector(
    request: Request,
    user: Creator,
    name: Text = "",
    account_name: Text = "",
    endpoint: Text = "",
    client_id: Text = "",
    client_secret: Text = "",
    token: Text = "",
    host: Text = "",
    login_url: Text = "",
) -> Response:
    """Make the Connection of a new team."""
    given = {
        "name": name.strip(),
        "account_name": account_name.strip(),
        "endpoint": endpoint.strip() or "default",
        "client_id": client_id.strip(),
        "host": host.strip(),
        "login_url": login_url.strip(),
    }
    known = next((each for each in teams_file().teams if each.name == given["name"]), None)
    connection_id = known.connection_id if known else connection_id_of(given["name"])
    problems = _problems(given, client_secret.strip(), token.strip())
    if not problems:
        extra = {"token": token.strip(), "login_url": given["login_url"]}
        with create_session(scoped=False) as session:
            if session.scalar(select(Connection.id).where(Connection.conn_id == connection_id)) is not None:
                problems["name"] = f"There is a Connection {connection_id} already: change it in Admin > Connections."
            else:
                session.add(
                    Connection(
                        conn_id=connection_id,
                        conn_type=connection_rows.CONN_TYPE,
                        description=given["account_name"] or None,
                        host=given["host"] or None,
                        login=given["client_id"] or None,
                        password=client_secret.strip() or None,
                        extra={key: value for key, value in extra.items() if value} or None,
                    )
                )
                _note(session, user, "wrike.create_connector", connection_id)
    if problems:
        return _form(request, {**given, "connection_id": ""}, problems, status_code=status.HTTP_400_BAD_REQUEST)
    query = urlencode({"account_name": given["account_name"], "endpoint": given["endpoint"], "name": given["name"]})
    return _go(f"{address.mounted_at()}/connections/{quote(connection_id, safe='')}/created?{query}")


@router.get("/connections/{connection_id}/created")
def show_created(
    request: Request,
    connection_id: ConnectionId,
    user: Changer,  # noqa: ARG001
    name: str = "",
    account_name: str = "",
    endpoint: str = "",
) -> Response:
    """Show what is left to do for a new team."""
    try:
        record = connection_rows.read(connection_id)
    except connection_rows.NoSuchConnectionError as error:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from None
    entry = {"name": name, "account_name": account_name, "endpoint": endpoint}
    try:
        logins = [address.login_origin(record.credentials.login_url)]
    except WrikeHostError:
        # Authorise will say what is wrong with it.
        logins = []
    return page(
        request,
        "created.html",
        logins=logins,
        connection_id=connection_id,
        permanent=bool(record.credentials.token),
        in_file=any(team.connection_id == connection_id for team in teams_file().teams),
        entry=yaml.safe_dump([{k: v for k, v in entry.items() if v}], sort_keys=False, allow_unicode=True),
    )


@router.post("/connections/{connection_id}/authorise")
def authorize(request: Request, connection_id: ConnectionId, user: Changer) -> Response:
    """Send the browser to Wrike."""
    base = address.base(request)
    if (seen := request.headers.get("origin")) and seen != address.origin(base):
        return _tell(
            f"Airflow is configured as {base}, but you are at {seen}.",
            f"Wrike would send you to {base}, where you are not logged in. Open Airflow there, or set [api] base_url "
            "to the address that people use.",
        )
    try:
        url = authorization.begin(
            connection_id,
            str(user.get_id()),
            address.redirect_uri(request),
            data_export=any(team.data_export for team in teams_file().teams if team.connection_id == connection_id),
        )
    except authorization.AuthorizationFailedError as problem:
        return _tell(problem.title, problem.advice)
    except connection_rows.NoSuchConnectionError as error:
        return _tell("There is nothing to authorise.", str(error))
    return _go(url)


@router.get("/callback")
def finish_authorization(
    user: User, state: str = "", code: str = "", error: str = "", error_description: str = ""
) -> Response:
    """Take what Wrike sends the browser back with."""
    answer = authorization.Answer(state, code, error, error_description)
    connection_id = answer.connection_id or ""
    access.require(access.may_connection(user, "PUT", connection_id or None), "change this Connection")
    try:
        authorized = authorization.complete(answer, str(user.get_id()))
    except authorization.AuthorizationFailedError as problem:
        return _tell(problem.title, problem.advice)
    except connection_rows.NoSuchConnectionError:
        return _tell(
            "This answer of Wrike belongs to no Connection.", "Start from this page: click Authorise at the team."
        )
    with create_session(scoped=False) as session:
        _note(session, user, "wrike.authorise", connection_id)
    known = authorized.admin or not authorized.id
    rights = "" if known else " People without that right do not see everything in an account."
    return _tell(
        f"{connection_id} is authorised.",
        f"Wrike is read as {authorized}.{rights} From now on nobody has to think of tokens.",
        good=True,
    )


@router.post("/switches/{endpoint}")
def set_switch(endpoint: str, user: User, on: Annotated[bool, Form()] = False) -> Response:
    """Turn an endpoint on or off."""
    if not is_slug(endpoint):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such endpoint.")
    key = switch_key(endpoint)
    access.require(key in access.changeable_switches(user, [key]), f"change the Variable {key}")
    with create_session(scoped=False) as session:
        there = session.execute(select(Variable.description, Variable.team_name).where(Variable.key == key)).first()
        description, team_name = there or (None, None)
        # Airflow refuses a team's name unless it runs for several.
        if not conf.getboolean("core", "multi_team"):
            team_name = None
        Variable.set(key, "true" if on else "false", description, team_name=team_name, session=session)
        _note(session, user, "wrike.switch_on" if on else "wrike.switch_off", key)
    return _go(f"{address.mounted_at()}/")


def page(
    request: Request,
    template: str,
    status_code: int = status.HTTP_200_OK,
    logins: Iterable[str] = (),
    **values: Any,
) -> Response:
    """Render a page that runs only our own script and posts only to us and to Wrike's login.

    :param request: the request.
    :param template: file name of the template.
    :param status_code: HTTP status.
    :param logins: origins of Wrike's login that its forms may lead to.
    :param values: for the template.
    """
    nonce = secrets.token_urlsafe(16)
    html = _templates.get_template(template).render(
        nonce=nonce,
        mounted=address.mounted_at(),
        airflow=address.mounted_at().removesuffix(address.MOUNT),
        redirect_uri=address.redirect_uri(request),
        base_is_set=bool(address.configured_base()),
        **values,
    )
    policy = {
        "default-src": "'none'",
        "style-src": f"'nonce-{nonce}'",
        "script-src": f"'nonce-{nonce}'",
        "img-src": "data:",
        # Browsers hold redirects against it too, and Authorise redirects to Wrike's login.
        "form-action": " ".join(["'self'", *sorted(logins)]),
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status_code, headers)


def _form(
    request: Request, filled: dict[str, str], problems: dict[str, str], status_code: int = status.HTTP_200_OK
) -> Response:
    blank = dict.fromkeys(("name", "account_name", "endpoint", "client_id", "host", "login_url", "connection_id"), "")
    return page(request, "new.html", status_code, filled=blank | filled, problems=problems, scopes=SCOPES)


def _problems(given: dict[str, str], client_secret: str, token: str) -> dict[str, str]:
    """What is wrong with a form, by field."""
    found = {}
    for name in ("name", "endpoint"):
        if not is_slug(given[name]):
            found[name] = "Small letters and digits, with single - or _ between them; at most 40."
    if not token:
        if not given["client_id"]:
            found["client_id"] = "Needed, unless there is a permanent token."
        if not client_secret:
            found["client_secret"] = "Needed, unless there is a permanent token."  # noqa: S105
    for name, what in (("host", "The host"), ("login_url", "The login URL")):
        if given[name]:
            try:
                server_url(given[name], what)
            except WrikeHostError as error:
                found[name] = str(error)
    return found


def _tell(title: str, text: str, *, good: bool = False) -> Response:
    """Go to the page, inside Airflow's frame, with a message: no address that is kept holds a code."""
    told = messages.packed(Message(title, text, good))
    return _go(address.in_airflow(f"/?{urlencode({'told': told})}"))


def _go(url: str) -> Response:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, status.HTTP_303_SEE_OTHER, headers)


def _note(session: Any, user: Any, event: str, what: str) -> None:
    """Write into Airflow's audit log."""
    session.add(Log(event=event, owner=user.get_name(), owner_display_name=user.get_name(), extra=what))


def refusal(request: Request, status_code: int, title: str, text: str) -> Response:
    """A page that says why there is none.

    :param request: the request.
    :param status_code: HTTP status.
    :param title: what is the matter.
    :param text: why, or what to do.
    """
    # Who has only followed Airflow's menu has done nothing wrong, and there is no page of ours to go back to.
    closed = status_code == status.HTTP_403_FORBIDDEN and request.scope.get("endpoint") is show_teams
    login = status_code == status.HTTP_401_UNAUTHORIZED
    return page(request, "refusal.html", status_code, title=title, text=text, login=login, closed=closed)
