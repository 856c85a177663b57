"""Text that no database can hold, mended."""

from __future__ import annotations

from typing import Any


def clean(value: Any) -> Any:
    """Replace NUL characters and halves of surrogate pairs in all strings of a JSON value by U+FFFD.

    :param value: any parsed JSON.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value
