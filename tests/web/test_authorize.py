"""Authorise: the way there and back, and everything that can go wrong on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from include.local.rest import Connection
from tests.api.server import Answer, running_server
from tests.web.browser import Browser, authorise

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

Stored = Callable[[str], dict[str, Any]]
Browsers = Callable[[str | None], Browser]


def begin(browser: Browser, connection_id: str) -> str:
    response = browser.post(f"/wrike/connections/{connection_id}/authorise")
    assert response.status_code == 303
    return str(response.headers["Location"])


def test_accept_stores_the_tokens_and_who_gave_them(
    team: str, admin: Browser, sandbox: SandboxClient, stored: Stored, local_airflow: Airflow
) -> None:
    before = time.time()
    said = admin.told(authorise(admin, sandbox, team))
    assert said.startswith(f"{team} is authorised. Wrike is read as ")
    assert "administrator" in said
    extra = stored(team)
    account = sandbox.accounts()["aurora"]
    assert extra["account_id"] == account["id"]
    assert extra["account_name"] == account["name"]
    assert extra["authorized_admin"] is True
    assert before + 3500 < extra["expires_at"] < time.time() + 3600
    assert len(extra["broker_secret"]) >= 40
    assert extra["access_token"] != extra["refresh_token"]
    assert "pending_authorization" not in extra
    assert local_airflow.api.get(f"/connections/{team}")["host"] == sandbox.url


def test_the_browser_is_sent_to_wrike_with_all_that_wrike_wants(
    team: str, admin: Browser, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    url = urlsplit(begin(admin, team))
    sent = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}" == sandbox.url
    assert sent["response_type"] == "code"
    assert sent["client_id"] == sandbox.accounts()["aurora"]["client_id"]
    assert sent["redirect_uri"] == f"{local_airflow.url}/wrike/callback"
    assert "wsReadOnly" in sent["scope"].split(",")
    assert not [scope for scope in sent["scope"].split(",") if "Write" in scope]
    assert len(sent["state"]) > 40


def test_a_regular_user_is_named_as_such(team: str, admin: Browser, sandbox: SandboxClient) -> None:
    assert "not an administrator" in admin.told(authorise(admin, sandbox, team, user="regular"))


def test_without_a_host_in_the_answer_the_login_is_asked_for_it(
    team: str, admin: Browser, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    sandbox.switch(hostless_tokens=True)
    assert "is authorised" in admin.told(authorise(admin, sandbox, team))
    assert local_airflow.api.get(f"/connections/{team}")["host"] == sandbox.url


def test_a_refusal_in_wrike_changes_nothing(
    authorised: str, admin: Browser, sandbox: SandboxClient, stored: Stored
) -> None:
    before = stored(authorised)
    said = admin.told(authorise(admin, sandbox, authorised, decision="deny"))
    assert said.startswith("Access was denied in Wrike.")
    assert stored(authorised) == before


def test_an_answer_serves_once(team: str, admin: Browser, sandbox: SandboxClient, stored: Stored) -> None:
    back = sandbox.consent(begin(admin, team))
    assert "is authorised" in admin.told(admin.get(back))
    before = stored(team)
    assert "belongs to no click on Authorise" in admin.told(admin.get(back))
    assert stored(team) == before


def test_an_answer_does_not_serve_another_user(
    team: str, admin: Browser, browser: Browsers, sandbox: SandboxClient, stored: Stored
) -> None:
    back = sandbox.consent(begin(admin, team))
    other = browser("op")
    assert "somebody else has clicked" in other.told(other.get(back))
    assert "access_token" not in stored(team)
    assert "is authorised" in admin.told(admin.get(back))


def test_a_made_up_state_is_refused(team: str, admin: Browser, stored: Stored) -> None:
    state = parse_qs(urlsplit(begin(admin, team)).query)["state"][0]
    forged = state[:-4] + ("AAAA" if not state.endswith("AAAA") else "BBBB")
    assert "belongs to no click" in admin.told(admin.get(f"/wrike/callback?state={forged}&code=stolen"))
    assert "access_token" not in stored(team)


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=", "?state=x.y&code=z", "?state=%00.%00&code=z", "?state=AA.y", "?error=access_denied"],
)
def test_an_answer_to_no_question_is_refused(admin: Browser, query: str) -> None:
    assert "belongs to no Connection" in admin.told(admin.get(f"/wrike/callback{query}"))


def test_an_expired_code(team: str, admin: Browser, sandbox: SandboxClient, stored: Stored) -> None:
    back = sandbox.consent(begin(admin, team))
    sandbox.tokens(expire_codes=True)
    said = admin.told(admin.get(back))
    assert said.startswith("Wrike does not accept the code.")
    assert "invalid_grant" in said
    assert "access_token" not in stored(team)


def test_a_wrong_client_secret(
    team: str, admin: Browser, sandbox: SandboxClient, stored: Stored, local_airflow: Airflow
) -> None:
    app = sandbox.accounts()["aurora"]
    local_airflow.api.set_connection(
        Connection(team, "wrike", login=app["client_id"], password="wrong", extra={"login_url": sandbox.url})
    )
    said = admin.told(authorise(admin, sandbox, team))
    assert said.startswith("Wrike does not know this application.")
    assert "client secret" in said
    assert "access_token" not in stored(team)


def test_a_wrong_client_id_is_noticed_before_the_browser_leaves(
    team: str, admin: Browser, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    local_airflow.api.set_connection(
        Connection(team, "wrike", login="nobody", password="x", extra={"login_url": sandbox.url})
    )
    said = admin.told(admin.post(f"/wrike/connections/{team}/authorise"))
    assert "Client id is unknown" in said


@pytest.mark.parametrize("status", [401, 403, 405])
def test_a_login_that_turns_programs_away_is_left_to_the_browser(
    team: str, admin: Browser, local_airflow: Airflow, status: int
) -> None:
    with running_server() as login:
        extra = {"login_url": login.url}
        local_airflow.api.set_connection(Connection(team, "wrike", login="app", password="x", extra=extra))
        login.will(Answer(status, b"<html>Log in</html>", {"Content-Type": "text/html"}))
        assert begin(admin, team).startswith(f"{login.url}/oauth2/authorize/v4?")
        login.will(Answer(status, b'{"error": "invalid_client"}', {"Content-Type": "application/json"}))
        assert f"Wrike would refuse: {status}" in admin.told(admin.post(f"/wrike/connections/{team}/authorise"))


def test_a_user_whom_the_scopes_do_not_show(team: str, admin: Browser, sandbox: SandboxClient, stored: Stored) -> None:
    sandbox.block("aurora", "/contacts", "access_forbidden")
    try:
        said = admin.told(authorise(admin, sandbox, team))
    finally:
        # Others use this sandbox too.
        sandbox.block("aurora", "/contacts", None)
    assert "is authorised. Wrike is read as somebody whom the token's scopes do not show. From now on" in said
    assert stored(team)["authorized_user"] == ""
    assert stored(team).get("authorized_admin") is None


def test_a_redirect_uri_that_is_not_registered_is_noticed_before_the_browser_leaves(
    team: str, admin: Browser, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    sandbox.forget_redirect_uris()
    said = admin.told(admin.post(f"/wrike/connections/{team}/authorise"))
    assert said.startswith("Wrike does not know the redirect URI.")
    assert said.endswith(f"{local_airflow.url}/wrike/callback")


def test_another_account_than_last_time(
    authorised: str, admin: Browser, sandbox: SandboxClient, stored: Stored, local_airflow: Airflow
) -> None:
    before = stored(authorised)
    other = sandbox.accounts()["borealis"]
    local_airflow.api.set_connection(
        Connection(authorised, "wrike", login=other["client_id"], password=other["client_secret"], extra=before)
    )
    said = admin.told(authorise(admin, sandbox, authorised))
    assert said.startswith("That is another Wrike account")
    assert other["id"] in said
    assert before["account_id"] in said
    after = stored(authorised)
    assert after == before


def test_wrike_does_not_answer(team: str, admin: Browser, sandbox: SandboxClient, stored: Stored) -> None:
    back = sandbox.consent(begin(admin, team))
    sandbox.fault("/oauth2/token", status=503)
    assert admin.told(admin.get(back)).startswith("Wrike did not answer.")
    assert "access_token" not in stored(team)


def test_wrike_does_not_tell_who_it_is(team: str, admin: Browser, sandbox: SandboxClient, stored: Stored) -> None:
    back = sandbox.consent(begin(admin, team))
    sandbox.fault("/contacts", status=500, times=2)
    assert admin.told(admin.get(back)).startswith("Wrike did not answer.")
    assert "access_token" not in stored(team)


def test_an_unknown_scope(team: str, admin: Browser, sandbox: SandboxClient, local_airflow: Airflow) -> None:
    app = sandbox.accounts()["aurora"]
    extra = {"login_url": sandbox.url, "scope": "wsReadOnly,everything"}
    local_airflow.api.set_connection(
        Connection(team, "wrike", login=app["client_id"], password=app["client_secret"], extra=extra)
    )
    said = admin.told(admin.get(follow(sandbox, begin(admin, team))))
    assert "invalid_scope" in said
    assert "Scopes" in said


def follow(sandbox: SandboxClient, url: str) -> str:
    """Where Wrike's login sends the browser without asking anyone."""
    import requests

    answer = requests.get(url, allow_redirects=False, timeout=30)
    return str(answer.headers["Location"])


