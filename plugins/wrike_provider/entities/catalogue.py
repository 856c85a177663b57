"""All entities, in the order in which they are shown."""

from __future__ import annotations

from typing import Final

from wrike_provider.entities.definitions import CUSTOM_FIELDS, SPACES, WORKFLOWS
from wrike_provider.entities.model import Entity
from wrike_provider.entities.people import ACCOUNT, CONTACTS, GROUPS
from wrike_provider.entities.work import FOLDERS, TASKS

CATALOGUE: Final[tuple[Entity, ...]] = (
    ACCOUNT,
    CONTACTS,
    GROUPS,
    SPACES,
    WORKFLOWS,
    CUSTOM_FIELDS,
    FOLDERS,
    TASKS,
)

_BY_NAME: Final = {declared.name: declared for declared in CATALOGUE}


def entity(name: str) -> Entity:
    """Find an entity.

    :param name: its name.
    :raises KeyError: there is none of that name.
    """
    return _BY_NAME[name]
