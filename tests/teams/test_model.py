"""What a team is called, where it goes and what it takes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from wrike_provider.entities import CATALOGUE
from wrike_provider.teams import Team


def team(**fields: Any) -> Team:
    return Team.model_validate({"name": "aurora", **fields})


def test_a_name_is_enough() -> None:
    made = team()
    assert (made.dag_id, made.connection_id, made.account_name) == ("wrike_aurora", "wrike_aurora", "aurora")
    assert (made.switch, made.staging_schema) == ("wrike_enabled__default", "wrike_aurora")
    assert (made.schedule, made.timezone, made.start_date) == ("@hourly", "UTC", date(2026, 1, 1))
    assert (made.staging.connection_id, made.pool, made.owner, made.tags) == (
        "wrike_staging",
        "default_pool",
        "wrike",
        (),
    )
    assert made.taken == CATALOGUE


def test_what_is_said_counts() -> None:
    made = team(connection_id="other", account_name="Aurora Ltd", endpoint="eu1", timezone="Europe/Berlin")
    assert (made.connection_id, made.account_name, made.switch) == ("other", "Aurora Ltd", "wrike_enabled__eu1")
    assert made.zone.key == "Europe/Berlin"


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_field_is_named_after_the_team(empty: str | None) -> None:
    made = team(connection_id=empty, account_name=empty)
    assert (made.connection_id, made.account_name) == ("wrike_aurora", "aurora")


def test_hyphens_become_underscores_in_the_schema_only() -> None:
    made = team(name="new-york-2")
    assert (made.dag_id, made.connection_id) == ("wrike_new-york-2", "wrike_new-york-2")
    assert made.staging_schema == "wrike_new_york_2"


@pytest.mark.parametrize("name", ["a", "1", "a_b", "a-b", "x" * 40])
def test_good_names(name: str) -> None:
    assert team(name=name).name == name


@pytest.mark.parametrize("name", ["", "A", "ä", "a b", "_a", "-a", "a.b", "a/b", "a\n", "x" * 41, None, 5])
def test_bad_names(name: Any) -> None:
    with pytest.raises(ValidationError):
        team(name=name)


@pytest.mark.parametrize("schedule", [None, "@hourly", "@daily", "@weekly", "0 6 * * *", "*/15 * * * MON-FRI"])
def test_good_schedules(schedule: str | None) -> None:
    assert team(schedule=schedule).schedule == schedule


@pytest.mark.parametrize(
    ("text", "minutes"), [("45m", 45), ("2h", 120), ("1h30m", 90), ("PT45M", 45), ("P1D", 1440), (None, None)]
)
def test_good_durations(text: str | None, minutes: int | None) -> None:
    assert team(must_finish_within=text).must_finish_within == (minutes and timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("choice", "taken"),
    [
        ({"include": ["tasks", "account"]}, ["account", "tasks"]),
        ({"include": ["tasks", "folders"], "exclude": ["tasks"]}, ["folders"]),
        ({"exclude": [entity.name for entity in CATALOGUE if entity.name != "spaces"]}, ["spaces"]),
    ],
)
def test_entities_are_chosen_and_keep_their_order(choice: dict[str, list[str]], taken: list[str]) -> None:
    assert [entity.name for entity in team(entities=choice).taken] == taken


@pytest.mark.parametrize("schema", ["x", "_x", "wrike_2", "x" * 58])
def test_good_schemas(schema: str) -> None:
    assert team(staging={"schema": schema}).staging_schema == schema


@pytest.mark.parametrize("schema", ["X", "1x", "a-b", "a.b", "a b", "", "x" * 64])
def test_bad_schemas(schema: str) -> None:
    with pytest.raises(ValidationError):
        team(staging={"schema": schema})


def test_a_team_does_not_change() -> None:
    with pytest.raises(ValidationError):
        team().name = "other"


def test_the_data_export_has_schemas_of_its_own_when_it_is_on() -> None:
    assert team().data_export is False
    assert team().schemas == ("wrike_aurora", "wrike_aurora_load")
    made = team(data_export=True)
    assert made.export_schema == "wrike_aurora_export"
    assert made.schemas[2:] == ("wrike_aurora_export", "wrike_aurora_export_load")
    assert max(map(len, team(name="x" * 40, data_export=True).schemas)) <= 63


def test_a_schema_leaves_room_for_those_of_the_data_export() -> None:
    assert team(staging={"schema": "x" * 51}, data_export=True).schemas
    with pytest.raises(ValidationError, match=r"staging\.schema: 1 characters too long"):
        team(staging={"schema": "x" * 52}, data_export=True)
