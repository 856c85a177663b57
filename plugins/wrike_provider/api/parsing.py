"""From the bytes of an answer to objects; tolerant of what real servers send."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

from wrike_provider.api.text import clean

_UNSTORABLE: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def may_be_unstorable(content: bytes) -> bool:
    """Whether texts in an answer may hold what databases refuse.

    :param content: the answer.
    """
    # Without any escape, as most are, that is known in a tenth of the time.
    return b"\\u" in content and _UNSTORABLE.search(content) is not None


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
    return clean(found) if may_be_unstorable(content) else found
