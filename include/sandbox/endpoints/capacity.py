"""Bookings, and days that are longer or shorter than usual."""

from __future__ import annotations

from include.sandbox.endpoints.model import SCHEDULES, Endpoint
from include.sandbox.params import an_id, flag, list_of
from include.sandbox.spans import a_date

_BOOKED = {
    "startDate": a_date,
    "finishDate": a_date,
    "responsibleIds": list_of(an_id, 15_000),
    "responsiblePlaceholderIds": list_of(an_id, 15_000),
    "showDescendants": flag,
}

CAPACITY: tuple[Endpoint, ...] = (
    Endpoint(path="/bookings", kind="bookings", collection="bookings", params=_BOOKED),
    Endpoint(path="/folders/{id}/bookings", kind="bookings", collection="bookings", params=_BOOKED),
    Endpoint(path="/bookings/{ids}", kind="bookings", collection="bookings"),
    Endpoint(
        path="/user_schedule_partial_exclusion",
        kind="userSchedulePartialExclusions",
        collection="userschedulepartialexclusions",
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/user_schedule_partial_exclusion/{ids}",
        kind="userSchedulePartialExclusions",
        collection="userschedulepartialexclusions",
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/user_schedule_capacity_change",
        kind="userScheduleCapacityChanges",
        collection="userschedulecapacitychanges",
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/user_schedule_capacity_change/{ids}",
        kind="userScheduleCapacityChanges",
        collection="userschedulecapacitychanges",
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/workschedules/{id}/workschedule_capacity_change",
        kind="workScheduleCapacityChanges",
        collection="workschedulecapacitychanges",
        absent=("workScheduleId",),
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/workschedule_capacity_change/{ids}",
        kind="workScheduleCapacityChanges",
        collection="workschedulecapacitychanges",
        absent=("workScheduleId",),
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/workschedules/{id}/timesheet_submission_rules",
        kind="timesheetSubmissionRules",
        collection="timesheetsubmissionrules",
    ),
)
