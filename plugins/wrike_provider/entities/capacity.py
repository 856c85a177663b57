"""When people can work, and what they are booked for (Wrike API v4, "Work Schedules", "Bookings", "Timesheets")."""

from __future__ import annotations

from wrike_provider.entities.common import EFFORT
from wrike_provider.entities.model import Area, Child, Column, Details, Entity, Type, ids

_SCHEDULES = ("amReadOnlyWorkSchedule", "amReadWriteWorkSchedule")
_RESOURCES = "a plan with resource planning"

WORK_SCHEDULES = Entity(
    name="work_schedules",
    singular="work_schedule",
    description="Work schedules.",
    area=Area.CAPACITY,
    path="/workschedules",
    scopes=_SCHEDULES,
    fields=("userIds",),
    columns=(
        Column("id", description="Id of the work schedule."),
        Column("scheduleType", description="Default or Custom."),
        Column("title", description="Name."),
    ),
    children=(
        ids("userIds", "People who work by it."),
        Child(
            "workweek",
            (
                Column("workDays", Type.JSON, "Days of the week."),
                Column("capacityMinutes", Type.INTEGER, "Minutes of work on each of them."),
            ),
            description="Days of work and how long they are.",
        ),
    ),
)

WORK_SCHEDULE_EXCLUSIONS = Entity(
    name="work_schedule_exclusions",
    singular="work_schedule_exclusion",
    description="Days on which a work schedule is another one, such as public holidays.",
    area=Area.CAPACITY,
    path="/workschedules/{ids}/workschedule_exclusions",
    scopes=_SCHEDULES,
    details=Details(of="work_schedules", about="workScheduleId", several=True),
    columns=(
        Column("id", description="Id of the exclusion."),
        Column("workScheduleId", description="The work schedule."),
        Column("fromDate", Type.DATE, "First day."),
        Column("toDate", Type.DATE, "Last day."),
        Column("isWorkDays", Type.BOOLEAN, "Whether they are days of work."),
        Column("exclusionType", description="AdditionalWorkDays, PublicHolidays or OtherEvent."),
    ),
)

WORK_SCHEDULE_CAPACITY_CHANGES = Entity(
    name="work_schedule_capacity_changes",
    singular="work_schedule_capacity_change",
    description="Days on which a work schedule has longer or shorter days.",
    area=Area.CAPACITY,
    path="/workschedules/{ids}/workschedule_capacity_change",
    scopes=_SCHEDULES,
    details=Details(of="work_schedules", about="workScheduleId", several=True),
    columns=(
        Column("id", description="Id of the change."),
        Column("workScheduleId", description="The work schedule."),
        Column("startDate", Type.DATE, "First day."),
        Column("finishDate", Type.DATE, "Last day."),
        Column("capacityMinutes", Type.INTEGER, "Minutes of work on each of them."),
    ),
)

USER_SCHEDULE_EXCLUSIONS = Entity(
    name="user_schedule_exclusions",
    singular="user_schedule_exclusion",
    description="Days on which a person does not work, or works more.",
    area=Area.CAPACITY,
    path="/user_schedule_exclusions",
    scopes=_SCHEDULES,
    columns=(
        Column("id", description="Id of the exclusion."),
        Column("userId", description="The person."),
        Column("fromDate", Type.DATE, "First day."),
        Column("toDate", Type.DATE, "Last day."),
        Column("isWorkDays", Type.BOOLEAN, "Whether they are days of work."),
        Column("exclusionType", description="Overtime, VacationPTO or OtherNonWorking."),
    ),
)

USER_SCHEDULE_PARTIAL_EXCLUSIONS = Entity(
    name="user_schedule_partial_exclusions",
    singular="user_schedule_partial_exclusion",
    description="Parts of days on which a person does not work, or works more.",
    area=Area.CAPACITY,
    path="/user_schedule_partial_exclusion",
    scopes=_SCHEDULES,
    columns=(
        Column("id", description="Id of the exclusion."),
        Column("userId", description="The person."),
        Column("fromDate", Type.DATE, "First day."),
        Column("toDate", Type.DATE, "Last day."),
        Column("isWorkDays", Type.BOOLEAN, "Whether they are days of work."),
        Column("exclusionType", description="Overtime, VacationPTO or OtherNonWorking."),
    ),
)

