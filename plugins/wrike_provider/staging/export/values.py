"""Values of the data export: text as the files have it, to values as columns hold them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from wrike_provider.entities.model import Type
from wrike_provider.staging.arrow import ARROW_TYPES

_EXACT: Final = 15
"""Characters of a number that a floating-point number keeps in any case."""
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NO_FRACTION: Final = re.compile(r"\.0*$")


def typed(text: pa.Array, type_: Type) -> tuple[pa.Array, list[int]]:
    """Give values the type of their column.

    :param text: the values as text.
    :param type_: the type.
    :returns: the values, and the places of those that do not fit; they are empty.
    """
    if type_ is Type.TEXT:
        return text, []
    try:
        return _AT_ONCE[type_](text), []
    except pa.ArrowInvalid:
        return _one_by_one(text, type_)


def _one_by_one(text: pa.Array, type_: Type) -> tuple[pa.Array, list[int]]:
    convert = _EACH[type_]
    values: list[Any] = []
    misfits = []
    for place, value in enumerate(text.to_pylist()):
        try:
            values.append(convert(value) if value else None)
        except ValueError:
            values.append(None)
            misfits.append(place)
    return pa.array(values, ARROW_TYPES[type_]), misfits


def _integers(text: pa.Array) -> pa.Array:
    return pc.cast(text, pa.int64())


def _numbers(text: pa.Array) -> pa.Array:
    values = pc.cast(text, pa.float64())
    longest = pc.max(pc.binary_length(text)).as_py() or 0
    if longest > _EXACT or pc.all(pc.is_finite(values)).as_py() is False:
        raise pa.ArrowInvalid("to be looked at one by one")
    return values


def _booleans(text: pa.Array) -> pa.Array:
    return pc.cast(text, pa.bool_())


def _timestamps(text: pa.Array) -> pa.Array:
    local = ARROW_TYPES[Type.LOCAL_TIMESTAMP]
    try:
        return pc.cast(text, local)
    except pa.ArrowInvalid:
        return pc.cast(pc.cast(text, ARROW_TYPES[Type.TIMESTAMP]), local)


def _integer(text: str) -> int:
    number = int(_NO_FRACTION.sub("", text))
    if not -(2**63) <= number < 2**63:
        raise ValueError
    return number


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    if len(text) > _EXACT and text.lstrip("+-").isdigit() and int(number) != int(text):
        raise ValueError
    return number


def _boolean(text: str) -> bool:
    value = _BOOLEANS.get(text.strip().casefold())
    if value is None:
        raise ValueError
    return value


def _timestamp(text: str) -> datetime:
    if not _DATE.match(text):
        raise ValueError
    instant = datetime.fromisoformat(text)
    try:
        return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
    except OverflowError:
        raise ValueError from None


_AT_ONCE: Final[dict[Type, Callable[[pa.Array], pa.Array]]] = {
    Type.INTEGER: _integers,
    Type.NUMBER: _numbers,
    Type.BOOLEAN: _booleans,
    Type.LOCAL_TIMESTAMP: _timestamps,
}
_EACH: Final[dict[Type, Callable[[str], Any]]] = {
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.LOCAL_TIMESTAMP: _timestamp,
}
