"""What a task remembers from one try to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from airflow.sdk import Asset

from include.sandbox.client import SandboxClient
from tests.operators.harness import SCHEMA, Harness, State, task_context
from wrike_provider.api.errors import WrikeRequestError
from wrike_provider.operators.extract import ExtractOperator
from wrike_provider.staging.errors import StagingConfigurationError
from wrike_provider.teams import Reconcile

NAMES = ("spaces", "workflows", "custom_fields")
Try = Callable[[int], None]


class Notes(State):
    """What is noted, and how often the API server was asked about it."""

    asked = 0

    def get(self, key: str, default: Any = None) -> Any:
        self.asked += 1
        return super().get(key, default)

    def set(self, key: str, value: Any) -> None:
        self.asked += 1
        super().set(key, value)

    def clear(self) -> None:
        self.asked += 1
        super().clear()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def attempt(harness: Harness, notes: Notes) -> Try:
    """Runs a task that reads a few entities; takes the number of the try."""
    operator = ExtractOperator(
        task_id="whole.definitions",
        team="team",
        assets={name: Asset(f"wrike://team/{name}") for name in NAMES},
        wrike_conn_id="wrike_team",
        staging_conn_id="wrike_staging",
        schema=SCHEMA,
        may_vanish=1.0,
        reconcile=Reconcile.NEVER,
        detail_requests=1,
        connect_task_id="connect",
    )
    states: dict[Asset, State] = defaultdict(State)
    (account,) = harness.wrike.records(harness.account, "account")

    def go(number: int) -> None:
        ti = {"try_number": number, "xcom_push": lambda key, value: (key, value)}
        operator.execute(task_context(account, notes, states, ti=ti))

    return go


def asked(wrike: SandboxClient) -> list[str]:
    return [request["path"].rpartition("/")[2] for request in wrike.requests()]


def test_the_next_try_does_only_what_is_missing(attempt: Try, notes: Notes, wrike: SandboxClient) -> None:
    wrike.fault("/workflows", status=400, code="invalid_parameter", times=-1)
    with pytest.raises(WrikeRequestError, match="workflows"):
        attempt(1)
    assert set(notes) == {"spaces", "custom_fields"}
    wrike.heal()
    wrike.forget_requests()
    attempt(2)
    assert asked(wrike) == ["workflows"]
    assert notes == {}


def test_what_concerns_all_is_found_out_once(
    attempt: Try, wrike: SandboxClient, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_WRIKE_STAGING")
    wrike.forget_requests()
    with pytest.raises(StagingConfigurationError, match="wrike_staging"):
        attempt(1)
    assert "".join(capfd.readouterr()).count(": failed.") == 1
    assert asked(wrike) == []


def test_what_took_long_is_noted_at_once(attempt: Try, notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wrike_provider.operators.sync.WORTH_NOTING_S", 0.0)
    monkeypatch.setattr("wrike_provider.operators.extract.entity", _killed_at("custom_fields"))
    with pytest.raises(KeyboardInterrupt):
        attempt(1)
    assert set(notes) == {"spaces", "workflows"}


def test_a_try_without_failures_notes_nothing(attempt: Try, notes: Notes) -> None:
    attempt(1)
    attempt(1)
    assert notes.asked == 0


def _killed_at(name: str) -> Callable[[str], Any]:
    from wrike_provider.entities import entity

    def found(asked_for: str) -> Any:
        if asked_for == name:
            raise KeyboardInterrupt
        return entity(asked_for)

    return found
