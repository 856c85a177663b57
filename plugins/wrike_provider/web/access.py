"""Who may reach a route. A plugin's application gets no check from Airflow: every route of ours names one of these.

The session cookie travels with requests that another site has made the browser send. What changes something therefore
also has to come from a page of ours, or with a token that no browser sends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails, VariableDetails
from airflow.api_fastapi.core_api.security import get_user
from airflow.models.connection import Connection, sanitize_conn_id
from airflow.models.variable import Variable
from fastapi import Depends, HTTPException, Request, status
from pydantic import AfterValidator

from wrike_provider.web.address import configured_base, origin


def _connection_id(text: str) -> str:
    if sanitize_conn_id(text) != text:
        raise ValueError("Airflow lets no Connection be called so.")
    return text


ConnectionId = Annotated[str, AfterValidator(_connection_id)]
"""Id of a Connection in a path. What no Connection can be called is not looked up: databases refuse some of it."""


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
    if connection_id is not None:
        return bool(permitted_connections(user, [connection_id], method))
    return bool(get_auth_manager().is_authorized_connection(method=method, details=ConnectionDetails(), user=user))


def permitted_connections(user: BaseUser, ids: Iterable[str], method: ResourceMethod = "PUT") -> set[str]:
    """Those of some Connections with which a user may do something.

    :param user: the user.
    :param ids: ids of the Connections.
    :param method: what is to be done with them.
    """
    manager, names = get_auth_manager(), sorted(ids)
    teams = Connection.get_conn_id_to_team_name_mapping(names)

    def details(name: str) -> ConnectionDetails:
        return ConnectionDetails(conn_id=name, team_name=teams.get(name))

    return {name for name in names if manager.is_authorized_connection(method=method, details=details(name), user=user)}


def changeable_switches(user: BaseUser, keys: Iterable[str]) -> set[str]:
    """Those of some switches that a user may change.

    :param user: the user.
    :param keys: keys of their Variables.
    """
    manager, names = get_auth_manager(), sorted(keys)
    teams = Variable.get_key_to_team_name_mapping(names)

    def allowed(method: ResourceMethod, key: str) -> bool:
        details = VariableDetails(key=key, team_name=teams.get(key))
        return bool(manager.is_authorized_variable(method=method, details=details, user=user))

    return {key for key in names if allowed("POST", key) and allowed("PUT", key)}


def require(allowed: bool, what: str) -> None:
    """Refuse unless something is allowed.

    :param allowed: whether it is.
    :param what: what it is, for the message: ``see Connections``.
    :raises HTTPException: 403.
    """
    if not allowed:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, f"Your Airflow user may not {what}. Whoever administers Airflow can allow it."
        )


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


def changes_connection(connection_id: ConnectionId, user: User) -> BaseUser:
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
