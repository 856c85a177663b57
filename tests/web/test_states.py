"""Connections that do not live in Airflow's database."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("extra", "label", "detail"),
    [
        ({"token": "permanent"}, "permanent token", "Read-only secrets backend EnvironmentVariablesBackend."),
        ({}, "read-only secrets backend", "put a permanent token there"),
        ({"access_token": "a", "refresh_token": "r"}, "read-only secrets backend", "refreshed tokens cannot be kept"),
    ],
)
def test_an_environment_variable_goes_before_the_database(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, str], label: str, detail: str
) -> None:
    from airflow.models.connection import Connection

    from wrike_provider.web.states import connection_state

    connection = {"conn_type": "wrike", "login": "id", "password": "secret", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_ELSEWHERE", json.dumps(connection))
    stored = Connection("wrike_elsewhere", "wrike", login="id", password="secret")
    for row in (None, stored):
        state = connection_state("wrike_elsewhere", row)
        assert state.label == label
        assert detail in state.detail
        assert not state.login


def test_an_environment_variable_that_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    from wrike_provider.web.states import connection_state

    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_ELSEWHERE", "{not json")
    state = connection_state("wrike_elsewhere", None)
    assert (state.label, state.level) == ("not set up", "bad")
    assert "EnvironmentVariablesBackend fails" in state.detail


def test_a_connection_that_cannot_be_read_does_not_take_the_page_away() -> None:
    from airflow.models.connection import Connection

    from wrike_provider.web.states import connection_state

    broken = Connection("wrike_broken", "wrike", login="id", password="secret")
    broken._extra = "gAAAAAB-of-another-key"
    broken.is_extra_encrypted = True
    state = connection_state("wrike_broken", broken)
    assert (state.label, state.level, state.missing) == ("cannot be read", "bad", False)
    assert "fernet_key" in state.detail
