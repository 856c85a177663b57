"""Which column a custom field has in the wide views; once it has one, it keeps it, whatever it is called later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wrike_provider.entities.model import Type
from wrike_provider.staging.tables import Table, TableColumn

FIELD_COLUMNS: Final = Table(
    "custom_field_columns",
    (
        TableColumn("custom_field_id", Type.TEXT, "The custom field; see custom_fields.", nullable=False),
        TableColumn("column_name", Type.TEXT, "Its column in the wide views, after its first title.", nullable=False),
        TableColumn("position", Type.INTEGER, "Place among these columns, from 0.", nullable=False),
    ),
    "Which column each custom field has in the wide views.",
    "custom_field_id",
    ("custom_field_id",),
)
NAME_BYTES: Final = 56
"""Room for a name; PostgreSQL cuts them at 63 bytes, and a number may follow."""

_VALUE_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Numeric", "Currency", "Percentage", "CalculatedNumeric"), "number_value"),
    **dict.fromkeys(("Date", "CalculatedDate"), "date_value"),
    "Checkbox": "boolean_value",
    "Duration": "duration_minutes",
}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field.

    :param id: its id.
    :param title: what it is called now.
    :param type: its type, as Wrike names it.
    :param with_time: whether its dates have a time.
    """

    id: str
    title: str
    type: str
    with_time: bool = False

    @property
    def value(self) -> str:
        """The column of the view ``custom_field_values`` that has its values."""
        value = _VALUE_OF.get(self.type, "text_value")
        return "timestamp_value" if self.with_time and value == "date_value" else value

    @property
    def aggregate(self) -> str:
        """The function that finds the one value among empty ones."""
        return "BOOL_OR" if self.value == "boolean_value" else "MAX"


def column_name(title: str) -> str:
    """Name a column after a title: letters and digits of any script, in lower case, the rest as underscores.

    :param title: the title.
    """
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", title).casefold()).strip("_") or "field"
    name = f"_{name}" if name[0].isdigit() else name
    return name.encode()[:NAME_BYTES].decode(errors="ignore")


def new_columns(
    fields: Iterable[CustomField], known: Mapping[str, tuple[str, int]], taken: Iterable[str]
) -> dict[str, tuple[str, int]]:
    """Give columns to custom fields that have none.

    :param fields: the fields.
    :param known: name and position of the columns that there are, by the field's id.
    :param taken: names that the records' own columns have.
    :returns: the same for those that had none.
    """
    names = {*taken, *(name for name, _ in known.values())}
    position = 1 + max((position for _, position in known.values()), default=-1)
    added: dict[str, tuple[str, int]] = {}
    for field in sorted(fields, key=lambda field: field.id):
        if field.id in known:
            continue
        plain = name = column_name(field.title)
        number = 1
        while name in names:
            number += 1
            name = f"{plain}_{number}"
        names.add(name)
        added[field.id] = (name, position + len(added))
    return added
