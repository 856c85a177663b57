"""The client of Airflow's REST API, against a real Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.local.rest import ApiError, Connection

if TYPE_CHECKING:
    from include.local.airflow import Airflow


def test_a_connection_is_created_replaced_and_deleted(local_airflow: Airflow) -> None:
    api = local_airflow.api
    assert api.connection_description("rest_test") is None
    api.set_connection(Connection("rest_test", "http", host="one.test", extra={"token": "t"}, description="first"))
    api.set_connection(Connection("rest_test", "http", host="two.test", description="second"))
    found = api.get("/connections/rest_test")
    assert (found["host"], found["extra"], found["description"]) == ("two.test", None, "second")
    assert api.connection_description("rest_test") == "second"
    api.delete_connection("rest_test")
    assert api.connection_description("rest_test") is None


def test_a_variable_is_created_changed_and_deleted(local_airflow: Airflow) -> None:
    api = local_airflow.api
    assert api.variable("rest_test") is None
    for value in ("true", "false"):
        api.set_variable("rest_test", value)
        assert api.variable("rest_test") == value
    api.delete_variable("rest_test")
    assert api.variable("rest_test") is None


def test_a_pool_is_created_and_changed(local_airflow: Airflow) -> None:
    for slots in (3, 5):
        local_airflow.api.set_pool("rest_test", slots)
        assert local_airflow.api.get("/pools/rest_test")["slots"] == slots


def test_what_airflow_refuses_is_an_error_with_its_words(local_airflow: Airflow) -> None:
    with pytest.raises(ApiError, match=r"POST /api/v2/dags/no_such_dag/dagRuns: HTTP 404: .*no_such_dag") as caught:
        local_airflow.api.trigger("no_such_dag")
    assert caught.value.status == 404
