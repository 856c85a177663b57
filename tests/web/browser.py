"""A person's browser and an intruder's database client, as far as tests need them."""

from __future__ import annotations

import configparser
import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import requests
import sqlalchemy
from cryptography.fernet import Fernet

if TYPE_CHECKING:
    from include.local.home import AirflowHome
    from include.sandbox.client import SandboxClient

TIMEOUT_S = 60
SWITCH = "wrike_enabled__eu1"


class Browser:
    """A person's browser, as far as HTTP goes: keeps the session cookie, tells where a request comes from.

    :param url: address of Airflow.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def log_in(self, user: str, password: str) -> None:
        answer = self.session.post(
            f"{self.url}/auth/token", json={"username": user, "password": password}, timeout=TIMEOUT_S
        )
        answer.raise_for_status()
        # As Airflow's log-in form does.
        self.session.cookies.set("_token", answer.json()["access_token"], domain="localhost.local", path="/")

    def get(self, path: str) -> requests.Response:
        url = path if path.startswith("http") else self.url + path
        return self.session.get(url, allow_redirects=False, timeout=TIMEOUT_S)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> requests.Response:
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.session.post(
            self.url + path, data=form or {}, headers=headers, allow_redirects=False, timeout=TIMEOUT_S
        )

    def told(self, response: requests.Response) -> str:
        """What the page says after a redirect to it."""
        assert response.status_code == 303, response.text
        location = response.headers["Location"]
        assert location.startswith("/plugin/wrike/wrike/?told=")
        page = self.get(location.removeprefix("/plugin/wrike"))
        (note,) = re.findall(r'<div class="note (?:good|bad)" role="(?:status|alert)">(.*?)</div>', page.text, re.S)
        return text_of(note)


def authorise(browser: Browser, sandbox: SandboxClient, connection_id: str, **consent: str) -> requests.Response:
    """Click Authorise, answer Wrike, and come back."""
    there = browser.post(f"/wrike/connections/{connection_id}/authorise").headers["Location"]
    assert there.startswith(sandbox.url), browser.told(browser.post(f"/wrike/connections/{connection_id}/authorise"))
    return browser.get(sandbox.consent(there, **consent))


def row_of(browser: Browser, team: str) -> str:
    """The line of a team on the page, as HTML."""
    return _row(browser.get("/wrike/").text, team)


def state_of(browser: Browser, team: str) -> str:
    """What the page says of a team's Connection."""
    return state_in(browser.get("/wrike/").text, team)


def state_in(page: str, team: str) -> str:
    """What the page says of a team's Connection; the page as HTML."""
    (state,) = re.findall(r"<td [^>]*data-state>(.*?)</td>", _row(page, team), re.S)
    return text_of(state)


def _row(page: str, team: str) -> str:
    (row,) = re.findall(rf'<tr id="{team}".*?</tr>', page, re.S)
    return str(row)


def text_of(html: str) -> str:
    """What a person reads of a piece of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def stored_extra(home: AirflowHome, connection_id: str) -> dict[str, Any]:
    """Read the extra of a Connection from the database, with Airflow's key."""
    config = configparser.ConfigParser()
    config.read(home.path / "airflow.cfg")
    engine = sqlalchemy.create_engine(home.environment(0)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    query = sqlalchemy.text("SELECT extra, is_extra_encrypted FROM connection WHERE conn_id = :id")
    try:
        with engine.connect() as database:
            row = database.execute(query, {"id": connection_id}).one()
    finally:
        engine.dispose()
    assert row.is_extra_encrypted
    extra: dict[str, Any] = json.loads(Fernet(config["core"]["fernet_key"]).decrypt(row.extra.encode()))
    return extra
