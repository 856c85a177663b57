"""Which requests of the hook count together, and where the limit is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis

from wrike_provider.api.errors import WrikeLimiterError
from wrike_provider.hooks.wrike import WrikeHook

if TYPE_CHECKING:
    from include.local.redis import RedisServer
    from include.sandbox.client import SandboxClient

Taken = Callable[..., set[str]]
GRANT = {"refresh_token": "r", "broker_secret": "s", "authorized_at": "2026-01-01T00:00:00+00:00"}


@pytest.fixture
def limiter(monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer) -> redis.Redis:
    """A Redis that the hook is told to use."""
    connection = {
        "conn_type": "redis",
        "host": "127.0.0.1",
        "port": redis_server.port,
        "password": redis_server.password,
        "extra": {"db": 5},
    }
    monkeypatch.setenv("AIRFLOW_CONN_LIMITS", json.dumps(connection))
    monkeypatch.setenv("AIRFLOW__WRIKE__LIMITS_CONNECTION_ID", "limits")
    client = redis.Redis.from_url(redis_server.url(5), decode_responses=True)
    client.flushdb()
    return client


@pytest.fixture
def taken(limiter: redis.Redis, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxClient) -> Taken:
    """Makes a request, and tells of which limits it took a turn."""
    # So that turns are still there to be seen.
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 60_000)

    def ask(**extra: Any) -> set[str]:
        limiter.flushdb()
        connection = {"conn_type": "wrike", "host": sandbox.url, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_TEST", json.dumps(connection))
        with WrikeHook("wrike_test").get_conn() as session:
            session.get(f"{sandbox.url}/api/v4/version")
        return set(limiter.keys())

    return ask


def test_a_request_counts_for_its_token_and_its_address(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__WRIKE__OUTGOING_ADDRESS", "nat")
    one, other = taken(token="one-token"), taken(token="other-token")
    assert one & other == {"wrike:turn:address:nat"}
    assert len(one) == len(other) == 2
    assert taken(token="one-token", scope="another Connection") == one
    assert "one-token" not in str(one)


def test_a_grant_stays_the_same_when_its_token_is_refreshed(taken: Taken) -> None:
    assert taken(access_token="a", expires_at=2e9, **GRANT) == taken(access_token="b", expires_at=2e9, **GRANT)
    assert taken(access_token="a", expires_at=2e9, **GRANT) != taken(
        access_token="a", expires_at=2e9, **{**GRANT, "authorized_at": "2026-02-01T00:00:00+00:00"}
    )


def test_without_a_redis_the_limit_is_kept_on_the_host(
    limiter: redis.Redis, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxClient, tmp_path: Path
) -> None:
    monkeypatch.delenv("AIRFLOW__WRIKE__LIMITS_CONNECTION_ID")
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv(
        "AIRFLOW_CONN_WRIKE_TEST", json.dumps({"conn_type": "wrike", "host": sandbox.url, "extra": {"token": "t"}})
    )
    with WrikeHook("wrike_test").get_conn() as session:
        session.get(f"{sandbox.url}/api/v4/version")
    assert limiter.keys() == []
    assert (tmp_path / "wrike_limits" / "turns.sqlite").exists()


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (None, r"There is not the Connection 'limits', which \[wrike\] limits_connection_id names. Make it"),
        ({"conn_type": "postgres"}, "'limits'.* is 'postgres'. It has to be 'redis'"),
        ({"conn_type": "redis", "extra": {"cluster": True, "db": 3}}, "'limits'.*cannot be used.*database 0"),
    ],
)
def test_settings_that_are_wrong(
    limiter: redis.Redis, taken: Taken, monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any] | None, message: str
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_LIMITS")
    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_LIMITS", json.dumps(connection))
    with pytest.raises(WrikeLimiterError, match=message):
        taken(token="t")


def test_airflow_knows_the_options() -> None:
    from airflow.providers_manager import ProvidersManager

    # As `airflow config list` has them; what Airflow's schema of provider information does not allow is not there.
    options = dict(ProvidersManager().provider_configs)["airflow-provider-wrike"]["wrike"]["options"]
    assert {name: option["default"] for name, option in options.items()} == {
        "limits_connection_id": "",
        "outgoing_address": "",
    }
