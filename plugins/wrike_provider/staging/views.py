"""Views on a team's staging tables, from a folder of templates: each file ``<view>.sql`` is a query.

A file begins with a comment that says what a row is. ``{{ relation("tasks") }}`` names a table or another view; a view
whose tables are not there is left out. What differs between databases has a name of its own.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jinja2
from dlt.destinations.exceptions import DatabaseException

from wrike_provider.entities import CATALOGUE
from wrike_provider.staging.database import Database
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.fields import FIELD_COLUMNS, CustomField, new_columns
from wrike_provider.staging.tables import DELETED_AT, EXTRA, HASH, record_table

log = logging.getLogger(__name__)

MOST_FIELDS: Final = 1400
"""Custom fields that get columns; PostgreSQL allows a view 1,664 columns."""
_WIDE: Final = ("tasks", "folders")
_TECHNICAL: Final = {EXTRA, HASH, DELETED_AT}

_DAY: Final = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
_LEAP_YEAR: Final = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|[2468][048]|[3579][26])00)"
_ZONE: Final = r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
# Without NUL and halves of characters: PostgreSQL takes neither.
_ESCAPE: Final = (
    r"\\u(000[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CeEfF][0-9a-fA-F]{3}"
    r"|[dD][0-7][0-9a-fA-F]{2})"
)
_JSON_TEXT: Final = rf'"([^"\\[:cntrl:]]|\\["\\/bfnrt]|{_ESCAPE})*"'
# Only what surely can be cast is cast: PostgreSQL has no other way before version 16.
_PATTERNS: Final[Mapping[str, str]] = {
    "number": r"^[+-]?[0-9]{1,38}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,2})?$",
    "date": f"^([1-9][0-9]{{3}}-{_DAY}|{_LEAP_YEAR}-02-29)$",
    "minutes": f"^[T ]([01][0-9]|2[0-3]):[0-5][0-9]{_ZONE}$",
    "seconds": rf"^[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?{_ZONE}$",
    "json_texts": rf"^\s*\[\s*({_JSON_TEXT}(\s*,\s*{_JSON_TEXT})*)?\s*\]\s*$",
}
_TEXTS_OF: Final[Mapping[str, str]] = {
    "duckdb": """from_json({0}, '["VARCHAR"]')""",
    "postgres": "ARRAY(SELECT json_array_elements_text(CAST({0} AS JSON)))",
}


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of the views.

    :param made: digest of each view's definition, to be given to the next refresh.
    :param changed: views that were made or replaced.
    :param problems: what went wrong, for people, by view.
    """

    made: dict[str, str]
    changed: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


class _NoTableError(Exception):
    """A view needs a table that is not there."""


class Views:
    """Makes the views of a team's schema.

    :param destination: the staging database.
    :param schema: the team's schema.
    :param folder: where the files are.
    :raises StagingConfigurationError: file and schema have one name.
    """

    def __init__(self, destination: Destination, schema: str, folder: Path) -> None:
        self._kind = destination.kind
        self._database = Database(destination, schema, FIELD_COLUMNS.name)
        self._folder = folder

    def refresh(self, made: Mapping[str, str]) -> Refreshed:
        """Make views that are missing or whose definition has changed.

        :param made: what the last refresh said.
        :returns: what was made; a view with a problem stays as it was, or is missing.
        :raises StagingError: the database cannot be reached.
        """
        if not any(self._folder.glob("*.sql")):
            return Refreshed({})
        if not self._kind.views:
            log.info("Views are left out: those in %s are not written for %s.", self._folder, self._kind.name)
            return Refreshed({})
        if not self._database.has((FIELD_COLUMNS,)):
            with self._database.turn():
                self._database.make((FIELD_COLUMNS,))
        with self._database.sql() as client:
            refresh = _Refresh(client, self._database.schema, self._kind.views, self._folder)
            return refresh.run(made)


