"""The page and the token broker in a real API server, seen through HTTP."""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import requests
from cryptography.fernet import Fernet

from include.local.rest import Connection

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

TIMEOUT_S = 60


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
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", note)).split())


@pytest.fixture
def browser(local_airflow: Airflow) -> Iterator[Callable[[str | None], Browser]]:
    """Browsers: of a user who is logged in, or of nobody."""
    made: list[Browser] = []

    def make(user: str | None) -> Browser:
        one = Browser(local_airflow.url)
        if user:
            one.log_in(user, local_airflow.home.password(user))
        made.append(one)
        return one

    yield make
    for one in made:
        one.session.close()


@pytest.fixture
def admin(browser: Callable[[str | None], Browser]) -> Browser:
    """The administrator's browser."""
    return browser("admin")


@pytest.fixture
def team(local_airflow: Airflow, sandbox: SandboxClient) -> Iterator[str]:
    """A Connection with client id and secret that nobody has authorised yet; its id."""
    app = sandbox.accounts()["aurora"]
    sandbox.register_redirect_uri(f"{local_airflow.url}/wrike/callback")
    connection = Connection(
        "wrike_web",
        "wrike",
        login=app["client_id"],
        password=app["client_secret"],
        extra={"login_url": sandbox.url},
    )
    local_airflow.api.set_connection(connection)
    yield connection.connection_id
    sandbox.heal()
    sandbox.tokens(lifetime=3600)
    local_airflow.api.delete_connection(connection.connection_id)


@pytest.fixture
def authorised(team: str, admin: Browser, sandbox: SandboxClient) -> str:
    """A Connection that was authorised in the sandbox; its id."""
    authorise(admin, sandbox, team)
    return team


def authorise(browser: Browser, sandbox: SandboxClient, connection_id: str, **consent: str) -> requests.Response:
    """Click Authorise, answer Wrike, and come back."""
    there = browser.post(f"/wrike/connections/{connection_id}/authorise").headers["Location"]
    assert there.startswith(sandbox.url), browser.told(browser.post(f"/wrike/connections/{connection_id}/authorise"))
    return browser.get(sandbox.consent(there, **consent))


@pytest.fixture(scope="session")
def hasty_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """A local Wrike whose access tokens live five seconds, and without a request limit."""
    from include.local.wrike import local_wrike

    log = tmp_path_factory.mktemp("hasty") / "log"
    with local_wrike(log, "--token-lifetime", "5", "--rate-limit", "0", "--accounts", "1", "--tasks", "20") as running:
        yield running


@pytest.fixture
def stored(local_airflow: Airflow) -> Callable[[str], dict[str, Any]]:
    """What the extra of a Connection holds, secrets included: read from the database with Airflow's key."""
    import sqlalchemy

    config = configparser.ConfigParser()
    config.read(local_airflow.home.path / "airflow.cfg")
    fernet = Fernet(config["core"]["fernet_key"])
    engine = sqlalchemy.create_engine(local_airflow.home.environment(0)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])

    def read(connection_id: str) -> dict[str, Any]:
        with engine.connect() as database:
            row = database.execute(
                sqlalchemy.text("SELECT extra, is_extra_encrypted FROM connection WHERE conn_id = :id"),
                {"id": connection_id},
            ).one()
        assert row.is_extra_encrypted
        extra: dict[str, Any] = json.loads(fernet.decrypt(row.extra.encode()))
        return extra

    return read
