"""One entity from Wrike into staging."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from wrike_provider.api.parallel import begun
from wrike_provider.api.records import Record, Records
from wrike_provider.entities.model import Details, Entity, snake_case
from wrike_provider.entities.requests import Window
from wrike_provider.operators.details import DetailReading, Mark, question
from wrike_provider.operators.errors import TooManyVanishedError
from wrike_provider.operators.reading import Reading
from wrike_provider.staging.seen import Seen
from wrike_provider.staging.store import Absent, EntityStore
from wrike_provider.staging.writer import EntityWriter

FEW = 5
"""As many records may vanish from any table: a fifth of a small one is a normal day."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """Reads an entity and writes it.

    :param entity: the entity.
    :param store: its staging tables.
    :param may_vanish: share of a table's records that may be marked as deleted at once, 0 to 1.
    :param rebuild: write records anew although they have not changed.
    :param prepare: makes the tables, while Wrike's first answer is awaited; None: they are there.
    """

    entity: Entity
    store: EntityStore
    may_vanish: float
    rebuild: bool = False
    prepare: Callable[[], None] | None = None

    def changes(self, reading: Reading, changed_by: str, window: Window, *, complete: bool) -> EntityWriter:
        """Read a window and commit its rows.

        :param reading: reads the entity.
        :param changed_by: the records' field with their time of change.
        :param window: span of change time.
        :param complete: whether the window holds all records, so that the others are gone.
        :returns: the writer, with what became of the records.
        :raises WrikeError: a request failed; what came before it may be in staging.
        :raises StagingError: rows could not be written.
        :raises TooManyVanishedError: too many records are missing; what is there was written, nothing was marked.
        """
        pages = self._begun(reading.changed(changed_by, window))
        writer = EntityWriter(self.store, self.entity, rebuild=self.rebuild)
        seen = self._take(writer, pages)
        with self.store.held():
            writer.flush()
            absent = self.store.absent(seen) if complete else Absent(set(), set(), 0)
        self._mark(writer, absent.listed | absent.gone, absent.present)
        return writer

    def whole(self, reading: Reading, *, anew: bool, known: list[Record] | None = None) -> EntityWriter:
        """Read all records and commit those that differ.

        :param reading: reads the entity.
        :param anew: whether also what seldom changes is asked for.
        :param known: the records, when they have been read already.
        :returns: the writer, with what became of the records.
        :raises WrikeError: a request failed; what came before it may be in staging.
        :raises StagingError: rows could not be written.
        :raises TooManyVanishedError: too many records are missing; what is there was written, nothing was marked.
        """
        pages = self._begun(iter([known]) if known is not None else reading.whole())
        writer = EntityWriter(self.store, self.entity, rebuild=self.rebuild)
        seen = self._take(writer, pages)
        with self.store.held():
            writer.flush()
            absent = self.store.absent(seen)
        missing = absent.listed
        if self.entity.gone is not None and (anew or missing):
            also = self._take(writer, reading.whole(gone=True))
            missing = set(also.lacking([*absent.listed, *absent.gone]))
            writer.flush()
        self._mark(writer, missing, absent.present)
        return writer

    def details(
        self, reading: DetailReading, details: Details, of: Entity, mark: Mark, budget: int
    ) -> tuple[EntityWriter, Mark]:
        """Ask about records that staging has, and commit the answers.

        :param reading: asks Wrike.
        :param details: how the endpoint is asked.
        :param of: the entity that has the ids.
        :param mark: how far details have been read.
        :param budget: requests to spend on records that have not changed.
        :returns: the writer, with what became of the records; and where the next run goes on.
        :raises WrikeError: a request failed; what came before it may be in staging.
        :raises StagingError: rows could not be written.
        :raises TooManyVanishedError: too many records are missing; what is there was written, nothing was marked.
        """
        if self.prepare is not None:
            self.prepare()
        writer = EntityWriter(self.store, self.entity, rebuild=self.rebuild)
        with self.store.held():
            written = self.store.written(of, details)
            # An empty answer is not the end of what is gathered: rates may come again without a sign.
            gone = set[str]() if details.several or details.gathered else self.store.gone()
        asked = question(written, mark, details, budget, gone)
        seen = self._take(writer, reading.about(asked.ids, sorted(written)))
        with self.store.held():
            writer.flush()
            about = self.store.present_about(snake_case(details.about) if details.several else self.entity.key.name)
        settled = set(asked.ids) - reading.unanswered
        # What tells of nobody belongs to records of another entity.
        missing = {key for key in seen.lacking(list(about)) if about[key]}
        # Whether so many may go was asked where their owners went; not of owners that staging has lost.
        absent = {about[key] for key in missing} - written.keys()
        went = absent & self.store.listed(of, details) if absent else set()
        writer.mark_deleted({key for key in missing if about[key] in went})
        self._mark(writer, {key for key in missing if about[key] in settled | (absent - went)}, len(about))
        return writer, asked.mark

    def _begun(self, pages: Iterator[Records]) -> Iterator[Records]:
        if self.prepare is None:
            return pages
        pages = begun(pages)
        self.prepare()
        return pages

    def _mark(self, writer: EntityWriter, missing: set[str], present: int) -> None:
        if len(missing) > max(FEW, self.may_vanish * present):
            raise TooManyVanishedError(
                f"{len(missing)} of the {present} {self.entity.name} in staging are not listed by Wrike. "
                "None was marked as deleted: when an account's sharing or the authorised user changes, records seem to "
                "vanish. Check in Wrike whether they are gone and whether the user still sees them. If they are gone, "
                "trigger the DAG with the param accept_deletions; the field deletion_limit of the variables file says "
                "how many may vanish at once."
            )
        writer.mark_deleted(missing)

    @staticmethod
    def _take(writer: EntityWriter, pages: Iterable[Records]) -> Seen:
        seen = Seen()
        try:
            for page in pages:
                seen.add(writer.add(page))
                del page
        finally:
            try:
                # When a page cannot be written, nobody reads on; the error would keep the generator alive.
                if isinstance(pages, Generator):
                    pages.close()
            finally:
                writer.settle()
        return seen