class _Refresh:
    def __init__(self, client: Any, schema: str, database: str, folder: Path) -> None:
        self._client = client
        self._identifier = client.escape_column_name
        rows = client.execute_sql(
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = %s", schema
        )
        kinds = dict(rows or ())
        self._tables = {name for name, kind in kinds.items() if kind != "VIEW"}
        self._views = {name for name, kind in kinds.items() if kind == "VIEW"}
        self._files = {file.stem: file for file in sorted(folder.glob("*.sql")) if not file.name.startswith("_")}
        self._environment = jinja2.Environment(  # noqa: S701
            loader=jinja2.FileSystemLoader(folder), undefined=jinja2.StrictUndefined
        )
        self._environment.globals.update(
            relation=self._relation,
            has=self._tables.__contains__,
            columns=self._columns,
            custom_fields=self._custom_fields() if "custom_fields" in self._tables else [],
            texts_of=_TEXTS_OF[database].format,
            **_PATTERNS,
        )
        self._queries: dict[str, str | None] = {}
        self._problems: dict[str, str] = {}

    def run(self, made: Mapping[str, str]) -> Refreshed:
        for name in self._files:
            self._render(name)
        queries = {name: query for name, query in self._queries.items() if query is not None}
        digests = {name: hashlib.sha256(query.encode()).hexdigest()[:16] for name, query in queries.items()}
        due = [name for name in queries if name not in self._views or made.get(name) != digests[name]]
        refused = [name for name in due if not self._make(name, queries[name])]
        if refused and all(name in self._views for name in refused):
            # A column has another type now, or another place: it takes a new view, and those upon it.
            self._make_all_anew(queries)
        done = {name: digest for name, digest in digests.items() if name not in self._problems}
        return Refreshed(done, [name for name in due if name in done], self._problems)

    def _render(self, name: str) -> str | None:
        """The query of a view; those that it needs come before it. None: it cannot be made."""
        if name not in self._queries:
            self._queries[name] = None
            try:
                query = self._environment.get_template(self._files[name].name).render()
            except _NoTableError:
                return None
            except jinja2.TemplateError as error:
                self._problems[name] = f"{self._files[name]}: {error}"
                return None
            # Those that it needs are there already: the order is that in which they can be made.
            del self._queries[name]
            self._queries[name] = query
        return self._queries[name]

    def _relation(self, name: str) -> str:
        if name in self._files:
            if self._render(name) is None:
                raise _NoTableError(name)
        elif name not in self._tables:
            raise _NoTableError(name)
        return str(self._client.make_qualified_table_name(name))

    def _columns(self, entity: str, alias: str) -> str:
        declared = record_table(next(one for one in CATALOGUE if one.name == entity))
        names = [column.name for column in declared.columns if column.name not in _TECHNICAL]
        return ", ".join(f"{alias}.{self._identifier(name)}" for name in names)

    def _custom_fields(self) -> list[dict[str, str]]:
        """The custom fields that have columns; new ones are given some."""
        fields = {
            row[0]: CustomField(row[0], row[1] or "", row[2] or "", with_time=bool(row[3]))
            for row in self._client.execute_sql(
                "SELECT id, title, type, settings_allow_time "  # noqa: S608
                f"FROM {self._client.make_qualified_table_name('custom_fields')}"
            )
        }
        table = self._client.make_qualified_table_name(FIELD_COLUMNS.name)
        rows = self._client.execute_sql(f"SELECT custom_field_id, column_name, position FROM {table}")  # noqa: S608
        known = {key: (name, position) for key, name, position in rows or ()}
        taken = [c.name for one in CATALOGUE if one.name in _WIDE for c in record_table(one).columns]
        added = new_columns(fields.values(), known, taken)
        with self._client.begin_transaction():
            for key, (name, position) in added.items():
                self._client.execute_sql(
                    f"INSERT INTO {table} (custom_field_id, column_name, position) VALUES (%s, %s, %s)",  # noqa: S608
                    key,
                    name,
                    position,
                )
        literal = self._client.capabilities.escape_literal
        columns = sorted((known | added).items(), key=lambda item: item[1][1])
        return [
            {
                "id": literal(key),
                "column": self._identifier(name),
                "value": fields[key].value,
                "aggregate": fields[key].aggregate,
            }
            for key, (name, _) in columns[:MOST_FIELDS]
            if key in fields
        ]

    def _make(self, name: str, query: str) -> bool:
        try:
            with self._client.begin_transaction():
                self._client.execute_many(self._statements(name, query))
        except DatabaseException as error:
            self._problems[name] = f"{self._files[name]}: {' '.join(str(error).split())}"
            return False
        return True

    def _make_all_anew(self, queries: Mapping[str, str]) -> None:
        names = list(queries)
        try:
            with self._client.begin_transaction():
                for name in reversed(names):
                    self._client.execute_sql(f"DROP VIEW IF EXISTS {self._client.make_qualified_table_name(name)}")
                for name in names:
                    self._client.execute_many(self._statements(name, queries[name]))
        except DatabaseException as error:
            told = " ".join(str(error).split())
            self._problems = {name: f"{self._files[name]}: {told}" for name in self._problems}
        else:
            self._problems = {}

    def _statements(self, name: str, query: str) -> Sequence[str]:
        view = self._client.make_qualified_table_name(name)
        about = query.lstrip().splitlines()[0].lstrip("- ")
        return [
            f"CREATE OR REPLACE VIEW {view} AS {query}",
            f"COMMENT ON VIEW {view} IS {self._client.capabilities.escape_literal(about)}",
        ]
