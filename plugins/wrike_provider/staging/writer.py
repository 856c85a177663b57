"""Streams the records of one entity into staging, writing only what differs."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from wrike_provider.api.records import LULL, Records
from wrike_provider.entities.model import Entity
from wrike_provider.staging.frames import Part, arrow, frames
from wrike_provider.staging.rows import RowBuilder, Rows
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.tables import tables
from wrike_provider.staging.unknown import UnknownKeys

log = logging.getLogger(__name__)

BATCH_BYTES: Final = 16 * 2**20
"""Rows of so many bytes are written together; while they are, as many others may come."""
WORTH_A_LULL: Final = 0.2
"""A batch that is so full may be written in a lull; each takes some time, by way of dlt seconds."""


@dataclass(slots=True)
class Counts:
    """What became of the records of one run.

    :param read: records read.
    :param inserted: records that staging did not have.
    :param updated: records that staging had otherwise.
    :param unchanged: records that staging had just so.
    :param deleted: records marked as gone, those in the recycle bin included.
    """

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0


@dataclass(slots=True)
class _Batch:
    pages: list[Rows] = field(default_factory=list)
    size: int = 0


class EntityWriter:
    """Takes records, hands them to the store in batches, and counts.

    :param store: the entity's staging tables.
    :param entity: the entity.
    :param rebuild: write records anew although they have not changed: whatever has become of their rows is mended.
    """

    def __init__(self, store: EntityStore, entity: Entity, *, rebuild: bool = False) -> None:
        self.counts = Counts()
        self.pages = 0
        """How often records were taken."""
        self.unknown_keys = UnknownKeys()
        self._store = store
        self._entity = entity
        self._rebuild = rebuild
        self._tables = tables(entity)
        self._builder = RowBuilder(entity)
        self._batch = _Batch()
        self._told_twice = False
        # Databases do most of their work without Python: meanwhile rows are made of what comes next.
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="wrike-writer")
        self._writing: deque[Future[None]] = deque()

    def add(self, records: Records) -> list[str]:
        """Take records; what is taken is written at the latest by :meth:`flush`, after :meth:`settle`.

        :param records: records as Wrike sent them; of one that comes twice the later counts. In a lull what has come is
            written at once, if it is worth it.
        :returns: the records' keys, each once.
        :raises BadRecordError: a record has no key.
        :raises StagingError: a batch could not be written.
        """
        if records is LULL:
            if self._batch.size >= BATCH_BYTES * WORTH_A_LULL and all(writing.done() for writing in self._writing):
                self._hand_over()
            return []
        self.pages += 1
        if not records:
            return []
        rows = self._builder.build(records)
        if len(rows.keys) < len(records) and not self._told_twice:
            self._told_twice = True
            log.warning(
                "%s: Wrike sent several records with one %s in one answer; the last one counts. Please report it.",
                self._entity.name,
                self._entity.key.path,
            )
        self.unknown_keys.note(rows.unknown)
        self.counts.read += len(records)
        self._batch.pages.append(rows)
        self._batch.size += rows.size
        if self._batch.size >= BATCH_BYTES:
            self._hand_over()
        return rows.keys

    def _hand_over(self) -> None:
        """Let what was taken be written aside, when that is done with what was before."""
        self.settle()
        batch, self._batch = self._batch, _Batch()
        self._writing.append(self._aside.submit(self._write, batch))

    def settle(self) -> None:
        """Wait for what is being written aside; who holds the store would wait for it for ever.

        :raises StagingError: it could not be written.
        """
        while self._writing:
            self._writing.popleft().result()

    def unknown_keys_as_dict(self) -> dict[str, dict[str, Any]]:
        """What went into ``_extra`` so far, as plain JSON."""
        return {key: asdict(known) for key, known in self.unknown_keys.items()}

    def flush(self) -> None:
        """Write what was taken and differs from staging.

        :raises StagingError: a batch could not be written.
        """
        self.settle()
        batch, self._batch = self._batch, _Batch()
        if batch.pages:
            self._write(batch)

    def _write(self, batch: _Batch) -> None:
        with self._store.held():
            self._write_held(batch.pages)

    def _write_held(self, pages: list[Rows]) -> None:
        latest = {key: number for number, rows in enumerate(pages) for key in rows.keys}
        staged = self._store.digests(list(latest))
        written: list[Part] = []
        for number, rows in enumerate(pages):
            keys = [key for key in rows.keys if latest[key] == number]
            differing = [
                (key, in_bin)
                for key, digest, in_bin in zip(rows.keys, rows.digests, rows.in_bin, strict=True)
                if latest[key] == number and staged.get(key) != digest
            ]
            gone = sum(in_bin for _, in_bin in differing)
            inserted = sum(key not in staged and not in_bin for key, in_bin in differing)
            self.counts.deleted += gone
            self.counts.inserted += inserted
            self.counts.updated += len(differing) - inserted - gone
            self.counts.unchanged += len(keys) - len(differing)
            if taken := set(keys) if self._rebuild else {key for key, _ in differing}:
                written.append((rows, taken))
        if written:
            made = frames(self._entity, written, datetime.now(UTC))
            self._store.write(
                {table.name: arrow(table, made[table.name]) for table in self._tables},
                # Child rows can be there without their record, if somebody has removed it.
                latest if self._rebuild else staged.keys() & set().union(*(keys for _, keys in written)),
            )

    def mark_deleted(self, keys: set[str]) -> None:
        """Mark records that Wrike no longer has.

        :param keys: their keys.
        :raises StagingError: nothing was marked.
        """
        if keys:
            self._store.mark_deleted(keys, datetime.now(UTC))
            self.counts.deleted += len(keys)
