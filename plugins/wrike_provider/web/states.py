"""How a team's Connection stands, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from airflow.configuration import ensure_secrets_loaded
from airflow.models.connection import Connection
from airflow.secrets.metastore import MetastoreBackend

from wrike_provider.api.errors import WrikeHostError
from wrike_provider.auth.credentials import Credentials, Standing
from wrike_provider.web import address, connection_rows


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """How a team's Connection stands.

    :param label: in a few words.
    :param level: ``good``, ``bad`` or ``open``, for its colour.
    :param detail: since when, or what to do.
    :param login: origin of the login that Authorise would lead to, empty when there is nothing to authorise.
    :param missing: whether there is no such Connection.
    :param grant: tells grants apart without telling tokens; empty unless it is good.
    """

    label: str
    level: str
    detail: str = ""
    login: str = ""
    missing: bool = False
    grant: str = ""


class _BackendError(Exception):
    """A secrets backend fails."""


def connection_state(connection_id: str, row: Connection | Exception | None) -> ConnectionState:
    """Tell how a Connection stands.

    :param connection_id: its id.
    :param row: it, as Airflow's database has it; or why Airflow could not load it.
    """
    if elsewhere := _elsewhere(connection_id, in_database=row is not None):
        return elsewhere
    if row is None:
        return ConnectionState("not set up", "open", f"There is no Connection {connection_id} yet.", missing=True)
    if isinstance(row, Exception):
        return _unreadable(row)
    if row.conn_type != connection_rows.CONN_TYPE:
        return ConnectionState(
            "not set up",
            "bad",
            f"The Connection {connection_id} is of type {row.conn_type}, not wrike: change it in Admin > Connections.",
        )
    try:
        return _in_database(connection_rows.ConnectionRow(row))
    except Exception as error:
        # Whatever is wrong with one Connection (a lost Fernet key, broken JSON), the page is needed to see it.
        return _unreadable(error)


def tried(state: ConnectionState, refused_grant: str) -> ConnectionState:
    """Correct what a Connection says of itself by a run: whether a token works shows only when it is used.

    :param state: what the Connection says.
    :param refused_grant: the grant that the last run was refused with, empty when it was not.
    """
    # Another grant has come in its place: it was not tried yet.
    if not refused_grant or state.grant != refused_grant:
        return state
    advice = "Authorise again, or correct the Connection" if state.login else "Correct the Connection"
    held = ", ".join(filter(None, (state.label, state.detail)))
    return replace(
        state,
        label="not accepted in the last run",
        level="bad",
        detail=f"{held[0].upper()}{held[1:].removesuffix('.')}. {advice}, as that run says.",
    )


def _unreadable(error: Exception) -> ConnectionState:
    return ConnectionState(
        "cannot be read",
        "bad",
        f"{type(error).__name__}. Its extra is no JSON, or [core] fernet_key is not the one that it was saved with: "
        "put that one back. If it is lost, remove the row from Airflow's table connection; then make it anew.",
    )


def _in_database(record: connection_rows.ConnectionRow) -> ConnectionState:
    held = record.credentials
    if held.standing is Standing.PERMANENT:
        return ConnectionState("permanent token", "good", grant=held.identity)
    if not record.client_id or not record.client_secret:
        return ConnectionState(
            "not set up", "open", "The client id or the client secret is missing: enter it in Admin > Connections."
        )
    try:
        login = address.login_origin(held.login_url)
    except WrikeHostError as error:
        return ConnectionState("not set up", "bad", f"{error} Correct it in Admin > Connections.")
    match held.standing:
        case Standing.NOT_AUTHORIZED:
            return ConnectionState("not authorised", "open", login=login)
        case Standing.REFUSED:
            why = "Wrike does not accept its refresh token any more"
            return ConnectionState(f"authorise again: {why}", "bad", _day("noticed", held.refused_at), login)
    who = f"authorised as {held.user}, {'administrator' if held.admin else 'not an administrator'}" if held.user else ""
    account = f"account {held.account_name or held.account_id}" if held.account_id else ""
    detail = ", ".join(filter(None, (_day("since", held.authorized_at), account)))
    return ConnectionState(who or "authorised", "good", detail, login, grant=held.identity)


def in_a_backend(connection_id: str) -> bool:
    """Whether a Connection that is not in the database may be in a secrets backend.

    :param connection_id: its id.
    """
    try:
        return _outside(connection_id, in_database=False) is not None
    except _BackendError:
        return True


def _elsewhere(connection_id: str, *, in_database: bool) -> ConnectionState | None:
    try:
        found = _outside(connection_id, in_database=in_database)
    except _BackendError as error:
        return ConnectionState("not set up", "bad", str(error))
    return None if found is None else _read_only(Credentials.from_extra(found[1].extra_dejson), found[0])


def _outside(connection_id: str, *, in_database: bool) -> tuple[str, Connection] | None:
    """Look into secrets backends, which go before the database; those on other machines only if it has nothing."""
    for backend in ensure_secrets_loaded():
        name = type(backend).__name__
        if isinstance(backend, MetastoreBackend) or (in_database and name != "EnvironmentVariablesBackend"):
            continue
        try:
            found = backend.get_connection(connection_id)
        except Exception as error:
            raise _BackendError(f"The secrets backend {name} fails: {type(error).__name__}.") from None
        if found is not None:
            return name, found
    return None


def _read_only(held: Credentials, backend: str) -> ConnectionState:
    if held.standing is Standing.PERMANENT:
        return ConnectionState("permanent token", "good", f"Read-only secrets backend {backend}.", grant=held.identity)
    return ConnectionState(
        "read-only secrets backend",
        "bad",
        f"It comes from {backend}, where refreshed tokens cannot be kept: put a permanent token there, or move the "
        "Connection into Airflow's database.",
    )


def _day(word: str, instant: datetime | None) -> str:
    return f"{word} {instant:%Y-%m-%d %H:%M} UTC" if instant else ""
