"""Connections in Airflow's database, one API server at a time.

Databases with row locks: ``SELECT ... FOR UPDATE``. SQLite has none, and everything that uses it is on one machine: a
lock file there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from airflow.models.connection import Connection
from airflow.models.crypto import get_fernet
from airflow.sdk.exceptions import AirflowException
from airflow.utils.session import create_session
from cryptography.fernet import InvalidToken
from filelock import FileLock
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wrike_provider.auth.credentials import Credentials

CONN_TYPE = "wrike"
UNREADABLE = (InvalidToken, AirflowException)
"""What Airflow raises when it loads a Connection that was encrypted with another key, or with a key it lacks."""


class NoSuchConnectionError(LookupError):
    """Airflow's database has no Connection of type Wrike with this id."""


class ConnectionRow:
    """A Connection of type Wrike, as the database has it.

    :param row: the database row.
    """

    def __init__(self, row: Connection) -> None:
        self._row = row
        self.connection_id = row.conn_id
        self.client_id = row.login
        self.client_secret = row.password
        self.host = row.host
        # Not `extra_dejson`: it remembers every token it has ever seen, to mask them in logs, where we write none.
        self.extra: dict[str, Any] = json.loads(row.extra or "{}")

    @property
    def credentials(self) -> Credentials:
        """What the extra says."""
        return Credentials.from_extra(self.extra)


class HeldConnectionRow(ConnectionRow):
    """A Connection that no other API server changes as long as it is held.

    :param row: the database row.
    :param session: the session that it belongs to.
    """

    def __init__(self, row: Connection, session: Session) -> None:
        super().__init__(row)
        self._session = session

    def save(self, *, host: str | None = None, **changes: Any) -> None:
        """Commit changes. When this returns, they are in the database.

        :param host: new host of the Connection, None to keep it.
        :param changes: new values of the extra; None takes a key out.
        :raises SQLAlchemyError: the database failed; it may or may not have the changes.
        """
        self.extra = {key: value for key, value in {**self.extra, **changes}.items() if value is not None}
        self._row.extra = json.dumps(self.extra)
        if host is not None:
            self._row.host = self.host = host
        try:
            self._session.commit()
        except SQLAlchemyError:
            self._session.rollback()
            raise


def read(connection_id: str) -> ConnectionRow:
    """Read a Connection without waiting for anyone.

    :param connection_id: its id.
    :raises NoSuchConnectionError: there is none in the database.
    """
    with create_session(scoped=False) as session:
        return ConnectionRow(_row(session, connection_id))


@contextlib.contextmanager
def hold(connection_id: str) -> Iterator[HeldConnectionRow]:
    """Wait until no one else holds a Connection, then hold it for the block.

    :param connection_id: its id.
    :raises NoSuchConnectionError: there is none in the database.
    """
    with create_session(scoped=False) as session, _machine_lock(session, connection_id):
        yield HeldConnectionRow(_row(session, connection_id, held=True), session)


def encrypted() -> bool:
    """Whether Airflow encrypts Connections (``[core] fernet_key``)."""
    return bool(getattr(get_fernet(), "is_encrypted", False))


def _row(session: Session, connection_id: str, *, held: bool = False) -> Connection:
    query = select(Connection).where(Connection.conn_id == connection_id, Connection.conn_type == CONN_TYPE)
    row: Connection | None = session.scalar(query.with_for_update() if held else query)
    if row is None:
        raise NoSuchConnectionError(
            f"Airflow's database has no Connection {connection_id!r} of type Wrike. Make it with New connector."
        )
    return row


def _machine_lock(session: Session, connection_id: str) -> AbstractContextManager[object]:
    if session.get_bind().dialect.name != "sqlite":
        return contextlib.nullcontext()
    folder = Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser() / "wrike_locks"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{hashlib.sha256(connection_id.encode()).hexdigest()[:16]}.lock")
