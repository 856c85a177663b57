"""What the page tells of each team."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
import yaml
from cryptography.fernet import Fernet

from include.local.rest import Connection
from tests.waiting import wait_until
from tests.web.browser import SWITCH, Browser, row_of, state_in, state_of
from wrike_provider.auth.credentials import fingerprint

if TYPE_CHECKING:
    from include.local.airflow import Airflow

TEAM = "shown"
CONNECTION = f"wrike_{TEAM}"
Show = Callable[..., str]


@pytest.fixture
def show(local_airflow: Airflow, admin: Browser, teams_file: Path) -> Iterator[Show]:
    """List a team whose Connection is as given; gives what its line says."""
    before = teams_file.read_text()
    content = yaml.safe_load(before)
    content["teams"].append({"name": TEAM, "endpoint": "eu1", "schedule": None, "description": "To be looked at."})
    teams_file.write_text(yaml.safe_dump(content))
    made = False

    def line(conn_type: str | None = "wrike", **fields: Any) -> str:
        nonlocal made
        if conn_type:
            local_airflow.api.set_connection(Connection(CONNECTION, conn_type, **fields))
            made = True
        return state_of(admin, TEAM)

    yield line
    teams_file.write_text(before)
    if made:
        local_airflow.api.delete_connection(CONNECTION)


APP: dict[str, Any] = {"login": "id", "password": "secret"}
PAIR = {"access_token": "access", "refresh_token": "refresh"}


def test_no_connection(show: Show) -> None:
    assert show(None) == f"not set up There is no Connection {CONNECTION} yet."


def test_a_connection_of_another_type(show: Show) -> None:
    said = f"The Connection {CONNECTION} is of type http, not wrike: change it in Admin > Connections."
    assert show("http", host="x") == f"not set up {said}"


@pytest.mark.parametrize("fields", [{}, {"login": "id"}, {"password": "secret"}])
def test_client_id_or_secret_is_missing(show: Show, fields: dict[str, str]) -> None:
    shown = show(**fields)
    assert shown == "not set up The client id or the client secret is missing: enter it in Admin > Connections."


def test_a_connector_is_set_up_only_where_there_is_none(show: Show, admin: Browser) -> None:
    set_up = f'href="/wrike/new?team={TEAM}"'
    show(None)
    assert set_up in admin.get("/wrike/").text
    show()
    assert set_up not in admin.get("/wrike/").text


def test_a_connection_of_another_fernet_key_takes_no_other_away(
    show: Show, admin: Browser, local_airflow: Airflow
) -> None:
    show(**APP)
    lost = Fernet(Fernet.generate_key()).encrypt(b"secret").decode()
    engine = sqlalchemy.create_engine(local_airflow.home.database)
    change = sqlalchemy.text("UPDATE connection SET password = :password WHERE conn_id = :name RETURNING 1")
    with engine.begin() as database:
        (own,) = database.execute(
            sqlalchemy.text("SELECT password FROM connection WHERE conn_id = :name"), {"name": CONNECTION}
        ).one()
    try:
        with engine.begin() as database:
            assert database.execute(change, {"password": lost, "name": CONNECTION}).all()
        assert show(None).startswith("cannot be read InvalidToken. ")
        assert state_of(admin, "aurora")
    finally:
        with engine.begin() as database:
            database.execute(change, {"password": own, "name": CONNECTION})
        engine.dispose()


def test_not_authorised(show: Show) -> None:
    assert show(**APP) == "not authorised"


def test_authorised(show: Show) -> None:
    who = {
        "authorized_user": "Ada Lovelace",
        "authorized_admin": True,
        "authorized_at": "2026-02-03T04:05:06+00:00",
        "account_id": "IEAB",
        "account_name": "Analytical Ltd",
    }
    assert show(**APP, extra={**PAIR, **who}) == (
        "authorised as Ada Lovelace, administrator since 2026-02-03 04:05 UTC, account Analytical Ltd"
    )
    who["authorized_admin"] = False
    assert show(**APP, extra={**PAIR, **who}).startswith("authorised as Ada Lovelace, not an administrator since")


def test_authorise_again(show: Show) -> None:
    mark = {"refused": fingerprint("refresh"), "refused_at": "2026-02-03T04:05:06+00:00"}
    assert show(**APP, extra={**PAIR, **mark}) == (
        "authorise again: Wrike does not accept its refresh token any more noticed 2026-02-03 04:05 UTC"
    )


def test_a_mark_of_an_older_token_does_not_count(show: Show) -> None:
    assert show(**APP, extra={**PAIR, "refused": fingerprint("older")}) == "authorised"


def test_a_permanent_token(show: Show) -> None:
    assert show(extra={"token": "permanent"}) == "permanent token"
    assert show(**APP, extra={"token": "permanent", **PAIR}) == "permanent token"


@pytest.mark.parametrize("value", ["true", "false", "1", "maybe", ""])
def test_the_switch_shows_what_the_gate_sees(turn: Callable[[str], None], admin: Browser, value: str) -> None:
    turn(value)
    shown = re.findall(r'aria-checked="(\w+)" aria-label="Endpoint eu1"', admin.get("/wrike/").text)
    assert set(shown) == {"true" if value in {"true", "1"} else "false"}


def test_turning_the_switch_leaves_the_variables_description(
    turn: Callable[[str], None], admin: Browser, local_airflow: Airflow
) -> None:
    turn("false")
    told = {"key": SWITCH, "value": "false", "description": "Ask Ada first."}
    admin.session.patch(f"{admin.url}/api/v2/variables/{SWITCH}", json=told, timeout=60).raise_for_status()
    admin.post("/wrike/switches/eu1", {"on": "true"})
    stored = local_airflow.api.get(f"/variables/{SWITCH}")
    assert (stored["value"], stored["description"]) == ("true", "Ask Ada first.")


@pytest.mark.parametrize("login_url", ["https://login.wrike.com\u200b", "https://x; script-src *", "http://wrike.test"])
def test_a_login_url_that_is_none_takes_no_other_team_away(show: Show, admin: Browser, login_url: str) -> None:
    said = show(**APP, extra={"login_url": login_url})
    assert said.startswith("not set up The login URL '")
    assert said.endswith("Correct it in Admin > Connections.")
    assert "script-src *" not in admin.get("/wrike/").headers["Content-Security-Policy"]
    assert admin.get(f"/wrike/connections/{CONNECTION}/created").status_code == 200
    assert "The login URL" in admin.told(admin.post(f"/wrike/connections/{CONNECTION}/authorise"))


def test_a_pool_that_does_not_exist_is_told(
    show: Show, admin: Browser, teams_file: Path, local_airflow: Airflow
) -> None:
    show()
    content = yaml.safe_load(teams_file.read_text())
    content["teams"][-1]["pool"] = "deep"
    teams_file.write_text(yaml.safe_dump(content))
    said = "The pool deep does not exist"
    assert said in admin.get("/wrike/").text
    local_airflow.api.set_pool("deep", 1)
    assert said not in admin.get("/wrike/").text


def test_a_staging_connection_that_does_not_exist_is_told(
    show: Show, admin: Browser, teams_file: Path, local_airflow: Airflow
) -> None:
    show()
    content = yaml.safe_load(teams_file.read_text())
    content["teams"][-1]["staging"] = {"connection_id": "deep"}
    teams_file.write_text(yaml.safe_dump(content))
    said = "There is no Connection deep to write the rows to"
    assert said in row_of(admin, TEAM)
    local_airflow.api.set_connection(Connection("deep", "duckdb", host="/deep.duckdb"))
    try:
        assert said not in row_of(admin, TEAM)
    finally:
        local_airflow.api.delete_connection("deep")


def test_notifiers_that_cannot_be_made_are_told(
    show: Show, admin: Browser, teams_file: Path, local_airflow: Airflow
) -> None:
    show()
    content = yaml.safe_load(teams_file.read_text())
    content["teams"][-1]["notify"] = [{"class": "nowhere.Notifier"}, {"class": "pathlib.Path"}]
    content["teams"].append({"name": "wrong", "schedule": "never"})
    teams_file.write_text(yaml.safe_dump(content))

    def told() -> list[str]:
        return re.findall(r"<li><code>[^<]*:\d+: (.*?)</code></li>", admin.get("/wrike/").text)

    # The DAG processor finds them.
    wait_until(lambda: len(told()) == 3, "what the DAG processor finds")
    wrong, first, second = told()
    assert wrong.startswith("team wrong: schedule: ")
    assert first.startswith(f"team {TEAM}: notify.0: nowhere.Notifier cannot be imported (ModuleNotFoundError: ")
    assert second.startswith(f"team {TEAM}: notify.1: pathlib.Path is no class of a notifier")
    assert "The variables file has 3 problems." in admin.get("/wrike/").text
    assert row_of(admin, TEAM)
    # It has not read the file since.
    del content["teams"][-2]["notify"]
    teams_file.write_text(yaml.safe_dump(content))
    assert told() == [wrong]
    # Tests that add a team are told of errors.
    del content["teams"][-1]
    teams_file.write_text(yaml.safe_dump(content))
    wait_until(lambda: not local_airflow.api.import_errors(), "a file without errors")


def test_a_thousand_teams(local_airflow: Airflow, admin: Browser, teams_file: Path) -> None:
    before = teams_file.read_text()
    content = yaml.safe_load(before)
    content["teams"] += [{"name": f"many-{n:04}", "endpoint": f"e{n % 5}"} for n in range(1000)]
    teams_file.write_text(yaml.safe_dump(content))
    try:
        admin.get("/wrike/")
        began = time.monotonic()
        page = admin.get("/wrike/").text
        took = time.monotonic() - began
    finally:
        teams_file.write_text(before)
    assert page.count("<tr id=") == 1002
    assert len(page) < 2_000_000
    assert took < 2


def test_times_are_utc(show: Show) -> None:
    local = {"authorized_at": "2026-02-03T04:05:06+02:00", "authorized_user": "A"}
    assert "since 2026-02-03 02:05 UTC" in show(**APP, extra={**PAIR, **local})


_NARROW = """
import sys
import airflow.api_fastapi.app
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

