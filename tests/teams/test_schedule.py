"""Schedules: presets are spread by the team's name, cron expressions are taken as they are."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from airflow.timetables.base import TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable
from pendulum import instance

from wrike_provider.teams import Team
from wrike_provider.teams.schedule import PRESETS, cron


@pytest.mark.parametrize("expression", ["0 * * * *", "15 6 * * 1", "*/10 * * * *", "0 6 * * THU", "0 0 1 JAN *"])
def test_a_cron_expression_is_taken_as_it_is(expression: str) -> None:
    assert cron(expression, "acme") == expression


def test_presets_leave_the_minute_to_the_name_and_nothing_else() -> None:
    assert {preset: cron(preset, "acme") for preset in PRESETS} == {
        "@hourly": "14 * * * *",
        "@daily": "14 0 * * *",
        "@weekly": "14 0 * * 0",
        "@monthly": "14 0 1 * *",
        "@quarterly": "14 0 1 */3 *",
        "@yearly": "14 0 1 1 *",
    }


def test_a_thousand_teams_start_evenly() -> None:
    minutes = Counter(cron("@hourly", f"team-{number}").split()[0] for number in range(1000))
    assert len(minutes) == 60
    assert max(minutes.values()) <= 35  # 17 on average


@pytest.mark.parametrize(
    ("expression", "form"),
    [
        ("H H(1-5) * * *", r"\d+ [1-5] \* \* \*"),
        ("H/30 * * * *", r"\d+,\d+ \* \* \* \*"),
        ("H */4 * * THU", r"\d+ \*/4 \* \* THU"),
        ("h 6 * * *", r"\d+ 6 \* \* \*"),
    ],
)
def test_h_is_decided_by_the_name(expression: str, form: str) -> None:
    assert re.fullmatch(form, cron(expression, "acme"))
    assert len({cron(expression, f"team-{number}") for number in range(20)}) > 5


@pytest.mark.parametrize("expression", ["R * * * *", "H H(9-1) * * *", "often", "", "H H * *", "@sometimes"])
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="neither a cron expression"):
        cron(expression, "acme")


@pytest.mark.parametrize("schedule", ["@hourly", "@daily", "H/20 * * * *"])
def test_intervals_touch_each_other(schedule: str) -> None:
    expression = Team(name="acme", schedule=schedule).cron
    assert expression
    timetable = CronDataIntervalTimetable(expression, timezone="Europe/Berlin")
    # Over the end of summer time.
    begin = datetime(2026, 10, 24, tzinfo=UTC)
    last = None
    for _ in range(80):
        following = timetable.next_dagrun_info(
            last_automated_data_interval=last, restriction=TimeRestriction(instance(begin), None, catchup=True)
        )
        assert following is not None
        if last is not None:
            assert following.data_interval.start == last.end
        last = following.data_interval
