"""The token broker in a real API server: who gets a token, and what a refresh does when things go wrong."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.web.browser import Browser, authorise
from wrike_provider.auth.credentials import fingerprint

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

Stored = Callable[[str], dict[str, Any]]
Ask = Callable[..., requests.Response]
TASKS = 16


@pytest.fixture
def ask(local_airflow: Airflow, stored: Stored) -> Ask:
    """Ask for a token as a task does."""

    def go(connection_id: str, failed: str | None = None, secret: str | None = None) -> requests.Response:
        key = stored(connection_id)["broker_secret"] if secret is None else secret
        return requests.post(
            f"{local_airflow.url}/wrike/connections/{connection_id}/token",
            json={"failed": failed},
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )

    return go


def refreshes(sandbox: SandboxClient) -> tuple[int, int]:
    stats = sandbox.stats()
    return stats["refresh"], stats["dead_refresh"]


def test_a_token_that_is_good_is_given_as_it_is(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient
) -> None:
    before = refreshes(sandbox)
    answer = ask(authorised)
    assert answer.status_code == 200
    assert answer.json()["access_token"] == stored(authorised)["access_token"]
    assert 3400 < answer.json()["expires_in"] < 3600
    assert answer.json()["host"] == sandbox.url
    assert answer.headers["Cache-Control"] == "no-store"
    assert refreshes(sandbox) == before


def test_a_token_that_was_refused_is_replaced_and_the_next_one_is_stored(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient
) -> None:
    before, old = refreshes(sandbox), stored(authorised)
    answer = ask(authorised, fingerprint(old["access_token"]))
    new = stored(authorised)
    assert answer.json()["access_token"] == new["access_token"] != old["access_token"]
    assert new["refresh_token"] != old["refresh_token"]
    assert {**new, **dict.fromkeys(("access_token", "refresh_token", "expires_at"))} == {
        **old,
        **dict.fromkeys(("access_token", "refresh_token", "expires_at")),
    }
    assert refreshes(sandbox) == (before[0] + 1, before[1])


def test_who_was_refused_with_an_older_token_gets_the_present_one(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient
) -> None:
    old = fingerprint(stored(authorised)["access_token"])
    first = ask(authorised, old).json()["access_token"]
    before = refreshes(sandbox)
    assert ask(authorised, old).json()["access_token"] == first
    assert refreshes(sandbox) == before


def test_many_at_once_cause_one_refresh(authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient) -> None:
    old, secret = fingerprint(stored(authorised)["access_token"]), stored(authorised)["broker_secret"]
    before = refreshes(sandbox)
    with ThreadPoolExecutor(TASKS) as pool:
        answers = list(pool.map(lambda _: ask(authorised, old, secret), range(4 * TASKS)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["access_token"] for answer in answers}) == 1
    assert refreshes(sandbox) == (before[0] + 1, before[1])


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 5000])
def test_without_the_secret_there_is_no_token(authorised: str, ask: Ask, secret: str) -> None:
    answer = ask(authorised, secret=secret)
    assert answer.status_code == 403
    assert "access_token" not in answer.text


def test_a_connection_that_is_not_there_looks_like_a_wrong_secret(authorised: str, ask: Ask) -> None:
    wrong, missing = ask(authorised, secret="wrong"), ask("wrike_nowhere", secret="wrong")
    assert missing.status_code == wrong.status_code == 403
    assert missing.json()["message"].replace("wrike_nowhere", authorised) == wrong.json()["message"]


def test_a_connection_of_another_type_gives_nothing(local_airflow: Airflow, ask: Ask) -> None:
    from include.local.rest import Connection

    local_airflow.api.set_connection(
        Connection("other_type", "http", extra={"broker_secret": "known", "access_token": "a"})
    )
    try:
        assert ask("other_type", secret="known").status_code == 403
    finally:
        local_airflow.api.delete_connection("other_type")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"failed": 1}', b'{"failed": null, "more": 1}'])
def test_a_body_that_is_no_request_is_refused(local_airflow: Airflow, authorised: str, body: bytes) -> None:
    answer = requests.post(
        f"{local_airflow.url}/wrike/connections/{authorised}/token",
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=30,
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429}, {"kind": "reset"}])
def test_a_passing_failure_leaves_everything_as_it_was(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient, fault: dict[str, Any]
) -> None:
    old = stored(authorised)
    sandbox.fault("/oauth2/token", **fault)
    answer = ask(authorised, fingerprint(old["access_token"]))
    assert answer.status_code == 503
    assert "Wrike" in answer.json()["message"] or "answer" in answer.json()["message"]
    assert stored(authorised) == old
    assert ask(authorised, fingerprint(old["access_token"])).status_code == 200


def test_those_who_wait_for_a_refresh_that_fails_do_not_each_try_it(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient
) -> None:
    old, secret = fingerprint(stored(authorised)["access_token"]), stored(authorised)["broker_secret"]
    sandbox.fault("/oauth2/token", status=503, seconds=2)
    with ThreadPoolExecutor(TASKS) as pool:
        answers = list(pool.map(lambda _: ask(authorised, old, secret), range(TASKS)))
    # The second try would have succeeded.
    assert {answer.status_code for answer in answers} == {503}


def test_a_dead_refresh_token_is_presented_once_and_then_never_again(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient, admin: Browser, local_airflow: Airflow
) -> None:
    old = stored(authorised)
    sandbox.tokens(revoke="aurora")
    before = refreshes(sandbox)
    for _ in range(3):
        answer = ask(authorised, fingerprint(old["access_token"]))
        assert answer.status_code == 409
        assert "authorise again" in answer.json()["message"]
        assert f"{local_airflow.url}/wrike/" in answer.json()["message"]
    assert refreshes(sandbox) == (before[0], before[1] + 1)
    page = admin.get("/wrike/").text
    assert "authorise again: Wrike does not accept its refresh token any more" in page
    authorise(admin, sandbox, authorised)
    assert ask(authorised).status_code == 200
    assert "authorise again" not in admin.get("/wrike/").text


def test_a_wrong_client_secret_is_told_and_kills_nothing(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    from include.local.rest import Connection

    old, app = stored(authorised), sandbox.accounts()["aurora"]
    before = refreshes(sandbox)

    def with_secret(secret: str) -> None:
        local_airflow.api.set_connection(
            Connection(authorised, "wrike", host=sandbox.url, login=app["client_id"], password=secret, extra=old)
        )

    with_secret("wrong")
    answer = ask(authorised, fingerprint(old["access_token"]))
    assert answer.status_code == 409
    assert "client secret" in answer.json()["message"]
    with_secret(app["client_secret"])
    assert ask(authorised, fingerprint(old["access_token"])).status_code == 200
    assert refreshes(sandbox) == (before[0] + 1, before[1])


def test_the_host_of_a_refresh_is_kept_and_one_that_is_missing_is_not_taken_away(
    authorised: str, ask: Ask, stored: Stored, local_airflow: Airflow, sandbox: SandboxClient
) -> None:
    ask(authorised, fingerprint(stored(authorised)["access_token"]))
    assert local_airflow.api.get(f"/connections/{authorised}")["host"] == sandbox.url


def test_where_the_account_is_is_asked_for_when_a_token_was_refused_and_the_refresh_does_not_say(
    authorised: str, ask: Ask, stored: Stored, local_airflow: Airflow, sandbox: SandboxClient
) -> None:
    sandbox.switch(hostless_tokens=True)
    local_airflow.api.patch_connection(authorised, host="http://127.0.0.1:1")
    answer = ask(authorised, fingerprint(stored(authorised)["access_token"]))
    assert answer.json()["host"] == local_airflow.api.get(f"/connections/{authorised}")["host"] == sandbox.url


def test_a_caller_who_goes_away_does_not_lose_the_new_pair(
    authorised: str, ask: Ask, stored: Stored, sandbox: SandboxClient, local_airflow: Airflow
) -> None:
    old, before = stored(authorised), refreshes(sandbox)
    sandbox.fault("/oauth2/token", kind="hold", seconds=1.5)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{local_airflow.url}/wrike/connections/{authorised}/token",
            json={"failed": fingerprint(old["access_token"])},
            headers={"Authorization": f"Bearer {old['broker_secret']}"},
            timeout=0.5,
        )
    answer = ask(authorised, fingerprint(old["access_token"]))
    assert answer.status_code == 200
    assert stored(authorised)["access_token"] == answer.json()["access_token"]
    assert refreshes(sandbox) == (before[0] + 1, before[1])
