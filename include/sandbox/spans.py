"""Query parameters that are spans of time (Wrike API v4, "Request format")."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from include.sandbox.errors import invalid_parameter
from include.sandbox.params import Parser, json_object

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
_OPEN_END = "9999"
EVER = "", _OPEN_END
"""A span with open ends."""


def instants(name: str, value: str) -> tuple[str, str]:
    """Read a half-open span of instants, whole seconds only.

    :param name: the parameter.
    :param value: its value.
    :returns: first instant inside and first outside, as Wrike writes them; open ends reach to both ends of time.
    :raises ApiError: it is none, has milliseconds, or is empty.
    """
    return _span(name, json_object(name, value), _INSTANT, {"start", "end"})


def window(days: int) -> Parser:
    """Make a parser for a span of instants that is shorter than some days; without end it reaches to now.

    :param days: the days.
    """

    def parse(name: str, value: str) -> tuple[str, str]:
        start, end = instants(name, value)
        until = datetime.now(UTC) if end == _OPEN_END else datetime.fromisoformat(end)
        if not start or until - datetime.fromisoformat(start) >= timedelta(days=days):
            raise invalid_parameter(name, f"must be shorter than {days} days")
        return start, end

    return parse


def local_dates(name: str, value: str) -> tuple[str, str]:
    """Read a span of local dates or times.

    :param name: the parameter.
    :param value: its value.
    :returns: begin and end; of ``equal`` that day or second alone.
    :raises ApiError: it is none.
    """
    return _span_or_one(name, value, _LOCAL)


def dates(name: str, value: str) -> tuple[str, str]:
    """Read a span of days.

    :param name: the parameter.
    :param value: its value.
    :returns: begin and end; of ``equal`` that day alone.
    :raises ApiError: it is none.
    """
    return _span_or_one(name, value, _DATE)


def a_date(name: str, value: str) -> str:
    """Read a day.

    :param name: the parameter.
    :param value: its value.
    :returns: the day, as Wrike writes it.
    :raises ApiError: it is none.
    """
    _span(name, {"start": value}, _DATE, {"start"})
    return value


def schedule(name: str, value: str) -> tuple[str, str]:
    """Read a span of local dates with both bounds.

    :param name: the parameter.
    :param value: its value.
    :returns: begin and end.
    :raises ApiError: it is none, or a bound is missing.
    """
    parsed = json_object(name, value)
    if set(parsed) != {"start", "end"}:
        raise invalid_parameter(name)
    return _span(name, parsed, _LOCAL, {"start", "end"})


def _span_or_one(name: str, value: str, form: re.Pattern[str]) -> tuple[str, str]:
    parsed = json_object(name, value)
    if set(parsed) == {"equal"}:
        start, _ = _span(name, {"start": parsed["equal"]}, form, {"start"})
        return start, f"{start}~"
    return _span(name, parsed, form, {"start", "end"})


def _span(name: str, parsed: dict[str, Any], form: re.Pattern[str], keys: set[str]) -> tuple[str, str]:
    if set(parsed) - keys:
        raise invalid_parameter(name)
    for bound in parsed.values():
        if not isinstance(bound, str) or not form.fullmatch(bound):
            raise invalid_parameter(name)
        try:
            datetime.fromisoformat(bound)
        except ValueError:
            raise invalid_parameter(name) from None
    start, end = parsed.get("start", ""), parsed.get("end", _OPEN_END)
    if start >= end:
        raise invalid_parameter(name, "start must be before end")
    return start, end
