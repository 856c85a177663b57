"""Schedules: cron expressions in which a team's name decides what they leave open.

What is left open is written ``H``, as in Jenkins: a value that is always the same for a name and differs between names,
so that many teams do not start in the same minute.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from airflow.sdk import CronDataIntervalTimetable
from airflow.sdk.exceptions import AirflowTimetableInvalid
from croniter import CroniterError, croniter

PRESETS: Final = {
    "@hourly": "H * * * *",
    "@daily": "H 0 * * *",
    "@weekly": "H 0 * * 0",
    "@monthly": "H 0 1 * *",
    "@quarterly": "H 0 1 */3 *",
    "@yearly": "H 0 1 1 *",
}
"""What they stand for. They leave the minute open: who writes a cron expression fixes it."""

_HASHED: Final = re.compile(r"h(\(\d+-\d+\))?(/\d+)?", re.IGNORECASE)
_RANDOM: Final = re.compile(r"r(\(\d+-\d+\))?(/\d+)?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def cron(schedule: str, name: str) -> str:
    """Find the cron expression that a schedule means for a team.

    :param schedule: cron expression, with ``H`` where the name decides, or one of :data:`PRESETS`.
    :param name: the team's name.
    :raises ValueError: it is neither.
    """
    fields = PRESETS.get(schedule, schedule).split()
    try:
        if any(_RANDOM.fullmatch(field) for field in fields):
            # Each component of Airflow would draw another number.
            raise ValueError("R is not supported; H is a value that stays the same")
        if any(_HASHED.fullmatch(field) for field in fields):
            values = croniter.expand(" ".join(fields), hash_id=name.encode())[0]
            fields = [
                ",".join(map(str, found)) if _HASHED.fullmatch(field) else field
                for field, found in zip(fields, values, strict=True)
            ]
        expression = " ".join(fields)
        _check(expression)
    except (CroniterError, AirflowTimetableInvalid, ValueError) as error:
        raise ValueError(
            f"{schedule!r} is neither a cron expression such as '0 6 * * *' nor a preset such as @hourly ({error})"
        ) from None
    return expression


@lru_cache(maxsize=4096)
def _check(expression: str) -> None:
    CronDataIntervalTimetable(expression, timezone="UTC").validate()
