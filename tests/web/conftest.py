"""The page and the token broker in a real API server, seen through HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from include.local.rest import Connection
from tests.web.browser import SWITCH, Browser, authorise, stored_extra

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient


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
def turn(local_airflow: Airflow) -> Iterator[Callable[[str], None]]:
    """Set the switch of the endpoint eu1, which is set back afterwards: other tests want it on."""
    before = local_airflow.api.variable(SWITCH)
    yield lambda value: local_airflow.api.set_variable(SWITCH, value)
    if before is None:
        local_airflow.api.delete_variable(SWITCH)
    else:
        local_airflow.api.set_variable(SWITCH, before)


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


@pytest.fixture
def stored(local_airflow: Airflow) -> Callable[[str], dict[str, Any]]:
    """What the extra of a Connection holds, secrets included: read from the database with Airflow's key."""
    return lambda connection_id: stored_extra(local_airflow.home, connection_id)
