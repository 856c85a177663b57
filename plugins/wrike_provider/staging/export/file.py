"""A file of the data export, read piece by piece: CSV as RFC 4180 has it, in UTF-8.

Wrike does not document the separator (Wrike API v4, "Data export"). Where it is no comma, the header shows it.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from wrike_provider.entities.model import Type
from wrike_provider.staging.arrow import ARROW_TYPES, arrow_schema
from wrike_provider.staging.convert import to_json
from wrike_provider.staging.errors import BadExportError
from wrike_provider.staging.export.shape import Shape
from wrike_provider.staging.export.values import typed

SEPARATORS: Final = ",;\t|"
PIECE_BYTES: Final = 4 << 20
"""What is read at a time; a line can be no longer. Arrow reads up to 32 of them ahead."""


class ExportFile:
    """A file of the data export.

    :param path: the file.
    :param what: what it is, for messages.
    """

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what
        self.misfits: Counter[str] = Counter()
        """How many values did not fit the type of their column, by column."""

    def header(self) -> list[str]:
        """Read the names of the columns; an empty file has none, and no rows.

        :raises BadExportError: there are none although there is something.
        """
        header, *_ = self._beginning()
        return header

    def batches(self, shape: Shape) -> Iterator[pa.Table]:
        """Read the rows.

        :param shape: what the file becomes; its header is this one's.
        :raises BadExportError: the file is broken; it is looked at first, so that nothing comes of one that ends early.
        """
        header, separator, more = self._beginning()
        self._check_quotes()
        if not more:
            return
        broken: list[str] = []

        def note(row: pa.csv.InvalidRow) -> str:
            broken.append(f"line {row.number} has {row.actual_columns} values, the header {row.expected_columns}")
            return "error"

        names = [str(place) for place in range(len(header))]
        try:
            with pa.csv.open_csv(
                self._path,
                read_options=pa.csv.ReadOptions(
                    column_names=names, skip_rows_after_names=1, block_size=PIECE_BYTES, use_threads=False
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=separator, newlines_in_values=True, invalid_row_handler=note
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.binary()),
                    null_values=[""],
                    strings_can_be_null=True,
                    # Nothing is none; two quotation marks are an empty text.
                    quoted_strings_can_be_null=False,
                ),
            ) as reader:
                for batch in reader:
                    yield self._table(batch, shape)
        except pa.ArrowInvalid as error:
            # Its message would show the line.
            long = "straddling" in str(error)
            why = broken[0] if broken else f"a line is longer than {PIECE_BYTES >> 20} MiB" if long else "not RFC 4180"
            raise self._bad(why) from None

    def _beginning(self) -> tuple[list[str], str, bool]:
        """The header, what separates its columns, and whether there is more."""
        if not self._path.stat().st_size:
            return [], SEPARATORS[0], False
        try:
            # A byte that is wrong in what follows is mended later.
            with self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
                first = text.readline(PIECE_BYTES)
                separator = next((each for each in SEPARATORS if _divides(each, first)), SEPARATORS[0])
                lines = iter(lambda: text.readline(PIECE_BYTES), "")
                header = next(csv.reader(chain([first], lines), delimiter=separator), [])
                if not header:
                    raise self._bad("it has no header")
                if not all(map(_encodable, header)):
                    raise self._bad("it is not UTF-8")
                return header, separator, next(lines, None) is not None
        except csv.Error as error:
            raise self._bad(f"it has no header ({error})") from None

    def _check_quotes(self) -> None:
        # One that is not closed would swallow the rest of the file, and no parser minds.
        with self._path.open("rb") as file:
            count = sum(piece.count(b'"') for piece in iter(lambda: file.read(PIECE_BYTES), b""))
        if count % 2:
            raise self._bad("a quotation mark is not closed; perhaps the file is cut off")

    def _table(self, batch: pa.RecordBatch, shape: Shape) -> pa.Table:
        extras: dict[int, dict[str, str]] = {}
        columns = []
        for column, place in zip(shape.table.columns, shape.places, strict=False):
            if place is None:
                columns.append(pa.nulls(batch.num_rows, ARROW_TYPES[column.type]))
                continue
            text = _text(batch.column(place))
            values, misfits = typed(text, column.type)
            for row in misfits:
                extras.setdefault(row, {})[column.name] = text[row].as_py()
            if misfits:
                self.misfits[column.name] += len(misfits)
            columns.append(values)
        for name, place in shape.aside.items():
            for row, value in enumerate(_text(batch.column(place)).to_pylist()):
                if value is not None:
                    extras.setdefault(row, {})[name] = value
        columns.append(_json(extras, batch.num_rows))
        return pa.Table.from_arrays(columns, schema=arrow_schema(shape.table))

    def _bad(self, why: str) -> BadExportError:
        return BadExportError(f"The file of {self._what} in the data export cannot be read: {why}. Its rows stay.")


def _divides(separator: str, header: str) -> bool:
    return len(next(csv.reader([header], delimiter=separator), [])) > 1


def _encodable(label: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in label)


def _text(values: pa.Array) -> pa.Array:
    """Make text of bytes, and mend what no database can hold."""
    try:
        text = values.cast(pa.string())
    except pa.ArrowInvalid:
        text = pa.array([None if value is None else value.decode("utf-8", "replace") for value in values.to_pylist()])
    if pc.any(pc.match_substring(text, "\0")).as_py():
        return pc.replace_substring(text, "\0", "\ufffd")
    return text


def _json(extras: dict[int, dict[str, Any]], rows: int) -> pa.Array:
    kind = ARROW_TYPES[Type.JSON]
    if not extras:
        return pa.nulls(rows, kind)
    return pa.array([to_json(extras[row]) if row in extras else None for row in range(rows)], kind)