class Narrow(SimpleAuthManager):
    def is_authorized_connection(self, *, method, user, details=None):
        permitted = details is None or details.conn_id in (None, sys.argv[1])
        return permitted and super().is_authorized_connection(method=method, user=user, details=details)

airflow.api_fastapi.app._AuthManagerState.instance = Narrow()
from fastapi import Request
from wrike_provider.web.pages import show_teams
scope = {
    "type": "http", "method": "GET", "scheme": "http", "server": ("localhost", 8080), "path": "/wrike/",
    "root_path": "", "query_string": b"", "headers": [],
}
user = SimpleAuthManagerUser(username="eve", role="op")
print(show_teams(Request(scope), user).body.decode())
"""


@pytest.mark.parametrize(("permitted", "other"), [(CONNECTION, "wrike_aurora"), ("wrike_aurora", CONNECTION)])
def test_of_a_connection_that_a_user_may_not_see_nothing_is_told(
    show: Show, local_airflow: Airflow, permitted: str, other: str
) -> None:
    """Some auth managers decide it for each Connection."""
    show(**APP, extra={**PAIR, "authorized_user": "Ada Lovelace"})
    local_airflow.api.set_connection(Connection("wrike_spare", "wrike", **APP))
    shown = subprocess.run(
        [sys.executable, "-c", _NARROW, permitted],
        env=local_airflow.home.environment(local_airflow.port),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    local_airflow.api.delete_connection("wrike_spare")
    assert "wrike_spare" not in shown
    states = {name: state_in(shown, name.removeprefix("wrike_")) for name in (permitted, other)}
    assert states[other] == "not shown Your Airflow user may not see this Connection."
    assert "not shown" not in states[permitted]
    assert ("Ada Lovelace" in shown) is (permitted == CONNECTION)
