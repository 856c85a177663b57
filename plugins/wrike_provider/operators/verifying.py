"""Compares all that Wrike has of an entity with staging."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from wrike_provider.api.records import Record, Records
from wrike_provider.entities.model import Entity
from wrike_provider.entities.requests import wrike_instant
from wrike_provider.staging.differences import Differences
from wrike_provider.staging.store import KEYS_PER_QUERY, EntityStore
from wrike_provider.staging.verification import Verification


def verify(
    entity: Entity, store: EntityStore, pages: Iterable[Records], synced_until: datetime | None
) -> tuple[Differences, int]:
    """Compare records with staging.

    :param entity: the entity.
    :param store: its staging tables.
    :param pages: all of its records, as Wrike has them now.
    :param synced_until: the watermark: what changed later need not be in staging yet.
    :returns: what differs, and how many records were left out because they changed later.
    :raises WrikeError: a request failed.
    :raises StagingError: the database cannot be read.
    """
    verification = Verification(store, entity)
    mark = wrike_instant(synced_until) if synced_until and entity.changed_by else None
    later: set[str] = set()
    due: list[Record] = []
    for page in pages:
        for record in page:
            if mark and str(record.get(entity.changed_by or "") or "") >= mark:
                later.add(str(record[entity.key.path]))
            else:
                due.append(record)
        # Windows make small pages, and each look at the database costs.
        if len(due) >= KEYS_PER_QUERY:
            verification.check(due)
            due = []
    with store.held():
        verification.check(due)
        found = verification.finish()
    return replace(found, unlisted=found.unlisted - later), len(later)
