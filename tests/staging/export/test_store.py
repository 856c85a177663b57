"""The tables of a data export in a real DuckDB file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from wrike_provider.entities import Type
from wrike_provider.staging.arrow import arrow_schema
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import BadExportError, StagingConfigurationError
from wrike_provider.staging.export.store import ExportStore
from wrike_provider.staging.tables import Table, TableColumn


def table(kind: Type = Type.TEXT, meaning: str = "") -> Table:
    columns = (TableColumn("a", kind, meaning), TableColumn("_extra", Type.JSON, "Rest."))
    return Table("user", columns, "People.", "", ())


def piece(of: Table, *values: object) -> pa.Table:
    return pa.Table.from_pydict({"a": values, "_extra": [None] * len(values)}, schema=arrow_schema(of))


def staged(file: Path, sql: str = "SELECT a FROM team_export.user ORDER BY a") -> list[object]:
    with duckdb.connect(str(file)) as database:
        return [value for (value,) in database.execute(sql).fetchall()]


def test_rows_take_the_place_of_rows(tmp_path: Path) -> None:
    file = tmp_path / "staging.duckdb"
    store = ExportStore(Destination("duckdb", file), "team_export")
    assert store.missing(["user"]) == {"user"}
    assert store.counts(["user"]) == {}
    assert store.replace(table(), iter([piece(table(), "1", "2"), piece(table(), "3")])) == 3
    assert store.counts(["user", "other"]) == {"user": 3}
    # A file that breaks in the middle changes nothing.
    bad = BadExportError("broken")

    def breaking() -> Iterator[pa.Table]:
        yield piece(table(), "4")
        raise bad

    with pytest.raises(BadExportError) as raised:
        store.replace(table(), breaking())
    assert raised.value is bad
    assert staged(file) == ["1", "2", "3"]
    # Other types and meanings.
    numbers = table(Type.INTEGER, "How many.")
    assert store.replace(numbers, iter([piece(numbers, 7)])) == 1
    assert staged(file) == [7]
    comments = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'team_export' AND table_name = 'user'"
    assert staged(file, comments) == ["How many.", "Rest."]
    assert store.replace(numbers, iter([])) == 0
    assert staged(file) == []
    tables = "SELECT table_name FROM information_schema.tables WHERE NOT starts_with(table_name, '_dlt')"
    assert staged(file, tables) == ["user"]


def test_a_file_named_like_the_schema_is_refused(tmp_path: Path) -> None:
    for name in ("team_export.duckdb", "team_export_load.duckdb"):
        with pytest.raises(StagingConfigurationError):
            ExportStore(Destination("duckdb", tmp_path / name), "team_export")


_LOAD = """
import json, resource, sys
from pathlib import Path
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.export import file as files
from wrike_provider.staging.export import store as stores
from wrike_provider.staging.export.shape import shape

# A smaller bound shows with a smaller file.
files.PIECE_BYTES, stores._DUCKDB_MEMORY = 512 << 10, "96MiB"
folder = Path(sys.argv[1])
store = stores.ExportStore(Destination("duckdb", folder / "staging.duckdb"), "team_export")
peaks = []
for lines in (3_000, 140_000):
    with (folder / "x.csv").open("w") as file:
        file.write("id,text\\n")
        file.writelines(f"{number},{number * 7919:02000}\\n" for number in range(lines))
    read = files.ExportFile(folder / "x.csv", "x")
    laid_out = shape("x", "x", None, read.header(), None)
    assert store.replace(laid_out.table, read.batches(laid_out)) == lines
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)
print(json.dumps({"peaks": peaks, "file": (folder / "x.csv").stat().st_size}))
"""


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", _LOAD, str(tmp_path)], check=True, capture_output=True, text=True)
    found = json.loads(told.stdout)
    small, large = found["peaks"]
    small, large = found["peaks"]
    assert found["file"] > 280_000_000
    assert large - small < 180_000_000
