"""A new pair of tokens is not lost while Airflow's database fails for a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from airflow.models.connection import Connection
from sqlalchemy import Engine, create_engine, event, exc
from sqlalchemy.orm import sessionmaker

from include.sandbox.client import SandboxClient
from wrike_provider.auth.credentials import fingerprint
from wrike_provider.auth.login import WrikeLogin
from wrike_provider.auth.scopes import DEFAULT_SCOPE
from wrike_provider.web import broker, connection_rows

TEAM, SECRET, URI = "wrike_saved", "the broker's secret", "https://airflow.example.com/wrike/callback"
LOCKED = exc.OperationalError("UPDATE connection", {}, Exception("database is locked"))
EXHAUSTED = exc.TimeoutError("QueuePool limit of size 5 overflow 10 reached, connection timed out")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database of Airflow's with nothing but Connections."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    made = create_engine(f"sqlite:///{tmp_path / 'airflow.db'}")
    Connection.__table__.create(made)  # type: ignore[attr-defined]
    monkeypatch.setattr("airflow.settings.NonScopedSession", sessionmaker(made))
    yield made
    made.dispose()


@pytest.fixture
def granted(engine: Engine, sandbox: SandboxClient) -> str:
    """The access token of a Connection, which is said to have ended; its refresh token is good."""
    sandbox.register_redirect_uri(URI)
    app = sandbox.accounts()["aurora"]
    login = WrikeLogin(app["client_id"], app["client_secret"], sandbox.url)
    sent_to = sandbox.consent(login.authorization_url(URI, "state", DEFAULT_SCOPE))
    grant = login.exchange(parse_qs(urlsplit(sent_to).query)["code"][0], URI)
    extra = {**broker.tokens_of(grant), "login_url": sandbox.url, "broker_secret": SECRET}
    row = Connection(TEAM, "wrike", login=app["client_id"], password=app["client_secret"], extra=extra)
    with sessionmaker(engine).begin() as session:
        session.add(row)
    return grant.access_token


@pytest.mark.parametrize(
    "troubles",
    [
        pytest.param([("UPDATE", LOCKED)], id="when it is saved"),
        pytest.param([("UPDATE", LOCKED), ("UPDATE", LOCKED)], id="twice"),
        pytest.param([("UPDATE", exc.TimeoutError("pool"))], id="by other means"),
        pytest.param(
            [("UPDATE", LOCKED), ("checkout", EXHAUSTED), ("checkout", EXHAUSTED)], id="for lack of a connection"
        ),
    ],
)
def test_it_is_saved_later(engine: Engine, granted: str, troubles: list[tuple[str, exc.SQLAlchemyError]]) -> None:
    left = list(troubles)

    def fail(what: str) -> None:
        if left and left[0][0] == what:
            raise left.pop(0)[1]

    event.listen(engine, "before_cursor_execute", lambda _, __, statement, *___: fail(statement.split()[0]))
    event.listen(engine, "checkout", lambda *_: fail("checkout"))
    issued = anyio.run(broker.issue, TEAM, SECRET, fingerprint(granted))
    assert left == []
    assert issued.access_token != granted
    assert connection_rows.read(TEAM).credentials.access_token == issued.access_token


def test_a_database_that_stays_away_is_given_up(engine: Engine, granted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "SAVE_FOR_S", 1.0)

    def fail(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("UPDATE"):
            raise LOCKED

    began = time.monotonic()
    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(exc.OperationalError):
        anyio.run(broker.issue, TEAM, SECRET, fingerprint(granted))
    assert 1 <= time.monotonic() - began < 10
