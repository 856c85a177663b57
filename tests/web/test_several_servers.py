"""Several API servers on PostgreSQL: one refresh per expiry, and no team locked out when servers are killed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.waiting import wait_until
from tests.web.browser import Browser, authorise, stored_extra
from tests.web.readers import STRESS_S, assert_one_refresh_per_expiry, connect, finish, start
from wrike_provider.auth.credentials import fingerprint

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

TEAM = "wrike_shared"
TASKS = 16
KILLS = 4


@pytest.fixture(scope="module")
def hasty_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """A local Wrike whose access tokens live five seconds, and without a request limit."""
    from include.local.wrike import local_wrike

    log = tmp_path_factory.mktemp("hasty") / "log"
    with local_wrike(log, "--token-lifetime", "5", "--rate-limit", "0", "--accounts", "1", "--tasks", "20") as running:
        yield running


@pytest.fixture(scope="module")
def airflow(local_airflow: Airflow) -> Iterator[Airflow]:
    """Airflow with three API servers."""
    local_airflow.start_api_servers(1, 2)
    yield local_airflow
    local_airflow.stop_api_servers()
    local_airflow.api.delete_connection(TEAM)


@pytest.fixture
def team(airflow: Airflow, admin: Browser, hasty_sandbox: SandboxClient) -> str:
    """A Connection that is authorised; its id."""
    hasty_sandbox.heal()
    connect(airflow, hasty_sandbox, TEAM)
    authorise(admin, hasty_sandbox, TEAM)
    return TEAM


def ask(url: str, airflow: Airflow, failed: str | None) -> requests.Response:
    secret = stored_extra(airflow.home, TEAM)["broker_secret"]
    return requests.post(
        f"{url}/wrike/connections/{TEAM}/token",
        json={"failed": failed},
        headers={"Authorization": f"Bearer {secret}"},
        timeout=60,
    )


def test_sixteen_tasks_at_three_servers(airflow: Airflow, team: str, hasty_sandbox: SandboxClient) -> None:
    before = hasty_sandbox.stats()
    began = time.monotonic()
    pages = [f"{url}/wrike" for url in airflow.api_urls]
    secret = stored_extra(airflow.home, team)["broker_secret"]
    results = finish(start(f"{hasty_sandbox.url}/api/v4", pages, team, secret, TASKS))
    assert_one_refresh_per_expiry(before, hasty_sandbox.stats(), time.monotonic() - began)
    assert [failure for result in results for failure in result["failures"]] == []
    assert min(result["answered"] for result in results) > STRESS_S / 2


def test_servers_killed_at_random_moments(airflow: Airflow, team: str, hasty_sandbox: SandboxClient) -> None:
    before = hasty_sandbox.stats()
    chance = random.Random(7)  # noqa: S311
    # Killed are the servers that the tasks ask, the third one is there for them meanwhile.
    pages = [f"{url}/wrike" for url in airflow.api_urls]
    secret = stored_extra(airflow.home, team)["broker_secret"]
    readers = start(f"{hasty_sandbox.url}/api/v4", pages, team, secret, TASKS)
    lost = 0
    for kill in range(KILLS):
        number = 1 + kill % 2
        # Around a refresh: five seconds is how long tokens live.
        time.sleep(chance.uniform(0, 5))
        airflow.kill_api_server(number)
        if "refused" in stored_extra(airflow.home, team):
            lost += 1
        airflow.start_api_servers(number)
    results = finish(readers)
    after = hasty_sandbox.stats()
    refused = "refused" in stored_extra(airflow.home, team)
    # A dead token is shown only after the one gap: Wrike had answered, and the answer was not committed.
    assert after["dead_refresh"] - before["dead_refresh"] == int(refused)
    if not refused:
        assert lost == 0
        assert [failure for result in results for failure in result["failures"]] == []
        assert ask(airflow.api_urls[0], airflow, None).status_code == 200


def test_the_gap_that_cannot_be_closed_recovers_by_authorise(
    airflow: Airflow, team: str, hasty_sandbox: SandboxClient, admin: Browser
) -> None:
    token = fingerprint(stored_extra(airflow.home, team)["access_token"])
    before = hasty_sandbox.stats()["refresh"]
    hasty_sandbox.fault("/oauth2/token", kind="hold", seconds=6)
    url = airflow.api_urls[1]
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{url}/wrike/connections/{team}/token",
            json={"failed": token},
            headers={"Authorization": f"Bearer {stored_extra(airflow.home, team)['broker_secret']}"},
            timeout=1,
        )
    wait_until(lambda: hasty_sandbox.stats()["refresh"] > before, "the refresh")
    airflow.kill_api_server(1)
    airflow.start_api_servers(1)
    answer = ask(airflow.api_urls[0], airflow, token)
    assert answer.status_code == 409
    assert "authorise again" in answer.json()["message"]
    authorise(admin, hasty_sandbox, team)
    for url in airflow.api_urls:
        assert ask(url, airflow, None).status_code == 200


def test_a_server_killed_before_wrike_has_the_refresh_loses_nothing(
    airflow: Airflow, team: str, hasty_sandbox: SandboxClient
) -> None:
    token = fingerprint(stored_extra(airflow.home, team)["access_token"])
    before = hasty_sandbox.stats()
    hasty_sandbox.fault("/oauth2/token", status=503, seconds=3)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{airflow.api_urls[1]}/wrike/connections/{team}/token",
            json={"failed": token},
            headers={"Authorization": f"Bearer {stored_extra(airflow.home, team)['broker_secret']}"},
            timeout=1,
        )
    # It stays away: what follows asks the first one.
    airflow.kill_api_server(1)
    answer = ask(airflow.api_urls[0], airflow, token)
    assert answer.status_code == 200
    assert hasty_sandbox.stats()["dead_refresh"] == before["dead_refresh"]


def test_a_database_that_goes_away_between_answer_and_commit_loses_nothing(
    airflow: Airflow, team: str, hasty_sandbox: SandboxClient
) -> None:
    import sqlalchemy

    token = fingerprint(stored_extra(airflow.home, team)["access_token"])
    before = hasty_sandbox.stats()
    hasty_sandbox.fault("/oauth2/token", kind="hold", seconds=2)
    engine = sqlalchemy.create_engine(airflow.home.database, isolation_level="AUTOCOMMIT")
    reader = start_asking(airflow, token)
    try:
        with engine.connect() as database:
            holding = sqlalchemy.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE state = 'idle in transaction' AND query LIKE '%FROM connection%FOR UPDATE%'"
            )
            deadline = time.monotonic() + 10
            while not database.execute(holding).all():
                assert time.monotonic() < deadline
    finally:
        engine.dispose()
    answer = reader.result(timeout=60)
    assert answer.status_code == 200
    assert stored_extra(airflow.home, team)["access_token"] == answer.json()["access_token"]
    assert hasty_sandbox.stats()["refresh"] == before["refresh"] + 1
    assert hasty_sandbox.stats()["dead_refresh"] == before["dead_refresh"]


def start_asking(airflow: Airflow, failed: str) -> Any:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    asked = pool.submit(ask, airflow.api_urls[0], airflow, failed)
    pool.shutdown(wait=False)
    return asked
