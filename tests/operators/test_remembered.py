"""What is read from what is remembered, and from what Wrike tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from wrike_provider.operators.remembered import past


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("2025-09-01T08:00:00Z", datetime(2025, 9, 1, 8, tzinfo=UTC)),
        ("2025-09-01T08:00:00", datetime(2025, 9, 1, 8, tzinfo=UTC)),
        # Of an account that is made in the future nothing would be read.
        ("2999-01-01T00:00:00Z", None),
        ("soon", None),
        (None, None),
        (7, None),
    ],
)
def test_when_something_was_made(told: Any, found: datetime | None) -> None:
    assert past(told) == found