def test_a_permanent_token_needs_no_authorising(
    team: str, admin: Browser, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    local_airflow.api.set_connection(Connection(team, "wrike", host=sandbox.url, extra={"token": "permanent"}))
    assert "has a permanent token" in admin.told(admin.post(f"/wrike/connections/{team}/authorise"))


def test_a_browser_at_another_address_than_the_configured_one(team: str, local_airflow: Airflow) -> None:
    elsewhere = Browser(f"http://127.0.0.1:{local_airflow.port}")
    answer = elsewhere.session.post(
        f"{elsewhere.url}/auth/token",
        json={"username": "admin", "password": local_airflow.home.password()},
        timeout=60,
    )
    elsewhere.session.cookies.set("_token", answer.json()["access_token"], domain="127.0.0.1", path="/")
    said = elsewhere.told(elsewhere.post(f"/wrike/connections/{team}/authorise"))
    assert f"Airflow is configured as {local_airflow.url}, but you are at {elsewhere.url}." in said


def test_authorising_again_keeps_the_broker_secret_of_running_tasks(
    authorised: str, admin: Browser, sandbox: SandboxClient, stored: Stored
) -> None:
    before = stored(authorised)
    authorise(admin, sandbox, authorised)
    after = stored(authorised)
    assert after["broker_secret"] == before["broker_secret"]
    assert after["refresh_token"] != before["refresh_token"]


def test_the_test_button_works_after_the_access_token_has_ended(
    authorised: str, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    sandbox.tokens(expire=True)
    shown = local_airflow.api.get(f"/connections/{authorised}")
    form = Connection(
        authorised,
        "wrike",
        host=shown["host"],
        login=shown["login"],
        password=shown["password"],
        extra=local_airflow.api.connection_extra(authorised),
    )
    ok, message = local_airflow.api.test_connection(form)
    assert ok, message
    assert "The token belongs to " in message


def test_the_scope_of_the_data_export_is_asked_for_only_when_a_team_wants_it(
    team: str, admin: Browser, teams_file: Path
) -> None:
    def asked() -> list[str]:
        return parse_qs(urlsplit(begin(admin, team)).query)["scope"][0].split(",")

    before = teams_file.read_text()
    content = yaml.safe_load(before)
    content["teams"].append({"name": "web", "connection_id": team, "data_export": True})
    assert "dataExportFull" not in asked()
    try:
        teams_file.write_text(yaml.safe_dump(content))
        assert asked()[-1] == "dataExportFull"
    finally:
        teams_file.write_text(before)
