"""Who may reach a route. A plugin's application gets no check from Airflow: every route of ours names one of these.

The session cookie travels with requests that another site has made the browser send. What changes something therefore
also has to come from a page of ours, or with a token that no browser sends by itself.
"""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails, VariableDetails
from airflow.api_fastapi.core_api.security import get_user
from airflow.models.connection import Connection
from airflow.models.variable import Variable
from fastapi import Depends, HTTPException, Request, status

from wrike_provider.web.address import configured_base, origin


async def _user(request: Request, user: Annotated[BaseUser, Depends(get_user)]) -> BaseUser:
    if request.method not in {"GET", "HEAD"} and not _from_our_page(request):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This request comes from another site.")
    return user


User = Annotated[BaseUser, Depends(_user)]
"""The logged-in user; a request that changes something has come from a page of Airflow's own origin."""


def _from_our_page(request: Request) -> bool:
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    sent = request.headers.get("origin")
    return sent is not None and sent in {origin(url) for url in (configured_base(), str(request.base_url)) if url}


def may_connection(user: BaseUser, method: ResourceMethod, connection_id: str | None = None) -> bool:
    """Whether a user may do something with a Connection.

    :param user: the user.
    :param method: GET, POST (create) or PUT (change).
    :param connection_id: None: with Connections at all.
    """
    team = Connection.get_team_name(connection_id) if connection_id and method != "POST" else None
    details = ConnectionDetails(conn_id=connection_id, team_name=team)
    return bool(get_auth_manager().is_authorized_connection(method=method, details=details, user=user))


def may_switch(user: BaseUser, key: str) -> bool:
    """Whether a user may change a switch.

    :param user: the user.
    :param key: key of its Variable.
    """
    details = VariableDetails(key=key, team_name=Variable.get_team_name(key))
    manager = get_auth_manager()
    return all(manager.is_authorized_variable(method=method, details=details, user=user) for method in ("POST", "PUT"))


def require(allowed: bool, what: str) -> None:
    """Refuse unless something is allowed.

    :param allowed: whether it is.
    :param what: what it is, for the message: ``see Connections``.
    :raises HTTPException: 403.
    """
    if not allowed:
        raise HTTPException(status.HTTP_403_FORBIDDEN, f"Your Airflow user may not {what}.")


def reads_connections(user: User) -> BaseUser:
    """The user, who may see Connections.

    :param user: the user.
    :raises HTTPException: 403.
    """
    require(may_connection(user, "GET"), "see Connections")
    return user


def creates_connections(user: User) -> BaseUser:
    """The user, who may create Connections.

    :param user: the user.
    :raises HTTPException: 403.
    """
    require(may_connection(user, "POST"), "create Connections")
    return user


def changes_connection(connection_id: str, user: User) -> BaseUser:
    """The user, who may change the Connection that the path names.

    :param connection_id: the Connection.
    :param user: the user.
    :raises HTTPException: 403.
    """
    require(may_connection(user, "PUT", connection_id), f"change the Connection {connection_id}")
    return user


Reader = Annotated[BaseUser, Depends(reads_connections)]
Creator = Annotated[BaseUser, Depends(creates_connections)]
Changer = Annotated[BaseUser, Depends(changes_connection)]