USER_SCHEDULE_CAPACITY_CHANGES = Entity(
    name="user_schedule_capacity_changes",
    singular="user_schedule_capacity_change",
    description="Days on which a person has longer or shorter days.",
    area=Area.CAPACITY,
    path="/user_schedule_capacity_change",
    scopes=_SCHEDULES,
    columns=(
        Column("id", description="Id of the change."),
        Column("userId", description="The person."),
        Column("startDate", Type.DATE, "First day."),
        Column("finishDate", Type.DATE, "Last day."),
        Column("capacityMinutes", Type.INTEGER, "Minutes of work on each of them."),
    ),
)

BOOKINGS = Entity(
    name="bookings",
    singular="booking",
    description="Bookings of people and placeholders for projects.",
    area=Area.CAPACITY,
    path="/bookings",
    needs=_RESOURCES,
    columns=(
        Column("id", description="Id of the booking."),
        Column("folderId", description="The project."),
        Column("title", description="Name."),
        Column("responsibleId", description="The person."),
        Column("responsiblePlaceholderId", description="The placeholder."),
        Column("bookingDates.duration", Type.INTEGER, "Minutes of work."),
        Column("bookingDates.startDate", Type.DATE, "First day."),
        Column("bookingDates.finishDate", Type.DATE, "Last day."),
        Column("bookingDates.workOnWeekends", Type.BOOLEAN, "Whether weekends count."),
        Column("effortAllocation.mode", description="How the effort is spread over the days."),
        Column("effortAllocation.totalEffort", Type.INTEGER, "Effort, minutes."),
    ),
    children=(
        Child(
            "effortAllocation.responsibleAllocation",
            (
                Column("userId", description="The person."),
                Column("placeholderId", description="The placeholder."),
                Column("dailyAllocation", Type.JSON, "Minutes of effort on each day.", elements=EFFORT),
            ),
            description="Effort of each person of a booking.",
        ),
    ),
)

TIMESHEETS = Entity(
    name="timesheets",
    singular="timesheet",
    description="Timesheets.",
    area=Area.CAPACITY,
    path="/timesheets",
    needs="a plan with timesheets",
    columns=(
        Column("timesheetId", description="Id of the timesheet."),
        Column("accountId", description="The account."),
        Column("userId", description="Whose it is."),
        Column("periodStartDate", Type.DATE, "First day."),
        Column("periodEndDate", Type.DATE, "Last day."),
        Column("timeframe", description="Weekly or Monthly."),
        Column("approval", Type.JSON, "What became of it."),
    ),
    children=(
        Child(
            "rows",
            (
                Column("rowId", description="Id of the row."),
                Column("type", description="Kind of row."),
                Column("taskId", description="The task."),
                Column("parentIds", Type.JSON, "Folders of the task."),
                Column("categoryId", description="Category; see timelog_categories."),
                Column("weeklyEntries", Type.JSON, "What was entered."),
            ),
            description="Rows of a timesheet.",
        ),
    ),
)

TIMESHEET_SUBMISSION_RULES = Entity(
    name="timesheet_submission_rules",
    singular="timesheet_submission_rule",
    description="When timesheets of a work schedule have to be handed in.",
    area=Area.CAPACITY,
    path="/timesheet_submission_rules",
    needs="a plan with timesheets",
    columns=(
        Column("workScheduleId", description="The work schedule."),
        Column("enabled", Type.BOOLEAN, "Whether the rule holds."),
        Column("ruleType", description="Hard or Soft."),
        Column("frequency", description="Day, Week or Month."),
        Column("trackExceptionsMode", description="TotalCapacity or ActualCapacity."),
    ),
)
