"""Values as Wrike sends them, to values as columns hold them.

A converter raises :class:`ValueError` for what does not fit its type; the caller keeps such a value aside.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

from wrike_provider.entities.model import Type

_JSON_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def to_json(value: Any) -> str:
    """Write a value as JSON with sorted keys.

    :param value: any parsed JSON.
    """
    try:
        return orjson.dumps(value, option=_JSON_OPTIONS).decode()
    except orjson.JSONEncodeError:
        # It has no integers beyond 64 bits.
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return to_json(value)
    raise ValueError


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, str):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    raise ValueError


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError


def _timestamp(value: Any) -> datetime:
    instant = datetime.fromisoformat(_only_text(value))
    if instant.tzinfo is UTC:
        return instant
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _local_timestamp(value: Any) -> datetime:
    instant = datetime.fromisoformat(_only_text(value))
    if instant.tzinfo:
        raise ValueError
    return instant


def _date(value: Any) -> date:
    text = _only_text(value)
    if len(text) != len("yyyy-MM-dd"):
        raise ValueError
    return date.fromisoformat(text)


def _only_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError


CONVERTERS: Final[dict[Type, Callable[[Any], Any]]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.TIMESTAMP: _timestamp,
    Type.LOCAL_TIMESTAMP: _local_timestamp,
    Type.DATE: _date,
    Type.JSON: to_json,
}
