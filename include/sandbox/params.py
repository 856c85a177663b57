"""Query parameters, checked as strictly as Wrike checks them (Wrike API v4, "Request format")."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from include.sandbox.errors import invalid_parameter

_ID = re.compile(r"[A-Za-z0-9_:.=-]{1,256}")
_METADATA_KEY = re.compile(r"[A-Za-z0-9_-]{1,49}")
_VALUE_KEYS = {
    frozenset[str](): ("IsEmpty", "IsNotEmpty"),
    frozenset({"minValue", "maxValue"}): ("InRange", "NotInRange"),
    frozenset({"values"}): ("ContainsAll", "ContainsAny"),
    frozenset({"value"}): (
        "EqualTo",
        "LessThan",
        "LessOrEqualTo",
        "GreaterThan",
        "GreaterOrEqualTo",
        "Contains",
        "StartsWith",
        "EndsWith",
    ),
}
_COMPARATORS = {comparator: keys for keys, comparators in _VALUE_KEYS.items() for comparator in comparators}
MOST_IDS = 100

Parser = Callable[[str, str], Any]


def flag(name: str, text: str) -> bool:
    """Read a boolean; its mere presence means true.

    :param name: the parameter.
    :param text: its value.
    :raises ApiError: it is neither.
    """
    if text not in {"true", "false", ""}:
        raise invalid_parameter(name)
    return text != "false"


def text(name: str, value: str) -> str:
    """Read text.

    :param name: the parameter.
    :param value: its value.
    :raises ApiError: it is empty.
    """
    if not value:
        raise invalid_parameter(name)
    return value


def integer(name: str, value: str) -> int:
    """Read a positive number.

    :param name: the parameter.
    :param value: its value.
    :raises ApiError: it is none.
    """
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
        raise invalid_parameter(name)
    return int(value)


def json_object(name: str, value: str) -> dict[str, Any]:
    """Read an object.

    :param name: the parameter.
    :param value: its value.
    :raises ApiError: it is none.
    """
    parsed = _json(name, value)
    if not isinstance(parsed, dict) or not parsed:
        raise invalid_parameter(name)
    return parsed


def json_list(name: str, value: str) -> list[Any]:
    """Read an array of ids or objects.

    :param name: the parameter.
    :param value: its value.
    :raises ApiError: it is none, or empty.
    """
    parsed = _json(name, value)
    if not isinstance(parsed, list) or not parsed:
        raise invalid_parameter(name)
    return parsed


def list_of(form: Callable[[str, Any], Any], most: int | None = None) -> Parser:
    """Make a parser for an array in JSON.

    :param form: parser of an element.
    :param most: the most elements; None: any number.
    """

    def parse(name: str, value: str) -> list[Any]:
        parsed = json_list(name, value)
        if most is not None and len(parsed) > most:
            raise invalid_parameter(name, f"must hold at most {most} elements")
        return [form(name, element) for element in parsed]

    return parse


def an_id(name: str, value: Any) -> str:
    """Check an id.

    :param name: the parameter.
    :param value: its value.
    :raises ApiError: it cannot be an id.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise invalid_parameter(name)
    return value


def a_word(name: str, value: Any) -> str:
    """Check an element that is text.

    :param name: the parameter.
    :param value: its value.
    :raises ApiError: it is none, or empty.
    """
    if not isinstance(value, str) or not value:
        raise invalid_parameter(name)
    return value


def metadata(name: str, value: str) -> dict[str, str]:
    """Read a filter on metadata: a key, and perhaps its value.

    :param name: the parameter.
    :param value: its value.
    :raises ApiError: it is none.
    """
    parsed = json_object(name, value)
    if set(parsed) - {"key", "value"} or not all(isinstance(part, str) for part in parsed.values()):
        raise invalid_parameter(name)
    if not _METADATA_KEY.fullmatch(parsed.get("key", "")) or len(parsed.get("value", "")) >= 1000:
        raise invalid_parameter(name)
    return parsed


def custom_field(name: str, value: Any) -> dict[str, Any]:
    """Read a filter on a custom field.

    :param name: the parameter.
    :param value: its value, as JSON or read already.
    :raises ApiError: it is none, or its comparator does not go with its values.
    """
    parsed = json_object(name, value) if isinstance(value, str) else value
    if not isinstance(parsed, dict):
        raise invalid_parameter(name)
    comparator = parsed.get("comparator", "EqualTo")
    needed = _COMPARATORS.get(comparator) if isinstance(comparator, str) else None
    if needed is None or set(parsed) - {"comparator"} != {"id"} | needed:
        raise invalid_parameter(name)
    an_id(name, parsed["id"])
    return {**parsed, "comparator": comparator}


def one_of(*allowed: str) -> Parser:
    """Make a parser for one word of several.

    :param allowed: the words.
    """

    def parse(name: str, value: str) -> str:
        if value not in allowed:
            raise invalid_parameter(name)
        return value

    return parse


def some_of(*allowed: str) -> Parser:
    """Make a parser for an array of words; Wrike also takes them unquoted, or one alone.

    :param allowed: the words.
    """

    def parse(name: str, value: str) -> list[str]:
        inner = value[1:-1] if value.startswith("[") and value.endswith("]") else value
        words = [word.strip().strip('"') for word in inner.split(",")]
        if any(word not in allowed for word in words):
            raise invalid_parameter(name)
        return words

    return parse


def _json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise invalid_parameter(name) from None


def id_batch(value: str, most: int = MOST_IDS) -> list[str]:
    """Read the ids of a path.

    :param value: ids separated by commas.
    :param most: the most ids.
    :raises ApiError: there are more, or one cannot be an id.
    """
    ids = value.split(",")
    if len(ids) > most:
        raise invalid_parameter("ids", f"must hold at most {most} ids")
    return [an_id("ids", one) for one in ids]
