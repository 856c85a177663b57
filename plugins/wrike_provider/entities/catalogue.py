"""All entities, in the order in which they are shown and read: details come after what they are about."""

from __future__ import annotations

from typing import Final

from wrike_provider.entities.administration import (
    ACCESS_ROLES,
    AUDIT_LOG,
    COLORS,
    INVITATIONS,
    JOB_ROLES,
    PLACEHOLDERS,
    USER_TYPES,
    WEBHOOKS,
)
from wrike_provider.entities.capacity import (
    BOOKINGS,
    TIMESHEET_SUBMISSION_RULES,
    TIMESHEETS,
    USER_SCHEDULE_CAPACITY_CHANGES,
    USER_SCHEDULE_EXCLUSIONS,
    USER_SCHEDULE_PARTIAL_EXCLUSIONS,
    WORK_SCHEDULE_CAPACITY_CHANGES,
    WORK_SCHEDULE_EXCLUSIONS,
    WORK_SCHEDULES,
)
from wrike_provider.entities.collaboration import ATTACHMENTS, COMMENTS
from wrike_provider.entities.definitions import CUSTOM_FIELDS, SPACE_WORKFLOWS, SPACES, WORKFLOWS
from wrike_provider.entities.finance import (
    CONTACTS_HISTORY,
    CONTACTS_HOURLY_RATES,
    FOLDERS_HISTORY,
    FOLDERS_HOURLY_RATES,
    PLACEHOLDERS_HOURLY_RATES,
    TASKS_HISTORY,
)
from wrike_provider.entities.model import Entity
from wrike_provider.entities.people import ACCOUNT, CONTACTS, GROUPS, USERS
from wrike_provider.entities.templates import CUSTOM_ITEM_TYPES, FOLDER_BLUEPRINTS, REQUEST_FORMS, TASK_BLUEPRINTS
from wrike_provider.entities.time import APPROVALS, TIMELOG_CATEGORIES, TIMELOGS
from wrike_provider.entities.work import DEPENDENCIES, FOLDERS, TASKS

CATALOGUE: Final[tuple[Entity, ...]] = (
    ACCOUNT,
    CONTACTS,
    GROUPS,
    USER_TYPES,
    ACCESS_ROLES,
    INVITATIONS,
    JOB_ROLES,
    PLACEHOLDERS,
    USERS,
    CONTACTS_HOURLY_RATES,
    CONTACTS_HISTORY,
    PLACEHOLDERS_HOURLY_RATES,
    SPACES,
    WORKFLOWS,
    SPACE_WORKFLOWS,
    CUSTOM_FIELDS,
    CUSTOM_ITEM_TYPES,
    FOLDER_BLUEPRINTS,
    TASK_BLUEPRINTS,
    REQUEST_FORMS,
    WEBHOOKS,
    COLORS,
    TIMELOG_CATEGORIES,
    WORK_SCHEDULES,
    WORK_SCHEDULE_EXCLUSIONS,
    WORK_SCHEDULE_CAPACITY_CHANGES,
    USER_SCHEDULE_EXCLUSIONS,
    USER_SCHEDULE_PARTIAL_EXCLUSIONS,
    USER_SCHEDULE_CAPACITY_CHANGES,
    BOOKINGS,
    TIMESHEETS,
    TIMESHEET_SUBMISSION_RULES,
    FOLDERS,
    TASKS,
    COMMENTS,
    ATTACHMENTS,
    APPROVALS,
    TIMELOGS,
    AUDIT_LOG,
    DEPENDENCIES,
    FOLDERS_HISTORY,
    FOLDERS_HOURLY_RATES,
    TASKS_HISTORY,
)

_BY_NAME: Final = {declared.name: declared for declared in CATALOGUE}


def entity(name: str) -> Entity:
    """Find an entity.

    :param name: its name.
    :raises KeyError: there is none of that name.
    """
    return _BY_NAME[name]
