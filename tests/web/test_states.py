"""How a Connection stands: where it lives, and what became of it when it was used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wrike_provider.auth.credentials import Credentials, fingerprint


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


GRANT = {"access_token": "a", "refresh_token": "r", "broker_secret": "b", "authorized_at": "2026-02-03T04:05:06+00:00"}


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"token": "permanent"}, "Permanent token. Correct the Connection, as that run says."),
        (
            {**GRANT, "authorized_user": "Ada", "authorized_admin": True},
            "Authorised as Ada, administrator, since 2026-02-03 04:05 UTC. Authorise again, or correct the ",
        ),
    ],
)
def test_a_token_that_a_run_was_refused_with_is_not_good(extra: dict[str, Any], told: str) -> None:
    from airflow.models.connection import Connection

    from wrike_provider.web.states import connection_state, tried

    stored = Connection("wrike_tried", "wrike", login="id", password="secret", extra=extra)
    state = connection_state("wrike_tried", stored)
    found = tried(state, Credentials.from_extra(extra).identity)
    assert (found.label, found.level) == ("not accepted in the last run", "bad")
    assert found.detail.startswith(told)
    assert found.login == state.login
    # The last run has said nothing of credentials, or of others than these.
    assert tried(state, "") == state
    assert tried(state, Credentials.from_extra({"token": "older"}).identity) == state


def test_what_a_run_was_refused_with_in_a_read_only_backend_is_not_good(monkeypatch: pytest.MonkeyPatch) -> None:
    from wrike_provider.web.states import connection_state, tried

    monkeypatch.setenv("AIRFLOW_CONN_WRIKE_TRIED", json.dumps({"conn_type": "wrike", "extra": {"token": "t"}}))
    found = tried(connection_state("wrike_tried", None), Credentials(token="t").identity)
    assert found.level == "bad"
    assert "Read-only secrets backend EnvironmentVariablesBackend. Correct" in found.detail


def test_what_the_connection_itself_says_is_wrong_goes_before_what_a_run_says() -> None:
    from airflow.models.connection import Connection

    from wrike_provider.web.states import connection_state, tried

    extra = {**GRANT, "refused": fingerprint("r")}
    state = connection_state("wrike_tried", Connection("wrike_tried", "wrike", login="i", password="s", extra=extra))
    assert state.label.startswith("authorise again")
    assert tried(state, Credentials.from_extra(extra).identity) == state


def test_a_connection_may_be_in_a_backend_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from wrike_provider.web.states import in_a_backend

    assert not in_a_backend("wrike_staging_elsewhere")
    for text in ('{"conn_type": "duckdb", "host": "/x"}', "{not json"):
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_STAGING_ELSEWHERE", text)
        assert in_a_backend("wrike_staging_elsewhere")
