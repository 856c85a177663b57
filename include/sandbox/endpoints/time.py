"""Time: what was worked, and when people work."""

from __future__ import annotations

from include.sandbox.endpoints.model import IDS, SCHEDULES, WORKSPACE, Endpoint
from include.sandbox.params import an_id, flag, integer, list_of, some_of
from include.sandbox.spans import dates, instants

_TIMELOG_FIELDS = ("approvalStatus", "lockStatus", "exportStatus", "billingType")

TIME: tuple[Endpoint, ...] = (
    Endpoint(
        path="/timelogs",
        kind="timelogs",
        collection="timelogs",
        params={
            "createdDate": instants,
            "updatedDate": instants,
            "trackedDate": dates,
            "me": flag,
            "descendants": flag,
            "subTasks": flag,
            "plainText": flag,
            "timelogCategories": list_of(an_id, 1000),
            "exportStatuses": some_of("NotExported", "Exported", "ReadyForExport"),
            "billingTypes": some_of("Billable", "NonBillable"),
            "approvalStatuses": some_of("NotSubmitted", "Approved", "Rejected", "Pending"),
            "limit": integer,
        },
        fields=_TIMELOG_FIELDS,
        page_size=1000,
    ),
    Endpoint(
        path="/timelogs/{ids}",
        kind="timelogs",
        collection="timelogs",
        params={"plainText": flag},
        fields=_TIMELOG_FIELDS,
    ),
    Endpoint(
        path="/timelog_categories",
        kind="timelogCategories",
        collection="timelogcategories",
        scopes=WORKSPACE | {"amReadOnlyTimelogCategory", "amReadWriteTimelogCategory"},
    ),
    Endpoint(
        path="/timesheets",
        kind="timesheets",
        collection="timesheets",
        params={"periodStartDate": dates, "userIds": IDS, "timeframes": some_of("Weekly", "Monthly")},
    ),
    Endpoint(
        path="/timesheet_submission_rules", kind="timesheetSubmissionRules", collection="timesheetsubmissionrules"
    ),
    Endpoint(
        path="/workschedules",
        kind="workSchedules",
        collection="workschedules",
        fields=("userIds",),
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/workschedules/{id}",
        kind="workSchedules",
        collection="workschedules",
        fields=("userIds",),
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/workschedules/{id}/workschedule_exclusions",
        kind="workScheduleExclusions",
        collection="workscheduleexclusions",
        params={"dateRange": dates},
        absent=("workScheduleId",),
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/workschedule_exclusions/{id}",
        kind="workScheduleExclusions",
        collection="workscheduleexclusions",
        absent=("workScheduleId",),
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/user_schedule_exclusions",
        kind="userScheduleExclusions",
        collection="userscheduleexclusions",
        params={"dateRange": dates, "userIds": list_of(an_id, 100_000)},
        scopes=SCHEDULES,
    ),
    Endpoint(
        path="/user_schedule_exclusions/{id}",
        kind="userScheduleExclusions",
        collection="userscheduleexclusions",
        scopes=SCHEDULES,
    ),
)
