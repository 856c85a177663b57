"""From the bytes of an answer to objects; tolerant of what real servers send."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

from wrike_provider.api.text import clean

_UNSTORABLE: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def parsed(content: bytes) -> Any:
    """Parse an answer; None: it is no JSON.

    :param content: the answer.
    """
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        # The standard library also takes what is not valid Unicode, which is mended below, or has a byte order mark.
        try:
            found = json.loads(content.decode("utf-8-sig", "replace"))
        except ValueError:
            return None
    return clean(found) if _UNSTORABLE.search(content) else found
