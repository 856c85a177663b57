"""Reads the tables of a data export, one file after the other, and loads them."""

from __future__ import annotations

import errno
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from wrike_provider.api.client import WrikeClient
from wrike_provider.api.errors import (
    WrikeBlockedError,
    WrikeMethodNotFoundError,
    WrikeNotFoundError,
    WrikeRequestError,
)
from wrike_provider.operators.export_state import Export, StagedTable
from wrike_provider.operators.retries import CONCERNS_ALL, PASSING
from wrike_provider.staging.errors import StagingFullError
from wrike_provider.staging.export.file import ExportFile
from wrike_provider.staging.export.shape import DescribedTable, described, safe_names, shape
from wrike_provider.staging.export.store import ExportStore

log = logging.getLogger(__name__)


class ExportReading:
    """Loads tables of an export; one that fails does not stop the next.

    :param client: reads Wrike.
    :param store: the staging tables of the export.
    :param export: the export.
    :param described: whether the tables that staging has were made by Wrike's schema; then none is made without it.
    """

    def __init__(self, client: WrikeClient, store: ExportStore, export: Export, *, described: bool = False) -> None:
        self._client = client
        self._store = store
        self._export = export
        self.described = described
        """Whether tables are made by Wrike's schema."""
        self.note = ""
        """What people should know of that."""
        self._misfits: dict[str, int] = {}
        self.tables = 0
        """How many tables were loaded."""
        self.rows = 0
        """How many rows they have."""
        self.failures: dict[str, Exception] = {}
        """The errors of tables, by the table."""

    @property
    def worst(self) -> Exception | None:
        """Of the errors that most worth a retry, None when there is none."""
        errors = self.failures.values()
        return next((error for error in errors if isinstance(error, PASSING)), next(iter(errors), None))

    def unknown_keys(self) -> dict[str, dict[str, Any]]:
        """What went into ``_extra``, as for entities."""
        return {name: {"type": "text", "count": count} for name, count in self._misfits.items()}

    def load(self, tables: Sequence[str]) -> Iterator[tuple[str, StagedTable]]:
        """Load tables, and tell of each when its rows are committed.

        :param tables: names of the tables in the export.
        :raises WrikeBlockedError: schema or files may not be read.
        :raises WrikeError: the schema could not be read for the moment.
        """
        known = self._described()
        names = dict(zip(self._export.files, safe_names(list(self._export.files), "table"), strict=True))
        for table in tables:
            try:
                with tempfile.NamedTemporaryFile(prefix="wrike-export-", suffix=".csv") as into:
                    self._download(table, into)
                    file = ExportFile(Path(into.name), table)
                    laid_out = shape(names[table], table, known.get(table), file.header(), self._store.most_columns)
                    rows = self._store.replace(laid_out.table, file.batches(laid_out))
            except WrikeBlockedError:
                raise
            except Exception as error:
                log.exception("%s: failed.", table)
                self.failures[table] = error
                if isinstance(error, CONCERNS_ALL):
                    return
                continue
            if known.get(table) and laid_out.undescribed:
                log.info("%s: the schema does not describe %s.", table, ", ".join(laid_out.undescribed))
            self._misfits |= {f"{table}.{column}": count for column, count in file.misfits.items()}
            self.tables += 1
            self.rows += rows
            yield table, StagedTable(names[table], rows)

    def _described(self) -> dict[str, DescribedTable]:
        """What Wrike says of the tables; nothing where it does not: then all columns are text."""
        try:
            found = described(self._client.get("/data_export_schema").data)
        except (WrikeMethodNotFoundError, WrikeNotFoundError, WrikeRequestError) as error:
            if self.described:
                raise
            self.note = f"The export is read without its schema, and all columns are text. {error}"
            log.warning("%s", self.note)
            return {}
        self.described = True
        return found

    def _download(self, table: str, into: IO[bytes]) -> None:
        try:
            self._client.download(self._export.files[table], into, f"The file of {table} in the data export")
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StagingFullError(
                    f"There is no room for the file of {table} in {tempfile.gettempdir()}. Make room, or set TMPDIR."
                ) from error
            raise
