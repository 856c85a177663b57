"""The reference of tables is written from the declarations."""

from __future__ import annotations

from pathlib import Path

from wrike_provider.entities import CATALOGUE
from wrike_provider.staging.reference import reference
from wrike_provider.staging.tables import tables

FILE = Path(__file__).parents[2] / "docs" / "tables.md"


def test_the_file_is_current() -> None:
    assert FILE.read_text() == reference(), "run: python -m wrike_provider.staging.reference > docs/tables.md"


def test_every_table_and_column_is_there() -> None:
    lines = reference().splitlines()
    for entity in CATALOGUE:
        for table in tables(entity):
            start = lines.index(f"### {table.name}")
            end = next((n for n, line in enumerate(lines) if n > start and line.startswith("##")), len(lines))
            listed = [line.split("`")[1] for line in lines[start:end] if line.startswith("| `")]
            assert listed == [column.name for column in table.columns]
