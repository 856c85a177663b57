"""The table ``sync_runs``: what each run did with each entity, kept beside the entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from wrike_provider.entities.model import Type
from wrike_provider.staging.convert import to_json
from wrike_provider.staging.database import Database
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.tables import Table, TableColumn

SYNC_RUNS: Final = Table(
    "sync_runs",
    (
        TableColumn("run_id", Type.TEXT, "The run of the DAG.", nullable=False),
        TableColumn("run_type", Type.TEXT, "Kind of run: scheduled, manual, backfill, ..."),
        TableColumn("entity", Type.TEXT, "The entity, named like its table.", nullable=False),
        TableColumn("started_at", Type.TIMESTAMP, "When the entity was begun."),
        TableColumn("finished_at", Type.TIMESTAMP, "When the entity was done with."),
        TableColumn("window_since", Type.TIMESTAMP, "First instant of change that was read; empty: the beginning."),
        TableColumn("window_until", Type.TIMESTAMP, "First instant of change that was not read; empty: no end."),
        TableColumn("outcome", Type.TEXT, "synced, skipped, blocked or failed."),
        TableColumn("note", Type.TEXT, "Why it was skipped, blocked or failed; if synced, what could not be read."),
        TableColumn("pages", Type.INTEGER, "Pages read."),
        TableColumn("requests", Type.INTEGER, "Requests to Wrike."),
        TableColumn("requests_refused", Type.INTEGER, "Those of them that Wrike answered with 429: too many."),
        TableColumn("records_read", Type.INTEGER, "Records read."),
        TableColumn("inserted", Type.INTEGER, "Records new in staging."),
        TableColumn("updated", Type.INTEGER, "Records changed in staging."),
        TableColumn("unchanged", Type.INTEGER, "Records that staging had just so."),
        TableColumn("marked_deleted", Type.INTEGER, "Records marked as gone."),
        TableColumn("seconds", Type.NUMBER, "Time that it took."),
        TableColumn(
            "unknown_keys", Type.JSON, "What went into _extra: for each key its JSON type and how often it came."
        ),
        TableColumn("verified", Type.BOOLEAN, "Whether staging equalled Wrike afterwards; empty: it was not compared."),
        TableColumn("differences", Type.INTEGER, "Records that differed when compared."),
    ),
    "What each run did with each entity; one row a run and entity.",
    "run_id",
    ("run_id", "entity"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """What a run did with an entity. Each field is a column of :data:`SYNC_RUNS`, which says what it means.

    Instants have a time zone.
    """

    run_id: str
    run_type: str
    entity: str
    started_at: datetime
    finished_at: datetime
    outcome: str
    window_since: datetime | None = None
    window_until: datetime | None = None
    note: str | None = None
    pages: int = 0
    requests: int = 0
    requests_refused: int = 0
    records_read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    marked_deleted: int = 0
    seconds: float = 0.0
    unknown_keys: Mapping[str, Any] = field(default_factory=dict)
    verified: bool | None = None
    differences: int | None = None


class RunLedger:
    """Writes what runs did into a team's schema.

    :param destination: the staging database.
    :param schema: the team's schema, which is made when missing.
    :raises StagingConfigurationError: file and schema have one name.
    """

    def __init__(self, destination: Destination, schema: str) -> None:
        self._database = Database(destination, schema, SYNC_RUNS.name)

    def write(self, rows: Sequence[SyncRun]) -> None:
        """Put rows in the place of those that the same runs wrote of the same entities.

        :param rows: the rows; of two of one run and entity the later counts.
        :raises StagingError: nothing was written.
        """
        latest = {(row.run_id, row.entity): row for row in rows}
        if not latest:
            return
        if not self._database.has((SYNC_RUNS,)):
            with self._database.turn():
                self._database.make((SYNC_RUNS,))
        with self._database.sql() as client, client.begin_transaction():
            table = client.make_qualified_table_name(SYNC_RUNS.name)
            for (run_id, entity), row in latest.items():
                client.execute_sql(
                    f"DELETE FROM {table} WHERE run_id = %s AND entity = %s",  # noqa: S608
                    run_id,
                    entity,
                )
                cells = {column.name: _cell(getattr(row, column.name)) for column in SYNC_RUNS.columns}
                # What is empty is left out: not every driver takes a value without a type.
                names = [name for name, value in cells.items() if value is not None]
                client.execute_sql(
                    f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",  # noqa: S608
                    *(cells[name] for name in names),
                )


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return to_json(dict(value)) if value else None
    return value
