"""One entity from Wrike into staging."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from wrike_provider.api.client import Record
from wrike_provider.api.errors import WrikeBlockedError, WrikeNotFoundError
from wrike_provider.api.paging import Pages
from wrike_provider.entities.model import Entity
from wrike_provider.entities.requests import Window, parameters
from wrike_provider.hooks.wrike import WrikeHook
from wrike_provider.operators.errors import TooManyVanishedError
from wrike_provider.operators.scan import changes
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.writer import Counts, EntityWriter

log = logging.getLogger(__name__)

FEW = 5
"""As many records may vanish from any table: a fifth of a small one is a normal day."""


@dataclass(slots=True)
class Extraction:
    """Reads an entity and writes it.

    :param hook: the team's hook.
    :param entity: the entity.
    :param store: its staging tables, prepared.
    :param may_vanish: share of a table's records that may be marked as deleted at once, 0 to 1.
    :param bin_id: id of the account's recycle bin, None when it is not known.
    :param without: optional fields that the account refuses; grows when Wrike refuses more.
    """

    hook: WrikeHook
    entity: Entity
    store: EntityStore
    may_vanish: float
    bin_id: str | None = None
    without: set[str] = field(default_factory=set)

    def run(self, window: Window, *, anew: bool, known: list[Record] | None = None) -> Counts:
        """Read a window and commit its rows.

        :param window: span of change time.
        :param anew: whether everything is asked for, also what seldom changes.
        :param known: the records, when they have been read already.
        :raises WrikeError: a request failed; what came before it may be in staging.
        :raises StagingError: rows could not be written.
        :raises TooManyVanishedError: too many records are missing; what is there was written, nothing was marked.
        """
        writer = EntityWriter(self.store, self.entity)
        if self.entity.changed_by is not None:
            for page in changes(self._scan, self.entity.changed_by, window):
                writer.add(page)
            for page in self._binned(self.entity.changed_by, window):
                writer.add(page)
            writer.flush()
        else:
            seen = {key for page in ([known] if known is not None else self._pages()) for key in writer.add(page)}
            self._settle(writer, seen, anew=anew)
        return writer.counts

    def _settle(self, writer: EntityWriter, seen: set[str], *, anew: bool) -> None:
        """Find out about records that are not listed any more."""
        listed, gone = self.store.present_keys()
        missing = listed - seen
        if self.entity.gone is not None and (anew or missing):
            still_known: set[str] = set()
            for page in self._pages(gone=True):
                still_known.update(writer.add(page))
            missing = (listed | gone) - seen - still_known
        writer.flush()
        if len(missing) > max(FEW, self.may_vanish * len(listed | gone)):
            raise TooManyVanishedError(
                f"{len(missing)} of the {len(listed | gone)} {self.entity.name} in staging are not listed by Wrike. "
                "None was marked as deleted: when an account's sharing or the authorised user changes, records seem to "
                "vanish. Check in Wrike whether they are gone and whether the user still sees them. If they are gone, "
                "trigger the DAG with the param accept_deletions; the field deletion_limit of the variables file says "
                "how many may vanish at once."
            )
        writer.mark_deleted(missing)

    def _scan(self, window: Window) -> Pages:
        return self.hook.pages(self.entity.path, parameters(self.entity, window), self.entity.paging)

    def _binned(self, changed_by: str, window: Window) -> Iterator[list[Record]]:
        """Read what was moved to the recycle bin; after the others, so that what moves meanwhile is not missed."""
        path = self.entity.bin_path
        if path is None:
            return
        if self.bin_id is None:
            log.warning("Which %s are in the recycle bin cannot be read: its id is not known.", self.entity.name)
            return
        path = path.format(recycleBinId=self.bin_id)

        def scan(window: Window) -> Pages:
            return self.hook.pages(path, parameters(self.entity, window), self.entity.paging)

        try:
            yield from changes(scan, changed_by, window)
        except (WrikeBlockedError, WrikeNotFoundError) as error:
            log.warning("Which %s are in the recycle bin cannot be read. %s", self.entity.name, error)

    def _pages(self, *, gone: bool = False) -> Iterator[list[Record]]:
        params = parameters(self.entity, Window(), without=self.without, gone=gone)
        pages = self.hook.pages(self.entity.path, params, self.entity.paging)
        try:
            yield next(pages)
        except WrikeBlockedError as error:
            refusable = set(self.entity.restricted_fields) - self.without
            if not refusable:
                raise
            log.warning("%s Asking again without %s.", error, ", ".join(sorted(refusable)))
            self.without |= refusable
            yield from self._pages(gone=gone)
            return
        yield from pages
