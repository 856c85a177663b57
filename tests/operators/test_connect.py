"""What the task `connect` hands on when it fails."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Asset

from tests.api.server import Server, page, refusal, running_server
from tests.operators.harness import State
from wrike_provider.api.errors import WrikeAuthorizationError, WrikeBlockedError, WrikeMethodNotFoundError
from wrike_provider.auth.credentials import Credentials
from wrike_provider.operators.connect import ACCOUNT_KEY, ACCOUNT_STATE, ERROR_KEY, USER_KEY, ConnectOperator
from wrike_provider.operators.errors import BadParamsError


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    with running_server() as running:
        connection = {"conn_type": "wrike", "host": running.url, "extra": {"token": "any"}}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_TEAM", json.dumps(connection))
        yield running


class Broken(State):
    """A state store that fails, and says too much."""

    def get(self, key: str, default: Any = None) -> Any:
        raise LookupError(f"no {key}, not even {default}, for s3cr3t")


def connect(states: Any, pushed: dict[str, Any] | None = None, **context: Any) -> None:
    """Execute the task, with the states of assets; what it pushes is put into `pushed`."""
    xcoms = {} if pushed is None else pushed
    operator = ConnectOperator(task_id="connect", wrike_conn_id="wrike_team", account=Asset("account"), entities=[])
    whole: Any = {
        "dag_run": SimpleNamespace(run_type="manual"),
        "params": {},
        "asset_state_store": states,
        "ti": SimpleNamespace(xcom_push=lambda key, value: xcoms.update({key: value})),
        **context,
    }
    operator.execute(whole)


def told(error: type[Exception], **context: Any) -> dict[str, str]:
    """Execute the task, which fails; returns what it tells of that."""
    pushed: dict[str, Any] = {}
    with pytest.raises(error):
        connect(context.pop("asset_state_store", defaultdict(State)), pushed, **context)
    assert pushed[ERROR_KEY]["class"] == error.__name__
    found: dict[str, str] = pushed[ERROR_KEY]
    return found


def test_what_wrike_refuses_is_told(server: Server) -> None:
    server.will(refusal(401, "not_authorized"))
    found = told(WrikeAuthorizationError)
    assert "GET /account: Wrike answered 401" in found["message"]
    assert found["grant"] == Credentials(token="any").identity


def test_without_a_connection_there_is_no_grant_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_WRIKE_TEAM", raising=False)
    found = told(WrikeAuthorizationError)
    assert "There is no Connection 'wrike_team'" in found["message"]
    assert found["grant"] == ""


def test_what_is_wrong_with_the_params_is_told() -> None:
    found = told(BadParamsError, params={"since": "2099-01-01T00:00:00Z"})
    assert "has to be in the past" in found["message"]
    assert "grant" not in found


def test_what_others_have_written_is_not_handed_on(server: Server) -> None:
    server.will(page({"id": "A"}))
    found = told(LookupError, asset_state_store=defaultdict(Broken))
    assert found["message"] == "LookupError: the log of this task tells more."


def test_what_a_token_opens_is_read_though_it_does_not_show_whose_it_is(server: Server) -> None:
    server.will(refusal(403, "access_forbidden"), refusal(403, "access_forbidden"))
    pushed: dict[str, Any] = {}
    connect(defaultdict(State), pushed)
    assert ERROR_KEY not in pushed
    assert pushed[ACCOUNT_KEY] is None
    assert pushed[USER_KEY]["grant"] == Credentials(token="any").identity


@pytest.mark.parametrize(("status", "code"), [(404, "method_not_found"), (403, "not_allowed"), (403, "")])
def test_a_user_who_may_not_be_asked_for_otherwise_is_told(server: Server, status: int, code: str) -> None:
    server.will(page({"id": "A"}), refusal(status, code))
    found = told(WrikeMethodNotFoundError if status == 404 else WrikeBlockedError)
    assert f"GET /contacts: Wrike answered {status}" in found["message"]


@pytest.mark.parametrize(("params", "refused"), [({}, True), ({"full_refresh": True}, False)])
def test_another_account_is_not_read_into_the_tables_of_the_first(
    params: dict[str, Any], refused: bool, server: Server
) -> None:
    states: defaultdict[Any, State] = defaultdict(State)
    user = page({"id": "U", "profiles": [{"accountId": "A", "admin": True}]})
    for account, others in (("A", [user]), ("A", []), ("B", [])):
        server.will(page({"id": account, "name": f"Account {account}"}), *others)
        if account == "A" or not refused:
            connect(states, params=params)
    if refused:
        found = told(WrikeAuthorizationError, asset_state_store=states)
        assert "'Account B' (B)" in found["message"]
        assert "of the account A" in found["message"]
        assert found["grant"] == Credentials(token="any").identity
    assert states[Asset("account")][ACCOUNT_STATE] == ("A" if refused else "B")
