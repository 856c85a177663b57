"""All entities, in the order in which they are shown."""

from __future__ import annotations

from typing import Final

from wrike_provider.entities.administration import (
    ACCESS_ROLES,
    AUDIT_LOG,
    INVITATIONS,
    JOB_ROLES,
    PLACEHOLDERS,
    USER_TYPES,
    WEBHOOKS,
)
from wrike_provider.entities.definitions import CUSTOM_FIELDS, SPACES, WORKFLOWS
from wrike_provider.entities.model import Entity
from wrike_provider.entities.people import ACCOUNT, CONTACTS, GROUPS
from wrike_provider.entities.templates import CUSTOM_ITEM_TYPES, FOLDER_BLUEPRINTS, REQUEST_FORMS, TASK_BLUEPRINTS
from wrike_provider.entities.time import APPROVALS, TIMELOG_CATEGORIES, TIMELOGS, WORK_SCHEDULES
from wrike_provider.entities.work import FOLDERS, TASKS

CATALOGUE: Final[tuple[Entity, ...]] = (
    ACCOUNT,
    CONTACTS,
    GROUPS,
    USER_TYPES,
    ACCESS_ROLES,
    INVITATIONS,
    JOB_ROLES,
    PLACEHOLDERS,
    SPACES,
    WORKFLOWS,
    CUSTOM_FIELDS,
    CUSTOM_ITEM_TYPES,
    FOLDER_BLUEPRINTS,
    TASK_BLUEPRINTS,
    REQUEST_FORMS,
    WEBHOOKS,
    TIMELOG_CATEGORIES,
    WORK_SCHEDULES,
    FOLDERS,
    TASKS,
    APPROVALS,
    TIMELOGS,
    AUDIT_LOG,
)

_BY_NAME: Final = {declared.name: declared for declared in CATALOGUE}


def entity(name: str) -> Entity:
    """Find an entity.

    :param name: its name.
    :raises KeyError: there is none of that name.
    """
    return _BY_NAME[name]
