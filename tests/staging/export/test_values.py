"""Text to values, and what does not fit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wrike_provider.entities import Type
from wrike_provider.staging.export.values import typed

DAY = datetime(2026, 3, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Type.INTEGER, "12", 12),
        (Type.INTEGER, "-9223372036854775808", -(2**63)),
        (Type.INTEGER, "9007199254740993", 2**53 + 1),
        (Type.INTEGER, "7.0", 7),
        (Type.NUMBER, "1.25", 1.25),
        (Type.NUMBER, "0.3333333333333333333", 1 / 3),
        (Type.NUMBER, "9007199254740992", 2.0**53),
        (Type.NUMBER, "1e3", 1000.0),
        (Type.BOOLEAN, "true", True),
        (Type.BOOLEAN, "FALSE", False),
        (Type.BOOLEAN, "1", True),
        (Type.LOCAL_TIMESTAMP, "2026-03-01", DAY),
        (Type.LOCAL_TIMESTAMP, "2026-03-01T09:30:00", DAY.replace(hour=9, minute=30)),
        (Type.LOCAL_TIMESTAMP, "2026-03-01 09:30:00.125", DAY.replace(hour=9, minute=30, microsecond=125000)),
        (Type.LOCAL_TIMESTAMP, "2026-03-01T09:30:00Z", DAY.replace(hour=9, minute=30)),
        (Type.LOCAL_TIMESTAMP, "2026-03-01T02:00:00+02:00", DAY),
        (Type.TEXT, "", ""),
        (Type.TEXT, " a ", " a "),
    ],
)
def test_values(kind: Type, text: str, value: Any) -> None:
    # Alone, and among others of another form.
    for others in ([], [None], ["", "x"]):
        values, misfits = typed(pa.array([text, *others], pa.string()), kind)
        assert values[0].as_py() == value
        assert 0 not in misfits


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Type.INTEGER, "7.5"),
        (Type.INTEGER, "IEAA"),
        (Type.INTEGER, "9223372036854775808"),
        (Type.NUMBER, "nan"),
        (Type.NUMBER, "inf"),
        (Type.NUMBER, "1,5"),
        (Type.NUMBER, "9007199254740993"),
        (Type.BOOLEAN, "maybe"),
        (Type.LOCAL_TIMESTAMP, "1772323200"),
        (Type.LOCAL_TIMESTAMP, "01.03.2026"),
        (Type.LOCAL_TIMESTAMP, "2026-02-30"),
        (Type.LOCAL_TIMESTAMP, "0001-01-01T00:00:00+05:00x"),
    ],
)
def test_what_does_not_fit_is_told(kind: Type, text: str) -> None:
    values, misfits = typed(pa.array([None, text, ""], pa.string()), kind)
    assert misfits == [1]
    assert values.to_pylist() == [None, None, None]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.none(), st.text(max_size=25), st.integers().map(str), st.datetimes().map(str))))
def test_any_text_is_either_a_value_or_told(texts: list[str | None]) -> None:
    for kind in (Type.INTEGER, Type.NUMBER, Type.BOOLEAN, Type.LOCAL_TIMESTAMP):
        values, misfits = typed(pa.array(texts, pa.string()), kind)
        for place, (text, value) in enumerate(zip(texts, values.to_pylist(), strict=True)):
            assert (value is None) == (not text or place in misfits)
