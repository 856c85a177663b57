"""One SQL for all databases: statements are written in DuckDB's and PostgreSQL's, and translated for the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import sqlglot
from sqlglot import exp

from wrike_provider.entities.model import Type

_PLACE: Final = re.compile(r"'(?:[^']|'')*'|%s")
_OURS: Final = "duckdb"


class PortableClient:
    """dlt's SQL client of a database with another SQL than ours: takes ours, with names in double quotes.

    :param client: dlt's SQL client.
    :param dialect: the database's SQL, as sqlglot calls it.
    """

    def __init__(self, client: Any, dialect: str) -> None:
        self._client = client
        self._dialect = dialect

    def execute_sql(self, sql: str, *values: Any) -> Sequence[Sequence[Any]] | None:
        """Run a statement.

        :param sql: the statement, with ``%s`` for each value.
        :param values: the values.
        :returns: the rows; None: it gives none.
        """
        rows: Sequence[Sequence[Any]] | None = self._client.execute_sql(self._translated(sql), *values)
        return rows

    def execute_many(self, statements: Sequence[str]) -> None:
        """Run statements without values, several at a time where the database can.

        :param statements: the statements.
        """
        self._client.execute_many([self._translated(sql) for sql in statements])

    def make_qualified_table_name(self, name: str) -> str:
        """Name a table of the schema.

        :param name: the table.
        """
        return ".".join(map(_quoted, self._client.make_qualified_table_name_path(name, quote=False)))

    def escape_column_name(self, name: str) -> str:
        """Quote the name of a column.

        :param name: the column.
        """
        return _quoted(self._client.escape_column_name(name, quote=False))

    def literal(self, text: str) -> str:
        """Quote a text.

        :param text: the text.
        """
        return "'" + text.replace("'", "''") + "'"

    @contextmanager
    def with_alternative_dataset_name(self, schema: str) -> Iterator[PortableClient]:
        """Name tables of another schema for as long as the block lasts.

        :param schema: the schema.
        """
        with self._client.with_alternative_dataset_name(schema):
            yield self

    @contextmanager
    def begin_transaction(self) -> Iterator[PortableClient]:
        """Run the block's statements together or not at all, where the database can."""
        with self._client.begin_transaction():
            yield self

    def _translated(self, sql: str) -> str:
        return translated(sql, self._dialect, self._client.capabilities.casefold_identifier)


@lru_cache(maxsize=512)
def translated(sql: str, dialect: str, fold: Callable[[str], str]) -> str:
    """Say a statement in another SQL.

    :param sql: the statement in ours, with ``%s`` for each value.
    :param dialect: the other one, as sqlglot calls it.
    :param fold: how names without quotes are written there.
    """
    # Not those in texts.
    tree = sqlglot.parse_one(_PLACE.sub(lambda found: "?" if found[0] == "%s" else found[0], sql), read=_OURS)
    for name in tree.find_all(exp.Identifier):
        if not name.quoted:
            name.replace(exp.to_identifier(fold(name.this), quoted=True))
    for place in tree.find_all(exp.Placeholder):
        place.replace(exp.Var(this="%s"))
    values = tree.expression if isinstance(tree, exp.Insert) else None
    if isinstance(values, exp.Values):
        # ClickHouse's driver would read values from elsewhere.
        values.replace(exp.select(*values.expressions[0].expressions))
    if isinstance(tree, exp.Update) and dialect == "clickhouse":
        return _clickhouse_update(tree)
    return tree.sql(dialect=dialect)


def _clickhouse_update(update: exp.Update) -> str:
    table, where = update.this.sql(dialect="clickhouse"), update.args["where"].sql(dialect="clickhouse")
    changes = ", ".join(change.sql(dialect="clickhouse") for change in update.expressions)
    # Waits until all have it; otherwise the next query may still see what was there.
    return f"ALTER TABLE {table} UPDATE {changes} {where} SETTINGS mutations_sync = 2"


def cell(kind: Type, value: Any) -> Any:
    """Make of a value as a driver gives it what DuckDB and PostgreSQL give: instants and dates as text.

    :param kind: the column's type.
    :param value: the value.
    """
    return None if value is None else _CELLS.get(kind, str)(value)


def instant(value: datetime | str) -> datetime:
    """Make of a timestamp as a driver gives it one with a zone.

    :param value: the timestamp; UTC where it has no zone.
    """
    at = _datetime(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def instant_text(value: datetime) -> str:
    """Write an instant as DuckDB and PostgreSQL do.

    :param value: the instant; its zone is left out.
    """
    text = value.replace(tzinfo=None).isoformat(sep=" ")
    return text.rstrip("0") if value.microsecond else text


def _datetime(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), chr(34) * 2)}"'


_CELLS: Final[dict[Type, Callable[[Any], Any]]] = {
    Type.BOOLEAN: bool,
    Type.NUMBER: float,
    Type.INTEGER: int,
    Type.TIMESTAMP: lambda value: instant_text(instant(value)),
    Type.LOCAL_TIMESTAMP: lambda value: instant_text(_datetime(value)),
}
