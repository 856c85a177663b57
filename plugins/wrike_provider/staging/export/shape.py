"""The staging table of a table of the data export: names, types and comments (Wrike API v4, "Data Export")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wrike_provider.entities.model import Type, snake_case
from wrike_provider.staging.fields import NAME_BYTES
from wrike_provider.staging.tables import EXTRA, Table, TableColumn

_TYPES: Final[dict[str, Type]] = {
    "Number": Type.NUMBER,
    "Boolean": Type.BOOLEAN,
    # Dates, local times and instants alike: what all of them fit into. Those with a zone are brought to UTC.
    "Date": Type.LOCAL_TIMESTAMP,
}


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """A column as ``/data_export_schema`` describes it.

    :param id: its id, which the header of the file has.
    :param type: the type of its values.
    :param meaning: alias and foreign key, for people.
    """

    id: str
    type: Type
    meaning: str


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A table as ``/data_export_schema`` describes it.

    :param alias: what people call it; may be empty.
    :param columns: its columns.
    """

    alias: str = ""
    columns: tuple[DescribedColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """How the file of a table becomes a staging table.

    :param table: the staging table.
    :param places: for each of its columns but the last, ``_extra``, where the value is in a line of the file; None: the
        file has none.
    :param aside: places of the values for which there is no room for columns, by name; they go into ``_extra``.
    :param undescribed: columns of the file that the schema does not know.
    """

    table: Table
    places: tuple[int | None, ...]
    aside: Mapping[str, int]
    undescribed: tuple[str, ...]


def described(schema: Iterable[Mapping[str, Any]]) -> dict[str, DescribedTable]:
    """Read the records of ``/data_export_schema``; what is not understood is left out.

    :param schema: the records.
    :returns: tables by id.
    """
    tables = {str(table["id"]): table for table in schema if isinstance(table, Mapping) and table.get("id")}
    referred = {
        (str(key.get("tableId")), str(key.get("columnId")))
        for table in tables.values()
        for column in _columns(table)
        if isinstance(key := column.get("foreignKey"), Mapping)
    }
    return {
        id_: DescribedTable(
            str(table.get("alias") or ""),
            tuple(_column(column, is_key=(id_, str(column["id"])) in referred) for column in _columns(table)),
        )
        for id_, table in tables.items()
    }


def _columns(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    columns = table.get("columns")
    found = [column for column in columns if isinstance(column, Mapping)] if isinstance(columns, list) else []
    return list({str(column["id"]): column for column in reversed(found) if column.get("id")}.values())[::-1]


def _column(column: Mapping[str, Any], *, is_key: bool) -> DescribedColumn:
    id_, foreign = str(column["id"]), column.get("foreignKey")
    type_ = _TYPES.get(str(column.get("dataType")), Type.TEXT)
    meaning = [f"{column['alias']}."] if column.get("alias") else []
    if isinstance(foreign, Mapping):
        meaning.append(f"One of {foreign.get('tableId')}.{foreign.get('columnId')}.")
    # Keys are whole, and longer than a floating-point number keeps.
    if type_ is Type.NUMBER and (is_key or isinstance(foreign, Mapping) or id_.endswith("_id")):
        type_ = Type.INTEGER
    return DescribedColumn(id_, type_, " ".join(meaning))


def shape(name: str, id_: str, known: DescribedTable | None, header: Sequence[str], most: int | None) -> Shape:
    """Lay the staging table of a file out: what the schema describes, then what only the file has, as text.

    :param name: name of the staging table.
    :param id_: id of the export's table.
    :param known: what the schema says of it; None: nothing.
    :param header: the file's columns.
    :param most: how many columns the database allows; None: as many as there are.
    """
    described_columns = known.columns if known else ()
    places: dict[str, int] = {}
    for place, label in enumerate(header):
        places.setdefault(label, place)
    ids = {column.id for column in described_columns}
    others = [(label, place) for place, label in enumerate(header) if label not in ids or places[label] != place]
    columns = [*described_columns, *(DescribedColumn(label, Type.TEXT, "") for label, _ in others)]
    found = [*(places.get(column.id) for column in described_columns), *(place for _, place in others)]
    names = safe_names([column.id for column in columns], "column")
    room = len(columns) if most is None else min(most - 1, len(columns))
    table = Table(
        name,
        (
            *(
                TableColumn(name, column.type, column.meaning, source=column.id)
                for name, column in zip(names[:room], columns[:room], strict=True)
            ),
            TableColumn(EXTRA, Type.JSON, "Values that do not fit the type of their column, as text."),
        ),
        " ".join(
            part for part in (f"{known.alias}." if known and known.alias else "", f"Wrike's data export: {id_}") if part
        ),
        "",
        (),
    )
    aside = {name: place for name, place in zip(names[room:], found[room:], strict=True) if place is not None}
    return Shape(table, tuple(found[:room]), aside, tuple(label for label, _ in others))


def safe_names(labels: Sequence[str], otherwise: str) -> list[str]:
    """Name tables or columns so that every database takes the names as they are, no two of them alike.

    :param labels: ids of the export.
    :param otherwise: name of what has no letter or digit in its id.
    """
    plain = [_safe(label) or otherwise for label in labels]
    names = [""] * len(labels)
    taken: set[str] = set()
    # A label that is a name already keeps it, and the order of the labels does not matter.
    for index in sorted(range(len(labels)), key=lambda index: (plain[index] != labels[index], labels[index], index)):
        name, number = plain[index], 1
        while name in taken:
            number += 1
            name = f"{plain[index]}_{number}"
        names[index] = name
        taken.add(name)
    return names


def _safe(label: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", snake_case(ascii_only)).strip("_")[:NAME_BYTES].rstrip("_")
    return f"_{name}" if name[:1].isdigit() else name
