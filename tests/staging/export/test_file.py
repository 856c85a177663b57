"""Files of the data export: what is read of them, and what is wrong with them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wrike_provider.entities import Type
from wrike_provider.staging.errors import BadExportError
from wrike_provider.staging.export.file import PIECE_BYTES, ExportFile
from wrike_provider.staging.export.shape import DescribedColumn, DescribedTable, shape


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.csv"


def rows(path: Path, content: bytes, known: DescribedTable | None = None, most: int | None = None) -> list[Any]:
    path.write_bytes(content)
    file = ExportFile(path, "x")
    laid_out = shape("x", "x", known, file.header(), most)
    return [list(row.values()) for batch in file.batches(laid_out) for row in batch.to_pylist()]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n",
        b"a,b\r\n1,2\r\n",
        b"a,b\r1,2",
        b"\xef\xbb\xbfa,b\n1,2",
        b'\xef\xbb\xbf"a","b"\n"1","2"\n',
        b"a,b\n\n1,2\n\n",
        b"a;b\n1;2\n",
        b'"a"\t"b"\r\n"1"\t"2"\r\n',
        b"a|b\n1|2\n",
    ],
)
def test_forms_of_one_table(path: Path, content: bytes) -> None:
    assert rows(path, content) == [["1", "2", None]]


def test_a_comma_goes_before_what_else_may_separate(path: Path) -> None:
    assert rows(path, b"a;b,c|d\n1;2,3\n") == [["1;2", "3", None]]
    assert rows(path, b"a\n1;2\n") == [["1;2", None]]


def test_nothing_is_not_an_empty_text(path: Path) -> None:
    assert rows(path, b'a,b\n,""\n') == [[None, "", None]]


@pytest.mark.parametrize("content", [b"a,b", b"a,b\n", b'"a\n",b\r\n', b""])
def test_a_header_alone_or_nothing_is_a_table_without_rows(path: Path, content: bytes) -> None:
    assert rows(path, content) == []


def test_the_header_may_have_anything(path: Path) -> None:
    assert rows(path, 'the "a",,"b\nc, d",ä\n1,2,3,4\n'.replace('the "a"', '"the ""a"""').encode()) == [
        ["1", "2", "3", "4", None]
    ]


def test_what_no_database_holds_is_mended(path: Path) -> None:
    assert rows(path, b"a,b\nx\0y,\xffz\n") == [["x\ufffdy", "\ufffdz", None]]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3), max_size=5))
def test_any_text_arrives(path: Path, table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *table])
    expected = [[*(value.replace("\0", "\ufffd") for value in row), None] for row in table]
    assert rows(path, text.getvalue().encode()) == expected


def test_what_does_not_fit_is_kept_aside(path: Path) -> None:
    known = DescribedTable("", (DescribedColumn("n", Type.INTEGER, ""), DescribedColumn("d", Type.LOCAL_TIMESTAMP, "")))
    path.write_bytes(b"n,d,t\n1,,x\none,soon,y\n2,2026-01-01,\n")
    file = ExportFile(path, "x")
    (batch,) = file.batches(shape("x", "x", known, file.header(), None))
    assert batch["n"].to_pylist() == [1, None, 2]
    extras = [json.loads(extra) if extra else None for extra in batch["_extra"].to_pylist()]
    assert extras == [None, {"n": "one", "d": "soon"}, None]
    assert file.misfits == {"n": 1, "d": 1}


def test_what_finds_no_room_is_kept_aside(path: Path) -> None:
    assert rows(path, b"a,b,c\n1,2,\n3,,4\n", most=2) == [["1", '{"b":"2"}'], ["3", '{"c":"4"}']]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\n", "it has no header"),
        (b"\xef\xbb\xbf", "it has no header"),
        (b"\n1,2\n", "it has no header"),
        (b"\xff\xfea\0,\0b\0", "it is not UTF-8"),
        (b'"' + b"x" * 200_000, "it has no header"),
        (b"a,b\n1,2\n1,secret,3\n", "line 3 has 3 values, the header 2"),
        (b"a,b\n1,2\n3", "line 3 has 1 values, the header 2"),
        (b'a,b\n1,"2\n3,4\n', "a quotation mark is not closed"),
        (b'a,b\n1,"' + b"x" * PIECE_BYTES * 3 + b'"\n', "a line is longer than 4 MiB"),
    ],
)
def test_what_is_wrong_is_told_without_what_is_in_it(path: Path, content: bytes, why: str) -> None:
    with pytest.raises(BadExportError, match=f"The file of x in the data export cannot be read: {why}") as raised:
        rows(path, content)
    assert "secret" not in str(raised.value)


def test_memory_does_not_grow_with_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # 32 of them are read ahead.
    monkeypatch.setattr("wrike_provider.staging.export.file.PIECE_BYTES", 256 << 10)
    with path.open("wb") as file:
        file.write(b"n,t\n")
        for _ in range(96):
            file.write(b"1," + b"x" * 1000 + b"\n" + (b"2," + b"y" * 1000 + b"\n") * 1044)
    read = ExportFile(path, "x")
    laid_out = shape("x", "x", None, read.header(), None)
    before, most, count = pa.total_allocated_bytes(), 0, 0
    for batch in read.batches(laid_out):
        count += batch.num_rows
        most = max(most, pa.total_allocated_bytes() - before)
    assert count == 96 * 1045
    assert path.stat().st_size > 90 << 20
    assert most < 24 << 20
