"""What a StatsD server gets to hear of a sync."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

from include.sandbox.client import SandboxClient
from tests.operators.harness import Harness


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """A StatsD server, and Airflow's metrics as a task of it sets them up; gives what has arrived."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        for name, value in {
            "STATSD_ON": "True",
            "STATSD_HOST": "127.0.0.1",
            "STATSD_PORT": str(server.getsockname()[1]),
            "STATSD_INFLUXDB_ENABLED": "True",
        }.items():
            monkeypatch.setenv(f"AIRFLOW__METRICS__{name}", value)
        stats.initialize(factory=get_stats_factory(), export_legacy_names=True)

        def received() -> list[str]:
            # On loopback a datagram is there when it was sent.
            found = []
            while True:
                try:
                    found.append(server.recv(65536).decode())
                except BlockingIOError:
                    return found

        yield received
    monkeypatch.undo()
    stats.initialize(factory=get_stats_factory(), export_legacy_names=True)


def test_figures_of_each_entity(harness: Harness, heard: Callable[[], list[str]]) -> None:
    result = harness.run("contacts")["contacts"]
    metrics = [metric for metric in heard() if metric.startswith("airflow.wrike.")]
    timers = [metric for metric in metrics if metric.endswith("|ms")]
    assert sorted(set(metrics) - set(timers)) == sorted(
        [
            f"airflow.wrike.requests,team=team,entity=contacts:{result.requests}|c",
            f"airflow.wrike.records_read,team=team,entity=contacts:{result.read}|c",
            f"airflow.wrike.records_written,team=team,entity=contacts:{result.inserted}|c",
            "airflow.wrike.syncs,team=team,entity=contacts,outcome=synced:1|c",
            f"airflow.wrike.team.contacts.requests:{result.requests}|c",
            f"airflow.wrike.team.contacts.records_read:{result.read}|c",
            f"airflow.wrike.team.contacts.records_written:{result.inserted}|c",
            "airflow.wrike.team.contacts.syncs.synced:1|c",
        ]
    )
    assert [metric.partition(":")[0] for metric in timers] == [
        "airflow.wrike.sync_duration,team=team,entity=contacts",
        "airflow.wrike.team.contacts.sync_duration",
    ]
    assert result.requests > 0
    assert result.inserted == result.read > 0


def test_refused_requests_are_counted(harness: Harness, wrike: SandboxClient, heard: Callable[[], list[str]]) -> None:
    wrike.fault("/groups", status=429, code="too_many_requests", times=2, headers={"Retry-After": "0"})
    result = harness.run("groups")["groups"]
    assert (result.requests, result.requests_refused) == (3, 2)
    assert "airflow.wrike.requests_refused,team=team,entity=groups:2|c" in heard()


def test_without_legacy_names(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, heard: Callable[[], list[str]]
) -> None:
    monkeypatch.setenv("AIRFLOW__METRICS__LEGACY_NAMES_ON", "False")
    harness.run("groups")
    assert not [metric for metric in heard() if metric.startswith("airflow.wrike.team.")]
