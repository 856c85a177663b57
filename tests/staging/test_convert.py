"""Values as Wrike sends them, to values as columns hold them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from wrike_provider.entities import Type
from wrike_provider.staging.convert import CONVERTERS, to_json

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_every_type_has_a_converter() -> None:
    assert set(CONVERTERS) == set(Type)


@pytest.mark.parametrize(
    ("kind", "sent", "held"),
    [
        (Type.TEXT, "text", "text"),
        (Type.TEXT, "", ""),
        (Type.TEXT, "&amp; \U0001f600\ufe0f \r \\n", "&amp; \U0001f600\ufe0f \r \\n"),
        (Type.TEXT, 5, "5"),
        (Type.TEXT, 1.5, "1.5"),
        (Type.TEXT, True, "true"),
        (Type.INTEGER, 5, 5),
        (Type.INTEGER, 0, 0),
        (Type.INTEGER, 5.0, 5),
        (Type.INTEGER, "5", 5),
        (Type.INTEGER, 4_500_000_101, 4_500_000_101),
        (Type.INTEGER, 2**63 - 1, 2**63 - 1),
        (Type.INTEGER, -(2**63), -(2**63)),
        (Type.NUMBER, 5, 5.0),
        (Type.NUMBER, 1.5, 1.5),
        (Type.NUMBER, "1.5", 1.5),
        (Type.BOOLEAN, True, True),
        (Type.BOOLEAN, False, False),
        (Type.BOOLEAN, "true", True),
        (Type.BOOLEAN, "false", False),
        (Type.TIMESTAMP, "2026-06-01T12:00:00Z", NOON),
        (Type.TIMESTAMP, "2026-06-01T12:00:00.000Z", NOON),
        (Type.TIMESTAMP, "2026-06-01T14:00:00+02:00", NOON),
        (Type.TIMESTAMP, "2026-06-01T12:00:00", NOON),
        (Type.LOCAL_TIMESTAMP, "2026-06-01T09:00:00", datetime(2026, 6, 1, 9)),  # noqa: DTZ001
        (Type.LOCAL_TIMESTAMP, "2026-06-01", datetime(2026, 6, 1)),  # noqa: DTZ001
        (Type.DATE, "2026-06-01", date(2026, 6, 1)),
        (Type.JSON, {"b": [1, None], "a": "ä"}, '{"a":"ä","b":[1,null]}'),
        (Type.JSON, [], "[]"),
        (Type.JSON, "text", '"text"'),
    ],
)
def test_what_fits(kind: Type, sent: Any, held: Any) -> None:
    value = CONVERTERS[kind](sent)
    assert value == held
    assert type(value) is type(held)
    if isinstance(value, datetime):
        assert value.tzinfo == held.tzinfo


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (Type.TEXT, None),
        (Type.TEXT, []),
        (Type.TEXT, {}),
        (Type.INTEGER, True),
        (Type.INTEGER, 1.5),
        (Type.INTEGER, "five"),
        (Type.INTEGER, ""),
        (Type.INTEGER, 2**63),
        (Type.INTEGER, -(2**63) - 1),
        (Type.INTEGER, []),
        (Type.INTEGER, None),
        (Type.NUMBER, False),
        (Type.NUMBER, "much"),
        (Type.NUMBER, ""),
        (Type.NUMBER, {}),
        (Type.NUMBER, "NaN"),
        (Type.NUMBER, "Infinity"),
        (Type.NUMBER, "1e999"),
        (Type.BOOLEAN, 1),
        (Type.BOOLEAN, 0),
        (Type.BOOLEAN, "True"),
        (Type.BOOLEAN, ""),
        (Type.BOOLEAN, []),
        (Type.TIMESTAMP, "yesterday"),
        (Type.TIMESTAMP, ""),
        (Type.TIMESTAMP, 1_700_000_000),
        (Type.TIMESTAMP, None),
        (Type.LOCAL_TIMESTAMP, "2026-06-01T09:00:00Z"),
        (Type.LOCAL_TIMESTAMP, "2026-06-01T09:00:00+02:00"),
        (Type.LOCAL_TIMESTAMP, 5),
        (Type.DATE, "2026-06-01T00:00:00Z"),
        (Type.DATE, "2026-02-30"),
        (Type.DATE, "20260601"),
        (Type.DATE, "01/06/2026"),
        (Type.DATE, 20260601),
    ],
)
def test_what_does_not_fit(kind: Type, sent: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        CONVERTERS[kind](sent)


def test_an_instant_beyond_the_calendar_does_not_fit() -> None:
    with pytest.raises((ValueError, OverflowError)):
        CONVERTERS[Type.TIMESTAMP]("0001-01-01T00:00:00+14:00")


def test_json_has_one_form() -> None:
    assert to_json({"b": {"d": 1, "c": 2}, "a": 1}) == to_json({"a": 1, "b": {"c": 2, "d": 1}})
    assert to_json([2, 1]) != to_json([1, 2])
